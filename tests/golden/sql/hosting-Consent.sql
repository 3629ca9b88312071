-- select
SELECT t.id, t.client_id, t.domain_id, t.consent, t.ucid, t.given_at, t.purposes, t.embeddings, t.manipulation_prevention FROM hosting_consent t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_id, t.domain_id, t.consent, t.ucid, t.given_at, t.purposes, t.embeddings, t.manipulation_prevention FROM hosting_consent t ORDER BY t.given_at DESC, t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM hosting_consent t;
-- insert
INSERT INTO hosting_consent (id, client_id, domain_id, consent, ucid, given_at, purposes, embeddings, manipulation_prevention) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO hosting_consent (id, client_id, domain_id, consent, ucid, given_at, purposes, embeddings, manipulation_prevention) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING hosting_consent.id, hosting_consent.client_id, hosting_consent.domain_id, hosting_consent.consent, hosting_consent.ucid, hosting_consent.given_at, hosting_consent.purposes, hosting_consent.embeddings, hosting_consent.manipulation_prevention;
-- update
UPDATE hosting_consent t SET t.client_id = ?, t.domain_id = ?, t.consent = ?, t.ucid = ?, t.given_at = ?, t.purposes = ?, t.embeddings = ?, t.manipulation_prevention = ? WHERE t.id = ?;
-- delete
DELETE t FROM hosting_consent t WHERE t.id = ?;
