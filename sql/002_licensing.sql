-- Licensing: customers, contacts, products, releases, orders, licences and what belongs to them.
--
-- Every statement can be run again. Text compares exactly unless a column says otherwise: names, e-mail
-- addresses and the like ignore case. All moments are UTC. Parts go with their owner (ON DELETE CASCADE);
-- whatever else refers to a row keeps it from being deleted.

CREATE TABLE IF NOT EXISTS role (
	id UUID NOT NULL PRIMARY KEY,
	name VARCHAR(64) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	description VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	UNIQUE KEY role_name (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO role (id, name, description) VALUES
	('1734e428-eaa4-47e2-b66e-281443fe3e1d', 'Administrator', 'May do everything.'),
	('825d86a9-f620-417c-93a9-edf4fdbdeebe', 'Customer', 'Reads the own customer record, orders and licences.'),
	('8659d2c3-13b1-46e7-9600-9cb3abf38843', 'LicenseManager', 'Manages licences and all that they are made from.'),
	('efc6b584-2c4a-4c2b-8f3a-51e5cf0e54cf', 'Sales', 'Manages customers and orders, issues licences.'),
	('5b0c2f0e-6a5f-4d53-9f1e-0b7d3a1c8e42', 'Application', 'An installed program: activates, validates, reports, says hello.'),
	('c9d1a6b7-3e58-4f0a-8a64-2f7be1d90c15', 'HostingManager', 'Manages hosting accounts and their domains.'),
	('e47f8b12-90c3-4a6d-b5d8-716c2e03fa9b', 'DelegateManager', 'Manages delegate groups and their clients.');

ALTER TABLE user_role
	ADD CONSTRAINT user_role_role FOREIGN KEY IF NOT EXISTS (role_id) REFERENCES role (id);

CREATE TABLE IF NOT EXISTS customer (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	title VARCHAR(64) COLLATE utf8mb4_uca1400_as_ci NULL,
	first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	company VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	code VARCHAR(64) NOT NULL,
	vat_code VARCHAR(64) NULL,
	invoice_code VARCHAR(64) NULL,
	rating INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	address VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	address1 VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	address2 VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	postal_code VARCHAR(32) NULL,
	region VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	city VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	country VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	country_code VARCHAR(16) NULL,
	map_coordinates VARCHAR(255) NULL,
	map_zoom_level DOUBLE NULL,
	email VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	phone VARCHAR(64) NULL,
	mobile VARCHAR(64) NULL,
	fax VARCHAR(64) NULL,
	website VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NULL,
	notes TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	is_reseller BOOLEAN NOT NULL DEFAULT FALSE,
	image MEDIUMTEXT NULL,
	meta TEXT NULL,
	UNIQUE KEY customer_code (code),
	KEY customer_company (company),
	KEY customer_email (email),
	KEY customer_name (last_name, first_name),
	KEY customer_vat_code (vat_code),
	KEY customer_invoice_code (invoice_code),
	KEY customer_created_at (created_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS contact (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	title VARCHAR(64) COLLATE utf8mb4_uca1400_as_ci NULL,
	first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	email VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	phone VARCHAR(64) NULL,
	mobile VARCHAR(64) NULL,
	fax VARCHAR(64) NULL,
	details TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	notify BOOLEAN NOT NULL DEFAULT FALSE,
	customer_id INT NOT NULL,
	meta TEXT NULL,
	KEY contact_customer (customer_id),
	KEY contact_email (email),
	KEY contact_name (last_name, first_name),
	CONSTRAINT contact_customer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

ALTER TABLE user
	ADD COLUMN IF NOT EXISTS phone_number VARCHAR(64) NULL,
	ADD COLUMN IF NOT EXISTS title VARCHAR(64) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS first_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS last_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS department VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS birth_date DATE NULL,
	ADD COLUMN IF NOT EXISTS last_dismiss_messages DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS last_log_in DATETIME(6) NULL,
	ADD COLUMN IF NOT EXISTS user_rank INT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS image MEDIUMTEXT NULL,
	ADD COLUMN IF NOT EXISTS address VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS postal_code VARCHAR(32) NULL,
	ADD COLUMN IF NOT EXISTS region VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS city VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS country VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS country_code VARCHAR(16) NULL,
	ADD COLUMN IF NOT EXISTS mobile VARCHAR(64) NULL,
	ADD COLUMN IF NOT EXISTS notes TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	ADD COLUMN IF NOT EXISTS customer_id INT NULL,
	ADD KEY IF NOT EXISTS user_name (last_name, first_name),
	ADD KEY IF NOT EXISTS user_customer (customer_id);

ALTER TABLE user
	ADD CONSTRAINT user_customer FOREIGN KEY IF NOT EXISTS (customer_id) REFERENCES customer (id);

ALTER TABLE api_key
	ADD COLUMN IF NOT EXISTS client_secret_hash VARCHAR(384) NULL,
	ADD KEY IF NOT EXISTS api_key_name (name),
	ADD KEY IF NOT EXISTS api_key_expires (expires_at);

CREATE TABLE IF NOT EXISTS user_setting (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	category VARCHAR(64) NOT NULL DEFAULT '',
	group_name VARCHAR(64) NOT NULL DEFAULT '',
	name VARCHAR(128) NOT NULL,
	value TEXT NULL,
	type VARCHAR(64) NULL,
	description VARCHAR(1000) COLLATE utf8mb4_uca1400_as_ci NULL,
	read_only BOOLEAN NOT NULL DEFAULT FALSE,
	user_id UUID NOT NULL,
	UNIQUE KEY user_setting_name (user_id, category, group_name, name),
	CONSTRAINT user_setting_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS resource (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	type VARCHAR(64) NULL,
	code VARCHAR(64) NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	source VARCHAR(1000) NULL,
	password VARCHAR(1000) NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	data MEDIUMTEXT NULL,
	data_format VARCHAR(64) NULL,
	meta TEXT NULL,
	UNIQUE KEY resource_code (code),
	KEY resource_name (name),
	KEY resource_type (type)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS assembly (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	version VARCHAR(64) NULL,
	culture VARCHAR(64) NULL,
	public_key_token VARCHAR(64) NULL,
	mapping_file_id INT NULL,
	debug_symbols_key VARCHAR(255) NULL,
	KEY assembly_name (name, version),
	KEY assembly_public_key_token (public_key_token)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS product (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	code VARCHAR(64) NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	url VARCHAR(1000) NULL,
	copyright VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	image MEDIUMTEXT NULL,
	price DECIMAL(19,4) NULL,
	reseller_price DECIMAL(19,4) NULL,
	currency VARCHAR(16) NULL,
	signature_keys_id INT NULL,
	meta TEXT NULL,
	UNIQUE KEY product_code (code),
	KEY product_name (name),
	KEY product_signature_keys (signature_keys_id),
	CONSTRAINT product_signature_keys FOREIGN KEY (signature_keys_id) REFERENCES resource (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS product_release (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	product_id INT NOT NULL,
	release_date DATETIME(6) NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	version VARCHAR(64) NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	UNIQUE KEY product_release_of_product (product_id, id),
	KEY product_release_version (product_id, version),
	CONSTRAINT product_release_product FOREIGN KEY (product_id) REFERENCES product (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS release_assembly (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	product_id INT NOT NULL,
	release_id INT NOT NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	version VARCHAR(64) NULL,
	culture VARCHAR(64) NULL,
	public_key_token VARCHAR(64) NULL,
	mapping_file_id INT NULL,
	debug_symbols_key VARCHAR(255) NULL,
	KEY release_assembly_release (product_id, release_id),
	KEY release_assembly_name (name, version),
	CONSTRAINT release_assembly_release FOREIGN KEY (product_id, release_id)
		REFERENCES product_release (product_id, id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS customer_order (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	order_number VARCHAR(64) NOT NULL,
	status VARCHAR(64) NULL,
	processed_by VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	purchase_order VARCHAR(255) NULL,
	total DECIMAL(19,4) NULL,
	currency VARCHAR(16) NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	invoice_number VARCHAR(255) NULL,
	payment_type VARCHAR(64) NULL,
	payment_number VARCHAR(255) NULL,
	payment_status VARCHAR(64) NULL,
	payment_date DATETIME(6) NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	customer_id INT NULL,
	reseller_id INT NULL,
	UNIQUE KEY customer_order_number (order_number),
	KEY customer_order_customer (customer_id),
	KEY customer_order_reseller (reseller_id),
	KEY customer_order_status (status),
	KEY customer_order_created_at (created_at),
	KEY customer_order_invoice_number (invoice_number),
	KEY customer_order_purchase_order (purchase_order),
	KEY customer_order_payment_number (payment_number),
	CONSTRAINT customer_order_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
	CONSTRAINT customer_order_reseller FOREIGN KEY (reseller_id) REFERENCES customer (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS order_product (
	order_id INT NOT NULL,
	product_id INT NOT NULL,
	quantity INT NOT NULL DEFAULT 1,
	unit_price DECIMAL(19,4) NULL,
	discount DECIMAL(19,4) NULL,
	taxes DECIMAL(19,4) NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	PRIMARY KEY (order_id, product_id),
	KEY order_product_product (product_id),
	CONSTRAINT order_product_order FOREIGN KEY (order_id) REFERENCES customer_order (id),
	CONSTRAINT order_product_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_template (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	code VARCHAR(64) NULL,
	license_type VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	format INT NOT NULL DEFAULT 0,
	licensing_mode INT NOT NULL DEFAULT 0,
	license_file_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	issue_date BOOLEAN NOT NULL DEFAULT TRUE,
	expire_days INT NULL,
	support_days INT NULL,
	generate_key_info BOOLEAN NOT NULL DEFAULT FALSE,
	user_key VARCHAR(64) NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	template MEDIUMTEXT NULL,
	product_id INT NULL,
	signature_keys_id INT NULL,
	release_id INT NULL,
	product_code VARCHAR(64) NULL,
	product_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	product_version VARCHAR(64) NULL,
	product_copyright VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	product_url VARCHAR(1000) NULL,
	product_description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	components LONGTEXT NULL CHECK (JSON_VALID(components)),
	UNIQUE KEY license_template_code (code),
	KEY license_template_name (name),
	KEY license_template_signature_keys (signature_keys_id),
	KEY license_template_release (release_id),
	KEY license_template_product_release (product_id, release_id),
	CONSTRAINT license_template_product FOREIGN KEY (product_id) REFERENCES product (id),
	CONSTRAINT license_template_signature_keys FOREIGN KEY (signature_keys_id) REFERENCES resource (id),
	CONSTRAINT license_template_release FOREIGN KEY (release_id) REFERENCES product_release (id),
	CONSTRAINT license_template_product_release FOREIGN KEY (product_id, release_id)
		REFERENCES product_release (product_id, id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id VARCHAR(64) NOT NULL,
	license_type VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	format INT NOT NULL DEFAULT 0,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	updated_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	issue_date DATETIME(6) NULL,
	expire_date DATETIME(6) NULL,
	support_expire_date DATETIME(6) NULL,
	revoked BOOLEAN NOT NULL DEFAULT FALSE,
	traced BOOLEAN NOT NULL DEFAULT FALSE,
	license_key MEDIUMTEXT NULL,
	max_allowed_sites INT NOT NULL DEFAULT 0,
	user_key VARCHAR(64) NOT NULL,
	licensing_mode INT NOT NULL DEFAULT 0,
	licensee_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	licensee_company VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	licensee_email VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	hash VARCHAR(255) NULL,
	meta TEXT NULL,
	template_id INT NULL,
	signature_keys_id INT NULL,
	customer_id INT NULL,
	order_id INT NULL,
	product_code VARCHAR(64) NULL,
	product_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	product_version VARCHAR(64) NULL,
	product_copyright VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	product_url VARCHAR(1000) NULL,
	product_description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	holder_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	holder_company VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	holder_contact_info VARCHAR(500) COLLATE utf8mb4_uca1400_as_ci NULL,
	holder_url VARCHAR(1000) NULL,
	components LONGTEXT NULL CHECK (JSON_VALID(components)),
	UNIQUE KEY license_license_id (license_id),
	UNIQUE KEY license_user_key (user_key),
	KEY license_template (template_id),
	KEY license_signature_keys (signature_keys_id),
	KEY license_customer (customer_id),
	KEY license_order (order_id),
	KEY license_type (license_type),
	KEY license_mode (licensing_mode, revoked, traced, max_allowed_sites),
	KEY license_created_at (created_at),
	KEY license_issue_date (issue_date),
	KEY license_expire_date (expire_date),
	KEY license_support_expire_date (support_expire_date),
	KEY license_licensee_name (licensee_name),
	KEY license_licensee_company (licensee_company),
	KEY license_licensee_email (licensee_email),
	KEY license_product_name (product_name),
	KEY license_hash (hash),
	CONSTRAINT license_template FOREIGN KEY (template_id) REFERENCES license_template (id),
	CONSTRAINT license_signature_keys FOREIGN KEY (signature_keys_id) REFERENCES resource (id),
	CONSTRAINT license_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
	CONSTRAINT license_order FOREIGN KEY (order_id) REFERENCES customer_order (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Parts of a licence or of a template, in the order of `number`.

CREATE TABLE IF NOT EXISTS license_assembly (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NULL,
	template_id INT NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	version VARCHAR(64) NULL,
	culture VARCHAR(64) NULL,
	public_key_token VARCHAR(64) NULL,
	mapping_file_id INT NULL,
	debug_symbols_key VARCHAR(255) NULL,
	KEY license_assembly_license (license_id),
	KEY license_assembly_template (template_id),
	CONSTRAINT license_assembly_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE,
	CONSTRAINT license_assembly_template FOREIGN KEY (template_id)
		REFERENCES license_template (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_field (
	number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NULL,
	template_id INT NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	value TEXT NULL,
	KEY license_field_license (license_id),
	KEY license_field_template (template_id),
	CONSTRAINT license_field_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE,
	CONSTRAINT license_field_template FOREIGN KEY (template_id)
		REFERENCES license_template (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_feature (
	number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NULL,
	template_id INT NULL,
	feature_id VARCHAR(64) NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	description TEXT COLLATE utf8mb4_uca1400_as_ci NULL,
	expire_date DATETIME(6) NULL,
	feature_key VARCHAR(1000) NULL,
	data MEDIUMTEXT NULL,
	KEY license_feature_license (license_id),
	KEY license_feature_template (template_id),
	CONSTRAINT license_feature_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE,
	CONSTRAINT license_feature_template FOREIGN KEY (template_id)
		REFERENCES license_template (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_restriction (
	number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	license_id INT NULL,
	template_id INT NULL,
	restriction_id VARCHAR(64) NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	expire_date DATETIME(6) NULL,
	properties LONGTEXT NULL CHECK (JSON_VALID(properties)),
	custom_xml_content MEDIUMTEXT NULL,
	KEY license_restriction_license (license_id),
	KEY license_restriction_template (template_id),
	CONSTRAINT license_restriction_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE,
	CONSTRAINT license_restriction_template FOREIGN KEY (template_id)
		REFERENCES license_template (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_token (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	token VARCHAR(64) NOT NULL,
	address VARCHAR(255) NULL,
	client_id VARCHAR(255) NULL,
	client_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	machine_id VARCHAR(255) NULL,
	issue_date DATETIME(6) NULL,
	expire_date DATETIME(6) NULL,
	last_heartbeat DATETIME(6) NULL,
	hash VARCHAR(255) NULL,
	license_id INT NOT NULL,
	node_locked_license_id INT NULL,
	UNIQUE KEY license_token_token (token),
	KEY license_token_license (license_id),
	KEY license_token_node_locked (node_locked_license_id),
	KEY license_token_client (client_id),
	KEY license_token_machine (machine_id),
	KEY license_token_expire_date (expire_date),
	KEY license_token_last_heartbeat (last_heartbeat),
	CONSTRAINT license_token_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE,
	CONSTRAINT license_token_node_locked FOREIGN KEY (node_locked_license_id) REFERENCES license (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS license_trace (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	client_ip VARCHAR(64) NULL,
	client_id VARCHAR(255) NULL,
	client_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	machine_id VARCHAR(255) NULL,
	created_at DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	action INT NOT NULL DEFAULT 0,
	geo_location VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	meta TEXT NULL,
	license_id INT NOT NULL,
	KEY license_trace_license (license_id, created_at),
	KEY license_trace_created_at (created_at),
	KEY license_trace_client (client_id),
	KEY license_trace_machine (machine_id),
	KEY license_trace_address (client_ip),
	CONSTRAINT license_trace_license FOREIGN KEY (license_id) REFERENCES license (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS report (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	uid VARCHAR(64) NULL,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	version VARCHAR(64) NULL,
	report_date DATETIME(6) NOT NULL DEFAULT UTC_TIMESTAMP(6),
	user_key VARCHAR(64) NULL,
	machine_id VARCHAR(255) NULL,
	client_id VARCHAR(255) NULL,
	client_name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NULL,
	content_type VARCHAR(255) NULL,
	content MEDIUMTEXT NULL,
	address VARCHAR(255) NULL,
	KEY report_uid (uid),
	KEY report_name (name, report_date),
	KEY report_date (report_date),
	KEY report_user_key (user_key),
	KEY report_machine (machine_id),
	KEY report_client (client_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS report_property (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) COLLATE utf8mb4_uca1400_as_ci NOT NULL,
	value TEXT NULL,
	report_id INT NOT NULL,
	KEY report_property_report (report_id),
	CONSTRAINT report_property_report FOREIGN KEY (report_id) REFERENCES report (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
