-- What programs of schema 022 were the first to send. It was; it is never made anew.
-- sessions of browsers
INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, scope, address, expires_at, idle_seconds, key_id, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT s.user_id, COALESCE(u.customer_id, 0), r.role_id, LEAST(t.expires_at, COALESCE(s.last_used_at, s.created_at) + INTERVAL COALESCE(s.idle_seconds, 0) SECOND), u.user_name, COALESCE(s.key_id, 0), COALESCE(k.permissions, 15), COALESCE(k.rate_limit, 0), COALESCE(k.allowed_networks, '[]'), s.id, k.expires_at, f.user_id IS NOT NULL FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id JOIN user u ON u.id = s.user_id LEFT JOIN api_key k ON k.id = s.key_id LEFT JOIN user_second_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL LEFT JOIN user_role r ON r.user_id = u.id WHERE t.token_hash = ? AND NOT t.refresh AND u.enabled AND NOT COALESCE(k.revoked, FALSE);
SELECT t.id, t.expires_at, t.idle_seconds, u.id, u.user_name, u.email, u.first_name, u.last_name, u.customer_id, (f.user_id IS NOT NULL) FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN user_second_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL WHERE t.id = ? ORDER BY t.id LIMIT ?;
SELECT t.id, t.grant_type, (SELECT c.name FROM api_client c WHERE c.id = t.client_id), t.address, t.user_agent, t.created_at, t.last_used_at, t.expires_at, t.user_id FROM oauth_session t WHERE t.expires_at > UTC_TIMESTAMP(6) AND (t.idle_seconds IS NULL OR COALESCE(t.last_used_at, t.created_at) + INTERVAL t.idle_seconds SECOND > UTC_TIMESTAMP(6)) AND t.user_id = ? ORDER BY t.created_at DESC, t.id DESC LIMIT ? OFFSET ?;
DELETE FROM oauth_session WHERE user_id = ? AND id <> ?;
-- second factors and links
SELECT t.id, t.user_name, t.password_hash, t.enabled, f.secret, f.last_step, f.failures FROM user t LEFT JOIN user_second_factor f ON f.user_id = t.id AND f.confirmed_at IS NOT NULL WHERE t.user_name = ? ORDER BY t.id LIMIT ?;
SELECT 1 FROM user_second_factor WHERE user_id = ? AND confirmed_at IS NOT NULL;
UPDATE user_second_factor SET last_step = ?, failures = 0 WHERE user_id = ? AND last_step < ? AND confirmed_at IS NOT NULL;
UPDATE user_second_factor SET failures = failures + 1 WHERE user_id = ?;
UPDATE user_second_factor SET failures = 0 WHERE user_id = ?;
UPDATE user_second_factor t SET t.secret = ? WHERE t.user_id = ?;
UPDATE user_second_factor t SET t.confirmed_at = ?, t.last_step = ?, t.failures = ? WHERE t.user_id = ? AND t.confirmed_at IS NULL;
INSERT INTO user_second_factor (user_id) VALUES (?);
INSERT INTO user_recovery_code (user_id, code_hash) VALUES (?, ?);
DELETE FROM user_recovery_code WHERE user_id = ? AND code_hash = ?;
INSERT INTO sign_in_link (id, user_id, expires_at, token_hash) VALUES (?, ?, ?, ?);
SELECT t.id, t.user_id, t.created_at, t.expires_at, t.token_hash FROM sign_in_link t WHERE t.token_hash = ? AND t.expires_at > UTC_TIMESTAMP(6) ORDER BY t.id LIMIT ?;
DELETE t FROM sign_in_link t WHERE t.id = ?;
