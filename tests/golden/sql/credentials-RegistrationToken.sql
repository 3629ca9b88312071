-- select
SELECT t.id, t.name, t.user_id, t.scope, t.uses_left, t.created_at, t.expires_at, t.clients_expire_at, t.last_used_at, t.use_count FROM oauth_registration_token t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.user_id, t.scope, t.uses_left, t.created_at, t.expires_at, t.clients_expire_at, t.last_used_at, t.use_count, (SELECT u.user_name FROM user u WHERE u.id = t.user_id) FROM oauth_registration_token t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM oauth_registration_token t;
-- insert
INSERT INTO oauth_registration_token (id, name, user_id, scope, uses_left, created_at, expires_at, clients_expire_at, last_used_at, use_count, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO oauth_registration_token (id, name, user_id, scope, uses_left, created_at, expires_at, clients_expire_at, last_used_at, use_count, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING oauth_registration_token.id, oauth_registration_token.name, oauth_registration_token.user_id, oauth_registration_token.scope, oauth_registration_token.uses_left, oauth_registration_token.created_at, oauth_registration_token.expires_at, oauth_registration_token.clients_expire_at, oauth_registration_token.last_used_at, oauth_registration_token.use_count;
-- update
UPDATE oauth_registration_token t SET t.name = ?, t.user_id = ?, t.scope = ?, t.uses_left = ?, t.created_at = ?, t.expires_at = ?, t.clients_expire_at = ?, t.last_used_at = ?, t.use_count = ?, t.token_hash = ? WHERE t.id = ?;
-- delete
DELETE t FROM oauth_registration_token t WHERE t.id = ?;
