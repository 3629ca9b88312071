-- select
SELECT t.id, t.thumbprint, t.sha256, t.name, t.user_id, t.client_id, t.subject, t.issuer, t.serial_number, t.not_before, t.expires_at, t.scope, t.enabled, t.created_at, t.last_used_at, t.use_count FROM client_certificate t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.thumbprint, t.sha256, t.name, t.user_id, t.client_id, t.subject, t.issuer, t.serial_number, t.not_before, t.expires_at, t.scope, t.enabled, t.created_at, t.updated_at, t.last_used_at, t.use_count, COALESCE((SELECT c.user_id FROM api_client c WHERE c.id = t.client_id), t.user_id), (SELECT u.user_name FROM user u WHERE u.id = COALESCE((SELECT c.user_id FROM api_client c WHERE c.id = t.client_id), t.user_id)), (SELECT c.name FROM api_client c WHERE c.id = t.client_id), (SELECT c.scope FROM api_client c WHERE c.id = t.client_id), (SELECT c.expires_at FROM api_client c WHERE c.id = t.client_id) FROM client_certificate t ORDER BY t.name, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM client_certificate t;
-- insert
INSERT INTO client_certificate (id, thumbprint, sha256, name, user_id, client_id, subject, issuer, serial_number, not_before, expires_at, scope, enabled, created_at, updated_at, last_used_at, use_count, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO client_certificate (id, thumbprint, sha256, name, user_id, client_id, subject, issuer, serial_number, not_before, expires_at, scope, enabled, created_at, updated_at, last_used_at, use_count, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING client_certificate.id, client_certificate.thumbprint, client_certificate.sha256, client_certificate.name, client_certificate.user_id, client_certificate.client_id, client_certificate.subject, client_certificate.issuer, client_certificate.serial_number, client_certificate.not_before, client_certificate.expires_at, client_certificate.scope, client_certificate.enabled, client_certificate.created_at, client_certificate.last_used_at, client_certificate.use_count;
-- update
UPDATE client_certificate t SET t.thumbprint = ?, t.sha256 = ?, t.name = ?, t.user_id = ?, t.client_id = ?, t.subject = ?, t.issuer = ?, t.serial_number = ?, t.not_before = ?, t.expires_at = ?, t.scope = ?, t.enabled = ?, t.created_at = ?, t.last_used_at = ?, t.use_count = ?, t.token_hash = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM client_certificate t WHERE t.id = ?;
