-- What programs of schema 033 were the first to send. It was; it is never made anew.
-- hosting Consent
SELECT t.id, t.client_id, t.domain_id, t.consent, t.ucid, t.given_at, t.purposes, t.embeddings, t.manipulation_prevention FROM hosting_consent t WHERE t.id = ?;
SELECT t.id, t.client_id, t.domain_id, t.consent, t.ucid, t.given_at, t.purposes, t.embeddings, t.manipulation_prevention FROM hosting_consent t ORDER BY t.given_at DESC, t.id DESC LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM hosting_consent t;
INSERT INTO hosting_consent (id, client_id, domain_id, consent, ucid, given_at, purposes, embeddings, manipulation_prevention) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO hosting_consent (id, client_id, domain_id, consent, ucid, given_at, purposes, embeddings, manipulation_prevention) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING hosting_consent.id, hosting_consent.client_id, hosting_consent.domain_id, hosting_consent.consent, hosting_consent.ucid, hosting_consent.given_at, hosting_consent.purposes, hosting_consent.embeddings, hosting_consent.manipulation_prevention;
UPDATE hosting_consent t SET t.client_id = ?, t.domain_id = ?, t.consent = ?, t.ucid = ?, t.given_at = ?, t.purposes = ?, t.embeddings = ?, t.manipulation_prevention = ? WHERE t.id = ?;
DELETE t FROM hosting_consent t WHERE t.id = ?;
-- hosting Visitor
SELECT t.id, t.client_id, t.domain_id, t.ucid FROM hosting_consent t WHERE t.id = ?;
SELECT t.id, t.client_id, t.domain_id, t.ucid FROM hosting_consent t ORDER BY t.ucid, t.id LIMIT ? OFFSET ?;
SELECT COUNT(*) FROM hosting_consent t;
-- credentials of accounts' owners
SELECT NULL, 0, NULL, NULL, CONCAT('account ', c.username), NULL, NULL, NULL, c.id, c.can_use_dom_api FROM hosting_client c WHERE c.api_key_hash = ? AND c.active;
