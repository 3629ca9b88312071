-- select
SELECT t.role_id, r.name, r.description, t.user_id FROM user_role t JOIN role r ON r.id = t.role_id WHERE t.role_id = ? AND t.user_id = ?;
-- select with every member on demand
SELECT t.role_id, r.name, r.description, t.user_id FROM user_role t JOIN role r ON r.id = t.role_id ORDER BY r.name, t.role_id, t.user_id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user_role t JOIN role r ON r.id = t.role_id;
-- insert
INSERT INTO user_role (role_id, user_id) VALUES (?, ?);
-- update
UPDATE user_role t SET  WHERE t.role_id = ? AND t.user_id = ?;
-- delete
DELETE t FROM user_role t WHERE t.role_id = ? AND t.user_id = ?;
