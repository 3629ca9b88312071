-- select
SELECT t.client_id, t.number, t.secret_hash, c.user_id, c.name, c.scope, JSON_EXTRACT(c.metadata, '$.grant_types') FROM api_client_secret t JOIN api_client c ON c.id = t.client_id JOIN user u ON u.id = c.user_id WHERE c.enabled AND u.enabled AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)) AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(6)) AND t.client_id = ? AND t.number = ?;
-- select with every member on demand
SELECT t.client_id, t.number, t.secret_hash, c.user_id, c.name, c.scope, JSON_EXTRACT(c.metadata, '$.grant_types') FROM api_client_secret t JOIN api_client c ON c.id = t.client_id JOIN user u ON u.id = c.user_id WHERE c.enabled AND u.enabled AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)) AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(6)) ORDER BY t.number DESC, t.client_id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client_secret t JOIN api_client c ON c.id = t.client_id JOIN user u ON u.id = c.user_id WHERE c.enabled AND u.enabled AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)) AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(6));
-- insert
INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES (?, ?, ?);
-- update
UPDATE api_client_secret t SET t.secret_hash = ? WHERE t.client_id = ? AND t.number = ?;
-- delete
DELETE t FROM api_client_secret t WHERE t.client_id = ? AND t.number = ?;
