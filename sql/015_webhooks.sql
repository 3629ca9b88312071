-- Webhooks: who wants to be told of which changes, and what is delivered to whom.
--
-- Every statement can be run again. Programs of the schema before go on: what they change is told to nobody.

-- Two places for secrets: a rotation puts the new one into the other place, and the former one signs, too, until
-- former_until. Areas are those that the maker could read; the owner must still be able to.
CREATE TABLE IF NOT EXISTS webhook (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	url VARCHAR(2000) NOT NULL,
	events LONGTEXT NOT NULL CHECK (JSON_VALID(events) = 1),
	areas LONGTEXT NOT NULL CHECK (JSON_VALID(areas) = 1),
	enabled BOOLEAN NOT NULL DEFAULT TRUE,
	description VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NULL,
	owner_id UUID NULL,
	disabled_reason VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	first_secret VARBINARY(433) NULL,
	second_secret VARBINARY(433) NULL,
	second_is_current BOOLEAN NOT NULL DEFAULT FALSE,
	former_until DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	last_success_at DATETIME(6) NULL,
	last_failure_at DATETIME(6) NULL,
	last_error VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NULL,
	KEY webhook_owner (owner_id),
	CONSTRAINT webhook_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Content of the queue's items of the kind "webhook": the identifier is that of the message, whatever is tried again.
CREATE TABLE IF NOT EXISTS webhook_delivery (
	id UUID NOT NULL PRIMARY KEY,
	webhook_id INT NOT NULL,
	type VARCHAR(64) NOT NULL,
	payload LONGTEXT NOT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	response_status INT NULL,
	KEY webhook_delivery_webhook (webhook_id, created_at, id),
	KEY webhook_delivery_created (created_at, id),
	CONSTRAINT webhook_delivery_webhook FOREIGN KEY (webhook_id) REFERENCES webhook (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
