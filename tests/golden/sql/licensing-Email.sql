-- select
SELECT t.id, m.kind, t.payload, m.subject, CASE t.state WHEN 'done' THEN 'sent' WHEN 'dead' THEN 'failed' ELSE 'queued' END, t.attempts, t.last_error, t.created_at, t.due_at, t.finished_at, m.license_id, m.sender_id FROM queue_item t LEFT JOIN mail_message m ON m.id = t.content_id WHERE t.kind = 'mail' AND t.id = ?;
-- select with every member on demand
SELECT t.id, m.kind, t.payload, m.subject, CASE t.state WHEN 'done' THEN 'sent' WHEN 'dead' THEN 'failed' ELSE 'queued' END, t.attempts, t.last_error, t.created_at, t.due_at, t.finished_at, m.license_id, m.sender_id FROM queue_item t LEFT JOIN mail_message m ON m.id = t.content_id WHERE t.kind = 'mail' ORDER BY t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM queue_item t LEFT JOIN mail_message m ON m.id = t.content_id WHERE t.kind = 'mail';
-- insert
INSERT INTO queue_item (id, attempts, last_error, created_at, due_at, finished_at) VALUES (?, ?, ?, ?, ?, ?);
-- update
UPDATE queue_item t SET t.attempts = ?, t.last_error = ?, t.created_at = ?, t.due_at = ?, t.finished_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM queue_item t WHERE t.id = ?;
