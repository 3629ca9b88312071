-- Accounts: what users belong to, which of them they may manage, and who manages them.
--
-- Every statement can be run again. Programs of the schema before go on: whom they add belongs to the top account, and the
-- new role lets nobody do anything there.

-- The account without a parent is the top one: there from the start, with an identifier that all installations have. level is
-- greater than that of the parent, and says no more.
CREATE TABLE IF NOT EXISTS account (
	id UUID NOT NULL PRIMARY KEY,
	parent_id UUID NULL,
	level INT NOT NULL DEFAULT 0,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	address VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	contact_number VARCHAR(64) NULL,
	mobile VARCHAR(64) NULL,
	email VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	language_id UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
	time_zone VARCHAR(64) NULL,
	website VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NULL,
	disclaimer TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	logo MEDIUMTEXT NULL,
	logo_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	deleted_at DATETIME(6) NULL,
	KEY account_parent (parent_id, level, name),
	KEY account_name (level, name),
	CONSTRAINT account_parent FOREIGN KEY (parent_id) REFERENCES account (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO account (id, name) VALUES ('0c4f7e52-9d1b-4a86-b0e3-6a52d8f1c790', 'Clientele');

-- display_name: NULL = first and last name. language_id, time_zone: as callers say them, for themselves.
ALTER TABLE user
	ADD COLUMN IF NOT EXISTS display_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS time_zone VARCHAR(64) NULL,
	ADD COLUMN IF NOT EXISTS language_id UUID NULL,
	ADD COLUMN IF NOT EXISTS account_id UUID NOT NULL DEFAULT '0c4f7e52-9d1b-4a86-b0e3-6a52d8f1c790',
	ALGORITHM = INSTANT, LOCK = NONE;

CREATE INDEX IF NOT EXISTS user_account ON user (account_id, user_name) ALGORITHM = NOCOPY LOCK = NONE;

-- The new column is that of the top account in all rows: nothing is to be checked, so that the table stays open.
SET SESSION foreign_key_checks = 0;
ALTER TABLE user
	ADD CONSTRAINT user_account FOREIGN KEY IF NOT EXISTS (account_id) REFERENCES account (id),
	ALGORITHM = INPLACE, LOCK = NONE;
SET SESSION foreign_key_checks = 1;

-- Accounts that a user sees besides the own one and those below it; access_level 1: and may change.
CREATE TABLE IF NOT EXISTS user_account (
	user_id UUID NOT NULL,
	account_id UUID NOT NULL,
	access_level INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	PRIMARY KEY (user_id, account_id),
	KEY user_account_account (account_id),
	CONSTRAINT user_account_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
	CONSTRAINT user_account_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO role (id, name, description) VALUES
	('3f6b9a80-52c7-4d1e-8b94-e7d03c5a1f68', 'AccountManager', 'Manages users of the own account and of those below it.');
