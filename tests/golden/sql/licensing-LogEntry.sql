-- select
SELECT t.id, t.message, t.message_template, t.level, t.time_stamp, t.exception, t.properties FROM log_entry t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.message, t.message_template, t.level, t.time_stamp, t.exception, t.properties FROM log_entry t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM log_entry t;
-- insert
INSERT INTO log_entry (id, message, message_template, level, time_stamp, exception, properties) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO log_entry (id, message, message_template, level, time_stamp, exception, properties) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING log_entry.id, log_entry.message, log_entry.message_template, log_entry.level, log_entry.time_stamp, log_entry.exception, log_entry.properties;
-- update
UPDATE log_entry t SET t.message = ?, t.message_template = ?, t.level = ?, t.time_stamp = ?, t.exception = ?, t.properties = ? WHERE t.id = ?;
-- delete
DELETE t FROM log_entry t WHERE t.id = ?;
