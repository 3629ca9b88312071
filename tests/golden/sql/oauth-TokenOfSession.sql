-- select
SELECT t.token_hash, t.session_id, t.refresh, t.created_at, t.expires_at, t.used_at, s.grant_type, s.client_id, s.user_id, u.user_name, u.enabled AND (c.id IS NULL OR (c.enabled AND u.enabled AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)))), COALESCE(t.scope, s.scope), c.scope FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id JOIN user u ON u.id = s.user_id LEFT JOIN api_client c ON c.id = s.client_id WHERE t.token_hash = ?;
-- select with every member on demand
SELECT t.token_hash, t.session_id, t.refresh, t.created_at, t.expires_at, t.used_at, s.grant_type, s.client_id, s.user_id, u.user_name, u.enabled AND (c.id IS NULL OR (c.enabled AND u.enabled AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)))), COALESCE(t.scope, s.scope), c.scope FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id JOIN user u ON u.id = s.user_id LEFT JOIN api_client c ON c.id = s.client_id ORDER BY t.token_hash LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id JOIN user u ON u.id = s.user_id LEFT JOIN api_client c ON c.id = s.client_id;
-- insert
INSERT INTO oauth_token (token_hash, session_id, refresh, created_at, expires_at, used_at) VALUES (?, ?, ?, ?, ?, ?);
-- update
UPDATE oauth_token t SET t.session_id = ?, t.refresh = ?, t.created_at = ?, t.expires_at = ?, t.used_at = ? WHERE t.token_hash = ?;
-- delete
DELETE t FROM oauth_token t WHERE t.token_hash = ?;
