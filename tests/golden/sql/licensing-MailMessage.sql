-- select
SELECT t.id, t.sender_name, t.reply_to, t.recipients, t.subject, t.body, t.is_html, t.attachments, t.created_at FROM mail_message t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.sender_name, t.reply_to, t.recipients, t.subject, t.body, t.is_html, t.attachments, t.created_at FROM mail_message t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM mail_message t;
-- insert
INSERT INTO mail_message (id, sender_name, reply_to, recipients, subject, body, is_html, attachments, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE mail_message t SET t.sender_name = ?, t.reply_to = ?, t.recipients = ?, t.subject = ?, t.body = ?, t.is_html = ?, t.attachments = ?, t.created_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM mail_message t WHERE t.id = ?;
