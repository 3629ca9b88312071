-- select
SELECT t.id, t.code, t.first_name, t.last_name, t.user_defined_fields, t.birth_date, t.phone_number, t.funding_source, t.service_type, t.location FROM delegate_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.code, t.first_name, t.last_name, t.user_defined_fields, t.birth_date, t.phone_number, t.funding_source, t.service_type, t.location, t.updated_at FROM delegate_client t ORDER BY t.last_name, t.first_name, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM delegate_client t;
-- insert
INSERT INTO delegate_client (id, code, first_name, last_name, user_defined_fields, birth_date, phone_number, funding_source, service_type, location, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO delegate_client (id, code, first_name, last_name, user_defined_fields, birth_date, phone_number, funding_source, service_type, location, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING delegate_client.id, delegate_client.code, delegate_client.first_name, delegate_client.last_name, delegate_client.user_defined_fields, delegate_client.birth_date, delegate_client.phone_number, delegate_client.funding_source, delegate_client.service_type, delegate_client.location;
-- update
UPDATE delegate_client t SET t.code = ?, t.first_name = ?, t.last_name = ?, t.user_defined_fields = ?, t.birth_date = ?, t.phone_number = ?, t.funding_source = ?, t.service_type = ?, t.location = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM delegate_client t WHERE t.id = ?;
