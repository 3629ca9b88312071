-- select
SELECT t.id, t.license_id, t.feature, t.used, t.added, t.period_start, t.told, t.changed_at FROM license_consumption t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.license_id, t.feature, t.used, t.added, t.period_start, t.told, t.changed_at FROM license_consumption t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_consumption t;
-- insert
INSERT INTO license_consumption (id, license_id, feature, used, added, period_start, told, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_consumption (id, license_id, feature, used, added, period_start, told, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_consumption.id, license_consumption.license_id, license_consumption.feature, license_consumption.used, license_consumption.added, license_consumption.period_start, license_consumption.told, license_consumption.changed_at;
-- update
UPDATE license_consumption t SET t.license_id = ?, t.feature = ?, t.used = ?, t.added = ?, t.period_start = ?, t.told = ?, t.changed_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_consumption t WHERE t.id = ?;
