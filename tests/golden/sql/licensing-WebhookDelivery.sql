-- select
SELECT t.id, t.webhook_id, t.type, CASE q.state WHEN 'done' THEN 'delivered' WHEN 'dead' THEN 'failed' ELSE q.state END, q.attempts, t.response_status, q.last_error, t.created_at, q.due_at, q.finished_at FROM webhook_delivery t LEFT JOIN queue_item q ON q.content_id = t.id WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.webhook_id, t.type, CASE q.state WHEN 'done' THEN 'delivered' WHEN 'dead' THEN 'failed' ELSE q.state END, q.attempts, t.response_status, q.last_error, t.created_at, q.due_at, q.finished_at, t.payload, t.response_body FROM webhook_delivery t LEFT JOIN queue_item q ON q.content_id = t.id ORDER BY t.created_at DESC, t.id DESC LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM webhook_delivery t LEFT JOIN queue_item q ON q.content_id = t.id;
-- insert
INSERT INTO webhook_delivery (id, webhook_id, type, response_status, created_at, payload, response_body) VALUES (?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE webhook_delivery t SET t.webhook_id = ?, t.type = ?, t.response_status = ?, t.created_at = ?, t.payload = ?, t.response_body = ? WHERE t.id = ?;
-- delete
DELETE t FROM webhook_delivery t WHERE t.id = ?;
