-- select
SELECT t.id, t.category, t.group_name, t.name, t.value, t.type, t.description, t.read_only, t.user_id FROM user_setting t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.category, t.group_name, t.name, t.value, t.type, t.description, t.read_only, t.user_id FROM user_setting t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user_setting t;
-- insert
INSERT INTO user_setting (id, category, group_name, name, value, type, description, read_only, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO user_setting (id, category, group_name, name, value, type, description, read_only, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING user_setting.id, user_setting.category, user_setting.group_name, user_setting.name, user_setting.value, user_setting.type, user_setting.description, user_setting.read_only, user_setting.user_id;
-- update
UPDATE user_setting t SET t.category = ?, t.group_name = ?, t.name = ?, t.value = ?, t.type = ?, t.description = ?, t.read_only = ?, t.user_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM user_setting t WHERE t.id = ?;
