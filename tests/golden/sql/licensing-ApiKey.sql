-- select
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description, t.allowed_networks, t.rate_limit, t.last_used_at, t.use_count FROM api_key t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description, t.allowed_networks, t.rate_limit, t.last_used_at, t.use_count, (SELECT u.user_name FROM user u WHERE u.id = t.owner_id), t.client_secret_hash IS NOT NULL FROM api_key t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_key t;
-- insert
INSERT INTO api_key (id, name, client_secret_hash, created_at, expires_at, owner_id, revoked, permissions, description, allowed_networks, rate_limit, last_used_at, use_count, key_hash, key_prefix) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO api_key (id, name, client_secret_hash, created_at, expires_at, owner_id, revoked, permissions, description, allowed_networks, rate_limit, last_used_at, use_count, key_hash, key_prefix) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING api_key.id, api_key.name, CONCAT(api_key.key_prefix, '…'), IF(api_key.client_secret_hash IS NULL, NULL, '********'), api_key.created_at, api_key.expires_at, api_key.owner_id, api_key.revoked, api_key.permissions, api_key.description, api_key.allowed_networks, api_key.rate_limit, api_key.last_used_at, api_key.use_count;
-- update
UPDATE api_key t SET t.name = ?, t.client_secret_hash = ?, t.created_at = ?, t.expires_at = ?, t.owner_id = ?, t.revoked = ?, t.permissions = ?, t.description = ?, t.allowed_networks = ?, t.rate_limit = ?, t.last_used_at = ?, t.use_count = ?, t.key_hash = ?, t.key_prefix = ? WHERE t.id = ?;
-- delete
DELETE t FROM api_key t WHERE t.id = ?;
