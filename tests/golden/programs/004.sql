-- What programs of schema 004 were the first to send. It was; it is never made anew.
-- licensing-ApiKey
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description FROM api_key t WHERE t.id = ?;
SELECT t.id, t.name, CONCAT(t.key_prefix, '…'), IF(t.client_secret_hash IS NULL, NULL, '********'), t.created_at, t.expires_at, t.owner_id, t.revoked, t.permissions, t.description FROM api_key t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM api_key t;
INSERT INTO api_key (id, name, client_secret_hash, created_at, expires_at, owner_id, revoked, permissions, description, key_hash, key_prefix) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE api_key t SET t.name = ?, t.client_secret_hash = ?, t.created_at = ?, t.expires_at = ?, t.owner_id = ?, t.revoked = ?, t.permissions = ?, t.description = ?, t.key_hash = ?, t.key_prefix = ? WHERE t.id = ?;
DELETE t FROM api_key t WHERE t.id = ?;
-- licensing-Assembly-license_assembly
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.license_id, t.template_id FROM license_assembly t WHERE t.id = ?;
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.license_id, t.template_id FROM license_assembly t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_assembly t;
INSERT INTO license_assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_assembly t SET t.name = ?, t.version = ?, t.culture = ?, t.public_key_token = ?, t.mapping_file_id = ?, t.debug_symbols_key = ?, t.license_id = ?, t.template_id = ? WHERE t.id = ?;
DELETE t FROM license_assembly t WHERE t.id = ?;
-- licensing-Assembly-release_assembly
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.product_id, t.release_id FROM release_assembly t WHERE t.id = ?;
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.product_id, t.release_id FROM release_assembly t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM release_assembly t;
INSERT INTO release_assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key, product_id, release_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE release_assembly t SET t.name = ?, t.version = ?, t.culture = ?, t.public_key_token = ?, t.mapping_file_id = ?, t.debug_symbols_key = ?, t.product_id = ?, t.release_id = ? WHERE t.id = ?;
DELETE t FROM release_assembly t WHERE t.id = ?;
-- licensing-Assembly
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key FROM assembly t WHERE t.id = ?;
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key FROM assembly t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM assembly t;
INSERT INTO assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key) VALUES (?, ?, ?, ?, ?, ?, ?);
UPDATE assembly t SET t.name = ?, t.version = ?, t.culture = ?, t.public_key_token = ?, t.mapping_file_id = ?, t.debug_symbols_key = ? WHERE t.id = ?;
DELETE t FROM assembly t WHERE t.id = ?;
-- licensing-Contact
SELECT t.id, t.title, t.first_name, t.last_name, t.email, t.phone, t.mobile, t.fax, t.details, t.notify, t.customer_id, t.meta FROM contact t WHERE t.id = ?;
SELECT t.id, t.title, t.first_name, t.last_name, t.email, t.phone, t.mobile, t.fax, t.details, t.notify, t.customer_id, t.meta FROM contact t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM contact t;
INSERT INTO contact (id, title, first_name, last_name, email, phone, mobile, fax, details, notify, customer_id, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE contact t SET t.title = ?, t.first_name = ?, t.last_name = ?, t.email = ?, t.phone = ?, t.mobile = ?, t.fax = ?, t.details = ?, t.notify = ?, t.customer_id = ?, t.meta = ? WHERE t.id = ?;
DELETE t FROM contact t WHERE t.id = ?;
-- licensing-Customer
SELECT t.id, t.title, t.first_name, t.last_name, t.company, t.code, t.vat_code, t.invoice_code, t.rating, t.created_at, t.updated_at, t.address, t.address1, t.address2, t.postal_code, t.region, t.city, t.country, t.country_code, t.map_coordinates, t.map_zoom_level, t.email, t.phone, t.mobile, t.fax, t.website, t.notes, t.is_reseller, t.image, t.meta FROM customer t WHERE t.id = ?;
SELECT t.id, t.title, t.first_name, t.last_name, t.company, t.code, t.vat_code, t.invoice_code, t.rating, t.created_at, t.updated_at, t.address, t.address1, t.address2, t.postal_code, t.region, t.city, t.country, t.country_code, t.map_coordinates, t.map_zoom_level, t.email, t.phone, t.mobile, t.fax, t.website, t.notes, t.is_reseller, t.image, t.meta FROM customer t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM customer t;
INSERT INTO customer (id, title, first_name, last_name, company, code, vat_code, invoice_code, rating, created_at, updated_at, address, address1, address2, postal_code, region, city, country, country_code, map_coordinates, map_zoom_level, email, phone, mobile, fax, website, notes, is_reseller, image, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE customer t SET t.title = ?, t.first_name = ?, t.last_name = ?, t.company = ?, t.code = ?, t.vat_code = ?, t.invoice_code = ?, t.rating = ?, t.created_at = ?, t.address = ?, t.address1 = ?, t.address2 = ?, t.postal_code = ?, t.region = ?, t.city = ?, t.country = ?, t.country_code = ?, t.map_coordinates = ?, t.map_zoom_level = ?, t.email = ?, t.phone = ?, t.mobile = ?, t.fax = ?, t.website = ?, t.notes = ?, t.is_reseller = ?, t.image = ?, t.meta = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM customer t WHERE t.id = ?;
-- licensing-License
SELECT t.id, t.license_id, t.license_type, t.format, t.description, t.created_at, t.updated_at, t.issue_date, t.expire_date, t.support_expire_date, t.revoked, t.traced, t.license_key, t.max_allowed_sites, t.user_key, t.licensing_mode, t.licensee_name, t.licensee_company, t.licensee_email, t.hash, t.meta, t.template_id, t.signature_keys_id, t.customer_id, t.order_id, t.product_code, t.product_name, t.product_version, t.product_copyright, t.product_url, t.product_description, t.holder_name, t.holder_company, t.holder_contact_info, t.holder_url, t.components FROM license t WHERE t.id = ?;
SELECT t.id, t.license_id, t.license_type, t.format, t.description, t.created_at, t.updated_at, t.issue_date, t.expire_date, t.support_expire_date, t.revoked, t.traced, t.license_key, t.max_allowed_sites, t.user_key, t.licensing_mode, t.licensee_name, t.licensee_company, t.licensee_email, t.hash, t.meta, t.template_id, t.signature_keys_id, t.customer_id, t.order_id, t.product_code, t.product_name, t.product_version, t.product_copyright, t.product_url, t.product_description, t.holder_name, t.holder_company, t.holder_contact_info, t.holder_url, t.components FROM license t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license t;
INSERT INTO license (id, license_id, license_type, format, description, created_at, updated_at, issue_date, expire_date, support_expire_date, revoked, traced, license_key, max_allowed_sites, user_key, licensing_mode, licensee_name, licensee_company, licensee_email, hash, meta, template_id, signature_keys_id, customer_id, order_id, product_code, product_name, product_version, product_copyright, product_url, product_description, holder_name, holder_company, holder_contact_info, holder_url, components) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license t SET t.license_id = ?, t.license_type = ?, t.format = ?, t.description = ?, t.created_at = ?, t.issue_date = ?, t.expire_date = ?, t.support_expire_date = ?, t.revoked = ?, t.traced = ?, t.license_key = ?, t.max_allowed_sites = ?, t.user_key = ?, t.licensing_mode = ?, t.licensee_name = ?, t.licensee_company = ?, t.licensee_email = ?, t.hash = ?, t.meta = ?, t.template_id = ?, t.signature_keys_id = ?, t.customer_id = ?, t.order_id = ?, t.product_code = ?, t.product_name = ?, t.product_version = ?, t.product_copyright = ?, t.product_url = ?, t.product_description = ?, t.holder_name = ?, t.holder_company = ?, t.holder_contact_info = ?, t.holder_url = ?, t.components = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM license t WHERE t.id = ?;
-- licensing-LicenseFeature
SELECT t.number, t.feature_id, t.name, t.description, t.expire_date, t.feature_key, t.data, t.license_id, t.template_id FROM license_feature t WHERE t.number = ?;
SELECT t.number, t.feature_id, t.name, t.description, t.expire_date, t.feature_key, t.data, t.license_id, t.template_id FROM license_feature t ORDER BY t.number LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_feature t;
INSERT INTO license_feature (number, feature_id, name, description, expire_date, feature_key, data, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_feature t SET t.feature_id = ?, t.name = ?, t.description = ?, t.expire_date = ?, t.feature_key = ?, t.data = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
DELETE t FROM license_feature t WHERE t.number = ?;
-- licensing-LicenseField
SELECT t.number, t.name, t.value, t.license_id, t.template_id FROM license_field t WHERE t.number = ?;
SELECT t.number, t.name, t.value, t.license_id, t.template_id FROM license_field t ORDER BY t.number LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_field t;
INSERT INTO license_field (number, name, value, license_id, template_id) VALUES (?, ?, ?, ?, ?);
UPDATE license_field t SET t.name = ?, t.value = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
DELETE t FROM license_field t WHERE t.number = ?;
-- licensing-LicenseRestriction
SELECT t.number, t.restriction_id, t.name, t.expire_date, t.properties, t.custom_xml_content, t.license_id, t.template_id FROM license_restriction t WHERE t.number = ?;
SELECT t.number, t.restriction_id, t.name, t.expire_date, t.properties, t.custom_xml_content, t.license_id, t.template_id FROM license_restriction t ORDER BY t.number LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_restriction t;
INSERT INTO license_restriction (number, restriction_id, name, expire_date, properties, custom_xml_content, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_restriction t SET t.restriction_id = ?, t.name = ?, t.expire_date = ?, t.properties = ?, t.custom_xml_content = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
DELETE t FROM license_restriction t WHERE t.number = ?;
-- licensing-LicenseTemplate
SELECT t.id, t.name, t.code, t.license_type, t.format, t.licensing_mode, t.license_file_name, t.issue_date, t.expire_days, t.support_days, t.generate_key_info, t.user_key, t.description, t.template, t.product_id, t.signature_keys_id, t.release_id, t.product_code, t.product_name, t.product_version, t.product_copyright, t.product_url, t.product_description, t.components FROM license_template t WHERE t.id = ?;
SELECT t.id, t.name, t.code, t.license_type, t.format, t.licensing_mode, t.license_file_name, t.issue_date, t.expire_days, t.support_days, t.generate_key_info, t.user_key, t.description, t.template, t.product_id, t.signature_keys_id, t.release_id, t.product_code, t.product_name, t.product_version, t.product_copyright, t.product_url, t.product_description, t.components FROM license_template t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_template t;
INSERT INTO license_template (id, name, code, license_type, format, licensing_mode, license_file_name, issue_date, expire_days, support_days, generate_key_info, user_key, description, template, product_id, signature_keys_id, release_id, product_code, product_name, product_version, product_copyright, product_url, product_description, components) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_template t SET t.name = ?, t.code = ?, t.license_type = ?, t.format = ?, t.licensing_mode = ?, t.license_file_name = ?, t.issue_date = ?, t.expire_days = ?, t.support_days = ?, t.generate_key_info = ?, t.user_key = ?, t.description = ?, t.template = ?, t.product_id = ?, t.signature_keys_id = ?, t.release_id = ?, t.product_code = ?, t.product_name = ?, t.product_version = ?, t.product_copyright = ?, t.product_url = ?, t.product_description = ?, t.components = ? WHERE t.id = ?;
DELETE t FROM license_template t WHERE t.id = ?;
-- licensing-LicenseToken
SELECT t.id, t.token, t.address, t.client_id, t.client_name, t.machine_id, t.issue_date, t.expire_date, t.last_heartbeat, t.hash, t.license_id, t.node_locked_license_id FROM license_token t WHERE t.id = ?;
SELECT t.id, t.token, t.address, t.client_id, t.client_name, t.machine_id, t.issue_date, t.expire_date, t.last_heartbeat, t.hash, t.license_id, t.node_locked_license_id FROM license_token t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_token t;
INSERT INTO license_token (id, token, address, client_id, client_name, machine_id, issue_date, expire_date, last_heartbeat, hash, license_id, node_locked_license_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_token t SET t.token = ?, t.address = ?, t.client_id = ?, t.client_name = ?, t.machine_id = ?, t.issue_date = ?, t.expire_date = ?, t.last_heartbeat = ?, t.hash = ?, t.license_id = ?, t.node_locked_license_id = ? WHERE t.id = ?;
DELETE t FROM license_token t WHERE t.id = ?;
-- licensing-LicenseTrace
SELECT t.id, t.client_ip, t.client_id, t.client_name, t.machine_id, t.created_at, t.action, t.geo_location, t.meta, t.license_id FROM license_trace t WHERE t.id = ?;
SELECT t.id, t.client_ip, t.client_id, t.client_name, t.machine_id, t.created_at, t.action, t.geo_location, t.meta, t.license_id FROM license_trace t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM license_trace t;
INSERT INTO license_trace (id, client_ip, client_id, client_name, machine_id, created_at, action, geo_location, meta, license_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_trace t SET t.client_ip = ?, t.client_id = ?, t.client_name = ?, t.machine_id = ?, t.created_at = ?, t.action = ?, t.geo_location = ?, t.meta = ?, t.license_id = ? WHERE t.id = ?;
DELETE t FROM license_trace t WHERE t.id = ?;
-- licensing-LogEntry
SELECT t.id, t.message, t.message_template, t.level, t.time_stamp, t.exception, t.properties FROM log_entry t WHERE t.id = ?;
SELECT t.id, t.message, t.message_template, t.level, t.time_stamp, t.exception, t.properties FROM log_entry t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM log_entry t;
INSERT INTO log_entry (id, message, message_template, level, time_stamp, exception, properties) VALUES (?, ?, ?, ?, ?, ?, ?);
UPDATE log_entry t SET t.message = ?, t.message_template = ?, t.level = ?, t.time_stamp = ?, t.exception = ?, t.properties = ? WHERE t.id = ?;
DELETE t FROM log_entry t WHERE t.id = ?;
-- licensing-Order
SELECT t.id, t.order_number, t.status, t.processed_by, t.purchase_order, t.total, t.currency, t.created_at, t.updated_at, t.invoice_number, t.payment_type, t.payment_number, t.payment_status, t.payment_date, t.description, t.customer_id, t.reseller_id FROM customer_order t WHERE t.id = ?;
SELECT t.id, t.order_number, t.status, t.processed_by, t.purchase_order, t.total, t.currency, t.created_at, t.updated_at, t.invoice_number, t.payment_type, t.payment_number, t.payment_status, t.payment_date, t.description, t.customer_id, t.reseller_id FROM customer_order t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM customer_order t;
INSERT INTO customer_order (id, order_number, status, processed_by, purchase_order, total, currency, created_at, updated_at, invoice_number, payment_type, payment_number, payment_status, payment_date, description, customer_id, reseller_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE customer_order t SET t.order_number = ?, t.status = ?, t.processed_by = ?, t.purchase_order = ?, t.total = ?, t.currency = ?, t.created_at = ?, t.invoice_number = ?, t.payment_type = ?, t.payment_number = ?, t.payment_status = ?, t.payment_date = ?, t.description = ?, t.customer_id = ?, t.reseller_id = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM customer_order t WHERE t.id = ?;
-- licensing-Product
SELECT t.id, t.code, t.name, t.description, t.url, t.copyright, t.created_at, t.image, t.price, t.reseller_price, t.currency, t.signature_keys_id, t.meta FROM product t WHERE t.id = ?;
SELECT t.id, t.code, t.name, t.description, t.url, t.copyright, t.created_at, t.image, t.price, t.reseller_price, t.currency, t.signature_keys_id, t.meta FROM product t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM product t;
INSERT INTO product (id, code, name, description, url, copyright, created_at, image, price, reseller_price, currency, signature_keys_id, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE product t SET t.code = ?, t.name = ?, t.description = ?, t.url = ?, t.copyright = ?, t.created_at = ?, t.image = ?, t.price = ?, t.reseller_price = ?, t.currency = ?, t.signature_keys_id = ?, t.meta = ? WHERE t.id = ?;
DELETE t FROM product t WHERE t.id = ?;
-- licensing-ProductOrder-order_product
SELECT t.product_id, t.order_id, t.quantity, t.unit_price, t.discount, t.taxes, t.description FROM order_product t WHERE t.product_id = ? AND t.order_id = ?;
SELECT t.product_id, t.order_id, t.quantity, t.unit_price, t.discount, t.taxes, t.description FROM order_product t ORDER BY t.order_id, t.product_id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM order_product t;
INSERT INTO order_product (product_id, order_id, quantity, unit_price, discount, taxes, description) VALUES (?, ?, ?, ?, ?, ?, ?);
UPDATE order_product t SET t.quantity = ?, t.unit_price = ?, t.discount = ?, t.taxes = ?, t.description = ? WHERE t.product_id = ? AND t.order_id = ?;
DELETE t FROM order_product t WHERE t.product_id = ? AND t.order_id = ?;
-- licensing-Release
SELECT t.id, t.release_date, t.name, t.version, t.description, t.product_id FROM product_release t WHERE t.id = ?;
SELECT t.id, t.release_date, t.name, t.version, t.description, t.product_id FROM product_release t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM product_release t;
INSERT INTO product_release (id, release_date, name, version, description, product_id) VALUES (?, ?, ?, ?, ?, ?);
UPDATE product_release t SET t.release_date = ?, t.name = ?, t.version = ?, t.description = ?, t.product_id = ? WHERE t.id = ?;
DELETE t FROM product_release t WHERE t.id = ?;
-- licensing-Report
SELECT t.id, t.uid, t.name, t.version, t.report_date, t.user_key, t.machine_id, t.client_id, t.client_name, t.content_type, t.content, t.address FROM report t WHERE t.id = ?;
SELECT t.id, t.uid, t.name, t.version, t.report_date, t.user_key, t.machine_id, t.client_id, t.client_name, t.content_type, t.content, t.address FROM report t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM report t;
INSERT INTO report (id, uid, name, version, report_date, user_key, machine_id, client_id, client_name, content_type, content, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE report t SET t.uid = ?, t.name = ?, t.version = ?, t.report_date = ?, t.user_key = ?, t.machine_id = ?, t.client_id = ?, t.client_name = ?, t.content_type = ?, t.content = ?, t.address = ? WHERE t.id = ?;
DELETE t FROM report t WHERE t.id = ?;
-- licensing-ReportProperty
SELECT t.id, t.name, t.value, t.report_id FROM report_property t WHERE t.id = ?;
SELECT t.id, t.name, t.value, t.report_id FROM report_property t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM report_property t;
INSERT INTO report_property (id, name, value, report_id) VALUES (?, ?, ?, ?);
UPDATE report_property t SET t.name = ?, t.value = ?, t.report_id = ? WHERE t.id = ?;
DELETE t FROM report_property t WHERE t.id = ?;
-- licensing-Resource
SELECT t.id, t.name, t.type, t.code, t.description, t.source, IF(t.password IS NULL, NULL, '********'), t.created_at, t.updated_at, t.data, t.data_format, t.meta FROM resource t WHERE t.id = ?;
SELECT t.id, t.name, t.type, t.code, t.description, t.source, IF(t.password IS NULL, NULL, '********'), t.created_at, t.updated_at, t.data, t.data_format, t.meta FROM resource t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM resource t;
INSERT INTO resource (id, name, type, code, description, source, password, created_at, updated_at, data, data_format, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE resource t SET t.name = ?, t.type = ?, t.code = ?, t.description = ?, t.source = ?, t.password = ?, t.created_at = ?, t.data = ?, t.data_format = ?, t.meta = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM resource t WHERE t.id = ?;
-- licensing-Role-user_role
SELECT t.role_id, r.name, r.description, t.user_id FROM user_role t JOIN role r ON r.id = t.role_id WHERE t.role_id = ? AND t.user_id = ?;
SELECT t.role_id, r.name, r.description, t.user_id FROM user_role t JOIN role r ON r.id = t.role_id ORDER BY r.name, t.role_id, t.user_id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM user_role t JOIN role r ON r.id = t.role_id;
INSERT INTO user_role (role_id, user_id) VALUES (?, ?);
DELETE t FROM user_role t WHERE t.role_id = ? AND t.user_id = ?;
-- licensing-Role
SELECT t.id, t.name, t.description FROM role t WHERE t.id = ?;
SELECT t.id, t.name, t.description FROM role t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM role t;
INSERT INTO role (id, name, description) VALUES (?, ?, ?);
UPDATE role t SET t.name = ?, t.description = ? WHERE t.id = ?;
DELETE t FROM role t WHERE t.id = ?;
-- licensing-User
SELECT t.id, t.user_name, t.email, t.phone_number, t.title, t.first_name, t.last_name, t.department, t.birth_date, t.created_at, t.updated_at, t.last_dismiss_messages, t.last_log_in, t.user_rank, t.image, t.address, t.postal_code, t.region, t.city, t.country, t.country_code, t.mobile, t.notes, t.customer_id, COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id), '[]') FROM user t WHERE t.id = ?;
SELECT t.id, t.user_name, t.email, t.phone_number, t.title, t.first_name, t.last_name, t.department, t.birth_date, t.created_at, t.updated_at, t.last_dismiss_messages, t.last_log_in, t.user_rank, t.image, t.address, t.postal_code, t.region, t.city, t.country, t.country_code, t.mobile, t.notes, t.customer_id, COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id), '[]') FROM user t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM user t;
INSERT INTO user (id, user_name, email, phone_number, title, first_name, last_name, department, birth_date, created_at, updated_at, last_dismiss_messages, last_log_in, user_rank, image, address, postal_code, region, city, country, country_code, mobile, notes, customer_id, password_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE user t SET t.user_name = ?, t.email = ?, t.phone_number = ?, t.title = ?, t.first_name = ?, t.last_name = ?, t.department = ?, t.birth_date = ?, t.created_at = ?, t.last_dismiss_messages = ?, t.last_log_in = ?, t.user_rank = ?, t.image = ?, t.address = ?, t.postal_code = ?, t.region = ?, t.city = ?, t.country = ?, t.country_code = ?, t.mobile = ?, t.notes = ?, t.customer_id = ?, t.password_hash = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM user t WHERE t.id = ?;
-- licensing-UserSetting
SELECT t.id, t.category, t.group_name, t.name, t.value, t.type, t.description, t.read_only, t.user_id FROM user_setting t WHERE t.id = ?;
SELECT t.id, t.category, t.group_name, t.name, t.value, t.type, t.description, t.read_only, t.user_id FROM user_setting t ORDER BY t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM user_setting t;
INSERT INTO user_setting (id, category, group_name, name, value, type, description, read_only, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE user_setting t SET t.category = ?, t.group_name = ?, t.name = ?, t.value = ?, t.type = ?, t.description = ?, t.read_only = ?, t.user_id = ? WHERE t.id = ?;
DELETE t FROM user_setting t WHERE t.id = ?;
