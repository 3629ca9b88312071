-- What programs of schema 018 were the first to send. It was; it is never made anew.
-- counters
SELECT t.id, t.feature, t.kind, t.allowance, t.period, t.overage, t.low_balance, t.license_id, t.template_id FROM license_counter t WHERE t.id = ?;
INSERT INTO license_counter (id, feature, kind, allowance, period, overage, low_balance, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE license_counter t SET t.feature = ?, t.kind = ?, t.allowance = ?, t.period = ?, t.overage = ?, t.low_balance = ?, t.license_id = ?, t.template_id = ? WHERE t.id = ?;
DELETE t FROM license_counter t WHERE t.id = ?;
-- what was used
SELECT t.id, t.license_id, t.feature, t.kind, t.allowance, t.period, t.overage, t.low_balance, IFNULL(u.added, 0), IF(t.kind = 'metered' AND IFNULL(u.period_start, '2000-01-01') < (CASE t.period WHEN 'day' THEN UTC_DATE() WHEN 'month' THEN LAST_DAY(UTC_DATE()) + INTERVAL 1 DAY - INTERVAL 1 MONTH WHEN 'year' THEN MAKEDATE(YEAR(UTC_DATE()), 1) END), 0, IFNULL(u.used, 0)), IF(t.kind = 'prepaid', IFNULL(t.allowance, 0) + IFNULL(u.added, 0), t.allowance) - IF(t.kind = 'metered' AND IFNULL(u.period_start, '2000-01-01') < (CASE t.period WHEN 'day' THEN UTC_DATE() WHEN 'month' THEN LAST_DAY(UTC_DATE()) + INTERVAL 1 DAY - INTERVAL 1 MONTH WHEN 'year' THEN MAKEDATE(YEAR(UTC_DATE()), 1) END), 0, IFNULL(u.used, 0)), CAST(CASE t.period WHEN 'day' THEN UTC_DATE() + INTERVAL 1 DAY WHEN 'month' THEN LAST_DAY(UTC_DATE()) + INTERVAL 1 DAY WHEN 'year' THEN MAKEDATE(YEAR(UTC_DATE()) + 1, 1) END AS DATETIME(6)), u.changed_at, u.id, u.used, u.period_start, u.told FROM license_counter t LEFT JOIN license_consumption u ON u.license_id = t.license_id AND u.feature = t.feature WHERE t.id = ?;
SELECT t.id, t.license_id, t.feature, t.used, t.added, t.period_start, t.told, t.changed_at FROM license_consumption t WHERE t.id = ?;
INSERT INTO license_consumption (license_id, feature) VALUES (?, ?) ON DUPLICATE KEY UPDATE license_id = VALUES(license_id), feature = VALUES(feature);
UPDATE license_consumption t SET t.used = ?, t.added = ?, t.period_start = ?, t.told = ?, t.changed_at = ? WHERE t.id = ? AND t.changed_at = ?;
UPDATE license_consumption t SET t.changed_at = GREATEST(UTC_TIMESTAMP(6), t.changed_at + INTERVAL 1 MICROSECOND) WHERE t.id = ?;
-- the ledger
SELECT t.id, t.license_id, t.feature, t.action, t.amount, t.used, t.balance, t.period_start, t.reset_at, t.consumption_id, t.reversed_id, t.machine_id, t.client_id, t.client_name, t.address, t.note, t.created_at FROM license_consumption_entry t WHERE t.id = ?;
INSERT INTO license_consumption_entry (id, license_id, feature, action, amount, used, balance, period_start, reset_at, consumption_id, reversed_id, machine_id, client_id, client_name, address, note, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
