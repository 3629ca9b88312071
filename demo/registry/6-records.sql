-- The second half of the past: logs, deliveries, applications and accounts. In the transaction of the first half.

-- --- the audit log and the log: each entry at the moment of its row, by who works here, and in that order ---

CREATE TEMPORARY TABLE audit_age AS
	SELECT e.id, CASE e.resource
			WHEN 'customer' THEN (SELECT created_at FROM customer r WHERE r.id = e.row_key)
			WHEN 'order' THEN (SELECT created_at FROM customer_order r WHERE r.id = e.row_key)
			WHEN 'license' THEN (SELECT IF(e.action = 'insert', r.created_at, COALESCE(r.first_activated_at, r.created_at)) FROM license r WHERE r.id = e.row_key)
			WHEN 'license token' THEN (SELECT issue_date FROM license_token r WHERE r.id = e.row_key)
			WHEN 'product' THEN (SELECT created_at FROM product r WHERE r.id = e.row_key)
			WHEN 'user' THEN @now - INTERVAL 700 DAY
			ELSE @now - INTERVAL 650 DAY + INTERVAL e.id SECOND END AS moment
		FROM audit_entry e WHERE e.request_id LIKE 'example-%' AND @new;
UPDATE audit_age SET moment = @now - INTERVAL 1 DAY WHERE moment IS NULL;

CREATE TEMPORARY TABLE log_age AS
	SELECT o.id, (SELECT MAX(a.moment) FROM audit_entry e JOIN audit_age a ON a.id = e.id
			WHERE e.resource = JSON_VALUE(o.properties, '$.resource') AND e.row_key = JSON_VALUE(o.properties, '$.key')
				AND e.action = JSON_VALUE(o.properties, '$.action')) AS moment
		FROM log_entry o WHERE JSON_VALUE(o.properties, '$.requestId') LIKE 'example-%' AND @new;

CREATE TEMPORARY TABLE aged AS
	SELECT e.*, a.moment, DATE_FORMAT(a.moment, '%Y-%m-%dT%H:%i:%sZ') AS said FROM audit_entry e JOIN audit_age a ON a.id = e.id;
DELETE e FROM audit_entry e JOIN audit_age a ON a.id = e.id;
INSERT INTO audit_entry (made_at, actor_kind, actor_name, user_id, address, request_id, action, area, resource, row_key, before_row, after_row, detail, row_count)
	SELECT a.moment, a.actor_kind, IF(u.id IS NULL, a.actor_name, u.user_name), u.id, a.address, a.request_id, a.action, a.area, a.resource, a.row_key, a.before_row,
			IF(a.action = 'insert', JSON_REPLACE(a.after_row, '$.createdAt', a.said),
				JSON_REPLACE(a.after_row, '$.firstActivatedAt', a.said, '$.firstValidatedAt', a.said)), a.detail, a.row_count
		FROM aged a LEFT JOIN user u ON a.actor_kind = 'user' AND u.user_name = CASE
			WHEN a.area IN ('customers', 'orders') THEN ELT(1 + CRC32(a.row_key) MOD 2, 'bruno.osterby', 'greta.quillan')
			WHEN a.area IN ('licenses', 'products', 'signingKeys', 'webhooks') THEN 'ines.sundgard' ELSE 'admin' END
		ORDER BY a.moment, a.id;
INSERT INTO audit_entry (made_at, actor_kind, actor_name, action, resource, detail)
	SELECT @now, 'command', 'quickstart --demo', 'insert', 'example data', JSON_OBJECT('traces', @traces) FROM DUAL WHERE @new;

CREATE TEMPORARY TABLE logged AS
	SELECT o.message, o.message_template, o.level, COALESCE(a.moment, @now - INTERVAL 1 HOUR) AS moment, o.exception, o.properties, o.area
		FROM log_entry o JOIN log_age a ON a.id = o.id;
DELETE o FROM log_entry o JOIN log_age a ON a.id = o.id;
SET @deleted_entries = ROW_COUNT();
INSERT INTO logged
	WITH entry AS (
		SELECT seq AS n, MD5(CONCAT('log ', seq)) AS h, CONV(LEFT(MD5(CONCAT('log ', seq)), 4), 16, 10) MOD 100 AS r FROM seq_1_to_900 WHERE @new),
	kind AS (
		SELECT e.*, CASE WHEN r < 1 THEN 1 WHEN r < 8 THEN 2 WHEN r < 24 THEN 3 WHEN r < 62 THEN 4 WHEN r < 86 THEN 5 ELSE 6 END AS k,
			CONV(SUBSTR(h, 5, 4), 16, 10) AS v, CONV(SUBSTR(h, 9, 4), 16, 10) / 65536 AS share FROM entry e)
	SELECT ELT(k, 'The database did not answer for 12 seconds.', CONCAT('The mail to office@', LOWER(LEFT(c.company, 8)), '.example was given up.'),
				CONCAT('The license ', 'EXAMPLE', LPAD(1 + v MOD 150, 4, '0'), ' has no free seat.'), CONCAT('The customer ', c.code, ' was read.'),
				CONCAT('The list of licenses took ', 40 + v MOD 400, ' ms.'), CONCAT('The session of user ', ELT(1 + v MOD 3, 'bruno.osterby', 'greta.quillan', 'ines.sundgard'), ' goes on.')),
			ELT(k, 'The database did not answer for {Seconds} seconds.', 'The mail to {Recipient} was given up.', 'The license {License} has no free seat.',
				'The customer {Customer} was read.', 'The list of {Resource} took {Milliseconds} ms.', 'The session of user {User} goes on.'),
			ELT(k, 'Fatal', 'Error', 'Warning', 'Information', 'Debug', 'Verbose'),
			DATE(@now) - INTERVAL FLOOR(1 + 364 * POW(share, 1.3)) DAY + INTERVAL 21000 + v MOD 50000 SECOND,
			IF(k <= 2, ELT(k, 'Lost connection to server during query', 'SMTP 550: no such mailbox'), NULL),
			JSON_OBJECT('example', n),
			ELT(k, NULL, NULL, 'licenses', 'customers', 'licenses', NULL)
		FROM kind JOIN customer c ON c.code = CONCAT('EX-', 1001 + v MOD 60);
INSERT INTO log_entry (message, message_template, level, time_stamp, exception, properties, area)
	SELECT message, message_template, level, moment, exception, properties, area FROM logged ORDER BY moment;
SET @entries = ROW_COUNT() - @deleted_entries;
UPDATE row_count SET count = count + @entries WHERE table_name = 'log_entry' AND shard = -1 AND @new;

-- --- deliveries: of the first webhook all, of the second none since last week ---

CREATE TEMPORARY TABLE delivered AS
	SELECT UUID() AS id, w.id AS webhook, IF(w.url LIKE 'https://crm%', 'customer.updated', ELT(1 + s.seq MOD 3, 'license.created', 'license.updated', 'order.updated')) AS type,
			@now - INTERVAL s.seq * 13 + s.seq * s.seq MOD 7 HOUR AS made, s.seq AS n,
			IF(w.url LIKE 'https://crm%' AND s.seq <= 13, IF(s.seq <= 3, 'waiting', 'dead'), 'done') AS state
		FROM webhook w JOIN seq_1_to_40 s WHERE w.url IN ('https://hooks.shop.example/clientele', 'https://crm.example/incoming/licenses') AND @new;
INSERT INTO webhook_delivery (id, webhook_id, type, payload, created_at, response_status)
	SELECT id, webhook, type, JSON_OBJECT('type', type, 'timestamp', DATE_FORMAT(made, '%Y-%m-%dT%H:%i:%sZ'), 'data', JSON_OBJECT('id', n)), made,
			CASE state WHEN 'done' THEN 204 ELSE IF(n MOD 2 = 0, 503, NULL) END
		FROM delivered;
INSERT INTO queue_item (kind, target, content_id, payload, state, attempts, created_at, due_at, finished_at, last_error)
	SELECT 'webhook', webhook, id, '', state, CASE state WHEN 'done' THEN 1 + (n MOD 17 = 0) WHEN 'dead' THEN 9 ELSE 4 END, made,
			IF(state = 'waiting', @now + INTERVAL 3 + n HOUR, NULL), IF(state = 'waiting', NULL, LEAST(@now, made + INTERVAL IF(state = 'dead', 60, 0) HOUR + INTERVAL 1 SECOND)),
			IF(state = 'done', NULL, IF(n MOD 2 = 0, 'The receiver answered with 503.', 'Could not resolve host: crm.example'))
		FROM delivered ORDER BY made;
UPDATE webhook w JOIN (SELECT webhook, MAX(IF(state = 'done', made, NULL)) AS good, MAX(IF(state <> 'done', made, NULL)) AS bad FROM delivered GROUP BY webhook) d ON d.webhook = w.id
	SET w.last_success_at = d.good, w.last_failure_at = d.bad, w.last_error = IF(d.bad IS NULL, NULL, 'Could not resolve host: crm.example'), w.created_at = @now - INTERVAL 60 DAY;

-- --- discovery: three groups of applications, one of five silent ---

INSERT IGNORE INTO discovery_group (id, group_name, created_at, synchronised_at)
	SELECT UUID(), ELT(seq, 'Amberfield branches', 'Calderholm warehouse', 'Elvermere clinic'), @now - INTERVAL 200 + seq DAY, @now - INTERVAL seq HOUR FROM seq_1_to_3 WHERE @new;
INSERT IGNORE INTO discovery_client (id, group_id, client_code, token, app_name, app_version, ip_address, port, added_at, updated_at)
	SELECT UUID(), g.id, CONCAT(ELT(1 + s.seq MOD 4, 'till-', 'display-', 'printer-', 'tablet-'), s.seq), LOWER(HEX(RANDOM_BYTES(16))),
			ELT(1 + s.seq MOD 4, 'Till', 'Display', 'Order printer', 'Waiter'), ELT(1 + s.seq MOD 3, '4.2.0', '4.1.7', '2.0.1'),
			CONCAT('10.', LENGTH(g.group_name), '.0.', 10 + s.seq), 9000 + s.seq, @now - INTERVAL 190 - s.seq DAY,
			@now - INTERVAL IF(s.seq MOD 5 = 0, 20000 + s.seq * 300, s.seq MOD 4) MINUTE
		FROM discovery_group g JOIN seq_1_to_14 s ON s.seq <= LENGTH(g.group_name) - 6
		WHERE g.group_name IN ('Amberfield branches', 'Calderholm warehouse', 'Elvermere clinic') AND @new;

-- --- hosting: more accounts, which nobody can sign in to, with their domains ---

INSERT IGNORE INTO hosting_client (id, username, password_hash, api_key_hash, active, first_name, last_name, email_address, company, domain_max_count,
		whitelabel_max_count, widget_display_max_count, created_at, updated_at)
	SELECT LOWER(LEFT(MD5(CONCAT('account ', c.code)), 7)), LOWER(REGEXP_REPLACE(c.company, '[^A-Za-z]+', '-')), '!', RANDOM_BYTES(32), c.id MOD 6 > 0,
			c.first_name, c.last_name, c.email, c.company, 1 + c.id MOD 5, c.id MOD 2, 20000, c.created_at, c.created_at
		FROM customer c WHERE c.code BETWEEN 'EX-1001' AND 'EX-1010' AND @new;
INSERT IGNORE INTO hosting_domain (id, client_id, name, path, call_count, country, whitelabel, created_at, updated_at)
	SELECT LOWER(LEFT(MD5(CONCAT('domain ', h.id, s.seq)), 7)), h.id, CONCAT(ELT(s.seq, 'www.', 'shop.', 'blog.'), SUBSTRING_INDEX(h.email_address, '@', -1)), '/',
			CRC32(CONCAT(h.id, s.seq)) MOD 18000, ELT(s.seq, 'DE', 'AT', NULL), FALSE, h.created_at, h.created_at
		FROM hosting_client h JOIN seq_1_to_3 s ON s.seq <= h.domain_max_count WHERE h.password_hash = '!' AND @new;

-- --- delegates: five more groups and their persons, some of whom are no longer in them ---

INSERT INTO delegate_group (name, address, group_type, phone, description, can_book_trips, can_view_profile, can_cancel_trips, created_at)
	SELECT ELT(seq, 'Harbour day centre', 'Hillside residence', 'Meadow family', 'Old Mill club', 'Station volunteers'),
			CONCAT(seq * 3, ELT(seq, ' Harbour Road', ' Hillside', ' Meadow Lane', ' Mill Street', ' Station Road')), seq MOD 2, CONCAT('555-02', 10 + seq),
			ELT(1 + seq MOD 2, 'Staff who book trips for those who live here.', 'Relatives and friends who help.'), TRUE, TRUE, seq MOD 2,
			@now - INTERVAL 400 - seq * 20 DAY
		FROM seq_1_to_5 WHERE @new;
INSERT IGNORE INTO delegate_client (id, code, first_name, last_name, birth_date, phone_number, created_at, updated_at)
	SELECT 2000 + seq, CONCAT('EX-', 3000 + seq), ELT(1 + seq MOD 12, 'Agnes', 'Bernard', 'Clara', 'Dieter', 'Edith', 'Frida', 'Gustav', 'Helga', 'Ivan', 'Josefa', 'Karl', 'Luise'),
			ELT(1 + seq * 5 MOD 11, 'Yarrowby', 'Zellmark', 'Terrabon', 'Ulmgren', 'Ashgrund', 'Bellmoor', 'Corvenay', 'Drosselhof', 'Eschwind', 'Falkenray', 'Glimmerau'),
			DATE(@now) - INTERVAL 24000 + CRC32(seq) MOD 9000 DAY, CONCAT('555-03', 10 + seq), @now - INTERVAL 300 + seq DAY, @now - INTERVAL seq DAY
		FROM seq_1_to_40 WHERE @new;
INSERT IGNORE INTO delegate_association (group_id, client_id, start_date, expiry_date, dynamically_added)
	SELECT g.id, c.id, c.created_at + INTERVAL 2 DAY, CASE c.id MOD 4 WHEN 0 THEN @now - INTERVAL c.id MOD 90 DAY WHEN 1 THEN @now + INTERVAL c.id MOD 200 + 5 DAY END, c.id MOD 5 = 0
		FROM delegate_group g JOIN delegate_client c ON c.id MOD 5 = g.id MOD 5 OR c.id MOD 13 = g.id MOD 13
		WHERE g.phone LIKE '555-02__' AND c.code LIKE 'EX-30__' AND @new;
-- Two delegates of each; one of them may sign in, and manages the first group.
INSERT INTO delegate (group_id, first_name, last_name, phone, email, role, can_manage_clients, can_manage_delegates, user_id, created_at)
	SELECT g.id, IF(u.id IS NULL, ELT(1 + (g.id + s.seq) MOD 6, 'Anton', 'Berta', 'Clemens', 'Dora', 'Emil', 'Frauke'), u.first_name),
			IF(u.id IS NULL, ELT(1 + (g.id * 2 + s.seq) MOD 5, 'Pellgrave', 'Quarnheim', 'Rostwick', 'Sellmoor', 'Tarnbach'), u.last_name),
			CONCAT('555-04', s.seq, g.id MOD 10), COALESCE(u.email, CONCAT('delegate', s.seq, '@group', g.id, '.example')), ELT(s.seq, 'Head', 'Carer'), s.seq = 1, s.seq = 1, u.id,
			g.created_at + INTERVAL 1 DAY
		FROM delegate_group g JOIN seq_1_to_2 s LEFT JOIN user u ON u.user_name = 'hedda.harbour' AND g.phone = '555-0211' AND s.seq = 1
		WHERE g.phone LIKE '555-02__' AND @new;
COMMIT;
