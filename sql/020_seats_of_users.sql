-- Seats that users of a license's key free themselves, the event of a license whose seats are all taken, and machines that
-- may have one license only.
--
-- Every statement can be run again. Programs of the schema before go on: they free whatever they are asked to, tell the
-- limit at every refusal, and compare machines without waiting for each other.

ALTER TABLE license
	ADD COLUMN IF NOT EXISTS policy_self_releases INT NULL,
	ADD COLUMN IF NOT EXISTS policy_self_release_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_seat_replacement VARCHAR(16) NULL,
	-- How many seats users have freed since that moment, where the policy counts them.
	ADD COLUMN IF NOT EXISTS self_releases INT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS self_releases_from DATETIME(6) NULL,
	-- claimed_at when it was told that all seats are taken: seats were free since, if it has changed.
	ADD COLUMN IF NOT EXISTS limit_told_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE license_template
	ADD COLUMN IF NOT EXISTS policy_self_releases INT NULL,
	ADD COLUMN IF NOT EXISTS policy_self_release_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_seat_replacement VARCHAR(16) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- Whoever looks for seats of a machine across licenses writes the row of its digest first: so those follow one another,
-- in a cluster, too.
CREATE TABLE IF NOT EXISTS machine_claim (
	bucket INT NOT NULL PRIMARY KEY,
	claims BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- A machine's seat among many of a license.
ALTER TABLE license_token
	ADD KEY IF NOT EXISTS license_token_seat (license_id, machine_id),
	ALGORITHM = NOCOPY, LOCK = NONE;
