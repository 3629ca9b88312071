-- Groups of installed applications in zones of their own.
--
-- Programs of the schema before go on: they show all groups the times of one zone.

-- NULL = the zone of the option time_zone.
ALTER TABLE discovery_group
	ADD COLUMN IF NOT EXISTS time_zone VARCHAR(64) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
