-- select
SELECT t.id, (SELECT COALESCE(SUM(d.call_count), 0) FROM hosting_domain d FORCE INDEX (hosting_domain_counts) WHERE d.client_id = t.id) FROM hosting_client t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, (SELECT COALESCE(SUM(d.call_count), 0) FROM hosting_domain d FORCE INDEX (hosting_domain_counts) WHERE d.client_id = t.id) FROM hosting_client t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM hosting_client t;
-- insert
INSERT INTO hosting_client (id) VALUES (?);
-- insert, and what is stored
INSERT INTO hosting_client (id) VALUES (?) RETURNING hosting_client.id, (SELECT COALESCE(SUM(d.call_count), 0) FROM hosting_domain d FORCE INDEX (hosting_domain_counts) WHERE d.client_id = hosting_client.id);
-- update
UPDATE hosting_client t SET  WHERE t.id = ?;
-- delete
DELETE t FROM hosting_client t WHERE t.id = ?;
