-- What programs of schema 024 were the first to send. It was; it is never made anew.
-- webhook deliveries
SELECT t.id, t.webhook_id, t.type, CASE q.state WHEN 'done' THEN 'delivered' WHEN 'dead' THEN 'failed' ELSE q.state END, q.attempts, t.response_status, q.last_error, t.created_at, q.due_at, q.finished_at, t.payload, t.response_body FROM webhook_delivery t LEFT JOIN queue_item q ON q.content_id = t.id WHERE t.id = ? AND t.webhook_id = ?;
-- deliverer
UPDATE webhook_delivery SET response_status = NULLIF(?, 0), response_body = NULLIF(?, '') WHERE id = ?;
