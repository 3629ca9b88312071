-- Foundation: users and keys, discovery, API clients, delegate groups, hosting accounts.
--
-- Every statement can be run again. Text compares exactly unless a column says otherwise: names, e-mail
-- addresses and the like ignore case. All moments are UTC.

CREATE TABLE IF NOT EXISTS revocation (
	id TINYINT NOT NULL PRIMARY KEY,
	counter BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO revocation (id, counter) VALUES (1, 0);

CREATE TABLE IF NOT EXISTS user (
	id UUID NOT NULL PRIMARY KEY,
	user_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	email VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	password_hash VARCHAR(384) NULL,
	enabled BOOLEAN NOT NULL DEFAULT TRUE,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY user_user_name (user_name),
	KEY user_email (email)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS user_role (
	user_id UUID NOT NULL,
	role_id UUID NOT NULL,
	PRIMARY KEY (user_id, role_id),
	KEY user_role_role (role_id),
	CONSTRAINT user_role_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS api_key (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	key_hash BINARY(32) NOT NULL,
	key_prefix VARCHAR(16) NOT NULL,
	owner_id UUID NOT NULL,
	permissions TINYINT NOT NULL DEFAULT 15,
	revoked BOOLEAN NOT NULL DEFAULT FALSE,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	expires_at DATETIME(6) NULL,
	description VARCHAR(1000) NULL,
	UNIQUE KEY api_key_hash (key_hash),
	KEY api_key_owner (owner_id),
	CONSTRAINT api_key_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS discovery_group (
	id UUID NOT NULL PRIMARY KEY,
	group_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	synchronised_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY discovery_group_name (group_name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS discovery_client (
	id UUID NOT NULL PRIMARY KEY,
	group_id UUID NOT NULL,
	client_code VARCHAR(255) NOT NULL,
	token VARCHAR(64) NOT NULL,
	app_name VARCHAR(255) NULL,
	app_version VARCHAR(255) NULL,
	ip_address VARCHAR(255) NULL,
	port INT NULL,
	added_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	UNIQUE KEY discovery_client_code (group_id, client_code),
	CONSTRAINT discovery_client_group FOREIGN KEY (group_id) REFERENCES discovery_group (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS discovery_association (
	id UUID NOT NULL PRIMARY KEY,
	client_id UUID NOT NULL,
	associated_id UUID NOT NULL,
	UNIQUE KEY discovery_association_pair (client_id, associated_id),
	KEY discovery_association_associated (associated_id),
	CONSTRAINT discovery_association_client FOREIGN KEY (client_id)
		REFERENCES discovery_client (id) ON DELETE CASCADE,
	CONSTRAINT discovery_association_associated FOREIGN KEY (associated_id)
		REFERENCES discovery_client (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS api_client (
	id UUID NOT NULL PRIMARY KEY,
	name VARCHAR(18) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	secret_hash VARCHAR(384) NOT NULL,
	user_id UUID NOT NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY api_client_name (name),
	KEY api_client_user (user_id),
	CONSTRAINT api_client_user FOREIGN KEY (user_id) REFERENCES user (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS delegate_group (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	tenant_id INT NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	address VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	group_type INT NOT NULL DEFAULT 0,
	phone VARCHAR(64) NULL,
	description VARCHAR(2000) COLLATE utf8mb4_uca1400_as_ci NULL,
	funding_source_id INT NULL,
	service_type_id INT NULL,
	service_type_ids LONGTEXT NULL CHECK (JSON_VALID(service_type_ids)),
	location_id INT NULL,
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
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	deleted_at DATETIME(6) NULL,
	KEY delegate_group_name (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS delegate_client (
	id INT NOT NULL PRIMARY KEY,
	code VARCHAR(64) NULL,
	first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	birth_date DATE NULL,
	phone_number VARCHAR(64) NULL,
	user_defined_fields LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(user_defined_fields)),
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY delegate_client_code (code),
	KEY delegate_client_name (last_name, first_name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS delegate_association (
	group_id INT NOT NULL,
	client_id INT NOT NULL,
	start_date DATETIME(6) NOT NULL,
	expiry_date DATETIME(6) NULL,
	dynamically_added BOOLEAN NOT NULL DEFAULT FALSE,
	PRIMARY KEY (group_id, client_id),
	KEY delegate_association_client (client_id),
	KEY delegate_association_expiry (group_id, expiry_date),
	CONSTRAINT delegate_association_group FOREIGN KEY (group_id) REFERENCES delegate_group (id) ON DELETE CASCADE,
	CONSTRAINT delegate_association_client FOREIGN KEY (client_id) REFERENCES delegate_client (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS hosting_client (
	id CHAR(7) NOT NULL PRIMARY KEY,
	username VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	password_hash VARCHAR(384) NOT NULL,
	api_key_hash BINARY(32) NOT NULL,
	active BOOLEAN NOT NULL DEFAULT FALSE,
	first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	email_address VARCHAR(254) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	company VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	domain_max_count INT NOT NULL DEFAULT 0,
	whitelabel_max_count INT NOT NULL DEFAULT 0,
	widget_display_max_count INT NOT NULL DEFAULT 0,
	auto_create_domains BOOLEAN NOT NULL DEFAULT FALSE,
	can_use_ab_tests BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_analytics BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_consent_sharing BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_dom_api BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_iab BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_iframe_css BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_iframes BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_ind_css BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_multi_dom BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_own_logo BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_scripts BOOLEAN NOT NULL DEFAULT TRUE,
	can_use_user_group_rights BOOLEAN NOT NULL DEFAULT TRUE,
	more_than_2_lang BOOLEAN NOT NULL DEFAULT TRUE,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY hosting_client_username (username),
	UNIQUE KEY hosting_client_api_key (api_key_hash),
	KEY hosting_client_email (email_address)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS hosting_domain (
	id CHAR(7) NOT NULL PRIMARY KEY,
	client_id CHAR(7) NOT NULL,
	name VARCHAR(253) NOT NULL,
	path VARCHAR(1000) NOT NULL DEFAULT '/',
	call_count INT NOT NULL DEFAULT 0,
	country CHAR(2) NULL,
	whitelabel BOOLEAN NOT NULL DEFAULT FALSE,
	consent_storage VARCHAR(16) NOT NULL DEFAULT 'localStorage',
	consent_cookie_lifetime INT NOT NULL DEFAULT 365,
	consent_cookie_secure BOOLEAN NOT NULL DEFAULT TRUE,
	consent_reset_before_date DATE NULL,
	consent_reset_on_legal_change BOOLEAN NOT NULL DEFAULT FALSE,
	consent_sharing_domains LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(consent_sharing_domains)),
	consent_sharing_cross_domain BOOLEAN NOT NULL DEFAULT FALSE,
	frontend_widget_enabled BOOLEAN NOT NULL DEFAULT TRUE,
	frontend_widget_cache BOOLEAN NOT NULL DEFAULT TRUE,
	frontend_widget_minify_code BOOLEAN NOT NULL DEFAULT TRUE,
	management_structure VARCHAR(16) NOT NULL DEFAULT 'embedding',
	delete_unknown_cookies BOOLEAN NOT NULL DEFAULT FALSE,
	delete_unknown_cookies_force_reload BOOLEAN NOT NULL DEFAULT FALSE,
	require_consent_for_mandatory_embeddings BOOLEAN NOT NULL DEFAULT FALSE,
	decline_button_enforced BOOLEAN NOT NULL DEFAULT FALSE,
	allowed_script_markers LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(allowed_script_markers)),
	blocked_script_markers LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(blocked_script_markers)),
	eval_inline_scripts BOOLEAN NOT NULL DEFAULT FALSE,
	record_scripts_on_website BOOLEAN NOT NULL DEFAULT FALSE,
	block_new_scripts BOOLEAN NOT NULL DEFAULT FALSE,
	block_first_party_scripts BOOLEAN NOT NULL DEFAULT FALSE,
	block_inline_scripts BOOLEAN NOT NULL DEFAULT FALSE,
	permanent_scan_enabled BOOLEAN NOT NULL DEFAULT FALSE,
	tcf_enabled BOOLEAN NOT NULL DEFAULT FALSE,
	tcf_enable_new_vendors_after_gvl_update BOOLEAN NOT NULL DEFAULT FALSE,
	tcf_vendor_blacklist LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(tcf_vendor_blacklist)),
	tcf_special_features LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(tcf_special_features)),
	tcf_google_additional_consent_mode BOOLEAN NOT NULL DEFAULT FALSE,
	tcf_google_additional_consent_ad_providers LONGTEXT NOT NULL DEFAULT '[]'
		CHECK (JSON_VALID(tcf_google_additional_consent_ad_providers)),
	tcf_url_macro_auto_append BOOLEAN NOT NULL DEFAULT FALSE,
	tcf_url_macro_handling BOOLEAN NOT NULL DEFAULT FALSE,
	block_iframes BOOLEAN NOT NULL DEFAULT FALSE,
	remember_iframe_consent_per_domain BOOLEAN NOT NULL DEFAULT FALSE,
	append_consent_switch_to_iframes BOOLEAN NOT NULL DEFAULT FALSE,
	iframe_block_mode VARCHAR(16) NOT NULL DEFAULT 'whitelist',
	iframe_markers LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(iframe_markers)),
	cookie_declaration_table_heading_start_level INT NOT NULL DEFAULT 3,
	cookie_declaration_table_prepend_consent_change_link BOOLEAN NOT NULL DEFAULT FALSE,
	cookie_declaration_table_prepend_intro_text BOOLEAN NOT NULL DEFAULT FALSE,
	imprint_display_mode VARCHAR(16) NOT NULL DEFAULT 'link',
	privacy_policy_display_mode VARCHAR(16) NOT NULL DEFAULT 'link',
	imprint_open_in_new_tab BOOLEAN NOT NULL DEFAULT FALSE,
	imprint_show_widget BOOLEAN NOT NULL DEFAULT FALSE,
	privacy_policy_open_in_new_tab BOOLEAN NOT NULL DEFAULT FALSE,
	privacy_policy_show_widget BOOLEAN NOT NULL DEFAULT FALSE,
	accessibility_display_mode VARCHAR(16) NOT NULL DEFAULT 'link',
	accessibility_link_enabled BOOLEAN NOT NULL DEFAULT FALSE,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	UNIQUE KEY hosting_domain_name (client_id, name, path(500)),
	CONSTRAINT hosting_domain_client FOREIGN KEY (client_id) REFERENCES hosting_client (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS idempotency (
	key_hash BINARY(32) NOT NULL PRIMARY KEY,
	request_hash BINARY(32) NOT NULL,
	status SMALLINT NOT NULL,
	response LONGBLOB NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	KEY idempotency_expires (expires_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
