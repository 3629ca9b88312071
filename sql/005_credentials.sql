-- Credentials: client secrets in rotation, sessions and their tokens, registration, limits of keys.
--
-- Every statement can be run again. Columns are added in place, so that servers of the version before go on
-- while this runs; they keep writing api_client.secret_hash, whose content is moved here.

ALTER TABLE api_client
	ADD COLUMN IF NOT EXISTS enabled BOOLEAN NOT NULL DEFAULT TRUE,
	ADD COLUMN IF NOT EXISTS expires_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS last_used_at DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS scope VARCHAR(1000) NULL,
	ADD COLUMN IF NOT EXISTS registration_hash BINARY(32) NULL,
	ADD COLUMN IF NOT EXISTS metadata LONGTEXT NULL,
	ALTER COLUMN secret_hash SET DEFAULT '',
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE api_client
	ADD UNIQUE KEY IF NOT EXISTS api_client_registration (registration_hash),
	ALGORITHM = NOCOPY, LOCK = NONE;

CREATE TABLE IF NOT EXISTS api_client_secret (
	client_id UUID NOT NULL,
	number INT NOT NULL,
	secret_hash VARCHAR(384) NOT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	expires_at DATETIME(6) NULL,
	last_used_at DATETIME(6) NULL,
	PRIMARY KEY (client_id, number),
	CONSTRAINT api_client_secret_client FOREIGN KEY (client_id) REFERENCES api_client (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO api_client_secret (client_id, number, secret_hash, created_at)
	SELECT id, 1, secret_hash, created_at FROM api_client WHERE secret_hash <> '';

UPDATE api_client SET secret_hash = '' WHERE secret_hash <> '';

ALTER TABLE api_key
	ADD COLUMN IF NOT EXISTS allowed_networks LONGTEXT NOT NULL DEFAULT '[]',
	ADD COLUMN IF NOT EXISTS rate_limit INT NULL,
	ADD COLUMN IF NOT EXISTS last_used_at DATETIME(6) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

CREATE TABLE IF NOT EXISTS oauth_session (
	id UUID NOT NULL PRIMARY KEY,
	user_id UUID NOT NULL,
	client_id UUID NULL,
	secret_number INT NULL,
	grant_type VARCHAR(32) NOT NULL,
	scope VARCHAR(1000) NOT NULL DEFAULT '',
	address VARCHAR(64) NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	last_used_at DATETIME(6) NULL,
	expires_at DATETIME(6) NOT NULL,
	KEY oauth_session_user (user_id),
	KEY oauth_session_client (client_id, secret_number),
	KEY oauth_session_expires (expires_at),
	CONSTRAINT oauth_session_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
	CONSTRAINT oauth_session_client FOREIGN KEY (client_id) REFERENCES api_client (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS oauth_token (
	token_hash BINARY(32) NOT NULL PRIMARY KEY,
	session_id UUID NOT NULL,
	refresh BOOLEAN NOT NULL,
	scope VARCHAR(1000) NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	expires_at DATETIME(6) NOT NULL,
	used_at DATETIME(6) NULL,
	KEY oauth_token_session (session_id),
	KEY oauth_token_expires (expires_at),
	CONSTRAINT oauth_token_session FOREIGN KEY (session_id) REFERENCES oauth_session (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS oauth_registration_token (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	token_hash BINARY(32) NOT NULL,
	user_id UUID NOT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	expires_at DATETIME(6) NULL,
	uses_left INT NULL,
	UNIQUE KEY oauth_registration_token_hash (token_hash),
	KEY oauth_registration_token_user (user_id),
	CONSTRAINT oauth_registration_token_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
