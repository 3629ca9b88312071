-- Calls that make what belongs to products and customers: releases, templates, orders, and the user of a customer.

SET SESSION group_concat_max_len = 16777216;

-- Three releases of each product, about two years old, one year, and some weeks.
SELECT CONCAT('/v1/products/', p.id, '/releases'), JSON_OBJECT('release', JSON_OBJECT(
		'name', CONCAT(p.name, ' ', r.seq), 'version', CONCAT(r.seq, '.', p.id MOD 4, '.0'),
		'description', ELT(r.seq, 'The first one for everybody.', 'Faster, and in more languages.', 'With a new interface.'),
		'releaseDate', DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL (ELT(r.seq, 700, 360, 45) + p.id * 9 MOD 40) DAY, '%Y-%m-%dT%H:%i:%sZ')))
	FROM product p, seq_1_to_3 r
	WHERE p.code IN ('PLANNER', 'TILL', 'LEDGER', 'SCANFLOW', 'FIELDKIT')
		AND NOT EXISTS (SELECT 1 FROM product_release WHERE product_id = p.id)
	ORDER BY r.seq, p.id;

WITH t AS (
	SELECT 'EX-PLANNER' AS code, 'Planner, one machine' AS name, 'PLANNER' AS product, 'Professional' AS type, 1 AS mode, 0 AS format,
		365 AS days, '{"graceDays": 14}' AS policy, '[]' AS counters
	UNION ALL SELECT 'EX-TILL', 'Till, floating', 'TILL', 'Business', 2, 2, 365, '{"leaseSeconds": 604800, "seatReplacement": "oldest"}', '[]'
	UNION ALL SELECT 'EX-LEDGER', 'Ledger, up to five machines', 'LEDGER', 'Enterprise', 1, 1, 730, '{"selfReleases": 2, "selfReleaseDays": 365}', '[]'
	UNION ALL SELECT 'EX-SCANFLOW', 'Scanflow, paid by the page', 'SCANFLOW', 'Metered', 1, 2, NULL, '{}',
		'[{"feature": "pages", "kind": "prepaid", "allowance": 5000, "lowBalance": 500}, {"feature": "exports", "kind": "metered", "allowance": 200, "period": "month"}]'
	UNION ALL SELECT 'EX-FIELDKIT', 'Fieldkit, offline', 'FIELDKIT', 'Field', 1, 4, 1095, '{"offlineSeconds": 7776000, "offlineCheckouts": 12}', '[]'
	UNION ALL SELECT 'EX-TRIAL', 'Planner, thirty days to try', 'PLANNER', 'Trial', 1, 3, 30, '{}', '[]'
	UNION ALL SELECT 'EX-ARCHIVE', 'Ledger for archives, a file', 'LEDGER', 'Archive', 0, 0, NULL, '{}', '[]')
SELECT '/v1/license-templates', JSON_OBJECT('licenseTemplate', JSON_OBJECT(
		'code', t.code, 'name', t.name, 'licenseType', t.type, 'licensingMode', t.mode, 'format', t.format, 'expireDays', t.days,
		'supportDays', 365, 'productId', p.id, 'policy', JSON_COMPACT(t.policy), 'counters', JSON_COMPACT(t.counters),
		'features', JSON_ARRAY(JSON_OBJECT('id', 'export', 'name', 'Export to PDF')),
		'fields', JSON_ARRAY(JSON_OBJECT('name', 'channel', 'value', 'shop'))))
	FROM t JOIN product p ON p.code = t.product
	WHERE NOT EXISTS (SELECT 1 FROM license_template WHERE license_template.code = t.code);

-- A hundred orders, more of them of late; the date of payment says when.
WITH d AS (SELECT seq AS n, MD5(CONCAT('order ', seq)) AS h FROM seq_1_to_100),
o AS (
	SELECT n, h, CONCAT('EX-', 2000 + n) AS number, CONCAT('EX-', 1001 + (n - 1) MOD 60) AS customer,
		UTC_TIMESTAMP() - INTERVAL FLOOR(5 + 640 * POW(CONV(SUBSTR(h, 1, 4), 16, 10) / 65536, 1.6)) DAY
			- INTERVAL CONV(SUBSTR(h, 5, 4), 16, 10) MOD 28800 SECOND AS paid,
		CONV(SUBSTR(h, 9, 4), 16, 10) AS r
	FROM d)
SELECT '/v1/orders/bulk', JSON_ARRAYAGG(JSON_OBJECT(
		'orderNumber', number, 'purchaseOrder', CONCAT('PO-', 7000 + n * 3), 'invoiceNumber', CONCAT('INV-', 4000 + n),
		'status', COALESCE(ELT(1 + r MOD 20, 'open', 'open', 'cancelled', 'refunded'), 'paid'),
		'paymentStatus', IF(r MOD 20 = 2, NULL, COALESCE(ELT(1 + r MOD 20, 'due', 'overdue', '', 'refunded'), 'paid')),
		'paymentType', ELT(1 + r MOD 3, 'invoice', 'card', 'transfer'),
		'paymentDate', DATE_FORMAT(paid, '%Y-%m-%dT%H:%i:%sZ'),
		'total', ELT(1 + r MOD 5, 249, 590, 1290, 890, 1180), 'currency', 'EUR',
		'processedBy', ELT(1 + n MOD 2, 'bruno.osterby', 'greta.quillan'),
		'customerId', c.id,
		'resellerId', IF(n MOD 11 = 0, (SELECT id FROM customer WHERE code = 'EX-1020'), NULL)) ORDER BY n)
	FROM o JOIN customer c ON c.code = o.customer
	WHERE NOT EXISTS (SELECT 1 FROM customer_order WHERE order_number = o.number)
	HAVING COUNT(*) > 0;

SELECT '/v1/users', JSON_OBJECT('user', JSON_OBJECT(
		'userName', SUBSTRING_INDEX(SUBSTRING_INDEX(email, '@', -1), '.', 1), 'email', email, 'firstName', first_name, 'lastName', last_name, 'customerId', id,
		'roles', JSON_ARRAY('Customer')))
	FROM customer WHERE code = 'EX-1001' AND NOT EXISTS (SELECT 1 FROM user WHERE customer_id = customer.id);

-- The text of the mail with which a license is sent, and a token with which tills register themselves.
SELECT '/v1/resources', JSON_OBJECT('resource', JSON_OBJECT(
		'name', 'Your license', 'type', 'email', 'code', 'EX-MAIL', 'dataFormat', 'text', 'description', 'Sent with each license that was bought.',
		'data', 'Dear {{licensee.name}},\n\nthank you for your order {{order.orderNumber}}. Your key for {{product.name}} is\n\n\t{{license.userKey}}\n\nIt is valid until {{license.expireDate}}.\n'))
	FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM resource WHERE code = 'EX-MAIL');
SELECT '/api/v1/admin/registration-tokens', JSON_OBJECT('Name', 'Tills of the new shops', 'UserID', id, 'UsesLeft', 25)
	FROM user WHERE user_name = 'till.application' AND NOT EXISTS (SELECT 1 FROM oauth_registration_token);
