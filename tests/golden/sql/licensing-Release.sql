-- select
SELECT t.id, t.release_date, t.name, t.version, t.description, t.product_id FROM product_release t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.release_date, t.name, t.version, t.description, t.product_id FROM product_release t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM product_release t;
-- insert
INSERT INTO product_release (id, release_date, name, version, description, product_id) VALUES (?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO product_release (id, release_date, name, version, description, product_id) VALUES (?, ?, ?, ?, ?, ?) RETURNING product_release.id, product_release.release_date, product_release.name, product_release.version, product_release.description, product_release.product_id;
-- update
UPDATE product_release t SET t.release_date = ?, t.name = ?, t.version = ?, t.description = ?, t.product_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM product_release t WHERE t.id = ?;
