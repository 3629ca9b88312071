-- select
SELECT t.id, t.account_id, t.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id WHERE r.name IN ('Administrator', 'AccountManager')), t.created_at, t.updated_at, COALESCE(t.display_name, NULLIF(CONCAT_WS(' ', t.first_name, t.last_name), ''), t.user_name), t.email, t.enabled, COALESCE(t.language_id, '00000000-0000-0000-0000-000000000000'), t.mobile, 0, t.time_zone, t.user_name FROM user t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.account_id, t.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id WHERE r.name IN ('Administrator', 'AccountManager')), t.created_at, t.updated_at, COALESCE(t.display_name, NULLIF(CONCAT_WS(' ', t.first_name, t.last_name), ''), t.user_name), t.email, t.enabled, COALESCE(t.language_id, '00000000-0000-0000-0000-000000000000'), t.mobile, 0, t.time_zone, t.user_name FROM user t ORDER BY t.user_name LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user t;
-- insert
INSERT INTO user (id, account_id, created_at, updated_at, email, enabled, mobile, time_zone, user_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO user (id, account_id, created_at, updated_at, email, enabled, mobile, time_zone, user_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING user.id, user.account_id, user.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id WHERE r.name IN ('Administrator', 'AccountManager')), user.created_at, user.updated_at, COALESCE(user.display_name, NULLIF(CONCAT_WS(' ', user.first_name, user.last_name), ''), user.user_name), user.email, user.enabled, COALESCE(user.language_id, '00000000-0000-0000-0000-000000000000'), user.mobile, 0, user.time_zone, user.user_name;
-- update
UPDATE user t SET t.account_id = ?, t.created_at = ?, t.email = ?, t.enabled = ?, t.mobile = ?, t.time_zone = ?, t.user_name = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM user t WHERE t.id = ?;
