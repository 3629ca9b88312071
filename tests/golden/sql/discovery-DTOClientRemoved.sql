-- select
SELECT t.group_id, t.version, t.client_id, t.client_code FROM discovery_departure t WHERE t.group_id = ? AND t.version = ? AND t.client_id = ?;
-- select with every member on demand
SELECT t.group_id, t.version, t.client_id, t.client_code FROM discovery_departure t ORDER BY t.group_id, t.version, t.client_id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_departure t;
-- insert
INSERT INTO discovery_departure (group_id, version, client_id, client_code) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_departure (group_id, version, client_id, client_code) VALUES (?, ?, ?, ?) RETURNING discovery_departure.group_id, discovery_departure.version, discovery_departure.client_id, discovery_departure.client_code;
-- update
UPDATE discovery_departure t SET t.client_code = ? WHERE t.group_id = ? AND t.version = ? AND t.client_id = ?;
-- delete
DELETE t FROM discovery_departure t WHERE t.group_id = ? AND t.version = ? AND t.client_id = ?;
