-- What the receiver of a webhook answered last, beside the delivery.
--
-- Every statement can be run again. Programs of the schema before go on: they leave it null.

ALTER TABLE webhook_delivery
	ADD COLUMN IF NOT EXISTS response_body VARCHAR(2000) NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
