-- What programs of schema 015 were the first to send. It was; it is never made anew.
-- subscriptions
SELECT w.id, w.events, w.areas, w.owner_id, COALESCE(u.enabled, FALSE), r.role_id FROM webhook w LEFT JOIN user u ON u.id = w.owner_id LEFT JOIN user_role r ON r.user_id = u.id WHERE w.enabled ORDER BY w.id;
-- events
INSERT INTO webhook_delivery (id, webhook_id, type, payload, created_at) VALUES (?, ?, ?, ?, ?);
-- webhooks
SELECT COUNT(*) FROM webhook t;
INSERT INTO webhook (url, events, enabled, description, areas, owner_id, former_until, second_is_current) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
UPDATE webhook t SET t.first_secret = ? WHERE t.id = ?;
UPDATE webhook t SET t.second_secret = ? WHERE t.id = ?;
SELECT t.id, t.url, t.events, t.enabled, t.description, '********', t.areas, t.owner_id, t.disabled_reason, t.former_until, t.created_at, t.updated_at, t.last_success_at, t.last_failure_at, t.last_error, t.second_is_current FROM webhook t WHERE t.id = ?;
UPDATE webhook t SET t.url = ?, t.events = ?, t.enabled = ?, t.description = ?, t.disabled_reason = ?, t.former_until = ?, t.second_is_current = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
DELETE t FROM webhook t WHERE t.id = ?;
DELETE FROM queue_item WHERE kind = ? AND state IN ('waiting', 'done', 'dead') AND target = ?;
SELECT t.id, t.webhook_id, t.type, CASE q.state WHEN 'done' THEN 'delivered' WHEN 'dead' THEN 'failed' ELSE q.state END, q.attempts, t.response_status, q.last_error, t.created_at, q.due_at, q.finished_at FROM webhook_delivery t LEFT JOIN queue_item q ON q.content_id = t.id WHERE t.webhook_id = ? ORDER BY t.created_at DESC, t.id DESC LIMIT ? OFFSET ?;
UPDATE queue_item SET state = 'waiting', attempts = 0, due_at = UTC_TIMESTAMP(6), finished_at = NULL WHERE kind = ? AND content_id = ? AND state <> 'waiting';
-- deliverer
SELECT w.id, d.payload, w.url, w.enabled AND COALESCE(u.enabled, w.owner_id IS NULL), w.second_is_current, COALESCE(w.former_until > UTC_TIMESTAMP(6), FALSE), w.first_secret, w.second_secret FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id LEFT JOIN user u ON u.id = w.owner_id WHERE d.id = ?;
UPDATE webhook_delivery SET response_status = NULLIF(?, 0) WHERE id = ?;
UPDATE webhook SET last_success_at = UTC_TIMESTAMP(6) WHERE id = ?;
UPDATE webhook SET last_failure_at = UTC_TIMESTAMP(6), last_error = ? WHERE id = ?;
UPDATE queue_item SET due_at = ? WHERE kind = ? AND state = 'waiting' AND target = ? AND id <> ? AND claim IS NULL AND due_at < ?;
DELETE FROM webhook_delivery WHERE webhook_delivery.created_at < ? AND NOT EXISTS (SELECT 1 FROM queue_item q WHERE q.content_id = webhook_delivery.id) ORDER BY webhook_delivery.created_at, webhook_delivery.id LIMIT ?;
