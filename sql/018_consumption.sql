-- Counters of licenses and templates, what was used of them, and the ledger of it.
--
-- Every statement can be run again. Programs of the schema before go on: they know no counters.

CREATE TABLE IF NOT EXISTS license_counter (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NULL,
	template_id INT NULL CHECK ((license_id IS NULL) <> (template_id IS NULL)),
	feature VARCHAR(64) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	allowance BIGINT NULL,
	period VARCHAR(16) NULL,
	overage VARCHAR(16) NULL,
	low_balance BIGINT NULL,
	UNIQUE KEY license_counter_license (license_id, feature),
	UNIQUE KEY license_counter_template (template_id, feature),
	KEY license_counter_owner (license_id, id),
	CONSTRAINT license_counter_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE,
	CONSTRAINT license_counter_template FOREIGN KEY (template_id)
		REFERENCES license_template (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- What was used stays when the list of counters is written anew.
CREATE TABLE IF NOT EXISTS license_consumption (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NOT NULL,
	feature VARCHAR(64) NOT NULL,
	used BIGINT NOT NULL DEFAULT 0,
	added BIGINT NOT NULL DEFAULT 0,
	period_start DATETIME(6) NULL,
	told INT NOT NULL DEFAULT 0,
	-- Grows with each change, so that changes follow one another in a cluster, too.
	changed_at DATETIME(6) NOT NULL DEFAULT '2000-01-01',
	UNIQUE KEY license_consumption_license (license_id, feature),
	CONSTRAINT license_consumption_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_consumption_entry (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NOT NULL,
	feature VARCHAR(64) NOT NULL,
	action VARCHAR(16) NOT NULL,
	amount BIGINT NOT NULL,
	used BIGINT NOT NULL,
	balance BIGINT NULL,
	period_start DATETIME(6) NULL,
	reset_at DATETIME(6) NULL,
	consumption_id VARCHAR(64) NULL,
	reversed_id BIGINT NULL,
	machine_id VARCHAR(255) NULL,
	client_id VARCHAR(255) NULL,
	client_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	address VARCHAR(255) NULL,
	note VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY license_consumption_entry_call (license_id, consumption_id),
	UNIQUE KEY license_consumption_entry_reversed (reversed_id),
	KEY license_consumption_entry_license (license_id, id),
	KEY license_consumption_entry_feature (license_id, feature, id),
	KEY license_consumption_entry_created (created_at, id),
	CONSTRAINT license_consumption_entry_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
