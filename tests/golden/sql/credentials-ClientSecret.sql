-- select
SELECT t.client_id, t.number, t.created_at, t.expires_at, t.last_used_at, t.use_count FROM api_client_secret t WHERE t.client_id = ? AND t.number = ?;
-- select with every member on demand
SELECT t.client_id, t.number, t.created_at, t.expires_at, t.last_used_at, t.use_count, (SELECT c.name FROM api_client c WHERE c.id = t.client_id) FROM api_client_secret t ORDER BY t.number DESC, t.client_id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client_secret t;
-- insert
INSERT INTO api_client_secret (client_id, number, created_at, expires_at, last_used_at, use_count, secret_hash) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO api_client_secret (client_id, number, created_at, expires_at, last_used_at, use_count, secret_hash) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING api_client_secret.client_id, api_client_secret.number, api_client_secret.created_at, api_client_secret.expires_at, api_client_secret.last_used_at, api_client_secret.use_count;
-- update
UPDATE api_client_secret t SET t.created_at = ?, t.expires_at = ?, t.last_used_at = ?, t.use_count = ?, t.secret_hash = ? WHERE t.client_id = ? AND t.number = ?;
-- delete
DELETE t FROM api_client_secret t WHERE t.client_id = ? AND t.number = ?;
