-- select
SELECT t.group_id, t.rule_number, t.condition_number, t.rule_type, t.wanted FROM delegate_condition t WHERE t.group_id = ? AND t.rule_number = ? AND t.condition_number = ?;
-- select with every member on demand
SELECT t.group_id, t.rule_number, t.condition_number, t.rule_type, t.wanted FROM delegate_condition t ORDER BY t.group_id, t.rule_number, t.condition_number LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM delegate_condition t;
-- insert
INSERT INTO delegate_condition (group_id, rule_number, condition_number, rule_type, wanted) VALUES (?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO delegate_condition (group_id, rule_number, condition_number, rule_type, wanted) VALUES (?, ?, ?, ?, ?) RETURNING delegate_condition.group_id, delegate_condition.rule_number, delegate_condition.condition_number, delegate_condition.rule_type, delegate_condition.wanted;
-- update
UPDATE delegate_condition t SET t.rule_type = ?, t.wanted = ? WHERE t.group_id = ? AND t.rule_number = ? AND t.condition_number = ?;
-- delete
DELETE t FROM delegate_condition t WHERE t.group_id = ? AND t.rule_number = ? AND t.condition_number = ?;
