-- Birth dates of users as moments, and hosted domains told apart by their whole path.
--
-- Every statement can be run again. Programs of the schema before go on: birth dates that they store stay in the
-- column birth_date, which goes with a later schema, as does the key over a path's first 500 characters that they
-- knew.

ALTER TABLE user
	ADD COLUMN IF NOT EXISTS born_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

UPDATE user SET born_at = birth_date WHERE born_at IS NULL AND birth_date IS NOT NULL;

-- A key holds 3,072 bytes at most, a path may have 4,000.
ALTER TABLE hosting_domain
	ADD COLUMN IF NOT EXISTS path_hash BINARY(32) AS (UNHEX(SHA2(path, 256))) VIRTUAL,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE hosting_domain
	ADD UNIQUE KEY IF NOT EXISTS hosting_domain_place (client_id, name, path_hash),
	ALGORITHM = NOCOPY, LOCK = NONE;

ALTER TABLE hosting_domain
	DROP KEY IF EXISTS hosting_domain_name,
	ALGORITHM = NOCOPY, LOCK = NONE;
