-- select
SELECT t.id, t.user_id, t.created_at, t.expires_at, t.token_hash FROM sign_in_link t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.user_id, t.created_at, t.expires_at, t.token_hash FROM sign_in_link t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM sign_in_link t;
-- insert
INSERT INTO sign_in_link (id, user_id, created_at, expires_at, token_hash) VALUES (?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO sign_in_link (id, user_id, created_at, expires_at, token_hash) VALUES (?, ?, ?, ?, ?) RETURNING sign_in_link.id, sign_in_link.user_id, sign_in_link.created_at, sign_in_link.expires_at, sign_in_link.token_hash;
-- update
UPDATE sign_in_link t SET t.user_id = ?, t.created_at = ?, t.expires_at = ?, t.token_hash = ? WHERE t.id = ?;
-- delete
DELETE t FROM sign_in_link t WHERE t.id = ?;
