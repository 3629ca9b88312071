-- select
SELECT t.id, t.order_number, t.status, t.processed_by, t.purchase_order, t.total, t.currency, t.created_at, t.updated_at, t.invoice_number, t.payment_type, t.payment_number, t.payment_status, t.payment_date, t.description, t.customer_id, t.reseller_id FROM customer_order t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.order_number, t.status, t.processed_by, t.purchase_order, t.total, t.currency, t.created_at, t.updated_at, t.invoice_number, t.payment_type, t.payment_number, t.payment_status, t.payment_date, t.description, t.customer_id, t.reseller_id FROM customer_order t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM customer_order t;
-- insert
INSERT INTO customer_order (id, order_number, status, processed_by, purchase_order, total, currency, created_at, updated_at, invoice_number, payment_type, payment_number, payment_status, payment_date, description, customer_id, reseller_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE customer_order t SET t.order_number = ?, t.status = ?, t.processed_by = ?, t.purchase_order = ?, t.total = ?, t.currency = ?, t.created_at = ?, t.invoice_number = ?, t.payment_type = ?, t.payment_number = ?, t.payment_status = ?, t.payment_date = ?, t.description = ?, t.customer_id = ?, t.reseller_id = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM customer_order t WHERE t.id = ?;
