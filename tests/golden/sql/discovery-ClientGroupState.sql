-- select
SELECT t.id, t.group_name, t.version, t.complete_from, t.lease_seconds, t.lapses_at, t.time_zone FROM discovery_group t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.group_name, t.version, t.complete_from, t.lease_seconds, t.lapses_at, t.time_zone FROM discovery_group t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_group t;
-- insert
INSERT INTO discovery_group (id, group_name, version, complete_from, lease_seconds, lapses_at, time_zone) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_group (id, group_name, version, complete_from, lease_seconds, lapses_at, time_zone) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING discovery_group.id, discovery_group.group_name, discovery_group.version, discovery_group.complete_from, discovery_group.lease_seconds, discovery_group.lapses_at, discovery_group.time_zone;
-- update
UPDATE discovery_group t SET t.group_name = ?, t.version = ?, t.complete_from = ?, t.lease_seconds = ?, t.lapses_at = ?, t.time_zone = ? WHERE t.id = ?;
-- delete
DELETE t FROM discovery_group t WHERE t.id = ?;
