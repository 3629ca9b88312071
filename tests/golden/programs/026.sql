-- What programs of schema 026 were the first to send. It was; it is never made anew.
-- credentials Account
SELECT 0, IF(t.parent_id IS NULL, 'Master', 'Sub'), t.id, COALESCE(t.parent_id, t.id), t.address, CAST(0 AS DECIMAL(19,4)), t.contact_number, t.mobile, t.created_at, t.updated_at, t.disclaimer, t.email, t.first_name, t.language_id, t.last_name, t.logo, t.logo_name, t.name, CAST(0 AS DECIMAL(19,4)), '[]', FALSE, t.time_zone, FALSE, t.website, t.parent_id, t.level FROM account t WHERE t.deleted_at IS NULL AND t.id = ?;
SELECT 0, IF(t.parent_id IS NULL, 'Master', 'Sub'), t.id, COALESCE(t.parent_id, t.id), t.address, CAST(0 AS DECIMAL(19,4)), t.contact_number, t.mobile, t.created_at, t.updated_at, t.disclaimer, t.email, t.first_name, t.language_id, t.last_name, t.logo, t.logo_name, t.name, CAST(0 AS DECIMAL(19,4)), '[]', FALSE, t.time_zone, FALSE, t.website, t.parent_id, t.level FROM account t WHERE t.deleted_at IS NULL ORDER BY t.level, t.name, t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM account t WHERE t.deleted_at IS NULL;
INSERT INTO account (id, address, contact_number, mobile, created_at, updated_at, disclaimer, email, first_name, language_id, last_name, logo, logo_name, name, time_zone, website, parent_id, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE account t SET t.address = ?, t.contact_number = ?, t.mobile = ?, t.created_at = ?, t.disclaimer = ?, t.email = ?, t.first_name = ?, t.language_id = ?, t.last_name = ?, t.logo = ?, t.logo_name = ?, t.name = ?, t.time_zone = ?, t.website = ?, t.parent_id = ?, t.level = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
UPDATE account t SET t.deleted_at = UTC_TIMESTAMP(6) WHERE t.deleted_at IS NULL AND t.id = ?;
-- credentials User
SELECT t.id, t.account_id, t.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id WHERE r.name IN ('Administrator', 'AccountManager')), t.created_at, t.updated_at, COALESCE(t.display_name, NULLIF(CONCAT_WS(' ', t.first_name, t.last_name), ''), t.user_name), t.email, t.enabled, COALESCE(t.language_id, '00000000-0000-0000-0000-000000000000'), t.mobile, 0, t.time_zone, t.user_name FROM user t WHERE t.id = ?;
SELECT t.id, t.account_id, t.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id WHERE r.name IN ('Administrator', 'AccountManager')), t.created_at, t.updated_at, COALESCE(t.display_name, NULLIF(CONCAT_WS(' ', t.first_name, t.last_name), ''), t.user_name), t.email, t.enabled, COALESCE(t.language_id, '00000000-0000-0000-0000-000000000000'), t.mobile, 0, t.time_zone, t.user_name FROM user t ORDER BY t.user_name LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM user t;
INSERT INTO user (id, account_id, created_at, updated_at, email, enabled, mobile, time_zone, user_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO user (id, account_id, created_at, updated_at, email, enabled, mobile, time_zone, user_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING user.id, user.account_id, user.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id WHERE r.name IN ('Administrator', 'AccountManager')), user.created_at, user.updated_at, COALESCE(user.display_name, NULLIF(CONCAT_WS(' ', user.first_name, user.last_name), ''), user.user_name), user.email, user.enabled, COALESCE(user.language_id, '00000000-0000-0000-0000-000000000000'), user.mobile, 0, user.time_zone, user.user_name;
UPDATE user t SET t.account_id = ?, t.created_at = ?, t.email = ?, t.enabled = ?, t.mobile = ?, t.time_zone = ?, t.user_name = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM user t WHERE t.id = ?;
-- credentials UserAccount
SELECT t.user_id, t.account_id, t.access_level, t.created_at FROM user_account t WHERE t.user_id = ? AND t.account_id = ?;
SELECT t.user_id, t.account_id, t.access_level, t.created_at FROM user_account t ORDER BY t.account_id, t.user_id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM user_account t;
INSERT INTO user_account (user_id, account_id, access_level, created_at) VALUES (?, ?, ?, ?);
INSERT INTO user_account (user_id, account_id, access_level, created_at) VALUES (?, ?, ?, ?) RETURNING user_account.user_id, user_account.account_id, user_account.access_level, user_account.created_at;
UPDATE user_account t SET t.access_level = ?, t.created_at = ? WHERE t.user_id = ? AND t.account_id = ?;
DELETE t FROM user_account t WHERE t.user_id = ? AND t.account_id = ?;
