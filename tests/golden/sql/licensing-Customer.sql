-- select
SELECT t.id, t.title, t.first_name, t.last_name, t.company, t.code, t.vat_code, t.invoice_code, t.rating, t.created_at, t.updated_at, t.address, t.address1, t.address2, t.postal_code, t.region, t.city, t.country, t.country_code, t.map_coordinates, t.map_zoom_level, t.email, t.phone, t.mobile, t.fax, t.website, t.notes, t.is_reseller, t.image, t.meta FROM customer t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.title, t.first_name, t.last_name, t.company, t.code, t.vat_code, t.invoice_code, t.rating, t.created_at, t.updated_at, t.address, t.address1, t.address2, t.postal_code, t.region, t.city, t.country, t.country_code, t.map_coordinates, t.map_zoom_level, t.email, t.phone, t.mobile, t.fax, t.website, t.notes, t.is_reseller, t.image, t.meta FROM customer t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM customer t;
-- insert
INSERT INTO customer (id, title, first_name, last_name, company, code, vat_code, invoice_code, rating, created_at, updated_at, address, address1, address2, postal_code, region, city, country, country_code, map_coordinates, map_zoom_level, email, phone, mobile, fax, website, notes, is_reseller, image, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE customer t SET t.title = ?, t.first_name = ?, t.last_name = ?, t.company = ?, t.code = ?, t.vat_code = ?, t.invoice_code = ?, t.rating = ?, t.created_at = ?, t.address = ?, t.address1 = ?, t.address2 = ?, t.postal_code = ?, t.region = ?, t.city = ?, t.country = ?, t.country_code = ?, t.map_coordinates = ?, t.map_zoom_level = ?, t.email = ?, t.phone = ?, t.mobile = ?, t.fax = ?, t.website = ?, t.notes = ?, t.is_reseller = ?, t.image = ?, t.meta = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM customer t WHERE t.id = ?;
