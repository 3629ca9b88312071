-- select
SELECT t.id, t.uid, t.name, t.version, t.report_date, t.user_key, t.machine_id, t.client_id, t.client_name, t.content_type, t.content, t.address FROM report t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.uid, t.name, t.version, t.report_date, t.user_key, t.machine_id, t.client_id, t.client_name, t.content_type, t.content, t.address FROM report t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM report t;
-- insert
INSERT INTO report (id, uid, name, version, report_date, user_key, machine_id, client_id, client_name, content_type, content, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO report (id, uid, name, version, report_date, user_key, machine_id, client_id, client_name, content_type, content, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING report.id, report.uid, report.name, report.version, report.report_date, report.user_key, report.machine_id, report.client_id, report.client_name, report.content_type, report.content, report.address;
-- update
UPDATE report t SET t.uid = ?, t.name = ?, t.version = ?, t.report_date = ?, t.user_key = ?, t.machine_id = ?, t.client_id = ?, t.client_name = ?, t.content_type = ?, t.content = ?, t.address = ? WHERE t.id = ?;
-- delete
DELETE t FROM report t WHERE t.id = ?;
