-- What waits to be done outside of a request, of all kinds, in one table.
--
-- Every statement can be run again. Programs of the schema before go on: they put mail into mail_outbox and send it from
-- there. What they leave there is moved by "clientele migrate" when this has been applied, by the mailer and by
-- "clientele expire"; a delivery that one of them may be at work on is moved when its lease has ended. mail_outbox goes
-- with a later schema.

-- Only items that wait have a due_at. Whoever takes one moves it to the end of the lease and writes its own claim; should
-- it die, the item falls due again by itself. What others share with it stands in a table of its kind, as content_id.
CREATE TABLE IF NOT EXISTS queue_item (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	kind VARCHAR(32) NOT NULL,
	target VARCHAR(64) NOT NULL DEFAULT '',
	once_key VARCHAR(64) NULL,
	content_id UUID NULL,
	payload LONGTEXT NOT NULL DEFAULT '',
	state VARCHAR(8) NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead')),
	attempts INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	due_at DATETIME(6) NULL,
	claim UUID NULL,
	finished_at DATETIME(6) NULL,
	last_error VARCHAR(1000) NULL,
	UNIQUE KEY queue_item_once (kind, once_key),
	KEY queue_item_due (kind, due_at),
	KEY queue_item_head (kind, state, target, id),
	KEY queue_item_finished (kind, state, finished_at),
	KEY queue_item_content (content_id),
	CONSTRAINT queue_item_moments CHECK ((state = 'waiting') = (due_at IS NOT NULL) AND
		(state = 'waiting') = (finished_at IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
