-- select
SELECT t.id, t.made_at, t.actor_kind, t.actor_name, t.user_id, t.key_id, t.client_id, t.session_id, t.address, t.request_id, t.action, t.area, t.resource, t.row_key, t.before_row, t.after_row, t.detail, t.row_count FROM audit_entry t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.made_at, t.actor_kind, t.actor_name, t.user_id, t.key_id, t.client_id, t.session_id, t.address, t.request_id, t.action, t.area, t.resource, t.row_key, t.before_row, t.after_row, t.detail, t.row_count FROM audit_entry t ORDER BY t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM audit_entry t;
-- insert
INSERT INTO audit_entry (id, made_at, actor_kind, actor_name, user_id, key_id, client_id, session_id, address, request_id, action, area, resource, row_key, before_row, after_row, detail, row_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO audit_entry (id, made_at, actor_kind, actor_name, user_id, key_id, client_id, session_id, address, request_id, action, area, resource, row_key, before_row, after_row, detail, row_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING audit_entry.id, audit_entry.made_at, audit_entry.actor_kind, audit_entry.actor_name, audit_entry.user_id, audit_entry.key_id, audit_entry.client_id, audit_entry.session_id, audit_entry.address, audit_entry.request_id, audit_entry.action, audit_entry.area, audit_entry.resource, audit_entry.row_key, audit_entry.before_row, audit_entry.after_row, audit_entry.detail, audit_entry.row_count;
-- update
UPDATE audit_entry t SET t.made_at = ?, t.actor_kind = ?, t.actor_name = ?, t.user_id = ?, t.key_id = ?, t.client_id = ?, t.session_id = ?, t.address = ?, t.request_id = ?, t.action = ?, t.area = ?, t.resource = ?, t.row_key = ?, t.before_row = ?, t.after_row = ?, t.detail = ?, t.row_count = ? WHERE t.id = ?;
-- delete
DELETE t FROM audit_entry t WHERE t.id = ?;
