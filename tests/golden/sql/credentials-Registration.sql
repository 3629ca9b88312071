-- select
SELECT t.id, t.name, t.created_at, t.registration_expires_at, t.registration_used_at, t.registration_use_count FROM api_client t WHERE t.registration_hash IS NOT NULL AND t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.created_at, t.registration_expires_at, t.registration_used_at, t.registration_use_count FROM api_client t WHERE t.registration_hash IS NOT NULL ORDER BY t.name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM api_client t WHERE t.registration_hash IS NOT NULL;
-- insert
INSERT INTO api_client (id, name, created_at, registration_expires_at, registration_used_at, registration_use_count, registration_hash) VALUES (?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE api_client t SET t.name = ?, t.created_at = ?, t.registration_expires_at = ?, t.registration_used_at = ?, t.registration_use_count = ?, t.registration_hash = ? WHERE t.id = ?;
-- delete
DELETE t FROM api_client t WHERE t.id = ?;
