-- select
SELECT t.id, t.token_hash, t.user_id, t.scope, t.clients_expire_at, t.uses_left, t.use_count, t.last_used_at, (u.enabled AND COALESCE(t.uses_left, 1) > 0 AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(6))) FROM oauth_registration_token t JOIN user u ON u.id = t.user_id WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.token_hash, t.user_id, t.scope, t.clients_expire_at, t.uses_left, t.use_count, t.last_used_at, (u.enabled AND COALESCE(t.uses_left, 1) > 0 AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(6))) FROM oauth_registration_token t JOIN user u ON u.id = t.user_id ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM oauth_registration_token t JOIN user u ON u.id = t.user_id;
-- insert
INSERT INTO oauth_registration_token (id, token_hash, user_id, scope, clients_expire_at, uses_left, use_count, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE oauth_registration_token t SET t.token_hash = ?, t.user_id = ?, t.scope = ?, t.clients_expire_at = ?, t.uses_left = ?, t.use_count = ?, t.last_used_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM oauth_registration_token t WHERE t.id = ?;
