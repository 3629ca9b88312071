-- select
SELECT t.id, t.code, t.first_name, t.last_name, t.birth_date, CAST(NULL AS DATETIME(6)), CAST(NULL AS DATETIME(6)), TRUE, t.phone_number, t.user_defined_fields FROM delegate_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.code, t.first_name, t.last_name, t.birth_date, CAST(NULL AS DATETIME(6)), CAST(NULL AS DATETIME(6)), TRUE, t.phone_number, t.user_defined_fields FROM delegate_client t ORDER BY t.last_name, t.first_name, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM delegate_client t;
-- insert
INSERT INTO delegate_client (id, code, first_name, last_name, birth_date, phone_number, user_defined_fields) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO delegate_client (id, code, first_name, last_name, birth_date, phone_number, user_defined_fields) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING delegate_client.id, delegate_client.code, delegate_client.first_name, delegate_client.last_name, delegate_client.birth_date, CAST(NULL AS DATETIME(6)), CAST(NULL AS DATETIME(6)), TRUE, delegate_client.phone_number, delegate_client.user_defined_fields;
-- update
UPDATE delegate_client t SET t.code = ?, t.first_name = ?, t.last_name = ?, t.birth_date = ?, t.phone_number = ?, t.user_defined_fields = ? WHERE t.id = ?;
-- delete
DELETE t FROM delegate_client t WHERE t.id = ?;
