-- select
SELECT t.id, t.client_ip, t.client_id, t.client_name, t.machine_id, t.created_at, t.action, t.geo_location, t.meta, t.license_id FROM license_trace t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_ip, t.client_id, t.client_name, t.machine_id, t.created_at, t.action, t.geo_location, t.meta, t.license_id FROM license_trace t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_trace t;
-- insert
INSERT INTO license_trace (id, client_ip, client_id, client_name, machine_id, created_at, action, geo_location, meta, license_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_trace (id, client_ip, client_id, client_name, machine_id, created_at, action, geo_location, meta, license_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_trace.id, license_trace.client_ip, license_trace.client_id, license_trace.client_name, license_trace.machine_id, license_trace.created_at, license_trace.action, license_trace.geo_location, license_trace.meta, license_trace.license_id;
-- update
UPDATE license_trace t SET t.client_ip = ?, t.client_id = ?, t.client_name = ?, t.machine_id = ?, t.created_at = ?, t.action = ?, t.geo_location = ?, t.meta = ?, t.license_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_trace t WHERE t.id = ?;
