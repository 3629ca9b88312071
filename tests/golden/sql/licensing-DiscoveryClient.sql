-- select
SELECT t.id, t.client_code, t.app_name, t.app_version, t.ip_address, t.port, t.added_at, t.updated_at, GREATEST(TIMESTAMPDIFF(SECOND, t.updated_at, UTC_TIMESTAMP(6)), 0), t.group_id FROM discovery_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_code, t.app_name, t.app_version, t.ip_address, t.port, t.added_at, t.updated_at, GREATEST(TIMESTAMPDIFF(SECOND, t.updated_at, UTC_TIMESTAMP(6)), 0), t.group_id FROM discovery_client t ORDER BY t.client_code, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_client t;
-- insert
INSERT INTO discovery_client (id, client_code, app_name, app_version, ip_address, port, added_at, updated_at, group_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_client (id, client_code, app_name, app_version, ip_address, port, added_at, updated_at, group_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING discovery_client.id, discovery_client.client_code, discovery_client.app_name, discovery_client.app_version, discovery_client.ip_address, discovery_client.port, discovery_client.added_at, discovery_client.updated_at, GREATEST(TIMESTAMPDIFF(SECOND, discovery_client.updated_at, UTC_TIMESTAMP(6)), 0), discovery_client.group_id;
-- update
UPDATE discovery_client t SET t.client_code = ?, t.app_name = ?, t.app_version = ?, t.ip_address = ?, t.port = ?, t.added_at = ?, t.group_id = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM discovery_client t WHERE t.id = ?;
