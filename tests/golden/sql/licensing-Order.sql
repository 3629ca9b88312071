-- select
SELECT t.id, t.order_number, t.status, t.processed_by, t.purchase_order, t.total, t.currency, t.created_at, t.updated_at, t.invoice_number, t.payment_type, t.payment_number, t.payment_status, t.payment_date, t.description, t.customer_id, t.reseller_id FROM customer_order t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.order_number, t.status, t.processed_by, t.purchase_order, t.total, t.currency, t.created_at, t.updated_at, t.invoice_number, t.payment_type, t.payment_number, t.payment_status, t.payment_date, t.description, t.customer_id, t.reseller_id FROM customer_order t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM customer_order t;
-- insert
INSERT INTO customer_order (id, order_number, status, processed_by, purchase_order, total, currency, created_at, updated_at, invoice_number, payment_type, payment_number, payment_status, payment_date, description, customer_id, reseller_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO customer_order (id, order_number, status, processed_by, purchase_order, total, currency, created_at, updated_at, invoice_number, payment_type, payment_number, payment_status, payment_date, description, customer_id, reseller_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING customer_order.id, customer_order.order_number, customer_order.status, customer_order.processed_by, customer_order.purchase_order, customer_order.total, customer_order.currency, customer_order.created_at, customer_order.updated_at, customer_order.invoice_number, customer_order.payment_type, customer_order.payment_number, customer_order.payment_status, customer_order.payment_date, customer_order.description, customer_order.customer_id, customer_order.reseller_id;
-- update
UPDATE customer_order t SET t.order_number = ?, t.status = ?, t.processed_by = ?, t.purchase_order = ?, t.total = ?, t.currency = ?, t.created_at = ?, t.invoice_number = ?, t.payment_type = ?, t.payment_number = ?, t.payment_status = ?, t.payment_date = ?, t.description = ?, t.customer_id = ?, t.reseller_id = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM customer_order t WHERE t.id = ?;
