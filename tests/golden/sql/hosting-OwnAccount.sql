-- select
SELECT t.id, t.username FROM hosting_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.username FROM hosting_client t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM hosting_client t;
-- insert
INSERT INTO hosting_client (id, username) VALUES (?, ?);
-- insert, and what is stored
INSERT INTO hosting_client (id, username) VALUES (?, ?) RETURNING hosting_client.id, hosting_client.username;
-- update
UPDATE hosting_client t SET t.username = ? WHERE t.id = ?;
-- delete
DELETE t FROM hosting_client t WHERE t.id = ?;
