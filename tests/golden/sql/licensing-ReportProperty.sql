-- select
SELECT t.id, t.name, t.value, t.report_id FROM report_property t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.value, t.report_id FROM report_property t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM report_property t;
-- insert
INSERT INTO report_property (id, name, value, report_id) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO report_property (id, name, value, report_id) VALUES (?, ?, ?, ?) RETURNING report_property.id, report_property.name, report_property.value, report_property.report_id;
-- update
UPDATE report_property t SET t.name = ?, t.value = ?, t.report_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM report_property t WHERE t.id = ?;
