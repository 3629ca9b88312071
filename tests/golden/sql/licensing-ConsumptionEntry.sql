-- select
SELECT t.id, t.license_id, t.feature, t.action, t.amount, t.used, t.balance, t.period_start, t.reset_at, t.consumption_id, t.reversed_id, t.machine_id, t.client_id, t.client_name, t.address, t.note, t.created_at FROM license_consumption_entry t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.license_id, t.feature, t.action, t.amount, t.used, t.balance, t.period_start, t.reset_at, t.consumption_id, t.reversed_id, t.machine_id, t.client_id, t.client_name, t.address, t.note, t.created_at FROM license_consumption_entry t ORDER BY t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_consumption_entry t;
-- insert
INSERT INTO license_consumption_entry (id, license_id, feature, action, amount, used, balance, period_start, reset_at, consumption_id, reversed_id, machine_id, client_id, client_name, address, note, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_consumption_entry (id, license_id, feature, action, amount, used, balance, period_start, reset_at, consumption_id, reversed_id, machine_id, client_id, client_name, address, note, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_consumption_entry.id, license_consumption_entry.license_id, license_consumption_entry.feature, license_consumption_entry.action, license_consumption_entry.amount, license_consumption_entry.used, license_consumption_entry.balance, license_consumption_entry.period_start, license_consumption_entry.reset_at, license_consumption_entry.consumption_id, license_consumption_entry.reversed_id, license_consumption_entry.machine_id, license_consumption_entry.client_id, license_consumption_entry.client_name, license_consumption_entry.address, license_consumption_entry.note, license_consumption_entry.created_at;
-- update
UPDATE license_consumption_entry t SET t.license_id = ?, t.feature = ?, t.action = ?, t.amount = ?, t.used = ?, t.balance = ?, t.period_start = ?, t.reset_at = ?, t.consumption_id = ?, t.reversed_id = ?, t.machine_id = ?, t.client_id = ?, t.client_name = ?, t.address = ?, t.note = ?, t.created_at = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_consumption_entry t WHERE t.id = ?;
