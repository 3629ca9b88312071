-- select
SELECT t.id, t.user_name, t.email, t.phone_number, t.title, t.first_name, t.last_name, t.department, t.born_at, t.created_at, t.updated_at, t.last_dismiss_messages, t.last_log_in, t.user_rank, t.image, t.address, t.postal_code, t.region, t.city, t.country, t.country_code, t.mobile, t.notes, t.customer_id, COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id), '[]'), t.enabled FROM user t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.user_name, t.email, t.phone_number, t.title, t.first_name, t.last_name, t.department, t.born_at, t.created_at, t.updated_at, t.last_dismiss_messages, t.last_log_in, t.user_rank, t.image, t.address, t.postal_code, t.region, t.city, t.country, t.country_code, t.mobile, t.notes, t.customer_id, COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id), '[]'), t.enabled, t.password_hash IS NOT NULL, (SELECT COUNT(*) FROM api_key k WHERE k.owner_id = t.id AND NOT k.revoked), (SELECT COUNT(*) FROM api_client c WHERE c.user_id = t.id), (SELECT COUNT(*) FROM oauth_session s WHERE s.user_id = t.id) FROM user t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM user t;
-- insert
INSERT INTO user (id, user_name, email, phone_number, title, first_name, last_name, department, born_at, created_at, updated_at, last_dismiss_messages, last_log_in, user_rank, image, address, postal_code, region, city, country, country_code, mobile, notes, customer_id, enabled, password_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE user t SET t.user_name = ?, t.email = ?, t.phone_number = ?, t.title = ?, t.first_name = ?, t.last_name = ?, t.department = ?, t.born_at = ?, t.created_at = ?, t.last_dismiss_messages = ?, t.last_log_in = ?, t.user_rank = ?, t.image = ?, t.address = ?, t.postal_code = ?, t.region = ?, t.city = ?, t.country = ?, t.country_code = ?, t.mobile = ?, t.notes = ?, t.customer_id = ?, t.enabled = ?, t.password_hash = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM user t WHERE t.id = ?;
