/*
 * What is done to a webhook besides changing it.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/webhook.h"
#include "auth/webhook_signature.h"
#include "queue/admin.h"
#include "queue/kinds.h"
#include "record/audit.h"

#define GRACE_MOST 2592000 /* as of the option webhook_secret_grace */

enum rotation_member { ROTATION_SECRET, ROTATION_GRACE };

static const struct field rotation_fields[] = {
	[ROTATION_SECRET] = { STRING("secret", NULL, WEBHOOK_SECRET_MAX),
	    .flags = FIELD_NOT_STORED | FIELD_SECRET | FIELD_EMPTY_ABSENT,
	    .check = webhook_check_secret, .doc = "The new secret; drawn if absent." },
	[ROTATION_GRACE] = { INT32("graceSeconds", NULL), .flags = FIELD_NOT_STORED | FIELD_TYPICAL,
	    .least = 0, .most = GRACE_MOST,
	    .doc = "How long the former secret signs, too; default: the option "
		   "webhook_secret_grace.",
	    .example = "86400" },
};

const struct resource webhook_rotation_resource = {
	.name = "rotation",
	.type_name = "RotateWebhookRequest",
	.area = AREA_WEBHOOKS,
	FIELDS(rotation_fields),
	.doc = "What a new secret is like.",
};

enum rotated_member { ROTATED_SECRET, ROTATED_UNTIL };

static const struct field rotated_fields[] = {
	[ROTATED_SECRET] = { STRING("secret", NULL, WEBHOOK_SECRET_MAX),
	    .flags = FIELD_READONLY | FIELD_NOT_STORED | FIELD_ECHO | FIELD_SECRET,
	    .doc = "The new secret; shown only here." },
	[ROTATED_UNTIL] = { DATETIME("formerSecretUntil", NULL),
	    .flags = FIELD_READONLY | FIELD_NOT_STORED,
	    .doc = "Until when deliveries are signed with the former secret, too." },
};

const struct resource webhook_rotated_resource = {
	.name = "rotated webhook",
	.type_name = "RotatedWebhook",
	.area = AREA_WEBHOOKS,
	FIELDS(rotated_fields),
	.doc = "A new secret.",
};

enum test_member { TEST_DELIVERY_ID };

static const struct field test_fields[] = {
	[TEST_DELIVERY_ID] = { UUID("deliveryId", NULL), .flags = FIELD_READONLY | FIELD_NOT_STORED,
	    .doc = "Identifier of the delivery." },
};

const struct resource webhook_test_resource = {
	.name = "test of a webhook",
	.type_name = "WebhookTest",
	.area = AREA_WEBHOOKS,
	FIELDS(test_fields),
	.doc = "A test on its way.",
};

/* The webhook that the path names first, as a row of keys. NULL after an error. */
static struct row *read_webhook_key(struct operation *operation, struct error *error)
{
	struct row *keys = row_new(operation->context.arena, &licensing_webhook_resource);
	int64_t number;

	if (keys == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	if (!str_to_int64(operation->captures[0], &number)) {
		error_add_fault(error, "webhookId", "The path's webhookId must be an integer.");
		return NULL;
	}
	row_set_integer(keys, WEBHOOK_ID, number);
	return keys;
}

static int require_enabled(
    struct operation *operation, const struct row *webhook, struct error *error)
{
	struct row *row;

	if (record_fetch_one(&operation->context, &licensing_webhook_resource,
		FIELD_BIT(WEBHOOK_ENABLED), webhook, &row, error) != 0)
		return -1;
	return row->values[WEBHOOK_ENABLED].boolean
		   ? 0
		   : error_set_word(error, ERROR_CONFLICT, "WEBHOOK_DISABLED",
			 "The webhook is disabled; enable it first.");
}

/* --- test --- */

static int put_test(struct operation *operation, void *data, struct error *error)
{
	const struct row *webhook = data;
	struct row *answer = row_new(operation->context.arena, &webhook_test_resource);
	struct uuid delivery;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (require_enabled(operation, webhook, error) != 0 ||
	    event_put_test(
		&operation->context, webhook->values[WEBHOOK_ID].integer, &delivery, error) != 0)
		return -1;
	row_set_uuid(answer, TEST_DELIVERY_ID, delivery);
	operation_answer_members(operation, answer);
	return 0;
}

int licensing_webhook_test(struct operation *operation, struct error *error)
{
	struct row *webhook = read_webhook_key(operation, error);

	return webhook != NULL ? operation_transaction(operation, put_test, webhook, error) : -1;
}

/* --- rotation --- */

static int store_rotation(struct operation *operation, void *data, struct error *error)
{
	struct record_change *change = data;
	struct row *answer = row_new(operation->context.arena, &webhook_rotated_resource);

	if (answer == NULL)
		return error_out_of_memory(error);
	if (record_update(&operation->context, &licensing_webhook_record, change, error) != 0)
		return -1;
	row_set_text(answer, ROTATED_SECRET, change->row->values[WEBHOOK_SECRET].text);
	row_set_integer(answer, ROTATED_UNTIL, change->row->values[WEBHOOK_FORMER_UNTIL].integer);
	operation_answer_members(operation, answer);
	return 0;
}

/* The change that a rotation is: a secret, and until when the former one counts. */
static struct row *rotated_row(
    struct operation *operation, const struct row *body, struct error *error)
{
	struct row *row = row_new(operation->context.arena, &licensing_webhook_resource);
	int64_t grace = row_filled(body, ROTATION_GRACE)
			    ? body->values[ROTATION_GRACE].integer
			    : operation->context.settings->webhook_secret_grace;

	if (row == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	if (row_filled(body, ROTATION_SECRET))
		row_set_text(row, WEBHOOK_SECRET, body->values[ROTATION_SECRET].text);
	if (webhook_draw_secret(&operation->context, row, error) != 0)
		return NULL;
	row_set_integer(
	    row, WEBHOOK_FORMER_UNTIL, timestamp_now() + grace * MICROSECONDS_PER_SECOND);
	return row;
}

int licensing_webhook_rotate(struct operation *operation, struct error *error)
{
	struct record_change change = { .keys = read_webhook_key(operation, error) };
	struct row *body;

	if (change.keys == NULL ||
	    operation_read_row(operation, ROW_READ_UPDATE, &body, error) != 0)
		return -1;
	change.sent = rotated_row(operation, body, error);
	if (change.sent == NULL)
		return -1;
	return operation_transaction(operation, store_rotation, &change, error);
}

/* --- replay --- */

/* The delivery that the path names behind its webhook. NULL after an error. */
static struct row *read_delivery_keys(struct operation *operation, struct error *error)
{
	const struct resource *resource = &licensing_webhook_delivery_resource;
	const struct row *webhook = read_webhook_key(operation, error);
	struct row *keys = row_new(operation->context.arena, resource);
	struct uuid id;

	if (webhook == NULL)
		return NULL;
	if (keys == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	if (!uuid_parse(operation->captures[1], &id)) {
		error_add_fault(error, "deliveryId", "The path's deliveryId must be a GUID.");
		return NULL;
	}
	row_set_uuid(keys, DELIVERY_ID, id);
	row_set_integer(keys, DELIVERY_WEBHOOK_ID, webhook->values[WEBHOOK_ID].integer);
	return keys;
}

/* As of a dead letter that a command replays. */
static int audit_replay(struct context *context, const struct row *keys, struct error *error)
{
	const struct resource *resource = keys->resource;

	return audit_record_event(context,
	    &(const struct audit_event){ .action = AUDIT_UPDATE,
		.area = resource->area,
		.what = resource_audit_name(resource),
		.key = row_print_key(context->arena, resource, &keys->values[DELIVERY_ID]),
		.detail = STR("{\"replayed\":true}") },
	    error);
}

static int put_again(struct operation *operation, void *data, struct error *error)
{
	const struct row *keys = data, *webhook = read_webhook_key(operation, error);
	struct row *delivery;
	int found;

	if (webhook == NULL || require_enabled(operation, webhook, error) != 0 ||
	    record_fetch_one(&operation->context, keys->resource, FIELD_BIT(DELIVERY_ID), keys,
		&delivery, error) != 0)
		return -1;
	found = queue_repeat(operation->context.database, &queue_kinds[QUEUE_WEBHOOK],
	    keys->values[DELIVERY_ID].uuid, error);
	if (found == 0)
		return error_set_word(
		    error, ERROR_CONFLICT, "DELIVERY_WAITING", "The delivery has not ended yet.");
	if (found < 0 || audit_replay(&operation->context, keys, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}

int licensing_webhook_replay(struct operation *operation, struct error *error)
{
	struct row *keys = read_delivery_keys(operation, error);

	return keys != NULL ? operation_transaction(operation, put_again, keys, error) : -1;
}
