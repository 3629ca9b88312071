-- Calls that make what was sold, and who is told of it.

SET SESSION group_concat_max_len = 16777216;

SELECT CONCAT('/v1/orders/', o.id, '/products/', p.id), JSON_OBJECT('productOrder', JSON_OBJECT(
		'quantity', 1 + o.id MOD 3, 'unitPrice', p.price, 'discount', 0, 'taxes', ROUND(p.price * 0.19, 2)))
	FROM customer_order o JOIN product p ON p.code = ELT(1 + o.id MOD 5, 'PLANNER', 'TILL', 'LEDGER', 'SCANFLOW', 'FIELDKIT')
	WHERE o.order_number BETWEEN 'EX-2001' AND 'EX-2040'
		AND NOT EXISTS (SELECT 1 FROM order_product WHERE order_id = o.id);

-- A hundred and fifty licenses: each order has one, some have two. They were issued when their order was paid, so that
-- some have expired; one in nineteen is about to.
WITH d AS (SELECT seq AS n, MD5(CONCAT('license ', seq)) AS h FROM seq_1_to_150),
l AS (
	SELECT n, h, CONCAT('EXAMPLE', LPAD(n, 4, '0')) AS license_id, CONCAT('EX-', 2001 + (n - 1) MOD 100) AS number,
		ELT(1 + n MOD 10, 'EX-PLANNER', 'EX-TILL', 'EX-TILL', 'EX-LEDGER', 'EX-LEDGER', 'EX-SCANFLOW', 'EX-FIELDKIT', 'EX-TRIAL',
			'EX-PLANNER', 'EX-ARCHIVE') AS template
	FROM d)
SELECT '/v1/licenses/bulk', JSON_ARRAYAGG(JSON_OBJECT(
		'licenseId', l.license_id, 'templateId', t.id, 'orderId', o.id, 'customerId', c.id, 'licenseType', t.license_type,
		'licensingMode', t.licensing_mode, 'format', t.format,
		'maxAllowedSites', CASE t.code WHEN 'EX-TILL' THEN 3 + n MOD 6 WHEN 'EX-LEDGER' THEN 5 WHEN 'EX-ARCHIVE' THEN 0 ELSE 1 END,
		'trace', JSON_COMPACT(IF(t.licensing_mode = 0, 'false', 'true')),
		'issueDate', DATE_FORMAT(o.payment_date + INTERVAL n MOD 50 MINUTE, '%Y-%m-%dT%H:%i:%sZ'),
		'expireDate', DATE_FORMAT(IF(n MOD 19 = 4, UTC_TIMESTAMP() + INTERVAL n MOD 28 + 1 DAY,
			o.payment_date + INTERVAL COALESCE(t.expire_days, 36500) DAY), '%Y-%m-%dT23:59:59Z'),
		'supportExpireDate', DATE_FORMAT(o.payment_date + INTERVAL t.support_days DAY, '%Y-%m-%dT23:59:59Z'),
		'revoked', JSON_COMPACT(IF(o.status IN ('cancelled', 'refunded') OR n MOD 37 = 5, 'true', 'false')),
		'suspended', JSON_COMPACT(IF(o.payment_status = 'overdue', 'true', 'false')),
		'licenseeName', CONCAT_WS(' ', c.first_name, c.last_name), 'licenseeCompany', c.company, 'licenseeEmail', c.email,
		'product', JSON_OBJECT('id', p.code, 'name', p.name, 'version', '3.*'),
		'policy', JSON_COMPACT(CASE t.code
			WHEN 'EX-PLANNER' THEN '{"graceDays": 14}'
			WHEN 'EX-TILL' THEN '{"leaseSeconds": 604800, "seatReplacement": "oldest"}'
			WHEN 'EX-LEDGER' THEN '{"selfReleases": 2, "selfReleaseDays": 365}'
			WHEN 'EX-FIELDKIT' THEN '{"offlineSeconds": 7776000, "offlineCheckouts": 12}'
			ELSE '{}' END),
		'counters', JSON_COMPACT(IF(t.code = 'EX-SCANFLOW',
			'[{"feature": "pages", "kind": "prepaid", "allowance": 5000, "lowBalance": 500}, {"feature": "exports", "kind": "metered", "allowance": 200, "period": "month"}]', '[]')),
		'features', JSON_ARRAY(JSON_OBJECT('id', 'export', 'name', 'Export to PDF')),
		'restrictions', JSON_COMPACT(IF(t.code = 'EX-TRIAL', '[{"name": "Trial", "properties": {"ExpireDays": "30"}}]', '[]'))) ORDER BY n)
	FROM l
		JOIN license_template t ON t.code = l.template
		JOIN product p ON p.id = t.product_id
		JOIN customer_order o ON o.order_number = l.number
		JOIN customer c ON c.id = o.customer_id
	WHERE NOT EXISTS (SELECT 1 FROM license WHERE license.license_id = l.license_id)
	HAVING COUNT(*) > 0;

SELECT '/v1/api-keys', JSON_OBJECT('apiKey', JSON_OBJECT(
		'name', k.name, 'ownerId', u.id, 'permissions', k.permissions, 'description', k.description,
		'expireDate', IF(k.days IS NULL, NULL, DATE_FORMAT(UTC_TIMESTAMP() + INTERVAL k.days DAY, '%Y-%m-%dT%H:%i:%sZ')),
		'allowedNetworks', JSON_COMPACT(k.networks)))
	FROM (
		SELECT 'Shop' AS name, 'bruno.osterby' AS owner, 11 AS permissions, 400 AS days, 'The web shop issues licenses.' AS description,
			'["192.0.2.0/24"]' AS networks
		UNION ALL SELECT 'Reports of the week', 'ines.sundgard', 1, 20, 'Reads on Mondays.', '[]'
		UNION ALL SELECT 'Tills', 'till.application', 15, NULL, 'Built into the tills.', '[]') k
	JOIN user u ON u.user_name = k.owner
	WHERE NOT EXISTS (SELECT 1 FROM api_key WHERE api_key.name = k.name AND api_key.owner_id = u.id);

-- Last, so that nothing of the above is told. Hosts below .example are never found.
SELECT '/v1/webhooks', JSON_OBJECT('webhook', JSON_OBJECT(
		'url', w.url, 'events', JSON_COMPACT(w.events), 'description', w.description, 'enabled', JSON_COMPACT(w.enabled)))
	FROM (
		SELECT 'https://hooks.shop.example/clientele' AS url, '["license.created", "license.updated", "order.updated"]' AS events,
			'The web shop' AS description, 'true' AS enabled
		UNION ALL SELECT 'https://crm.example/incoming/licenses', '["customer.created", "customer.updated", "license.deleted"]',
			'The address book; out of order since last week', 'true'
		UNION ALL SELECT 'https://chat.example/rooms/sales', '["license.created"]', 'A room of the chat', 'false') w
	WHERE NOT EXISTS (SELECT 1 FROM webhook WHERE webhook.url = w.url);
