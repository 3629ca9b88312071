-- select
SELECT t.name, t.call_count, t.client_id, t.id FROM hosting_domain t WHERE t.id = ?;
-- select with every member on demand
SELECT t.name, t.call_count, t.client_id, t.id FROM hosting_domain t ORDER BY t.name, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM hosting_domain t;
-- insert
INSERT INTO hosting_domain (name, call_count, client_id, id) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO hosting_domain (name, call_count, client_id, id) VALUES (?, ?, ?, ?) RETURNING hosting_domain.name, hosting_domain.call_count, hosting_domain.client_id, hosting_domain.id;
-- update
UPDATE hosting_domain t SET t.name = ?, t.call_count = ?, t.client_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM hosting_domain t WHERE t.id = ?;
