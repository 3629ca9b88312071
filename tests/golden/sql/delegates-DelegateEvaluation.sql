-- select
SELECT t.id FROM delegate_evaluation t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id FROM delegate_evaluation t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM delegate_evaluation t;
-- insert
INSERT INTO delegate_evaluation (id) VALUES (?);
-- insert, and what is stored
INSERT INTO delegate_evaluation (id) VALUES (?) RETURNING delegate_evaluation.id;
-- update
UPDATE delegate_evaluation t SET  WHERE t.id = ?;
-- delete
DELETE t FROM delegate_evaluation t WHERE t.id = ?;
