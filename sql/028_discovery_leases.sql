-- Applications with leases: who is alive, and what has changed in a group since a caller asked last.
--
-- The version of a group grows with each change that its applications can see; a row has the version of its latest
-- change. Applications that left stay as departures, so that callers who know an earlier version learn of them. What
-- programs of the schema before write has no version of its own: callers who ask for changes see it when they ask for
-- the whole group again.

ALTER TABLE discovery_group
	ADD COLUMN IF NOT EXISTS lease_seconds INT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS version BIGINT NOT NULL DEFAULT 1,
	ADD COLUMN IF NOT EXISTS complete_from BIGINT NOT NULL DEFAULT 1,
	ADD COLUMN IF NOT EXISTS lapses_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE discovery_client
	ADD COLUMN IF NOT EXISTS version BIGINT NOT NULL DEFAULT 1,
	ADD COLUMN IF NOT EXISTS status VARCHAR(64) NULL,
	ADD COLUMN IF NOT EXISTS note VARCHAR(255) NULL,
	ADD COLUMN IF NOT EXISTS out_of_service BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN IF NOT EXISTS gone_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

CREATE INDEX IF NOT EXISTS discovery_client_version ON discovery_client (group_id, version) ALGORITHM = INPLACE LOCK = NONE;
CREATE INDEX IF NOT EXISTS discovery_client_token ON discovery_client (token) ALGORITHM = INPLACE LOCK = NONE;

CREATE TABLE IF NOT EXISTS discovery_departure (
	group_id UUID NOT NULL,
	version BIGINT NOT NULL,
	client_id UUID NOT NULL,
	client_code VARCHAR(255) NOT NULL,
	PRIMARY KEY (group_id, version, client_id),
	CONSTRAINT discovery_departure_group FOREIGN KEY (group_id) REFERENCES discovery_group (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
