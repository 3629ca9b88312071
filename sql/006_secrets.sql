-- Secrets at rest: passwords and private content of resources, sealed by the program under the keys of its key
-- file (AES-256-GCM). What stands in clear is sealed by "clientele migrate" when this has been applied, and by
-- "clientele expire": SQL has no key.
--
-- Programs of the schema before go on. They no longer see what was sealed, and what they write stands in the
-- columns password and data until one of these commands comes by. The column password goes with a later schema.

ALTER TABLE resource
	ADD COLUMN IF NOT EXISTS sealed_password VARBINARY(4096) NULL,
	ADD COLUMN IF NOT EXISTS private_data MEDIUMBLOB NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- The keys that values may be sealed under, by their ids, which say nothing about them. New values are sealed
-- under the active one.
CREATE TABLE IF NOT EXISTS secret_key (
	id CHAR(8) NOT NULL PRIMARY KEY,
	active BOOLEAN NULL DEFAULT NULL CHECK (active = 1),
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY secret_key_active (active)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
