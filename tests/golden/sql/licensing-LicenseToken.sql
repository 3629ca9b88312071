-- select
SELECT t.id, t.token, t.address, t.client_id, t.client_name, t.machine_id, t.issue_date, t.expire_date, t.last_heartbeat, t.hash, t.license_id, t.node_locked_license_id, t.machine_components, t.lease_seconds, t.judged_at, t.judged_until, t.checkout_count, t.last_checkout, t.offline_until, t.machine_key FROM license_token t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.token, t.address, t.client_id, t.client_name, t.machine_id, t.issue_date, t.expire_date, t.last_heartbeat, t.hash, t.license_id, t.node_locked_license_id, t.machine_components, t.lease_seconds, t.judged_at, t.judged_until, t.checkout_count, t.last_checkout, t.offline_until, t.machine_key FROM license_token t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_token t;
-- insert
INSERT INTO license_token (id, token, address, client_id, client_name, machine_id, issue_date, expire_date, last_heartbeat, hash, license_id, node_locked_license_id, machine_components, lease_seconds, judged_at, judged_until, checkout_count, last_checkout, offline_until, machine_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_token (id, token, address, client_id, client_name, machine_id, issue_date, expire_date, last_heartbeat, hash, license_id, node_locked_license_id, machine_components, lease_seconds, judged_at, judged_until, checkout_count, last_checkout, offline_until, machine_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_token.id, license_token.token, license_token.address, license_token.client_id, license_token.client_name, license_token.machine_id, license_token.issue_date, license_token.expire_date, license_token.last_heartbeat, license_token.hash, license_token.license_id, license_token.node_locked_license_id, license_token.machine_components, license_token.lease_seconds, license_token.judged_at, license_token.judged_until, license_token.checkout_count, license_token.last_checkout, license_token.offline_until, license_token.machine_key;
-- update
UPDATE license_token t SET t.token = ?, t.address = ?, t.client_id = ?, t.client_name = ?, t.machine_id = ?, t.issue_date = ?, t.expire_date = ?, t.last_heartbeat = ?, t.hash = ?, t.license_id = ?, t.node_locked_license_id = ?, t.machine_components = ?, t.lease_seconds = ?, t.judged_at = ?, t.judged_until = ?, t.checkout_count = ?, t.last_checkout = ?, t.offline_until = ?, t.machine_key = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_token t WHERE t.id = ?;
