-- select
SELECT t.number, t.restriction_id, t.name, t.expire_date, t.properties, t.custom_xml_content, t.license_id, t.template_id FROM license_restriction t WHERE t.number = ?;
-- select with every member on demand
SELECT t.number, t.restriction_id, t.name, t.expire_date, t.properties, t.custom_xml_content, t.license_id, t.template_id FROM license_restriction t ORDER BY t.number LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_restriction t;
-- insert
INSERT INTO license_restriction (number, restriction_id, name, expire_date, properties, custom_xml_content, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_restriction (number, restriction_id, name, expire_date, properties, custom_xml_content, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_restriction.number, license_restriction.restriction_id, license_restriction.name, license_restriction.expire_date, license_restriction.properties, license_restriction.custom_xml_content, license_restriction.license_id, license_restriction.template_id;
-- update
UPDATE license_restriction t SET t.restriction_id = ?, t.name = ?, t.expire_date = ?, t.properties = ?, t.custom_xml_content = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
-- delete
DELETE t FROM license_restriction t WHERE t.number = ?;
