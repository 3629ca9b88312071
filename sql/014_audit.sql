-- The audit log: every change of a row, who has made it, from where, and what the row was before and after.
--
-- Every statement can be run again. Programs of the schema before go on: what they change leaves no entry here.

-- Entries stay when what they name goes, so that nothing here refers to other tables. They are listed by their number,
-- the newest first; each index has the number at its end.
CREATE TABLE IF NOT EXISTS audit_entry (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	made_at DATETIME(6) NOT NULL,
	actor_kind VARCHAR(16) NOT NULL,
	actor_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	user_id UUID NULL,
	key_id INT NULL,
	client_id UUID NULL,
	session_id UUID NULL,
	address VARCHAR(255) NULL,
	request_id VARCHAR(128) NULL,
	action VARCHAR(16) NOT NULL,
	area VARCHAR(16) NULL,
	resource VARCHAR(64) NOT NULL,
	row_key VARCHAR(1000) NULL,
	before_row LONGTEXT NULL CHECK (JSON_VALID(before_row) = 1),
	after_row LONGTEXT NULL CHECK (JSON_VALID(after_row) = 1),
	detail LONGTEXT NULL CHECK (JSON_VALID(detail) = 1),
	row_count BIGINT NULL,
	KEY audit_entry_made (made_at),
	KEY audit_entry_actor (actor_name),
	KEY audit_entry_user (user_id),
	KEY audit_entry_row (resource, row_key(100)),
	KEY audit_entry_request (request_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
