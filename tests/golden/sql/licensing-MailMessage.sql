-- select
SELECT t.id, t.sender_name, t.reply_to, t.recipients, t.subject, t.body, t.is_html, t.attachments, t.created_at, t.kind, t.license_id, t.sender_id FROM mail_message t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.sender_name, t.reply_to, t.recipients, t.subject, t.body, t.is_html, t.attachments, t.created_at, t.kind, t.license_id, t.sender_id FROM mail_message t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM mail_message t;
-- insert
INSERT INTO mail_message (id, sender_name, reply_to, recipients, subject, body, is_html, attachments, created_at, kind, license_id, sender_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO mail_message (id, sender_name, reply_to, recipients, subject, body, is_html, attachments, created_at, kind, license_id, sender_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING mail_message.id, mail_message.sender_name, mail_message.reply_to, mail_message.recipients, mail_message.subject, mail_message.body, mail_message.is_html, mail_message.attachments, mail_message.created_at, mail_message.kind, mail_message.license_id, mail_message.sender_id;
-- update
UPDATE mail_message t SET t.sender_name = ?, t.reply_to = ?, t.recipients = ?, t.subject = ?, t.body = ?, t.is_html = ?, t.attachments = ?, t.created_at = ?, t.kind = ?, t.license_id = ?, t.sender_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM mail_message t WHERE t.id = ?;
