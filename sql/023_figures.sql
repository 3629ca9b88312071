-- What the start page of the console shows without reading whole tables: kept numbers of traces, licenses and seats; and
-- indexes of what a search over everything looks for.
--
-- Every statement can be run again. Programs of the schema before go on: traces that they delete are still counted until
-- `clientele expire` compares the numbers with the table's row counter, and throws them away.

INSERT IGNORE INTO row_tally (table_name) VALUES ('license_trace');

-- Traces of so many hours (1 or 24) from time_stamp on: `level` is the action, `area` the number of the reason why it was
-- refused, '' where it was not.
CREATE TABLE IF NOT EXISTS license_trace_tally (
	hours TINYINT NOT NULL,
	time_stamp DATETIME(6) NOT NULL,
	level VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	area VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	entries BIGINT NOT NULL,
	PRIMARY KEY (hours, time_stamp, level, area)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Licenses by what the start page groups them by, as they were counted last: row 2 of license_tally says when.
CREATE TABLE IF NOT EXISTS license_figure (
	kind VARCHAR(16) NOT NULL,
	word VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	licenses BIGINT NOT NULL,
	seats BIGINT NOT NULL DEFAULT 0,
	unlimited BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (kind, word)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO license_tally (id) VALUES (2);

-- The most seats that were counted on a day, in UTC.
CREATE TABLE IF NOT EXISTS seat_day (
	day DATE NOT NULL PRIMARY KEY,
	seats BIGINT NOT NULL,
	activation_seats BIGINT NOT NULL,
	floating_seats BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The end of licenses with their state, so that both are counted in the index alone.
ALTER TABLE license
	ADD KEY IF NOT EXISTS license_term (expire_date, revoked, suspended),
	ALGORITHM = NOCOPY, LOCK = NONE;

ALTER TABLE api_key
	ADD KEY IF NOT EXISTS api_key_prefix (key_prefix),
	ALGORITHM = NOCOPY, LOCK = NONE;

ALTER TABLE hosting_domain
	ADD KEY IF NOT EXISTS hosting_domain_host (name),
	ALGORITHM = NOCOPY, LOCK = NONE;
