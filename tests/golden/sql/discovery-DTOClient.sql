-- select
SELECT t.id, t.client_code, t.token, t.added_at, t.updated_at, t.app_name, t.app_version, t.group_id, t.ip_address, t.port FROM discovery_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_code, t.token, t.added_at, t.updated_at, t.app_name, t.app_version, t.group_id, t.ip_address, t.port, (SELECT CASE WHEN g.lease_seconds = 0 THEN 'UP' WHEN TIMESTAMPDIFF(MICROSECOND, t.updated_at, UTC_TIMESTAMP(6)) > g.lease_seconds * 1000000 THEN 'GONE' WHEN TIMESTAMPDIFF(MICROSECOND, t.updated_at, UTC_TIMESTAMP(6)) * 3 > g.lease_seconds * 2000000 THEN 'LATE' ELSE 'UP' END FROM discovery_group g WHERE g.id = t.group_id), (SELECT IF(g.lease_seconds = 0, NULL, t.updated_at + INTERVAL g.lease_seconds SECOND) FROM discovery_group g WHERE g.id = t.group_id), t.status, t.note, t.out_of_service, t.version, t.gone_at FROM discovery_client t ORDER BY t.client_code, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_client t;
-- insert
INSERT INTO discovery_client (id, client_code, token, added_at, updated_at, app_name, app_version, group_id, ip_address, port, status, note, out_of_service, version, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_client (id, client_code, token, added_at, updated_at, app_name, app_version, group_id, ip_address, port, status, note, out_of_service, version, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING discovery_client.id, discovery_client.client_code, discovery_client.token, discovery_client.added_at, discovery_client.updated_at, discovery_client.app_name, discovery_client.app_version, discovery_client.group_id, discovery_client.ip_address, discovery_client.port;
-- update
UPDATE discovery_client t SET t.client_code = ?, t.token = ?, t.added_at = ?, t.app_name = ?, t.app_version = ?, t.group_id = ?, t.ip_address = ?, t.port = ?, t.status = ?, t.note = ?, t.out_of_service = ?, t.version = ?, t.gone_at = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM discovery_client t WHERE t.id = ?;
