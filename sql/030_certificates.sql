-- Client certificates of TLS that act for users and API clients.
--
-- Every statement can be run again. Programs of the schema before go on: to them a certificate is no credential.

-- Exactly one of user_id and client_id is there. sha256, thumbprint (SHA-1): upper-case digits. token_hash: what sha256 is
-- looked up by, as other credentials are. scope: as api_client.
CREATE TABLE IF NOT EXISTS client_certificate (
	id UUID NOT NULL PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	user_id UUID NULL,
	client_id UUID NULL,
	thumbprint VARCHAR(64) NULL,
	sha256 VARCHAR(128) NOT NULL DEFAULT '',
	token_hash BINARY(32) NOT NULL,
	subject VARCHAR(1000) NULL,
	issuer VARCHAR(1000) NULL,
	serial_number VARCHAR(64) NULL,
	not_before DATETIME(6) NULL,
	expires_at DATETIME(6) NULL,
	scope VARCHAR(1000) NULL,
	enabled BOOLEAN NOT NULL DEFAULT TRUE,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	last_used_at DATETIME(6) NULL,
	use_count BIGINT NOT NULL DEFAULT 0,
	UNIQUE KEY client_certificate_sha256 (sha256),
	UNIQUE KEY client_certificate_token (token_hash),
	UNIQUE KEY client_certificate_thumbprint (thumbprint),
	KEY client_certificate_name (name),
	KEY client_certificate_user (user_id),
	KEY client_certificate_client (client_id),
	KEY client_certificate_expires (expires_at),
	CONSTRAINT client_certificate_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
	CONSTRAINT client_certificate_client FOREIGN KEY (client_id) REFERENCES api_client (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
