-- select
SELECT t.id, t.url, t.events, t.enabled, t.description, '********', t.areas, t.owner_id, t.disabled_reason, t.former_until, t.created_at, t.updated_at, t.last_success_at, t.last_failure_at, t.last_error, t.second_is_current FROM webhook t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.url, t.events, t.enabled, t.description, '********', t.areas, t.owner_id, t.disabled_reason, t.former_until, t.created_at, t.updated_at, t.last_success_at, t.last_failure_at, t.last_error, t.second_is_current FROM webhook t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM webhook t;
-- insert
INSERT INTO webhook (id, url, events, enabled, description, areas, owner_id, disabled_reason, former_until, created_at, updated_at, last_success_at, last_failure_at, last_error, second_is_current) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO webhook (id, url, events, enabled, description, areas, owner_id, disabled_reason, former_until, created_at, updated_at, last_success_at, last_failure_at, last_error, second_is_current) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING webhook.id, webhook.url, webhook.events, webhook.enabled, webhook.description, '********', webhook.areas, webhook.owner_id, webhook.disabled_reason, webhook.former_until, webhook.created_at, webhook.updated_at, webhook.last_success_at, webhook.last_failure_at, webhook.last_error, webhook.second_is_current;
-- update
UPDATE webhook t SET t.url = ?, t.events = ?, t.enabled = ?, t.description = ?, t.areas = ?, t.owner_id = ?, t.disabled_reason = ?, t.former_until = ?, t.created_at = ?, t.last_success_at = ?, t.last_failure_at = ?, t.last_error = ?, t.second_is_current = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM webhook t WHERE t.id = ?;
