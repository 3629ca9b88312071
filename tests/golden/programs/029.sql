-- What programs of schema 029 were the first to send. It was; it is never made anew.
-- delegates
INSERT INTO delegate (group_id, first_name, last_name, phone, username, email, role, comments, address_comments, can_manage_clients, can_manage_delegates, can_manage_locations, inherit_group_security, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE delegate t SET t.can_book_trips = ? WHERE t.id = ?;
DELETE t FROM delegate t WHERE t.id = ?;
-- rules
UPDATE delegate_evaluation t SET t.evaluated_at = GREATEST(UTC_TIMESTAMP(6), t.evaluated_at + INTERVAL 1 MICROSECOND) WHERE t.id = ?;
INSERT INTO delegate_condition (group_id, rule_number, condition_number, rule_type, wanted) VALUES (?, ?, ?, ?, ?);
DELETE a FROM delegate_association a JOIN delegate_client p ON p.id = a.client_id WHERE a.group_id = ? AND a.dynamically_added AND NOT COALESCE(((p.funding_source = ?)), FALSE);
INSERT INTO delegate_association (group_id, client_id, start_date, dynamically_added) SELECT ?, p.id, ?, TRUE FROM delegate_client p WHERE NOT EXISTS (SELECT 1 FROM delegate_association a WHERE a.group_id = ? AND a.client_id = p.id) AND ((p.service_type = ? AND p.location = ?));
-- persons
INSERT INTO delegate_client (id, code, first_name, last_name, user_defined_fields, birth_date, phone_number, funding_source, service_type, location) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
DELETE t FROM delegate_client t WHERE t.id = ?;
