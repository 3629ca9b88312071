-- select
SELECT t.id, t.name, t.type, t.code, t.description, t.source, IF(t.sealed_password IS NULL AND t.password IS NULL, NULL, '********'), t.created_at, t.updated_at, IF(t.private_data IS NOT NULL OR (t.data IS NOT NULL AND LOWER(CONCAT_WS(' ', t.type, t.data_format)) REGEXP '(^|[^a-z0-9])(rsa|dsa|ec|ecdsa|ed25519|ed448|snk|pem|pfx|p8|p12|pkcs|pvk|ppk|jwk|jks|sign|private|secret|credential)|key'), '********', t.data), t.data_format, t.meta FROM resource t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.type, t.code, t.description, t.source, IF(t.sealed_password IS NULL AND t.password IS NULL, NULL, '********'), t.created_at, t.updated_at, IF(t.private_data IS NOT NULL OR (t.data IS NOT NULL AND LOWER(CONCAT_WS(' ', t.type, t.data_format)) REGEXP '(^|[^a-z0-9])(rsa|dsa|ec|ecdsa|ed25519|ed448|snk|pem|pfx|p8|p12|pkcs|pvk|ppk|jwk|jks|sign|private|secret|credential)|key'), '********', t.data), t.data_format, t.meta, t.signing_key_id FROM resource t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM resource t;
-- insert
INSERT INTO resource (id, name, type, code, description, source, created_at, updated_at, data_format, meta, data, signing_key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO resource (id, name, type, code, description, source, created_at, updated_at, data_format, meta, data, signing_key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING resource.id, resource.name, resource.type, resource.code, resource.description, resource.source, IF(resource.sealed_password IS NULL AND resource.password IS NULL, NULL, '********'), resource.created_at, resource.updated_at, IF(resource.private_data IS NOT NULL OR (resource.data IS NOT NULL AND LOWER(CONCAT_WS(' ', resource.type, resource.data_format)) REGEXP '(^|[^a-z0-9])(rsa|dsa|ec|ecdsa|ed25519|ed448|snk|pem|pfx|p8|p12|pkcs|pvk|ppk|jwk|jks|sign|private|secret|credential)|key'), '********', resource.data), resource.data_format, resource.meta;
-- update
UPDATE resource t SET t.name = ?, t.type = ?, t.code = ?, t.description = ?, t.source = ?, t.created_at = ?, t.data_format = ?, t.meta = ?, t.data = ?, t.signing_key_id = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM resource t WHERE t.id = ?;
