-- select
SELECT t.id, t.name, t.whitelabel, t.call_count FROM hosting_domain t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.whitelabel, t.call_count FROM hosting_domain t ORDER BY t.name, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM hosting_domain t;
-- insert
INSERT INTO hosting_domain (id, name, whitelabel, call_count) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO hosting_domain (id, name, whitelabel, call_count) VALUES (?, ?, ?, ?) RETURNING hosting_domain.id, hosting_domain.name, hosting_domain.whitelabel, hosting_domain.call_count;
-- update
UPDATE hosting_domain t SET t.name = ?, t.whitelabel = ?, t.call_count = ? WHERE t.id = ?;
-- delete
DELETE t FROM hosting_domain t WHERE t.id = ?;
