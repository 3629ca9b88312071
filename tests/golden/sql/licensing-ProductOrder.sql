-- select
SELECT t.product_id, t.order_id, t.quantity, t.unit_price, t.discount, t.taxes, t.description FROM order_product t WHERE t.product_id = ? AND t.order_id = ?;
-- select with every member on demand
SELECT t.product_id, t.order_id, t.quantity, t.unit_price, t.discount, t.taxes, t.description FROM order_product t ORDER BY t.order_id, t.product_id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM order_product t;
-- insert
INSERT INTO order_product (product_id, order_id, quantity, unit_price, discount, taxes, description) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO order_product (product_id, order_id, quantity, unit_price, discount, taxes, description) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING order_product.product_id, order_product.order_id, order_product.quantity, order_product.unit_price, order_product.discount, order_product.taxes, order_product.description;
-- update
UPDATE order_product t SET t.quantity = ?, t.unit_price = ?, t.discount = ?, t.taxes = ?, t.description = ? WHERE t.product_id = ? AND t.order_id = ?;
-- delete
DELETE t FROM order_product t WHERE t.product_id = ? AND t.order_id = ?;
