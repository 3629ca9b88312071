-- select
SELECT t.number, t.feature_id, t.name, t.description, t.expire_date, t.feature_key, t.data, t.license_id, t.template_id FROM license_feature t WHERE t.number = ?;
-- select with every member on demand
SELECT t.number, t.feature_id, t.name, t.description, t.expire_date, t.feature_key, t.data, t.license_id, t.template_id FROM license_feature t ORDER BY t.number LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_feature t;
-- insert
INSERT INTO license_feature (number, feature_id, name, description, expire_date, feature_key, data, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_feature (number, feature_id, name, description, expire_date, feature_key, data, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_feature.number, license_feature.feature_id, license_feature.name, license_feature.description, license_feature.expire_date, license_feature.feature_key, license_feature.data, license_feature.license_id, license_feature.template_id;
-- update
UPDATE license_feature t SET t.feature_id = ?, t.name = ?, t.description = ?, t.expire_date = ?, t.feature_key = ?, t.data = ?, t.license_id = ?, t.template_id = ? WHERE t.number = ?;
-- delete
DELETE t FROM license_feature t WHERE t.number = ?;
