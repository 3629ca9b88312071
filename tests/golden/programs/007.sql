-- What programs of schema 007 were the first to send. It was; it is never made anew.
-- credentials-ClientResponse
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.use_count, t.scope FROM api_client t WHERE t.id = ?;
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.use_count, t.scope, t.updated_at FROM api_client t ORDER BY t.name, t.id LIMIT ? OFFSET ?;
INSERT INTO api_client (id, name, user_id, enabled, expires_at, last_used_at, use_count, scope, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE api_client t SET t.name = ?, t.user_id = ?, t.enabled = ?, t.expires_at = ?, t.last_used_at = ?, t.use_count = ?, t.scope = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- credentials-ClientSecret
SELECT t.client_id, t.number, t.created_at, t.expires_at, t.last_used_at, t.use_count FROM api_client_secret t WHERE t.client_id = ? AND t.number = ?;
SELECT t.client_id, t.number, t.created_at, t.expires_at, t.last_used_at, t.use_count FROM api_client_secret t ORDER BY t.number DESC, t.client_id LIMIT ? OFFSET ?;
INSERT INTO api_client_secret (client_id, number, created_at, expires_at, last_used_at, use_count) VALUES (?, ?, ?, ?, ?, ?);
UPDATE api_client_secret t SET t.created_at = ?, t.expires_at = ?, t.last_used_at = ?, t.use_count = ? WHERE t.client_id = ? AND t.number = ?;
-- credentials-Registration
SELECT t.id, t.name, t.created_at, t.registration_expires_at, t.registration_used_at, t.registration_use_count FROM api_client t WHERE t.registration_hash IS NOT NULL AND t.id = ?;
SELECT t.id, t.name, t.created_at, t.registration_expires_at, t.registration_used_at, t.registration_use_count FROM api_client t WHERE t.registration_hash IS NOT NULL ORDER BY t.name, t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM api_client t WHERE t.registration_hash IS NOT NULL;
INSERT INTO api_client (id, name, created_at, registration_expires_at, registration_used_at, registration_use_count) VALUES (?, ?, ?, ?, ?, ?);
UPDATE api_client t SET t.name = ?, t.created_at = ?, t.registration_expires_at = ?, t.registration_used_at = ?, t.registration_use_count = ? WHERE t.id = ?;
-- credentials-RegistrationToken
SELECT t.id, t.name, t.user_id, t.scope, t.uses_left, t.created_at, t.expires_at, t.clients_expire_at, t.last_used_at, t.use_count FROM oauth_registration_token t WHERE t.id = ?;
SELECT t.id, t.name, t.user_id, t.scope, t.uses_left, t.created_at, t.expires_at, t.clients_expire_at, t.last_used_at, t.use_count FROM oauth_registration_token t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM oauth_registration_token t;
INSERT INTO oauth_registration_token (id, name, user_id, scope, uses_left, created_at, expires_at, clients_expire_at, last_used_at, use_count, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE oauth_registration_token t SET t.name = ?, t.user_id = ?, t.scope = ?, t.uses_left = ?, t.created_at = ?, t.expires_at = ?, t.clients_expire_at = ?, t.last_used_at = ?, t.use_count = ?, t.token_hash = ? WHERE t.id = ?;
DELETE t FROM oauth_registration_token t WHERE t.id = ?;
-- credentials-Session
SELECT t.id, t.user_id, u.user_name, t.client_id, c.name, t.secret_number, t.grant_type, t.scope, t.address, t.created_at, t.last_used_at, t.use_count, t.expires_at FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN api_client c ON c.id = t.client_id WHERE t.expires_at > UTC_TIMESTAMP(6) AND t.id = ?;
SELECT t.id, t.user_id, u.user_name, t.client_id, c.name, t.secret_number, t.grant_type, t.scope, t.address, t.created_at, t.last_used_at, t.use_count, t.expires_at FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN api_client c ON c.id = t.client_id WHERE t.expires_at > UTC_TIMESTAMP(6) ORDER BY t.expires_at DESC, t.id LIMIT ? OFFSET ?;
INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, scope, address, created_at, last_used_at, use_count, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE oauth_session t SET t.user_id = ?, t.client_id = ?, t.secret_number = ?, t.grant_type = ?, t.scope = ?, t.address = ?, t.created_at = ?, t.last_used_at = ?, t.use_count = ?, t.expires_at = ? WHERE t.id = ?;
-- licensing-ApiKey
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description, t.allowed_networks, t.rate_limit, t.last_used_at, t.use_count FROM api_key t WHERE t.id = ?;
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description, t.allowed_networks, t.rate_limit, t.last_used_at, t.use_count FROM api_key t ORDER BY t.id LIMIT ? OFFSET ?;
INSERT INTO api_key (id, name, client_secret_hash, created_at, expires_at, owner_id, revoked, permissions, description, allowed_networks, rate_limit, last_used_at, use_count, key_hash, key_prefix) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE api_key t SET t.name = ?, t.client_secret_hash = ?, t.created_at = ?, t.expires_at = ?, t.owner_id = ?, t.revoked = ?, t.permissions = ?, t.description = ?, t.allowed_networks = ?, t.rate_limit = ?, t.last_used_at = ?, t.use_count = ?, t.key_hash = ?, t.key_prefix = ? WHERE t.id = ?;
