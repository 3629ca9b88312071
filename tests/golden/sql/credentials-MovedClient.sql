-- select
SELECT t.id, t.name, t.enabled, t.expires_at, t.scope, t.created_at, t.user_id FROM api_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.enabled, t.expires_at, t.scope, t.created_at, t.user_id FROM api_client t ORDER BY t.name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client t;
-- insert
INSERT INTO api_client (id, name, enabled, expires_at, scope, created_at, user_id) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO api_client (id, name, enabled, expires_at, scope, created_at, user_id) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING api_client.id, api_client.name, api_client.enabled, api_client.expires_at, api_client.scope, api_client.created_at, api_client.user_id;
-- update
UPDATE api_client t SET t.name = ?, t.enabled = ?, t.expires_at = ?, t.scope = ?, t.created_at = ?, t.user_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM api_client t WHERE t.id = ?;
