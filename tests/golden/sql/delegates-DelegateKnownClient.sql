-- select
SELECT t.code, t.first_name, t.last_name, t.birth_date, t.phone_number, t.id FROM delegate_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.code, t.first_name, t.last_name, t.birth_date, t.phone_number, t.id FROM delegate_client t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM delegate_client t;
-- insert
INSERT INTO delegate_client (code, first_name, last_name, birth_date, phone_number, id) VALUES (?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO delegate_client (code, first_name, last_name, birth_date, phone_number, id) VALUES (?, ?, ?, ?, ?, ?) RETURNING delegate_client.code, delegate_client.first_name, delegate_client.last_name, delegate_client.birth_date, delegate_client.phone_number, delegate_client.id;
-- update
UPDATE delegate_client t SET t.code = ?, t.first_name = ?, t.last_name = ?, t.birth_date = ?, t.phone_number = ? WHERE t.id = ?;
-- delete
DELETE t FROM delegate_client t WHERE t.id = ?;
