-- Calls that make who owns and what is sold, one a line: path, tabulator, body. Names are made up, and all hosts end in
-- .example. What differs from row to row comes from digests of its number, so that it is the same each time; moments are
-- relative to now. What is there already is left out.

SET SESSION group_concat_max_len = 16777216;

SELECT '/v1/signing-keys', JSON_OBJECT('signingKey', JSON_OBJECT(
		'name', 'Example key', 'algorithm', 'Ed25519', 'default', JSON_COMPACT('true')))
	FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM signing_key);

WITH p AS (
	SELECT 'PLANNER' AS code, 'Planner' AS name, 249 AS price, 'Plans the day of a workshop.' AS description
	UNION ALL SELECT 'TILL', 'Till', 590, 'Takes orders and money in restaurants and shops.'
	UNION ALL SELECT 'LEDGER', 'Ledger', 1290, 'Keeps the books of small companies.'
	UNION ALL SELECT 'SCANFLOW', 'Scanflow', 0.04, 'Reads documents, page by page.'
	UNION ALL SELECT 'FIELDKIT', 'Fieldkit', 890, 'Measures machines where no network reaches.')
SELECT '/v1/products/bulk', JSON_ARRAYAGG(JSON_OBJECT(
		'code', code, 'name', name, 'description', description, 'price', price, 'resellerPrice', price * 0.8,
		'currency', 'EUR', 'url', CONCAT('https://', LOWER(code), '.example/'),
		'copyright', CONCAT('© ', YEAR(UTC_DATE()), ' Example Software')))
	FROM p WHERE NOT EXISTS (SELECT 1 FROM product WHERE product.code = p.code)
	HAVING COUNT(*) > 0;

SELECT '/v1/assemblies', JSON_OBJECT('assembly', JSON_OBJECT(
		'name', ELT(seq, 'Planner.Core', 'Till.Core', 'Ledger.Core', 'Ledger.Reports', 'Scanflow.Engine', 'Fieldkit.Core'),
		'version', ELT(seq, '5.*', '4.*', '[2.0.0.0-3.0.0.0]', '3.*', '1.*', '2.*'), 'culture', 'neutral'))
	FROM seq_1_to_6 WHERE NOT EXISTS (SELECT 1 FROM assembly WHERE name = 'Planner.Core');

WITH d AS (SELECT seq AS n, MD5(CONCAT('customer ', seq)) AS h FROM seq_1_to_60),
names AS (
	SELECT n, h, CONCAT('EX-', 1000 + n) AS code,
		CONCAT(ELT(1 + n * 3 MOD 10, 'Amber', 'Birk', 'Calder', 'Dunmer', 'Elver', 'Fernau', 'Gransk', 'Hollin', 'Ivenor', 'Junip'),
			ELT(1 + (n + (n - 1) DIV 10) MOD 6, 'field', 'holm', 'mere', 'ridge', 'stead', 'wick')) AS stem,
		ELT(1 + CONV(SUBSTR(h, 1, 4), 16, 10) MOD 12, 'Bakery', 'Dental Care', 'Logistics', 'Architects', 'Garden Centre',
			'Print', 'Clinic', 'Robotics', 'Foods', 'Travel', 'Music School', 'Timber') AS trade,
		1 + CONV(SUBSTR(h, 5, 4), 16, 10) MOD 8 AS place,
		ELT(1 + CONV(SUBSTR(h, 9, 4), 16, 10) MOD 12, 'Ada', 'Bruno', 'Celine', 'David', 'Elif', 'Felix', 'Greta', 'Hugo', 'Ines',
			'Jonas', 'Katja', 'Liam') AS first1,
		ELT(1 + CONV(SUBSTR(h, 13, 4), 16, 10) MOD 12, 'Mira', 'Noel', 'Olga', 'Paul', 'Rosa', 'Simon', 'Thea', 'Umar', 'Vera',
			'Wanda', 'Yannick', 'Zoe') AS first2,
		ELT(1 + CONV(SUBSTR(h, 17, 4), 16, 10) MOD 12, 'Fernquist', 'Marlowick', 'Tannholt', 'Osterby', 'Quillan',
			'Brackenrow', 'Sundgard', 'Veltmoor', 'Halvorsted', 'Pineholt', 'Rosswald', 'Winterau') AS last1,
		ELT(1 + CONV(SUBSTR(h, 21, 4), 16, 10) MOD 12, 'Yarrowby', 'Zellmark', 'Terrabon', 'Ulmgren', 'Ashgrund', 'Bellmoor',
			'Corvenay', 'Drosselhof', 'Eschwind', 'Falkenray', 'Glimmerau', 'Havelmoor') AS last2
	FROM d)
SELECT '/v1/customers/bulk', JSON_ARRAYAGG(JSON_OBJECT(
		'code', code, 'company', CONCAT(stem, ' ', trade), 'firstName', first1, 'lastName', last1,
		'email', CONCAT('office@', LOWER(stem), '.example'), 'website', CONCAT('https://www.', LOWER(stem), '.example/'),
		'phone', CONCAT('555-01', LPAD(n, 2, '0')), 'address', CONCAT(1 + n * 7 MOD 90, ' ',
			ELT(1 + n MOD 5, 'Mill Lane', 'Station Road', 'Lindenweg', 'Via del Porto', 'Rue des Saules')),
		'city', ELT(place, 'Freiburg', 'Graz', 'Bologna', 'Lyon', 'Leeds', 'Halifax', 'Aarhus', 'Ghent'),
		'country', ELT(place, 'Germany', 'Austria', 'Italy', 'France', 'United Kingdom', 'Canada', 'Denmark', 'Belgium'),
		'countryCode', ELT(place, 'DE', 'AT', 'IT', 'FR', 'GB', 'CA', 'DK', 'BE'),
		'rating', 1 + CONV(SUBSTR(h, 25, 4), 16, 10) MOD 5,
		'isReseller', JSON_COMPACT(IF(n MOD 20 = 0, 'true', 'false')),
		'notes', IF(n MOD 9 = 0, 'Prefers to be called in the morning.', NULL),
		'contacts', JSON_COMPACT(CONCAT('[', JSON_OBJECT('firstName', first1, 'lastName', last1, 'notify', JSON_COMPACT('true'),
				'email', CONCAT(LOWER(first1), '.', LOWER(last1), '@', LOWER(stem), '.example')),
			IF(n MOD 3 = 0, '', CONCAT(',', JSON_OBJECT('firstName', first2, 'lastName', last2, 'details', 'Accounts',
				'email', CONCAT(LOWER(first2), '.', LOWER(last2), '@', LOWER(stem), '.example')))), ']'))) ORDER BY n)
	FROM names WHERE NOT EXISTS (SELECT 1 FROM customer WHERE customer.code = names.code)
	HAVING COUNT(*) > 0;

-- Who works here, and a customer. They have no passwords: see "clientele user sign-in-link".
WITH u AS (
	SELECT 'ines.sundgard' AS name, 'Ines' AS first, 'Sundgard' AS last, 'LicenseManager' AS role, 'Licensing' AS department
	UNION ALL SELECT 'bruno.osterby', 'Bruno', 'Osterby', 'Sales', 'Sales'
	UNION ALL SELECT 'greta.quillan', 'Greta', 'Quillan', 'Sales', 'Sales'
	UNION ALL SELECT 'umar.veltmoor', 'Umar', 'Veltmoor', 'HostingManager', 'Hosting'
	UNION ALL SELECT 'thea.rosswald', 'Thea', 'Rosswald', 'DelegateManager', 'Care'
	UNION ALL SELECT 'hedda.harbour', 'Hedda', 'Harbour', 'Delegate', 'Harbour day centre'
	UNION ALL SELECT 'till.application', NULL, NULL, 'Application', NULL
	UNION ALL SELECT 'former.colleague', 'Noel', 'Ashgrund', 'Sales', 'Sales')
SELECT '/v1/users', JSON_OBJECT('user', JSON_OBJECT(
		'userName', name, 'firstName', first, 'lastName', last, 'department', department,
		'email', CONCAT(name, '@software.example'), 'enabled', JSON_COMPACT(IF(name = 'former.colleague', 'false', 'true')),
		'roles', JSON_ARRAY(role)))
	FROM u WHERE NOT EXISTS (SELECT 1 FROM user WHERE user_name = u.name);
