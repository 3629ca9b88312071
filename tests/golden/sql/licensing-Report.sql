-- select
SELECT t.id, t.uid, t.name, t.version, t.report_date, t.user_key, t.machine_id, t.client_id, t.client_name, t.content_type, t.content, t.address FROM report t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.uid, t.name, t.version, t.report_date, t.user_key, t.machine_id, t.client_id, t.client_name, t.content_type, t.content, t.address FROM report t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM report t;
-- insert
INSERT INTO report (id, uid, name, version, report_date, user_key, machine_id, client_id, client_name, content_type, content, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE report t SET t.uid = ?, t.name = ?, t.version = ?, t.report_date = ?, t.user_key = ?, t.machine_id = ?, t.client_id = ?, t.client_name = ?, t.content_type = ?, t.content = ?, t.address = ? WHERE t.id = ?;
-- delete
DELETE t FROM report t WHERE t.id = ?;
