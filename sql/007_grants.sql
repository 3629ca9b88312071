-- Grants: how often credentials were used, what tokens for registration are bound to, and quotas of mail.
--
-- Every statement can be run again. Servers of the version before go on: they neither read nor write the new columns.

ALTER TABLE api_key
	ADD COLUMN IF NOT EXISTS use_count BIGINT NOT NULL DEFAULT 0,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE api_client
	ADD COLUMN IF NOT EXISTS use_count BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS registration_expires_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS registration_used_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS registration_use_count BIGINT NOT NULL DEFAULT 0,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE api_client_secret
	ADD COLUMN IF NOT EXISTS use_count BIGINT NOT NULL DEFAULT 0,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE oauth_session
	ADD COLUMN IF NOT EXISTS use_count BIGINT NOT NULL DEFAULT 0,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE oauth_registration_token
	ADD COLUMN IF NOT EXISTS name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS scope VARCHAR(1000) NULL,
	ADD COLUMN IF NOT EXISTS clients_expire_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS use_count BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS last_used_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- When all that a user has sent will be off the quota again.
CREATE TABLE IF NOT EXISTS mail_quota (
	user_id UUID NOT NULL PRIMARY KEY,
	full_at DATETIME(6) NOT NULL,
	CONSTRAINT mail_quota_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
