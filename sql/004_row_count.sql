-- Row counters: the totals of lists that nothing narrows, without counting. One row per table and shard; the
-- number is their sum. Shard -1 is the base: a table that has none is counted by a scan.

CREATE TABLE IF NOT EXISTS row_count (
	table_name VARCHAR(64) NOT NULL,
	shard TINYINT NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (table_name, shard)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO row_count (table_name, shard, count)
	SELECT 'contact', -1, COUNT(*) FROM contact
	UNION ALL SELECT 'customer', -1, COUNT(*) FROM customer
	UNION ALL SELECT 'customer_order', -1, COUNT(*) FROM customer_order
	UNION ALL SELECT 'license', -1, COUNT(*) FROM license
	UNION ALL SELECT 'license_template', -1, COUNT(*) FROM license_template
	UNION ALL SELECT 'license_token', -1, COUNT(*) FROM license_token
	UNION ALL SELECT 'license_trace', -1, COUNT(*) FROM license_trace
	UNION ALL SELECT 'log_entry', -1, COUNT(*) FROM log_entry
	UNION ALL SELECT 'product', -1, COUNT(*) FROM product
	UNION ALL SELECT 'report', -1, COUNT(*) FROM report
	UNION ALL SELECT 'resource', -1, COUNT(*) FROM resource;
