-- Delegates of groups, rules that add clients to a group by themselves, and what those compare with.
--
-- Every statement can be run again. Programs of the schema before go on: rules of theirs do not know the new members,
-- and the next change of a rule set or of a person makes up for what they have changed meanwhile.

ALTER TABLE delegate_group
	ADD COLUMN IF NOT EXISTS can_book_subscription_mileage_reimbursement_trips BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN IF NOT EXISTS funding_source_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS location_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS location_address VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS requires_client_code BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN IF NOT EXISTS requires_first_name BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN IF NOT EXISTS requires_last_name BOOLEAN NOT NULL DEFAULT TRUE,
	ADD COLUMN IF NOT EXISTS requires_birth_date BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN IF NOT EXISTS requires_phone_number BOOLEAN NOT NULL DEFAULT FALSE,
	ALGORITHM = INSTANT, LOCK = NONE;

ALTER TABLE delegate_client
	ADD COLUMN IF NOT EXISTS funding_source VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS service_type VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS location VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ALGORITHM = INSTANT, LOCK = NONE;

CREATE TABLE IF NOT EXISTS delegate (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	group_id INT NOT NULL,
	first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	phone VARCHAR(64) NULL,
	username VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	email VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	role VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	comments VARCHAR(2000) COLLATE utf8mb4_uca1400_as_ci NULL,
	address_comments VARCHAR(2000) COLLATE utf8mb4_uca1400_as_ci NULL,
	can_book_subscriptions BOOLEAN NOT NULL DEFAULT FALSE,
	can_book_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_edit_profile BOOLEAN NOT NULL DEFAULT FALSE,
	can_view_profile BOOLEAN NOT NULL DEFAULT FALSE,
	can_cancel_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_manage_passenger_feedback BOOLEAN NOT NULL DEFAULT FALSE,
	can_edit_casual_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_edit_subscription_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_top_up_account BOOLEAN NOT NULL DEFAULT FALSE,
	can_view_transaction_history BOOLEAN NOT NULL DEFAULT FALSE,
	can_perform_mileage_reimbursement_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_book_mileage_reimbursement_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_book_subscription_mileage_reimbursement_trips BOOLEAN NOT NULL DEFAULT FALSE,
	can_manage_clients BOOLEAN NOT NULL DEFAULT FALSE,
	can_manage_delegates BOOLEAN NOT NULL DEFAULT FALSE,
	can_manage_locations BOOLEAN NOT NULL DEFAULT FALSE,
	inherit_group_security BOOLEAN NOT NULL DEFAULT TRUE,
	user_id UUID NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	KEY delegate_name (group_id, last_name, first_name),
	UNIQUE KEY delegate_user (user_id, group_id),
	CONSTRAINT delegate_of_group FOREIGN KEY (group_id) REFERENCES delegate_group (id) ON DELETE CASCADE,
	CONSTRAINT delegate_of_user FOREIGN KEY (user_id) REFERENCES user (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The rules of a group: each holds where all of its conditions do.
CREATE TABLE IF NOT EXISTS delegate_condition (
	group_id INT NOT NULL,
	rule_number INT NOT NULL,
	condition_number INT NOT NULL,
	rule_type INT NOT NULL,
	wanted VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	PRIMARY KEY (group_id, rule_number, condition_number),
	CONSTRAINT delegate_condition_group FOREIGN KEY (group_id) REFERENCES delegate_group (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Whoever evaluates rules writes its row, so that changes of rules and of persons follow one another.
CREATE TABLE IF NOT EXISTS delegate_evaluation (
	id INT NOT NULL PRIMARY KEY,
	evaluated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO delegate_evaluation (id) VALUES (1);
