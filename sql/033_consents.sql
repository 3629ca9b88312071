-- Consents of the visitors of hosting accounts' domains.
--
-- Every statement can be run again. Programs of the schema before go on: they know nothing of consents, which go with their
-- domain by themselves.

-- client_id: the domain's, which never changes. given_at: seconds since 1970. ucid: 64 hexadecimal digits that tell a
-- visitor.
CREATE TABLE IF NOT EXISTS hosting_consent (
	id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
	client_id CHAR(7) NOT NULL,
	domain_id CHAR(7) NOT NULL,
	given_at BIGINT NOT NULL,
	consent BOOLEAN NOT NULL,
	ucid VARCHAR(64) NOT NULL,
	purposes LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(purposes)),
	embeddings LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(embeddings)),
	manipulation_prevention BOOLEAN NOT NULL DEFAULT FALSE,
	KEY hosting_consent_given (domain_id, given_at),
	KEY hosting_consent_visitor (domain_id, ucid),
	KEY hosting_consent_age (given_at),
	CONSTRAINT hosting_consent_domain FOREIGN KEY (domain_id) REFERENCES hosting_domain (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
