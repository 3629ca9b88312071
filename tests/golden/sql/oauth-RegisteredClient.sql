-- select
SELECT t.id, t.name, t.user_id, t.scope, t.created_at, t.enabled, t.expires_at, t.registration_expires_at, t.metadata, u.enabled FROM api_client t JOIN user u ON u.id = t.user_id WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.user_id, t.scope, t.created_at, t.enabled, t.expires_at, t.registration_expires_at, t.metadata, u.enabled FROM api_client t JOIN user u ON u.id = t.user_id ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client t JOIN user u ON u.id = t.user_id;
-- insert
INSERT INTO api_client (id, name, user_id, scope, created_at, enabled, expires_at, registration_expires_at, registration_hash, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE api_client t SET t.name = ?, t.user_id = ?, t.scope = ?, t.created_at = ?, t.enabled = ?, t.expires_at = ?, t.registration_expires_at = ?, t.registration_hash = ?, t.metadata = ? WHERE t.id = ?;
-- delete
DELETE t FROM api_client t WHERE t.id = ?;
