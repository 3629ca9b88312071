-- select
SELECT t.id, t.feature, t.kind, t.allowance, t.period, t.overage, t.low_balance, t.license_id, t.template_id FROM license_counter t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.feature, t.kind, t.allowance, t.period, t.overage, t.low_balance, t.license_id, t.template_id FROM license_counter t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_counter t;
-- insert
INSERT INTO license_counter (id, feature, kind, allowance, period, overage, low_balance, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_counter (id, feature, kind, allowance, period, overage, low_balance, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_counter.id, license_counter.feature, license_counter.kind, license_counter.allowance, license_counter.period, license_counter.overage, license_counter.low_balance, license_counter.license_id, license_counter.template_id;
-- update
UPDATE license_counter t SET t.feature = ?, t.kind = ?, t.allowance = ?, t.period = ?, t.overage = ?, t.low_balance = ?, t.license_id = ?, t.template_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_counter t WHERE t.id = ?;
