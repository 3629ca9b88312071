-- The audit log, settings changed over HTTP, and mail that waits to be sent.
--
-- Every statement can be run again. All moments are UTC.

CREATE TABLE IF NOT EXISTS log_entry (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	message VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	message_template VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	level VARCHAR(16) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	time_stamp DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	exception TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	properties LONGTEXT NULL CHECK (JSON_VALID(properties)),
	KEY log_entry_time (time_stamp, level),
	KEY log_entry_level (level, time_stamp)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Only what differs from the program's defaults; value is JSON.
CREATE TABLE IF NOT EXISTS server_setting (
	name VARCHAR(100) NOT NULL PRIMARY KEY,
	value LONGTEXT NOT NULL CHECK (JSON_VALID(value)),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- A message, once for all its recipients.
CREATE TABLE IF NOT EXISTS mail_message (
	id UUID NOT NULL PRIMARY KEY,
	sender_name VARCHAR(255) NULL,
	reply_to VARCHAR(254) NULL,
	recipients LONGTEXT NOT NULL CHECK (JSON_VALID(recipients)),
	subject VARCHAR(255) NOT NULL,
	body LONGTEXT NOT NULL,
	is_html BOOLEAN NOT NULL DEFAULT FALSE,
	attachments LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(attachments)),
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	KEY mail_message_created (created_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The outbox: one delivery per recipient. Whoever sends one moves its next_attempt_at on first, so that
-- nobody else takes it meanwhile; should the sender die, it falls due again by itself.
CREATE TABLE IF NOT EXISTS mail_outbox (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	message_id UUID NOT NULL,
	email VARCHAR(254) NOT NULL,
	status VARCHAR(8) NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
	attempts INT NOT NULL DEFAULT 0,
	next_attempt_at DATETIME(6) NOT NULL,
	last_error VARCHAR(1000) NULL,
	sent_at DATETIME(6) NULL,
	KEY mail_outbox_due (status, next_attempt_at),
	KEY mail_outbox_message (message_id),
	CONSTRAINT mail_outbox_message FOREIGN KEY (message_id) REFERENCES mail_message (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
