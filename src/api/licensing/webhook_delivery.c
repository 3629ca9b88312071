/*
 * Deliveries to webhooks, as the API shows them: what was put down, and what has become of it.
 */
#include "api/licensing/licensing.h"
#include "api/licensing/webhook.h"
#include "queue/queue.h"

static const struct field delivery_fields[DELIVERY__MAX] = {
	[DELIVERY_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier, the header webhook-id of all attempts." },
	[DELIVERY_WEBHOOK_ID] = { INT32("webhookId", "webhook_id"), .flags = FIELD_READONLY,
	    .doc = "Webhook that it is for." },
	[DELIVERY_EVENT] = { STRING("event", "type", EVENT_NAME_MAX), .flags = FIELD_READONLY,
	    .doc = "Name of the event.", .example = "\"license.created\"" },
	[DELIVERY_STATUS] = { STRING("status", NULL, 16), .flags = FIELD_READONLY,
	    .expression = "CASE q.state WHEN 'done' THEN 'delivered' WHEN 'dead' THEN 'failed' "
			  "ELSE q.state END",
	    .doc = "waiting, delivered or failed.", .example = "\"delivered\"" },
	[DELIVERY_ATTEMPTS] = { INT32("attempts", "q.attempts"), .flags = FIELD_READONLY,
	    .doc = "How often it was tried." },
	[DELIVERY_RESPONSE_STATUS] = { INT32("responseStatus", "response_status"),
	    .flags = FIELD_READONLY,
	    .doc = "Status that the receiver answered last; null where it did not.",
	    .example = "204" },
	[DELIVERY_ERROR] = { STRING("error", "q.last_error", 1000), .flags = FIELD_READONLY,
	    .doc = "What the last attempt met, unless it succeeded." },
	[DELIVERY_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the event happened." },
	[DELIVERY_NEXT_ATTEMPT] = { DATETIME("nextAttempt", "q.due_at"), .flags = FIELD_READONLY,
	    .doc = "When it is tried next; null when it has ended." },
	[DELIVERY_ENDED_AT] = { DATETIME("endedAt", "q.finished_at"), .flags = FIELD_READONLY,
	    .doc = "When it was delivered, or given up." },
};

static const struct relation of_webhook = {
	.target = &licensing_webhook_resource,
	.local = "webhookId",
	.foreign = "id",
};

static const struct table_index delivery_indexes[] = {
	{ .name = "webhook_delivery_webhook",
	    .columns = { "webhook_id", "created_at", "id" },
	    .broad = true },
	{ .name = "webhook_delivery_created", .columns = { "created_at", "id" } },
};

const struct resource licensing_webhook_delivery_resource = {
	.name = "delivery",
	.word = "webhookDelivery",
	.type_name = "WebhookDelivery",
	.area = AREA_WEBHOOKS,
	.plural = "deliveries",
	.table = WEBHOOK_DELIVERY_TABLE,
	.from = WEBHOOK_DELIVERY_TABLE " {} LEFT JOIN " QUEUE_TABLE " q ON q.content_id = {}.id",
	ORDER_BY(DESCENDING("createdAt")),
	FIELDS(delivery_fields),
	INDEXES(delivery_indexes),
	.parent = &of_webhook,
	.unaudited = "is put down with the change that it tells of, which has its entry",
	.doc = "An event on its way to a webhook.",
};
