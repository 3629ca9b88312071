-- select
SELECT t.id, t.user_name, t.password_hash, t.enabled, f.secret, f.last_step, f.failures FROM user t LEFT JOIN user_second_factor f ON f.user_id = t.id AND f.confirmed_at IS NOT NULL WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.user_name, t.password_hash, t.enabled, f.secret, f.last_step, f.failures FROM user t LEFT JOIN user_second_factor f ON f.user_id = t.id AND f.confirmed_at IS NOT NULL ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user t LEFT JOIN user_second_factor f ON f.user_id = t.id AND f.confirmed_at IS NOT NULL;
-- insert
INSERT INTO user (id, user_name, password_hash, enabled) VALUES (?, ?, ?, ?);
-- update
UPDATE user t SET t.user_name = ?, t.password_hash = ?, t.enabled = ? WHERE t.id = ?;
-- delete
DELETE t FROM user t WHERE t.id = ?;
