-- What programs of schema 014 were the first to send. It was; it is never made anew.
-- audit
INSERT INTO audit_entry (made_at, actor_kind, actor_name, user_id, key_id, client_id, session_id, address, request_id, action, area, resource, row_key, before_row, after_row, detail, row_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE audit_entry SET row_count = ?, detail = JSON_REPLACE(detail, '$.deleted', row_count) WHERE id = ?;
