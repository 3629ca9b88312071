-- select
SELECT t.id, t.group_name FROM discovery_group t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.group_name FROM discovery_group t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_group t;
-- insert
INSERT INTO discovery_group (id, group_name) VALUES (?, ?);
-- insert, and what is stored
INSERT INTO discovery_group (id, group_name) VALUES (?, ?) RETURNING discovery_group.id, discovery_group.group_name;
-- update
UPDATE discovery_group t SET t.group_name = ? WHERE t.id = ?;
-- delete
DELETE t FROM discovery_group t WHERE t.id = ?;
