-- select
SELECT 0, IF(t.parent_id IS NULL, 'Master', 'Sub'), t.id, COALESCE(t.parent_id, t.id), t.address, CAST(0 AS DECIMAL(19,4)), t.contact_number, t.mobile, t.created_at, t.updated_at, t.disclaimer, t.email, t.first_name, t.language_id, t.last_name, t.logo, t.logo_name, t.name, CAST(0 AS DECIMAL(19,4)), '[]', FALSE, t.time_zone, FALSE, t.website, t.parent_id, t.level FROM account t WHERE t.deleted_at IS NULL AND t.id = ?;
-- select with every member on demand
SELECT 0, IF(t.parent_id IS NULL, 'Master', 'Sub'), t.id, COALESCE(t.parent_id, t.id), t.address, CAST(0 AS DECIMAL(19,4)), t.contact_number, t.mobile, t.created_at, t.updated_at, t.disclaimer, t.email, t.first_name, t.language_id, t.last_name, t.logo, t.logo_name, t.name, CAST(0 AS DECIMAL(19,4)), '[]', FALSE, t.time_zone, FALSE, t.website, t.parent_id, t.level FROM account t WHERE t.deleted_at IS NULL ORDER BY t.level, t.name, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM account t WHERE t.deleted_at IS NULL;
-- insert
INSERT INTO account (id, address, contact_number, mobile, created_at, updated_at, disclaimer, email, first_name, language_id, last_name, logo, logo_name, name, time_zone, website, parent_id, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE account t SET t.address = ?, t.contact_number = ?, t.mobile = ?, t.created_at = ?, t.disclaimer = ?, t.email = ?, t.first_name = ?, t.language_id = ?, t.last_name = ?, t.logo = ?, t.logo_name = ?, t.name = ?, t.time_zone = ?, t.website = ?, t.parent_id = ?, t.level = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
UPDATE account t SET t.deleted_at = UTC_TIMESTAMP(6) WHERE t.deleted_at IS NULL AND t.id = ?;
