-- select
SELECT t.user_id, t.code_hash FROM user_recovery_code t WHERE t.user_id = ? AND t.code_hash = ?;
-- select with every member on demand
SELECT t.user_id, t.code_hash FROM user_recovery_code t ORDER BY t.user_id, t.code_hash LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user_recovery_code t;
-- insert
INSERT INTO user_recovery_code (user_id, code_hash) VALUES (?, ?);
-- insert, and what is stored
INSERT INTO user_recovery_code (user_id, code_hash) VALUES (?, ?) RETURNING user_recovery_code.user_id, user_recovery_code.code_hash;
-- update
UPDATE user_recovery_code t SET  WHERE t.user_id = ? AND t.code_hash = ?;
-- delete
DELETE t FROM user_recovery_code t WHERE t.user_id = ? AND t.code_hash = ?;
