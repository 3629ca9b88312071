-- What programs of schema 028 were the first to send. It was; it is never made anew.
-- hellos, and what is told of a group
SELECT g.version, g.complete_from, g.lease_seconds, g.lapses_at, g.group_name, c.id, c.app_name <=> ? AND c.app_version <=> ? AND c.ip_address <=> ? AND c.port <=> ? AND c.status <=> COALESCE(?, c.status) AND c.note <=> COALESCE(?, c.note) AND c.gone_at IS NULL FROM discovery_group g LEFT JOIN discovery_client c ON c.group_id = g.id AND c.client_code = ? WHERE g.id = ?;
UPDATE discovery_client SET updated_at = ? WHERE id = ? AND gone_at IS NULL;
SELECT t.id, t.group_name, t.version, t.complete_from, t.lease_seconds, t.lapses_at FROM discovery_group t WHERE t.id = ? FOR UPDATE;
UPDATE discovery_client t SET t.version = ?, t.gone_at = ? WHERE t.group_id = ? AND t.gone_at IS NULL AND t.updated_at < ?;
UPDATE discovery_group t SET t.version = ? WHERE t.id = ?;
UPDATE discovery_group t SET t.complete_from = ? WHERE t.id = ?;
UPDATE discovery_group t SET t.lapses_at = ? WHERE t.id = ?;
SELECT t.client_id, t.client_code FROM discovery_departure t WHERE t.group_id = ? AND t.version >= ? ORDER BY t.client_id;
INSERT INTO discovery_departure (client_id, client_code, group_id, version) VALUES (?, ?, ?, ?);
DELETE t FROM discovery_departure t WHERE t.group_id = ? AND t.version < ?;
-- expiry
UPDATE discovery_group SET version = version + 1, complete_from = version WHERE id IN (SELECT c.group_id FROM discovery_client c WHERE c.updated_at < ?);
