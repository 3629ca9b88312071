/*
 * Deliveries to webhooks, as the API shows them: what was put down, and what has become of it.
 */
#include "api/events.h"
#include "api/licensing/licensing.h"
#include "api/licensing/webhook.h"
#include "api/licensing/webhook_parcel.h"
#include "queue/queue.h"

/* Of one delivery alone, filled in when who asks is known: no list, filter or order reaches it. */
#define TOLD (FIELD_READONLY | FIELD_NOT_STORED | FIELD_OMIT_ABSENT)

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
	[DELIVERY_PAYLOAD] = { STRING("payload", NULL, INT32_MAX), .flags = TOLD,
	    .doc = "JSON text that is posted, of one delivery alone; null where the caller may "
		   "not read what it tells of.",
	    .example = "\"{\\\"type\\\":\\\"license.created\\\"}\"" },
	[DELIVERY_RESPONSE_BODY] = { STRING("responseBody", NULL, WEBHOOK_RESPONSE_MAX),
	    .flags = TOLD,
	    .doc = "Beginning of what the receiver answered last; null where payload is, and "
		   "where it is not kept (option webhook_responses).",
	    .example = "\"OK\"" },
	[DELIVERY_STORED_PAYLOAD] = { STRING("storedPayload", "payload", INT32_MAX),
	    .flags = COMMANDS_ONLY | FIELD_NOT_NULL },
	[DELIVERY_STORED_BODY] = { STRING(
				       "storedResponseBody", "response_body", WEBHOOK_RESPONSE_MAX),
	    .flags = COMMANDS_ONLY },
};

const char *const webhook_delivery_included[] = { "storedPayload", "storedResponseBody", NULL };

/* A delivery tells of rows of other areas, and so may what a receiver makes of it. */
static bool is_told(const struct sight *sight, struct str event)
{
	uint32_t areas =
	    str_equal(event, STR(EVENT_TEST)) ? AREA_BIT(AREA_WEBHOOKS) : events_areas(event);

	return areas != 0 ? (areas & ~sight->areas) == 0 : sight_is_whole(sight);
}

void webhook_delivery_complete(
    const struct operation *operation, const struct row *row, struct row *shown)
{
	static const enum webhook_delivery_member members[][2] = {
		{ DELIVERY_STORED_PAYLOAD, DELIVERY_PAYLOAD },
		{ DELIVERY_STORED_BODY, DELIVERY_RESPONSE_BODY },
	};
	bool told = is_told(&operation->context.sight, row->values[DELIVERY_EVENT].text);

	for (unsigned i = 0; i < COUNT_OF(members); i++) {
		if (told && row_filled(row, members[i][0]))
			row_set_text(shown, members[i][1], row->values[members[i][0]].text);
		else
			row_set_null(shown, members[i][1]);
	}
}

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
