-- select
SELECT t.id, t.group_name, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = t.id), t.created_at FROM discovery_group t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.group_name, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = t.id), (SELECT MAX(c.updated_at) FROM discovery_client c WHERE c.group_id = t.id), t.created_at FROM discovery_group t ORDER BY t.group_name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_group t;
-- insert
INSERT INTO discovery_group (id, group_name, created_at) VALUES (?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_group (id, group_name, created_at) VALUES (?, ?, ?) RETURNING discovery_group.id, discovery_group.group_name, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = discovery_group.id), discovery_group.created_at;
-- update
UPDATE discovery_group t SET t.group_name = ?, t.created_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM discovery_group t WHERE t.id = ?;
