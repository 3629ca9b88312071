-- select
SELECT t.id, t.name, t.description FROM role t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.description FROM role t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM role t;
-- insert
INSERT INTO role (id, name, description) VALUES (?, ?, ?);
-- insert, and what is stored
INSERT INTO role (id, name, description) VALUES (?, ?, ?) RETURNING role.id, role.name, role.description;
-- update
UPDATE role t SET t.name = ?, t.description = ? WHERE t.id = ?;
-- delete
DELETE t FROM role t WHERE t.id = ?;
