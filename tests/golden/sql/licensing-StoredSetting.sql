-- select
SELECT t.name, t.value FROM server_setting t WHERE t.name = ?;
-- select with every member on demand
SELECT t.name, t.value, t.updated_at FROM server_setting t ORDER BY t.name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM server_setting t;
-- insert
INSERT INTO server_setting (name, value, updated_at) VALUES (?, ?, ?);
-- insert, and what is stored
INSERT INTO server_setting (name, value, updated_at) VALUES (?, ?, ?) RETURNING server_setting.name, server_setting.value;
-- update
UPDATE server_setting t SET t.value = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.name = ?;
-- delete
DELETE t FROM server_setting t WHERE t.name = ?;
