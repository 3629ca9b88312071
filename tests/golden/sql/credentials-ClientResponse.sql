-- select
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.use_count, t.scope FROM api_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.use_count, t.scope, t.updated_at, 1 + GREATEST(COALESCE((SELECT MAX(s.number) FROM api_client_secret s WHERE s.client_id = t.id), 0), COALESCE((SELECT MAX(o.secret_number) FROM oauth_session o WHERE o.client_id = t.id), 0)), (SELECT u.user_name FROM user u WHERE u.id = t.user_id), (SELECT GROUP_CONCAT(s.number ORDER BY s.number) FROM api_client_secret s WHERE s.client_id = t.id AND (s.expires_at IS NULL OR s.expires_at > UTC_TIMESTAMP(6))), (SELECT COUNT(*) FROM oauth_session o WHERE o.client_id = t.id), t.created_at, t.registration_hash IS NOT NULL, t.registration_expires_at, t.registration_used_at, t.registration_use_count FROM api_client t ORDER BY t.name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client t;
-- insert
INSERT INTO api_client (id, name, user_id, enabled, expires_at, last_used_at, use_count, scope, updated_at, created_at, registration_expires_at, registration_used_at, registration_use_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO api_client (id, name, user_id, enabled, expires_at, last_used_at, use_count, scope, updated_at, created_at, registration_expires_at, registration_used_at, registration_use_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING api_client.id, api_client.name, api_client.user_id, api_client.enabled, api_client.expires_at, api_client.last_used_at, api_client.use_count, api_client.scope;
-- update
UPDATE api_client t SET t.name = ?, t.user_id = ?, t.enabled = ?, t.expires_at = ?, t.last_used_at = ?, t.use_count = ?, t.scope = ?, t.created_at = ?, t.registration_expires_at = ?, t.registration_used_at = ?, t.registration_use_count = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM api_client t WHERE t.id = ?;
