-- select
SELECT t.id, t.expires_at, t.idle_seconds, u.id, u.user_name, u.email, u.first_name, u.last_name, u.customer_id, (f.user_id IS NOT NULL), (SELECT COUNT(*) FROM user_recovery_code c WHERE c.user_id = u.id), EXISTS (SELECT 1 FROM delegate d JOIN delegate_group g ON g.id = d.group_id AND g.deleted_at IS NULL WHERE d.user_id = u.id) FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN user_second_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.expires_at, t.idle_seconds, u.id, u.user_name, u.email, u.first_name, u.last_name, u.customer_id, (f.user_id IS NOT NULL), (SELECT COUNT(*) FROM user_recovery_code c WHERE c.user_id = u.id), EXISTS (SELECT 1 FROM delegate d JOIN delegate_group g ON g.id = d.group_id AND g.deleted_at IS NULL WHERE d.user_id = u.id) FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN user_second_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM oauth_session t JOIN user u ON u.id = t.user_id LEFT JOIN user_second_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL;
-- insert
INSERT INTO oauth_session (id, expires_at, idle_seconds) VALUES (?, ?, ?);
-- update
UPDATE oauth_session t SET t.expires_at = ?, t.idle_seconds = ? WHERE t.id = ?;
-- delete
DELETE t FROM oauth_session t WHERE t.id = ?;
