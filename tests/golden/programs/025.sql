-- What programs of schema 025 were the first to send. It was; it is never made anew.
-- mails
INSERT INTO mail_message (id, sender_name, reply_to, recipients, subject, body, is_html, attachments, created_at, kind, license_id, sender_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT t.id, m.kind, t.payload, m.subject, CASE t.state WHEN 'done' THEN 'sent' WHEN 'dead' THEN 'failed' ELSE 'queued' END, t.attempts, t.last_error, t.created_at, t.due_at, t.finished_at, m.license_id, m.sender_id FROM queue_item t LEFT JOIN mail_message m ON m.id = t.content_id WHERE t.kind = 'mail' AND (m.sender_id = ? OR m.kind = 'license') ORDER BY t.id DESC LIMIT ? OFFSET ?;
