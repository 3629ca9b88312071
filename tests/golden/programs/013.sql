-- What programs of schema 013 were the first to send. It was; it is never made anew.
-- queue
INSERT INTO queue_item (kind, target, once_key, content_id, payload, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?);
INSERT INTO queue_item (kind, target, once_key, content_id, payload, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE id = id;
SELECT q.id, q.attempts, q.due_at, q.target, q.content_id, q.payload, q.created_at FROM queue_item q WHERE q.kind = ? AND q.due_at <= ? ORDER BY q.due_at, q.id LIMIT 1;
SELECT q.id, q.attempts, q.due_at, q.target, q.content_id, q.payload, q.created_at FROM (SELECT MIN(id) AS id FROM queue_item WHERE kind = ? AND state = 'waiting' GROUP BY kind, state, target) head JOIN queue_item q ON q.id = head.id WHERE q.due_at <= ? ORDER BY q.due_at, q.id LIMIT 1;
UPDATE queue_item SET due_at = ?, claim = ?, attempts = attempts + 1 WHERE id = ? AND due_at = ?;
UPDATE queue_item SET state = ?, due_at = ?, finished_at = ?, claim = NULL, last_error = ? WHERE id = ? AND claim = ?;
SELECT q.id, q.kind, q.state, q.target, q.payload, (SELECT m.subject FROM mail_message m WHERE m.id = q.content_id), q.attempts, q.created_at, q.due_at, q.finished_at, q.last_error FROM queue_item q WHERE q.kind = ? AND q.state = ? ORDER BY q.id LIMIT ?;
SELECT COUNT(*) FROM queue_item WHERE kind = ? AND state = ?;
UPDATE queue_item SET state = 'waiting', attempts = 0, due_at = UTC_TIMESTAMP(6), finished_at = NULL WHERE kind = ? AND state = 'dead' AND id = ?;
UPDATE queue_item SET state = 'waiting', attempts = 0, due_at = UTC_TIMESTAMP(6), finished_at = NULL WHERE kind = ? AND state = 'dead' ORDER BY id LIMIT ?;
DELETE FROM queue_item WHERE kind = ? AND state = 'dead' AND id = ?;
DELETE FROM queue_item WHERE kind = ? AND state = 'dead' ORDER BY id LIMIT ?;
SELECT sender_name, reply_to, recipients, subject, body, is_html, attachments, created_at FROM mail_message WHERE id = ?;
