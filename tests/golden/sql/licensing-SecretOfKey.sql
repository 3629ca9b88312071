-- select
SELECT t.id, t.client_secret_hash FROM api_key t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_secret_hash FROM api_key t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_key t;
-- insert
INSERT INTO api_key (id, client_secret_hash) VALUES (?, ?);
-- insert, and what is stored
INSERT INTO api_key (id, client_secret_hash) VALUES (?, ?) RETURNING api_key.id, api_key.client_secret_hash;
-- update
UPDATE api_key t SET t.client_secret_hash = ? WHERE t.id = ?;
-- delete
DELETE t FROM api_key t WHERE t.id = ?;
