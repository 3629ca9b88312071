-- Calls that programs of customers make: they take seats, use counters and send reports. None for licenses that have some
-- seats already.

-- How many seats of each license that can be used are taken; some of the floating ones all.
CREATE TEMPORARY TABLE seat AS
	WITH l AS (
		SELECT license.*, MD5(CONCAT('seats ', license_id)) AS h FROM license
		WHERE license_id LIKE 'EXAMPLE____' AND licensing_mode > 0 AND NOT revoked AND NOT suspended
			AND expire_date > UTC_TIMESTAMP()
			AND NOT EXISTS (SELECT 1 FROM license_token t WHERE t.license_id = license.id))
	SELECT l.id, l.license_id, l.user_key, l.licensing_mode, l.product_code, s.seq AS seat, MD5(CONCAT('machine ', l.license_id, ' ', s.seq)) AS m,
			JSON_OBJECT('userKey', l.user_key, 'productId', l.product_code, 'productVersion', '3.1',
				'clientId', CONCAT(LOWER(l.product_code), '-', s.seq),
				'clientName', CONCAT(ELT(1 + (l.id + s.seq) MOD 6, 'Front desk', 'Office', 'Workshop', 'Till', 'Laptop', 'Store'), ' ', s.seq),
				'machineId', UPPER(INSERT(INSERT(INSERT(LEFT(MD5(CONCAT('machine ', l.license_id, ' ', s.seq)), 20), 6, 0, '-'), 12, 0, '-'), 18, 0, '-'))) AS program
		FROM l JOIN seq_1_to_8 s ON s.seq <= l.max_allowed_sites
		WHERE CASE WHEN l.max_allowed_sites = 1 THEN CONV(LEFT(h, 4), 16, 10) MOD 6 > 0
			ELSE s.seq <= CONV(LEFT(h, 4), 16, 10) MOD (l.max_allowed_sites + 2) END;

SELECT IF(licensing_mode = 2, '/v1/license/request', '/v1/license/activate'), program
	FROM seat ORDER BY seat, id;

SELECT '/v1/license/consume', JSON_MERGE_PATCH(program, JSON_OBJECT('feature', IF(s.seq MOD 3 = 0, 'exports', 'pages'),
		'consumptionId', CONCAT('example-', license_id, '-', s.seq), 'amount', 1 + CONV(SUBSTR(m, s.seq, 3), 16, 10) MOD IF(s.seq MOD 3 = 0, 30, 900)))
	FROM seat JOIN seq_1_to_5 s
	WHERE product_code = 'SCANFLOW' AND seat = 1
	ORDER BY s.seq, id;

SELECT '/v1/license/report', JSON_OBJECT('userKey', user_key, 'machineId', JSON_VALUE(program, '$.machineId'),
		'clientId', JSON_VALUE(program, '$.clientId'), 'clientName', JSON_VALUE(program, '$.clientName'),
		'uid', CONCAT('example-', license_id, '-', seat), 'version', ELT(1 + id MOD 3, '3.0.2', '3.1.0', '2.4.9'),
		'name', ELT(1 + id MOD 4, 'ExceptionReport', 'LicenseReport', 'UsageReport', 'ExceptionReport'),
		'contentType', 'text/plain',
		'content', ELT(1 + id MOD 4, 'IndexOutOfRange in PlanView.Draw', 'License checked: valid', 'Documents opened: 214', 'Printer "Counter" did not answer'),
		'properties', JSON_OBJECT('os', ELT(1 + id MOD 3, 'Windows 11', 'Linux 6.1', 'macOS 15'), 'memory', CONCAT(4 + id MOD 5 * 4, ' GiB'), 'language', ELT(1 + id MOD 2, 'de', 'en')))
	FROM seat WHERE id MOD 2 = 0 AND seat <= 2
	ORDER BY seat, id;
