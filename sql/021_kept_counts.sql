-- Numbers that are kept, so that what answers them need not read whole tables: entries of the log by hour and day.
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
