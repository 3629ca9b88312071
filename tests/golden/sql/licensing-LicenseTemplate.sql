-- select
SELECT t.id, t.name, t.code, t.license_type, t.format, t.licensing_mode, t.license_file_name, t.issue_date, t.expire_days, t.support_days, t.generate_key_info, t.user_key, t.description, t.template, t.product_id, t.signature_keys_id, t.release_id, t.product_code, t.product_name, t.product_version, t.product_copyright, t.product_url, t.product_description, t.components FROM license_template t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.code, t.license_type, t.format, t.licensing_mode, t.license_file_name, t.issue_date, t.expire_days, t.support_days, t.generate_key_info, t.user_key, t.description, t.template, t.product_id, t.signature_keys_id, t.release_id, t.product_code, t.product_name, t.product_version, t.product_copyright, t.product_url, t.product_description, t.components FROM license_template t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_template t;
-- insert
INSERT INTO license_template (id, name, code, license_type, format, licensing_mode, license_file_name, issue_date, expire_days, support_days, generate_key_info, user_key, description, template, product_id, signature_keys_id, release_id, product_code, product_name, product_version, product_copyright, product_url, product_description, components) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE license_template t SET t.name = ?, t.code = ?, t.license_type = ?, t.format = ?, t.licensing_mode = ?, t.license_file_name = ?, t.issue_date = ?, t.expire_days = ?, t.support_days = ?, t.generate_key_info = ?, t.user_key = ?, t.description = ?, t.template = ?, t.product_id = ?, t.signature_keys_id = ?, t.release_id = ?, t.product_code = ?, t.product_name = ?, t.product_version = ?, t.product_copyright = ?, t.product_url = ?, t.product_description = ?, t.components = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_template t WHERE t.id = ?;
