-- Which rows an import has stored: their keys in the other program, and here. A later import of the same source
-- takes what is new or changed alone, by the digest of what each row was.

CREATE TABLE IF NOT EXISTS import_map (
	source VARCHAR(64) NOT NULL,
	source_table VARCHAR(64) NOT NULL,
	source_key VARCHAR(255) NOT NULL,
	target_key VARCHAR(255) NOT NULL,
	digest BINARY(32) NOT NULL,
	PRIMARY KEY (source, source_table, source_key)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
