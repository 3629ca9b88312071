-- What the tables hold is checked where it is stored, keys stand together, and counts no longer end at 2^31.
--
-- Every statement can be run again. Programs of the schema before go on.

-- A part belongs to a licence or to a template. A check of a column is added at once, where one of the table would copy
-- it; so it does not look at the rows that there are.
ALTER TABLE license_assembly
	MODIFY template_id INT NULL CHECK ((license_id IS NULL) <> (template_id IS NULL)),
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE license_field
	MODIFY template_id INT NULL CHECK ((license_id IS NULL) <> (template_id IS NULL)),
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE license_feature
	MODIFY template_id INT NULL CHECK ((license_id IS NULL) <> (template_id IS NULL)),
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE license_restriction
	MODIFY template_id INT NULL CHECK ((license_id IS NULL) <> (template_id IS NULL)),
	ALGORITHM = INSTANT, LOCK = NONE;

-- No program has made others: a part of both stays with the licence, where it was sold; nobody has ever seen a part of
-- neither.
UPDATE license_assembly SET template_id = NULL WHERE license_id IS NOT NULL AND template_id IS NOT NULL;
UPDATE license_field SET template_id = NULL WHERE license_id IS NOT NULL AND template_id IS NOT NULL;
UPDATE license_feature SET template_id = NULL WHERE license_id IS NOT NULL AND template_id IS NOT NULL;
UPDATE license_restriction SET template_id = NULL WHERE license_id IS NOT NULL AND template_id IS NOT NULL;
DELETE FROM license_assembly WHERE license_id IS NULL AND template_id IS NULL;
DELETE FROM license_field WHERE license_id IS NULL AND template_id IS NULL;
DELETE FROM license_feature WHERE license_id IS NULL AND template_id IS NULL;
DELETE FROM license_restriction WHERE license_id IS NULL AND template_id IS NULL;

-- The comparison keeps the server from taking the column for one of the type JSON, which it could not change again.
ALTER TABLE api_client
	MODIFY metadata LONGTEXT NULL CHECK (JSON_VALID(metadata) = 1),
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE api_key
	MODIFY allowed_networks LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(allowed_networks) = 1),
	ALGORITHM = INSTANT, LOCK = NONE;

-- Keys that were revoked are kept for a while; what has been revoked before, or is by a program of before, is as if it
-- were revoked when it was first seen.
ALTER TABLE api_key
	ADD COLUMN IF NOT EXISTS revoked_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- The tokens of a session stand together, sessions in the order of their making; hashes are random.
ALTER TABLE oauth_token
	ADD UNIQUE KEY IF NOT EXISTS oauth_token_hash (token_hash),
	ALGORITHM = NOCOPY, LOCK = NONE;

ALTER TABLE oauth_token
	DROP PRIMARY KEY,
	ADD PRIMARY KEY (session_id, token_hash),
	DROP KEY IF EXISTS oauth_token_session,
	ALGORITHM = INPLACE, LOCK = NONE;

-- Everything that is counted for an account.
ALTER TABLE hosting_domain
	ADD KEY IF NOT EXISTS hosting_domain_counts (client_id, whitelabel, call_count),
	ALGORITHM = NOCOPY, LOCK = NONE;

-- Identifiers of machines are looked up as a whole; their first half tells them apart.
ALTER TABLE license_trace
	DROP KEY IF EXISTS license_trace_client,
	DROP KEY IF EXISTS license_trace_machine,
	ADD KEY license_trace_client (client_id(32)),
	ADD KEY license_trace_machine (machine_id(32)),
	ALGORITHM = NOCOPY, LOCK = NONE;

ALTER TABLE report
	DROP KEY IF EXISTS report_client,
	DROP KEY IF EXISTS report_machine,
	ADD KEY report_client (client_id(32)),
	ADD KEY report_machine (machine_id(32)),
	ALGORITHM = NOCOPY, LOCK = NONE;

-- Of the indexes of licences those stay that the manual names (docs/query-language.md), and those of foreign keys.
ALTER TABLE license
	DROP KEY IF EXISTS license_issue_date,
	DROP KEY IF EXISTS license_licensee_company,
	DROP KEY IF EXISTS license_product_name,
	DROP KEY IF EXISTS license_hash,
	ALGORITHM = NOCOPY, LOCK = NONE;

-- Another type of a column is a copy of its table, during which nobody writes there. It is made where it takes a
-- moment: up to 10,000 rows and 16 MiB. Elsewhere the columns stay as they were, which programs know; "clientele
-- doctor" names them, and the manual has the statements.
SET @small_domains = (SELECT COUNT(*) <= 10000 FROM (SELECT 1 FROM hosting_domain LIMIT 10001) AS r)
	AND (SELECT COALESCE(SUM(DATA_LENGTH), 0) <= 16777216 FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'hosting_domain');
SET @small_traces = (SELECT COUNT(*) <= 10000 FROM (SELECT 1 FROM license_trace LIMIT 10001) AS r)
	AND (SELECT COALESCE(SUM(DATA_LENGTH), 0) <= 16777216 FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'license_trace');
SET @small_reports = (SELECT COUNT(*) <= 10000 FROM (SELECT 1 FROM report LIMIT 10001) AS r)
	AND (SELECT COUNT(*) <= 10000 FROM (SELECT 1 FROM report_property LIMIT 10001) AS r)
	AND (SELECT COALESCE(SUM(DATA_LENGTH), 0) <= 16777216 FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('report', 'report_property'))
	-- A run before this one may have ended in between.
	OR (SELECT COUNT(*) = 0 FROM information_schema.TABLE_CONSTRAINTS
		WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = 'report_property' AND CONSTRAINT_TYPE = 'FOREIGN KEY');

SET @statement = IF(@small_domains, 'ALTER TABLE hosting_domain MODIFY call_count BIGINT NOT NULL DEFAULT 0, ROW_FORMAT = DYNAMIC', 'DO 0');
EXECUTE IMMEDIATE @statement;

SET @statement = IF(@small_traces, 'ALTER TABLE license_trace MODIFY id BIGINT NOT NULL AUTO_INCREMENT', 'DO 0');
EXECUTE IMMEDIATE @statement;

-- The properties change with the reports that they belong to.
SET @statement = IF(@small_reports, 'ALTER TABLE report_property DROP FOREIGN KEY IF EXISTS report_property_report, MODIFY id BIGINT NOT NULL AUTO_INCREMENT, MODIFY report_id BIGINT NOT NULL', 'DO 0');
EXECUTE IMMEDIATE @statement;
SET @statement = IF(@small_reports, 'ALTER TABLE report MODIFY id BIGINT NOT NULL AUTO_INCREMENT', 'DO 0');
EXECUTE IMMEDIATE @statement;
SET @statement = IF(@small_reports, 'DELETE p FROM report_property p LEFT JOIN report r ON r.id = p.report_id WHERE r.id IS NULL', 'DO 0');
EXECUTE IMMEDIATE @statement;
SET FOREIGN_KEY_CHECKS = 0; -- else a table is copied for a new constraint
ALTER TABLE report_property
	ADD CONSTRAINT report_property_report FOREIGN KEY IF NOT EXISTS (report_id) REFERENCES report (id) ON DELETE CASCADE,
	ALGORITHM = INPLACE, LOCK = NONE;
SET FOREIGN_KEY_CHECKS = 1;
