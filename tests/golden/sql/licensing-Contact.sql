-- select
SELECT t.id, t.title, t.first_name, t.last_name, t.email, t.phone, t.mobile, t.fax, t.details, t.notify, t.customer_id, t.meta FROM contact t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.title, t.first_name, t.last_name, t.email, t.phone, t.mobile, t.fax, t.details, t.notify, t.customer_id, t.meta FROM contact t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM contact t;
-- insert
INSERT INTO contact (id, title, first_name, last_name, email, phone, mobile, fax, details, notify, customer_id, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO contact (id, title, first_name, last_name, email, phone, mobile, fax, details, notify, customer_id, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING contact.id, contact.title, contact.first_name, contact.last_name, contact.email, contact.phone, contact.mobile, contact.fax, contact.details, contact.notify, contact.customer_id, contact.meta;
-- update
UPDATE contact t SET t.title = ?, t.first_name = ?, t.last_name = ?, t.email = ?, t.phone = ?, t.mobile = ?, t.fax = ?, t.details = ?, t.notify = ?, t.customer_id = ?, t.meta = ? WHERE t.id = ?;
-- delete
DELETE t FROM contact t WHERE t.id = ?;
