-- Numbers that are kept, so that what answers them need not read whole tables: entries of the log by hour and day, and
-- the counts of licenses and tokens.
--
-- Every statement can be run again. Programs of the schema before go on: what they delete of the log is still counted
-- until `clientele expire` compares the numbers with the table's row counter, and throws them away.

-- Up to which moment the rows of a table are counted. Who counts more of them, and who deletes some, writes its row
-- first, so that these follow one another, in a cluster, too.
CREATE TABLE IF NOT EXISTS row_tally (
	table_name VARCHAR(64) NOT NULL PRIMARY KEY,
	counted_until DATETIME(6) NOT NULL DEFAULT '0001-01-01',
	changes BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO row_tally (table_name) VALUES ('log_entry');

-- Entries of the log in so many hours (1 or 24) from time_stamp on. No area is written ''.
CREATE TABLE IF NOT EXISTS log_entry_tally (
	hours TINYINT NOT NULL,
	time_stamp DATETIME(6) NOT NULL,
	level VARCHAR(16) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	area VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	entries BIGINT NOT NULL,
	PRIMARY KEY (hours, time_stamp, level, area)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Of all licenses and tokens, one row; counted_at is null as long as nobody had to keep it.
CREATE TABLE IF NOT EXISTS license_tally (
	id TINYINT NOT NULL PRIMARY KEY,
	counted_at DATETIME(6) NULL,
	active_tokens BIGINT NOT NULL DEFAULT 0,
	max_tokens BIGINT NOT NULL DEFAULT 0,
	activation_tokens BIGINT NOT NULL DEFAULT 0,
	floating_tokens BIGINT NOT NULL DEFAULT 0,
	expired_tokens BIGINT NOT NULL DEFAULT 0,
	total_licenses BIGINT NOT NULL DEFAULT 0,
	revoked_licenses BIGINT NOT NULL DEFAULT 0,
	traced_licenses BIGINT NOT NULL DEFAULT 0,
	activation_licenses BIGINT NOT NULL DEFAULT 0,
	floating_licenses BIGINT NOT NULL DEFAULT 0,
	file_licenses BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO license_tally (id) VALUES (1);
