-- select
SELECT t.client_id, c.code, c.first_name, c.last_name, c.birth_date, t.start_date, t.expiry_date, t.dynamically_added, c.phone_number, c.user_defined_fields, t.group_id FROM delegate_association t JOIN delegate_client c ON c.id = t.client_id JOIN delegate_group g ON g.id = t.group_id AND g.deleted_at IS NULL WHERE t.client_id = ? AND t.group_id = ?;
-- select with every member on demand
SELECT t.client_id, c.code, c.first_name, c.last_name, c.birth_date, t.start_date, t.expiry_date, t.dynamically_added, c.phone_number, c.user_defined_fields, t.group_id FROM delegate_association t JOIN delegate_client c ON c.id = t.client_id JOIN delegate_group g ON g.id = t.group_id AND g.deleted_at IS NULL ORDER BY c.last_name, c.first_name, t.client_id, t.group_id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM delegate_association t JOIN delegate_client c ON c.id = t.client_id JOIN delegate_group g ON g.id = t.group_id AND g.deleted_at IS NULL;
-- insert
INSERT INTO delegate_association (client_id, start_date, expiry_date, dynamically_added, group_id) VALUES (?, ?, ?, ?, ?);
-- update
UPDATE delegate_association t SET t.start_date = ?, t.expiry_date = ?, t.dynamically_added = ? WHERE t.client_id = ? AND t.group_id = ?;
-- delete
DELETE t FROM delegate_association t WHERE t.client_id = ? AND t.group_id = ?;
