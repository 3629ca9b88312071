-- select
SELECT t.number, t.name, t.value, t.license_id, t.template_id FROM license_field t WHERE t.number = ?;
-- select with every member on demand
SELECT t.number, t.name, t.value, t.license_id, t.template_id FROM license_field t ORDER BY t.number LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_field t;
-- insert
INSERT INTO license_field (number, name, value, license_id, template_id) VALUES (?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_field (number, name, value, license_id, template_id) VALUES (?, ?, ?, ?, ?) RETURNING license_field.number, license_field.name, license_field.value, license_field.license_id, license_field.template_id;
-- update
UPDATE license_field t SET t.name = ?, t.value = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
-- delete
DELETE t FROM license_field t WHERE t.number = ?;
