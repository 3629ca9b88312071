-- What programs of schema 005 were the first to send. It was; it is never made anew.
-- credentials-ClientResponse
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.scope FROM api_client t WHERE t.id = ?;
SELECT t.id, t.name, t.user_id, t.enabled, t.expires_at, t.last_used_at, t.scope, t.updated_at FROM api_client t ORDER BY t.name, t.id LIMIT ? OFFSET ?;
INSERT INTO api_client (id, name, user_id, enabled, expires_at, last_used_at, scope, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
UPDATE api_client t SET t.name = ?, t.user_id = ?, t.enabled = ?, t.expires_at = ?, t.last_used_at = ?, t.scope = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- credentials-ClientSecret
SELECT t.client_id, t.number, t.created_at, t.expires_at, t.last_used_at FROM api_client_secret t WHERE t.client_id = ? AND t.number = ?;
SELECT t.client_id, t.number, t.created_at, t.expires_at, t.last_used_at FROM api_client_secret t ORDER BY t.number DESC, t.client_id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM api_client_secret t;
INSERT INTO api_client_secret (client_id, number, created_at, expires_at, last_used_at) VALUES (?, ?, ?, ?, ?);
UPDATE api_client_secret t SET t.created_at = ?, t.expires_at = ?, t.last_used_at = ? WHERE t.client_id = ? AND t.number = ?;
DELETE t FROM api_client_secret t WHERE t.client_id = ? AND t.number = ?;
-- credentials-Session
SELECT t.id, t.user_id, u.user_name, t.client_id, c.name, t.secret_number, t.grant_type, t.scope, t.address, t.created_at, t.last_used_at, t.expires_at FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN api_client c ON c.id = t.client_id WHERE t.expires_at > UTC_TIMESTAMP(6) AND t.id = ?;
SELECT t.id, t.user_id, u.user_name, t.client_id, c.name, t.secret_number, t.grant_type, t.scope, t.address, t.created_at, t.last_used_at, t.expires_at FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN api_client c ON c.id = t.client_id WHERE t.expires_at > UTC_TIMESTAMP(6) ORDER BY t.expires_at DESC, t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN api_client c ON c.id = t.client_id WHERE t.expires_at > UTC_TIMESTAMP(6);
INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, scope, address, created_at, last_used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE oauth_session t SET t.user_id = ?, t.client_id = ?, t.secret_number = ?, t.grant_type = ?, t.scope = ?, t.address = ?, t.created_at = ?, t.last_used_at = ?, t.expires_at = ? WHERE t.id = ?;
DELETE t FROM oauth_session t WHERE t.id = ?;
-- licensing-ApiKey
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description, t.allowed_networks, t.rate_limit, t.last_used_at FROM api_key t WHERE t.id = ?;
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description, t.allowed_networks, t.rate_limit, t.last_used_at FROM api_key t ORDER BY t.id LIMIT ? OFFSET ?;
INSERT INTO api_key (id, name, client_secret_hash, created_at, expires_at, owner_id, revoked, permissions, description, allowed_networks, rate_limit, last_used_at, key_hash, key_prefix) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE api_key t SET t.name = ?, t.client_secret_hash = ?, t.created_at = ?, t.expires_at = ?, t.owner_id = ?, t.revoked = ?, t.permissions = ?, t.description = ?, t.allowed_networks = ?, t.rate_limit = ?, t.last_used_at = ?, t.key_hash = ?, t.key_prefix = ? WHERE t.id = ?;
-- licensing-User
SELECT t.id, t.user_name, t.email, t.phone_number, t.title, t.first_name, t.last_name, t.department, t.birth_date, t.created_at, t.updated_at, t.last_dismiss_messages, t.last_log_in, t.user_rank, t.image, t.address, t.postal_code, t.region, t.city, t.country, t.country_code, t.mobile, t.notes, t.customer_id, COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id), '[]'), t.enabled FROM user t WHERE t.id = ?;
SELECT t.id, t.user_name, t.email, t.phone_number, t.title, t.first_name, t.last_name, t.department, t.birth_date, t.created_at, t.updated_at, t.last_dismiss_messages, t.last_log_in, t.user_rank, t.image, t.address, t.postal_code, t.region, t.city, t.country, t.country_code, t.mobile, t.notes, t.customer_id, COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id), '[]'), t.enabled FROM user t ORDER BY t.id LIMIT ? OFFSET ?;
INSERT INTO user (id, user_name, email, phone_number, title, first_name, last_name, department, birth_date, created_at, updated_at, last_dismiss_messages, last_log_in, user_rank, image, address, postal_code, region, city, country, country_code, mobile, notes, customer_id, enabled, password_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE user t SET t.user_name = ?, t.email = ?, t.phone_number = ?, t.title = ?, t.first_name = ?, t.last_name = ?, t.department = ?, t.birth_date = ?, t.created_at = ?, t.last_dismiss_messages = ?, t.last_log_in = ?, t.user_rank = ?, t.image = ?, t.address = ?, t.postal_code = ?, t.region = ?, t.city = ?, t.country = ?, t.country_code = ?, t.mobile = ?, t.notes = ?, t.customer_id = ?, t.enabled = ?, t.password_hash = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
