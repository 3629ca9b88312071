-- select
SELECT t.id, t.client_id, t.domain_id, t.ucid FROM hosting_consent t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.client_id, t.domain_id, t.ucid FROM hosting_consent t ORDER BY t.ucid, t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM hosting_consent t;
-- insert
INSERT INTO hosting_consent (id, client_id, domain_id, ucid) VALUES (?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO hosting_consent (id, client_id, domain_id, ucid) VALUES (?, ?, ?, ?) RETURNING hosting_consent.id, hosting_consent.client_id, hosting_consent.domain_id, hosting_consent.ucid;
-- update
UPDATE hosting_consent t SET t.client_id = ?, t.domain_id = ?, t.ucid = ? WHERE t.id = ?;
-- delete
DELETE t FROM hosting_consent t WHERE t.id = ?;
