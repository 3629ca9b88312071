-- select
SELECT t.user_id, t.account_id, t.access_level, t.created_at FROM user_account t WHERE t.user_id = ? AND t.account_id = ?;
-- select with every member on demand
SELECT t.user_id, t.account_id, t.access_level, t.created_at FROM user_account t ORDER BY t.account_id, t.user_id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user_account t;
-- insert
INSERT INTO user_account (user_id, account_id, access_level, created_at) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO user_account (user_id, account_id, access_level, created_at) VALUES (?, ?, ?, ?) RETURNING user_account.user_id, user_account.account_id, user_account.access_level, user_account.created_at;
-- update
UPDATE user_account t SET t.access_level = ?, t.created_at = ? WHERE t.user_id = ? AND t.account_id = ?;
-- delete
DELETE t FROM user_account t WHERE t.user_id = ? AND t.account_id = ?;
