-- Entries of the log have the area of what they tell of, so that readers see those that they may read. Entries
-- without an area tell of anything (deletions of the log, mails), or were written by programs of the release before
-- while they still ran: only those see them who may read everything.
--
-- Every statement can be run again.

ALTER TABLE log_entry
	ADD COLUMN IF NOT EXISTS area VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

UPDATE log_entry
	SET area = CASE JSON_VALUE(properties, '$.resource')
		WHEN 'API key' THEN 'credentials'
		WHEN 'role list of user' THEN 'credentials'
		WHEN 'server settings' THEN 'credentials'
		WHEN 'setting' THEN 'credentials'
		WHEN 'user' THEN 'credentials'
		WHEN 'license' THEN 'licenses'
		WHEN 'license template' THEN 'licenses'
		WHEN 'license token' THEN 'licenses'
		WHEN 'license traces' THEN 'licenses'
		WHEN 'assembly' THEN 'products'
		WHEN 'product' THEN 'products'
		WHEN 'release' THEN 'products'
		WHEN 'report' THEN 'products'
		WHEN 'resource' THEN 'resources'
		WHEN 'contact' THEN 'customers'
		WHEN 'customer' THEN 'customers'
		WHEN 'order' THEN 'orders'
		WHEN 'product order' THEN 'orders'
	END
	WHERE area IS NULL;

ALTER TABLE log_entry
	ADD KEY IF NOT EXISTS log_entry_area (area, time_stamp),
	ALGORITHM = NOCOPY, LOCK = NONE;
