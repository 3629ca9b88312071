-- select
SELECT t.id, t.user_id, (SELECT u.user_name FROM user u WHERE u.id = t.user_id), t.client_id, (SELECT c.name FROM api_client c WHERE c.id = t.client_id), t.secret_number, t.grant_type, t.scope, t.address, t.user_agent, t.created_at, t.last_used_at, t.use_count, t.expires_at FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6)) AND t.id = ?;
-- select with every member on demand
SELECT t.id, t.user_id, (SELECT u.user_name FROM user u WHERE u.id = t.user_id), t.client_id, (SELECT c.name FROM api_client c WHERE c.id = t.client_id), t.secret_number, t.grant_type, t.scope, t.address, t.user_agent, t.created_at, t.last_used_at, t.use_count, t.expires_at FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6)) ORDER BY t.expires_at DESC, t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6));
-- insert
INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, scope, address, user_agent, created_at, last_used_at, use_count, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE oauth_session t SET t.user_id = ?, t.client_id = ?, t.secret_number = ?, t.grant_type = ?, t.scope = ?, t.address = ?, t.user_agent = ?, t.created_at = ?, t.last_used_at = ?, t.use_count = ?, t.expires_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM oauth_session t WHERE t.id = ?;
