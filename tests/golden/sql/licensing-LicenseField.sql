-- select
SELECT t.number, t.name, t.value, t.license_id, t.template_id FROM license_field t WHERE t.number = ?;
-- select with every member on demand
SELECT t.number, t.name, t.value, t.license_id, t.template_id FROM license_field t ORDER BY t.number LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_field t;
-- insert
INSERT INTO license_field (number, name, value, license_id, template_id) VALUES (?, ?, ?, ?, ?);
-- update
UPDATE license_field t SET t.name = ?, t.value = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
-- delete
DELETE t FROM license_field t WHERE t.number = ?;
