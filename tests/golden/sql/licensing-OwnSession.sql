-- select
SELECT t.id, t.grant_type, (SELECT c.name FROM api_client c WHERE c.id = t.client_id), t.address, t.user_agent, t.created_at, t.last_used_at, t.expires_at, t.user_id FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6)) AND t.id = ?;
-- select with every member on demand
SELECT t.id, t.grant_type, (SELECT c.name FROM api_client c WHERE c.id = t.client_id), t.address, t.user_agent, t.created_at, t.last_used_at, t.expires_at, t.user_id FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6)) ORDER BY t.created_at DESC, t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6));
-- insert
INSERT INTO oauth_session (id, grant_type, address, user_agent, created_at, last_used_at, expires_at, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE oauth_session t SET t.grant_type = ?, t.address = ?, t.user_agent = ?, t.created_at = ?, t.last_used_at = ?, t.expires_at = ?, t.user_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM oauth_session t WHERE t.id = ?;
