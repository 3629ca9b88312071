-- select
SELECT t.user_id, t.confirmed_at, t.last_step, t.failures FROM user_second_factor t WHERE t.user_id = ?;
-- select with every member on demand
SELECT t.user_id, t.confirmed_at, t.last_step, t.failures, t.secret FROM user_second_factor t ORDER BY t.user_id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user_second_factor t;
-- insert
INSERT INTO user_second_factor (user_id, confirmed_at, last_step, failures) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO user_second_factor (user_id, confirmed_at, last_step, failures) VALUES (?, ?, ?, ?) RETURNING user_second_factor.user_id, user_second_factor.confirmed_at, user_second_factor.last_step, user_second_factor.failures;
-- update
UPDATE user_second_factor t SET t.confirmed_at = ?, t.last_step = ?, t.failures = ? WHERE t.user_id = ?;
-- delete
DELETE t FROM user_second_factor t WHERE t.user_id = ?;
