-- Offline use of licenses: how long policies let a seat be used by a file, and what was checked out.
--
-- Every statement can be run again. Programs of the schema before go on: for them no license may be used offline, and a
-- heartbeat of theirs shortens a seat that a file holds, until the next check-out.

ALTER TABLE license
	ADD COLUMN IF NOT EXISTS policy_offline_seconds BIGINT NULL,
	ADD COLUMN IF NOT EXISTS policy_offline_checkouts INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE license_template
	ADD COLUMN IF NOT EXISTS policy_offline_seconds BIGINT NULL,
	ADD COLUMN IF NOT EXISTS policy_offline_checkouts INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- The machine's key is the public half: receipts are verified with it.
ALTER TABLE license_token
	ADD COLUMN IF NOT EXISTS checkout_count INT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS last_checkout DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS offline_until DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS machine_key VARCHAR(43) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
