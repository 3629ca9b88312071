-- People who sign in with a browser: their sessions, second factors, and links that sign in once.
--
-- Every statement can be run again. Programs of the schema before go on: they refuse the cookie of such a session, end it as
-- any other, and ask nobody who logs in with a password for a second factor.

-- idle_seconds: without a request for so long, the session has ended. key_id: the API key that opened it, and bounds it.
ALTER TABLE oauth_session
	ADD COLUMN IF NOT EXISTS user_agent VARCHAR(255) NULL,
	ADD COLUMN IF NOT EXISTS idle_seconds INT NULL,
	ADD COLUMN IF NOT EXISTS key_id INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

-- The new column is null in all rows: nothing is to be checked, so that the table stays open.
SET SESSION foreign_key_checks = 0;
ALTER TABLE oauth_session
	ADD CONSTRAINT oauth_session_key FOREIGN KEY IF NOT EXISTS (key_id) REFERENCES api_key (id) ON DELETE CASCADE,
	ALGORITHM = INPLACE, LOCK = NONE;
SET SESSION foreign_key_checks = 1;

-- A second factor counts when it was confirmed with a code. last_step: no code of that step or before is taken any more.
-- failures: wrong codes since the last right one.
CREATE TABLE IF NOT EXISTS user_second_factor (
	user_id UUID NOT NULL PRIMARY KEY,
	secret VARBINARY(161) NULL,
	confirmed_at DATETIME(6) NULL,
	last_step BIGINT NOT NULL DEFAULT 0,
	failures INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	CONSTRAINT user_second_factor_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Codes that stand for the second factor once each; one that was used is deleted.
CREATE TABLE IF NOT EXISTS user_recovery_code (
	user_id UUID NOT NULL,
	code_hash BINARY(32) NOT NULL,
	PRIMARY KEY (user_id, code_hash),
	CONSTRAINT user_recovery_code_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Links that sign a user in, once each; one that was used is deleted.
CREATE TABLE IF NOT EXISTS sign_in_link (
	id UUID NOT NULL PRIMARY KEY,
	token_hash BINARY(32) NOT NULL,
	user_id UUID NOT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	expires_at DATETIME(6) NOT NULL,
	UNIQUE KEY sign_in_link_token (token_hash),
	KEY sign_in_link_user (user_id),
	KEY sign_in_link_expires (expires_at),
	CONSTRAINT sign_in_link_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
