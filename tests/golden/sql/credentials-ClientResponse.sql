-- select
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.use_count, t.scope FROM api_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.use_count, t.scope, t.updated_at, 1 + GREATEST(COALESCE((SELECT MAX(s.number) FROM api_client_secret s WHERE s.client_id = t.id), 0), COALESCE((SELECT MAX(o.secret_number) FROM oauth_session o WHERE o.client_id = t.id), 0)) FROM api_client t ORDER BY t.name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client t;
-- insert
INSERT INTO api_client (id, name, user_id, enabled, expires_at, last_used_at, use_count, scope, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE api_client t SET t.name = ?, t.user_id = ?, t.enabled = ?, t.expires_at = ?, t.last_used_at = ?, t.use_count = ?, t.scope = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM api_client t WHERE t.id = ?;
