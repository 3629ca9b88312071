-- Keys that sign licenses, and who names them.
--
-- Every statement can be run again. Programs of the schema before go on: what they write is not signed.

CREATE TABLE IF NOT EXISTS signing_key (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	algorithm VARCHAR(16) NOT NULL,
	bits INT NULL,
	key_id VARCHAR(64) NOT NULL,
	public_key TEXT NOT NULL,
	private_key VARBINARY(16033) NULL,
	state VARCHAR(16) NOT NULL,
	is_default BOOLEAN NOT NULL DEFAULT FALSE,
	legacy BOOLEAN NOT NULL DEFAULT FALSE,
	successor_id INT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	retired_at DATETIME(6) NULL,
	UNIQUE KEY signing_key_key_id (key_id),
	KEY signing_key_successor (successor_id),
	CONSTRAINT signing_key_successor FOREIGN KEY (successor_id) REFERENCES signing_key (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- signed_by_id: who has made license_key; null where somebody has sent it.
ALTER TABLE license
	ADD COLUMN IF NOT EXISTS signing_key_id INT NULL,
	ADD COLUMN IF NOT EXISTS signed_by_id INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
ALTER TABLE license_template
	ADD COLUMN IF NOT EXISTS signing_key_id INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
ALTER TABLE product
	ADD COLUMN IF NOT EXISTS signing_key_id INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
-- The signing key that was made of the resource's content.
ALTER TABLE resource
	ADD COLUMN IF NOT EXISTS signing_key_id INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- The new columns are null in all rows: nothing is to be checked, so that the tables stay open.
SET SESSION foreign_key_checks = 0;
ALTER TABLE license
	ADD CONSTRAINT license_signing_key FOREIGN KEY IF NOT EXISTS (signing_key_id) REFERENCES signing_key (id),
	ADD CONSTRAINT license_signed_by FOREIGN KEY IF NOT EXISTS (signed_by_id) REFERENCES signing_key (id),
	ALGORITHM = INPLACE, LOCK = NONE;
ALTER TABLE license_template
	ADD CONSTRAINT license_template_signing_key FOREIGN KEY IF NOT EXISTS (signing_key_id) REFERENCES signing_key (id),
	ALGORITHM = INPLACE, LOCK = NONE;
ALTER TABLE product
	ADD CONSTRAINT product_signing_key FOREIGN KEY IF NOT EXISTS (signing_key_id) REFERENCES signing_key (id),
	ALGORITHM = INPLACE, LOCK = NONE;
ALTER TABLE resource
	ADD CONSTRAINT resource_signing_key FOREIGN KEY IF NOT EXISTS (signing_key_id) REFERENCES signing_key (id)
		ON DELETE SET NULL,
	ALGORITHM = INPLACE, LOCK = NONE;
SET SESSION foreign_key_checks = 1;
