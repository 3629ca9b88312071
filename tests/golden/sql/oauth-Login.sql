-- select
SELECT t.id, t.user_name, t.password_hash, t.enabled FROM user t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.user_name, t.password_hash, t.enabled FROM user t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user t;
-- insert
INSERT INTO user (id, user_name, password_hash, enabled) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO user (id, user_name, password_hash, enabled) VALUES (?, ?, ?, ?) RETURNING user.id, user.user_name, user.password_hash, user.enabled;
-- update
UPDATE user t SET t.user_name = ?, t.password_hash = ?, t.enabled = ? WHERE t.id = ?;
-- delete
DELETE t FROM user t WHERE t.id = ?;
