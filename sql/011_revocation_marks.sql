-- compatible-from-when-new: 11
--
-- Revocations that name what they revoke.
--
-- Every statement can be run again. Programs of the schema before go on: they look at the counter alone, which is
-- raised with each mark as long as they may be there, and tell by it what they revoke themselves. In a database that
-- was empty they were never there.

-- A mark is written once, by the connection that is its origin, with a number that grows; "clientele expire" removes
-- those of earlier hours. Subject: of a user, an API client or a session the identifier, of a key its number.
CREATE TABLE IF NOT EXISTS revocation_mark (
	origin BIGINT NOT NULL,
	number BIGINT NOT NULL,
	kind TINYINT NOT NULL,
	subject UUID NOT NULL,
	made_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	PRIMARY KEY (origin, number),
	KEY revocation_mark_made (made_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- How often the counter was raised beside a mark.
ALTER TABLE revocation
	ADD COLUMN IF NOT EXISTS marked BIGINT NOT NULL DEFAULT 0,
	ALGORITHM = INSTANT, LOCK = NONE;
