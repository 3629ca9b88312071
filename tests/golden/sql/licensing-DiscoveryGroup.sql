-- select
SELECT t.id, t.group_name, t.lease_seconds, t.time_zone, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = t.id), t.created_at FROM discovery_group t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.group_name, t.lease_seconds, t.time_zone, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = t.id), (SELECT MAX(c.updated_at) FROM discovery_client c WHERE c.group_id = t.id), t.created_at, t.version, t.lapses_at FROM discovery_group t ORDER BY t.group_name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_group t;
-- insert
INSERT INTO discovery_group (id, group_name, lease_seconds, time_zone, created_at, version, lapses_at) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_group (id, group_name, lease_seconds, time_zone, created_at, version, lapses_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING discovery_group.id, discovery_group.group_name, discovery_group.lease_seconds, discovery_group.time_zone, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = discovery_group.id), discovery_group.created_at;
-- update
UPDATE discovery_group t SET t.group_name = ?, t.lease_seconds = ?, t.time_zone = ?, t.created_at = ?, t.version = ?, t.lapses_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM discovery_group t WHERE t.id = ?;
