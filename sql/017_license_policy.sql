-- Policies of licenses and templates, the state "suspended", and what programs do with seats.
--
-- Every statement can be run again. Programs of the schema before go on: for them there are no policies, and a license
-- that is suspended looks like an active one.

ALTER TABLE license
	ADD COLUMN IF NOT EXISTS suspended BOOLEAN NOT NULL DEFAULT FALSE AFTER revoked,
	ADD COLUMN IF NOT EXISTS first_activated_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS first_validated_at DATETIME(6) NULL,
	-- Grows with each claim of a seat, so that claims follow one another in a cluster, too.
	ADD COLUMN IF NOT EXISTS claimed_at DATETIME(6) NOT NULL DEFAULT '2000-01-01',
	ADD COLUMN IF NOT EXISTS policy_expiry_basis VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_expiry_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_support_basis VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_support_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_grace_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_renewal_basis VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_expiration VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_overage VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_lease_seconds INT NULL,
	ADD COLUMN IF NOT EXISTS policy_revival_seconds INT NULL,
	ADD COLUMN IF NOT EXISTS policy_machine_matching VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_machine_scope VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_transfer VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_allowed_networks LONGTEXT NULL CHECK (JSON_VALID(policy_allowed_networks) = 1),
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE license_template
	ADD COLUMN IF NOT EXISTS policy_expiry_basis VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_expiry_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_support_basis VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_support_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_grace_days INT NULL,
	ADD COLUMN IF NOT EXISTS policy_renewal_basis VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_expiration VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_overage VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_lease_seconds INT NULL,
	ADD COLUMN IF NOT EXISTS policy_revival_seconds INT NULL,
	ADD COLUMN IF NOT EXISTS policy_machine_matching VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_machine_scope VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_transfer VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS policy_allowed_networks LONGTEXT NULL CHECK (JSON_VALID(policy_allowed_networks) = 1),
	ALGORITHM = INSTANT, LOCK = NONE;

-- What programs say of their machines, how long seats are kept, and what the last look at the license has shown.
ALTER TABLE license_token
	ADD COLUMN IF NOT EXISTS machine_components LONGTEXT NULL CHECK (JSON_VALID(machine_components) = 1),
	ADD COLUMN IF NOT EXISTS lease_seconds INT NULL,
	ADD COLUMN IF NOT EXISTS judged_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS judged_until DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- Seats that are taken are counted in this index alone.
ALTER TABLE license_token
	ADD KEY IF NOT EXISTS license_token_live (license_id, expire_date),
	ALGORITHM = NOCOPY, LOCK = NONE;
