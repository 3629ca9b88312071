-- What calls cannot make: a past. What was made a moment ago is given the moments of a year of business, and traces, entries
-- of the log, deliveries and silent applications that belong to them. Done once; an entry in the audit log says so.

SET @now = UTC_TIMESTAMP();
SET @new = (SELECT COUNT(*) = 0 FROM audit_entry WHERE resource = 'example data');
SET SESSION group_concat_max_len = 16777216;

START TRANSACTION;
-- Entries of the log and traces come in the past, whose numbers may be counted already: they are counted anew. Who writes
-- these rows first comes first.
UPDATE row_tally SET counted_until = '0001-01-01', changes = changes + 1 WHERE table_name IN ('log_entry', 'license_trace') AND @new;
DELETE FROM log_entry_tally WHERE @new;
DELETE FROM license_trace_tally WHERE @new;
UPDATE license_tally SET counted_at = NULL WHERE @new;

-- --- owners and what they have bought ---

UPDATE product SET created_at = @now - INTERVAL 720 + id DAY
	WHERE code IN ('PLANNER', 'TILL', 'LEDGER', 'SCANFLOW', 'FIELDKIT') AND @new;
UPDATE customer_order SET created_at = payment_date - INTERVAL 26 HOUR, updated_at = payment_date
	WHERE order_number BETWEEN 'EX-2001' AND 'EX-2100' AND @new;
UPDATE customer_order SET payment_date = NULL
	WHERE order_number BETWEEN 'EX-2001' AND 'EX-2100' AND COALESCE(payment_status, '') <> 'paid' AND @new;
INSERT INTO order_product (order_id, product_id, quantity, unit_price, description)
	SELECT o.id, p.id, 1, o.total, 'One year of use'
		FROM customer_order o JOIN product p ON p.code = ELT(1 + o.id MOD 5, 'PLANNER', 'TILL', 'LEDGER', 'SCANFLOW', 'FIELDKIT')
		WHERE o.order_number BETWEEN 'EX-2041' AND 'EX-2100' AND @new;
UPDATE customer c JOIN (
		SELECT customer_id, MIN(created_at) AS first, MAX(created_at) AS last FROM customer_order
			WHERE order_number BETWEEN 'EX-2001' AND 'EX-2100' GROUP BY customer_id) o ON o.customer_id = c.id
	SET c.created_at = o.first - INTERVAL 3 DAY, c.updated_at = o.last
	WHERE c.code BETWEEN 'EX-1001' AND 'EX-1060' AND @new;
UPDATE license SET created_at = issue_date, updated_at = issue_date
	WHERE license_id LIKE 'EXAMPLE____' AND @new;
UPDATE user SET created_at = @now - INTERVAL 700 DAY, updated_at = @now - INTERVAL 90 DAY,
		last_log_in = @now - INTERVAL CRC32(user_name) MOD 9000 MINUTE
	WHERE email LIKE '%@software.example' AND last_name IS NOT NULL AND @new;
UPDATE api_key k JOIN user u ON u.id = k.owner_id
	SET k.created_at = @now - INTERVAL 200 + k.id DAY, k.last_used_at = @now - INTERVAL k.id * 7 MINUTE, k.use_count = 1200 * k.id
	WHERE u.email LIKE '%@software.example' AND @new;

-- --- seats ---

CREATE TEMPORARY TABLE seat_age AS
	SELECT t.id, l.licensing_mode = 2 AS floating, l.issue_date AS issued, MD5(CONCAT('age ', l.license_id, ' ', t.client_id)) AS h,
			l.policy_offline_seconds AS offline
		FROM license_token t JOIN license l ON l.id = t.license_id WHERE l.license_id LIKE 'EXAMPLE____' AND @new;
-- One of six programs has not been heard of for weeks; floating seats of those are free again.
UPDATE license_token t JOIN seat_age a ON a.id = t.id
	SET t.issue_date = IF(a.floating, DATE(@now) - INTERVAL IF(CONV(SUBSTR(h, 11, 4), 16, 10) MOD 6 = 0, 20, 1 + CONV(LEFT(h, 2), 16, 10) MOD 5) DAY
				+ INTERVAL 400 + CONV(SUBSTR(h, 15, 4), 16, 10) MOD 600 MINUTE,
			a.issued + INTERVAL FLOOR(TIMESTAMPDIFF(MINUTE, a.issued, @now) * CONV(LEFT(h, 4), 16, 10) / 66000) MINUTE),
		t.last_heartbeat = @now - INTERVAL IF(CONV(SUBSTR(h, 11, 4), 16, 10) MOD 6 = 0, 19 * 1440, CONV(SUBSTR(h, 5, 4), 16, 10) MOD 1200 MOD 80) MINUTE,
		t.judged_at = NULL,
		t.address = CONCAT(ELT(1 + t.id MOD 3, '192.0.2.', '198.51.100.', '203.0.113.'), 1 + CONV(SUBSTR(h, 9, 2), 16, 10) MOD 250);
UPDATE license_token t JOIN seat_age a ON a.id = t.id
	SET t.expire_date = t.issue_date + INTERVAL 7 DAY WHERE a.floating;
UPDATE license_token t JOIN seat_age a ON a.id = t.id
	SET t.checkout_count = 1 + t.id MOD 4, t.last_checkout = @now - INTERVAL 3 + t.id MOD 60 DAY,
		t.offline_until = @now - INTERVAL 3 + t.id MOD 60 DAY + INTERVAL a.offline SECOND,
		t.expire_date = @now - INTERVAL 3 + t.id MOD 60 DAY + INTERVAL a.offline SECOND,
		t.issue_date = LEAST(t.issue_date, @now - INTERVAL 3 + t.id MOD 60 DAY)
	WHERE a.offline IS NOT NULL;
UPDATE license l JOIN (SELECT license_id, MIN(issue_date) AS first, MAX(issue_date) AS last FROM license_token GROUP BY license_id) t ON t.license_id = l.id
	SET l.first_activated_at = t.first, l.first_validated_at = t.first, l.claimed_at = t.last
	WHERE l.license_id LIKE 'EXAMPLE____' AND @new;
UPDATE license_consumption_entry e JOIN license l ON l.id = e.license_id
	SET e.created_at = @now - INTERVAL (6 - RIGHT(e.consumption_id, 1)) * 23 + l.id MOD 20 DAY
	WHERE e.consumption_id LIKE 'example-%' AND e.feature = 'pages' AND @new;
UPDATE report SET report_date = @now - INTERVAL FLOOR(360 * POW(CRC32(uid) MOD 1000 / 1000, 2)) DAY - INTERVAL CRC32(uid) MOD 700 MINUTE
	WHERE uid LIKE 'example-%' AND @new;

-- --- traces: on work days, by day, and more of late ---

DELETE t FROM license_trace t JOIN license l ON l.id = t.license_id WHERE l.license_id LIKE 'EXAMPLE____' AND @new;
SET @deleted_traces = ROW_COUNT();
INSERT INTO license_trace (client_ip, client_id, client_name, machine_id, created_at, action, geo_location, meta, license_id)
	WITH call_of AS (
		SELECT l.id, l.licensing_mode AS mode, l.issue_date, l.expire_date, l.revoked, l.suspended, l.product_code, l.customer_id,
			1 + (s.seq + l.id) MOD GREATEST(l.max_allowed_sites, 1) AS seat, MD5(CONCAT('trace ', l.license_id, ' ', s.seq)) AS h, s.seq
		FROM license l JOIN seq_1_to_60 s ON s.seq <= 8 + l.max_allowed_sites * 7
		WHERE l.license_id LIKE 'EXAMPLE____' AND l.traced AND @new),
	day_of AS (
		SELECT c.*, GREATEST(issue_date, @now - INTERVAL 365 DAY) AS since, CONV(LEFT(h, 4), 16, 10) / 65536 AS share FROM call_of c),
	moment_of AS (
		SELECT d.*, DATE(since + INTERVAL FLOOR(TIMESTAMPDIFF(HOUR, since, @now) * POW(share, 0.8)) HOUR) AS day,
			CONV(SUBSTR(h, 5, 4), 16, 10) + CONV(SUBSTR(h, 9, 4), 16, 10) AS clock, CONV(SUBSTR(h, 13, 4), 16, 10) AS r
		FROM day_of d),
	trace_of AS (
		SELECT m.*, day - INTERVAL IF(WEEKDAY(day) > 4 AND r MOD 8 > 0, 2, 0) DAY + INTERVAL 6 HOUR + INTERVAL FLOOR(clock / 131072 * 46800) SECOND AS made
		FROM moment_of m)
	SELECT CONCAT(ELT(1 + customer_id MOD 3, '192.0.2.', '198.51.100.', '203.0.113.'), 1 + customer_id MOD 250),
			CONCAT(LOWER(product_code), '-', seat),
			CONCAT(ELT(1 + (id + seat) MOD 6, 'Front desk', 'Office', 'Workshop', 'Till', 'Laptop', 'Store'), ' ', seat),
			UPPER(INSERT(INSERT(INSERT(LEFT(MD5(CONCAT('machine ', (SELECT license_id FROM license WHERE license.id = trace_of.id), ' ', seat)), 20), 6, 0, '-'), 12, 0, '-'), 18, 0, '-')),
			made,
			CASE WHEN seq = 1 THEN IF(mode = 2, 3, 1) WHEN mode = 2 THEN ELT(1 + r MOD 8, 3, 4, 3, 4, 6, 6, 6, 5)
				WHEN product_code = 'SCANFLOW' AND r MOD 2 = 0 THEN 8 WHEN r MOD 23 = 0 THEN 2 WHEN r MOD 11 = 0 THEN 1 ELSE 5 END,
			(SELECT CONCAT_WS(', ', city, country) FROM customer WHERE customer.id = customer_id),
			CASE WHEN made > expire_date THEN '{"code":107,"reason":"EXPIRED"}'
				WHEN revoked AND share > 0.8 THEN '{"code":102,"reason":"REVOKED"}'
				WHEN suspended AND share > 0.9 THEN '{"code":103,"reason":"SUSPENDED"}'
				WHEN mode = 2 AND r MOD 29 = 0 THEN '{"code":136,"reason":"SEAT_LIMIT_REACHED"}'
				WHEN mode = 1 AND r MOD 41 = 0 THEN '{"code":133,"reason":"MACHINE_MISMATCH"}'
				WHEN r MOD 67 = 0 THEN '{"code":109,"reason":"VERSION_MISMATCH"}' END,
			id
		FROM trace_of WHERE made BETWEEN issue_date AND @now
		ORDER BY made;
SET @traces = ROW_COUNT() - @deleted_traces;
UPDATE row_count SET count = count + @traces WHERE table_name = 'license_trace' AND shard = -1 AND @new;

-- --- seats by day: more each month, and fewer floating ones on weekends ---

SET @activations = (SELECT COUNT(*) FROM license_token t JOIN license l ON l.id = t.license_id WHERE l.licensing_mode = 1);
SET @floats = (SELECT COUNT(*) FROM license_token t JOIN license l ON l.id = t.license_id WHERE l.licensing_mode = 2);
INSERT IGNORE INTO seat_day (day, seats, activation_seats, floating_seats)
	WITH d AS (
		SELECT DATE(@now) - INTERVAL seq DAY AS day, 1 - seq / 500 AS share, CONV(LEFT(MD5(CONCAT('day ', seq)), 4), 16, 10) MOD 5 AS wave
			FROM seq_1_to_365 WHERE @new),
	c AS (
		SELECT day, FLOOR(@activations * share) AS activations, FLOOR(@floats * share * IF(WEEKDAY(day) > 4, 0.3, 1)) + wave AS floats FROM d)
	SELECT day, activations + floats, activations, floats FROM c;
