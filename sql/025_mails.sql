-- What is told of mails: of which kind each is, of which license, and who sent it; and the list of all.
--
-- Every statement can be run again. Programs of the schema before go on: of what they send, this is null.

ALTER TABLE mail_message
	ADD COLUMN IF NOT EXISTS kind VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS license_id INT NULL,
	ADD COLUMN IF NOT EXISTS sender_id UUID NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

CREATE INDEX IF NOT EXISTS mail_message_license ON mail_message (license_id) ALGORITHM = NOCOPY LOCK = NONE;

CREATE INDEX IF NOT EXISTS queue_item_kind ON queue_item (kind, id) ALGORITHM = NOCOPY LOCK = NONE;
