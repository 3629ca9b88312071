-- select
SELECT t.id, t.code, t.name, t.description, t.url, t.copyright, t.created_at, t.image, t.price, t.reseller_price, t.currency, t.signature_keys_id, t.signing_key_id, t.meta FROM product t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.code, t.name, t.description, t.url, t.copyright, t.created_at, t.image, t.price, t.reseller_price, t.currency, t.signature_keys_id, t.signing_key_id, t.meta FROM product t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM product t;
-- insert
INSERT INTO product (id, code, name, description, url, copyright, created_at, image, price, reseller_price, currency, signature_keys_id, signing_key_id, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO product (id, code, name, description, url, copyright, created_at, image, price, reseller_price, currency, signature_keys_id, signing_key_id, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING product.id, product.code, product.name, product.description, product.url, product.copyright, product.created_at, product.image, product.price, product.reseller_price, product.currency, product.signature_keys_id, product.signing_key_id, product.meta;
-- update
UPDATE product t SET t.code = ?, t.name = ?, t.description = ?, t.url = ?, t.copyright = ?, t.created_at = ?, t.image = ?, t.price = ?, t.reseller_price = ?, t.currency = ?, t.signature_keys_id = ?, t.signing_key_id = ?, t.meta = ? WHERE t.id = ?;
-- delete
DELETE t FROM product t WHERE t.id = ?;
