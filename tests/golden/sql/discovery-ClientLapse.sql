-- select
SELECT t.id, t.group_id, t.version, t.gone_at FROM discovery_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.group_id, t.version, t.gone_at FROM discovery_client t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_client t;
-- insert
INSERT INTO discovery_client (id, group_id, version, gone_at) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_client (id, group_id, version, gone_at) VALUES (?, ?, ?, ?) RETURNING discovery_client.id, discovery_client.group_id, discovery_client.version, discovery_client.gone_at;
-- update
UPDATE discovery_client t SET t.group_id = ?, t.version = ?, t.gone_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM discovery_client t WHERE t.id = ?;
