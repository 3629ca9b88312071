-- select
SELECT t.id, t.client_id, t.associated_id FROM discovery_association t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_id, t.associated_id FROM discovery_association t ORDER BY t.associated_id, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM discovery_association t;
-- insert
INSERT INTO discovery_association (id, client_id, associated_id) VALUES (?, ?, ?);
-- insert, and what is stored
INSERT INTO discovery_association (id, client_id, associated_id) VALUES (?, ?, ?) RETURNING discovery_association.id, discovery_association.client_id, discovery_association.associated_id;
-- update
UPDATE discovery_association t SET t.client_id = ?, t.associated_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM discovery_association t WHERE t.id = ?;
