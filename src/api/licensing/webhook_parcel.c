/*
 * Deliveries as the deliverer needs them. It has SQL of its own for one look at all that a delivery
 * is made of, secrets that are used among them, which no operation reads; and for what came of it,
 * which is no change that anybody makes.
 */
#include "api/licensing/webhook_parcel.h"

#include "api/licensing/webhook.h"
#include "record/sealed.h"

enum column {
	COLUMN_WEBHOOK,
	COLUMN_BODY,
	COLUMN_URL,
	COLUMN_ENABLED,
	COLUMN_SECOND_IS_CURRENT,
	COLUMN_FORMER_SIGNS,
	COLUMN_FIRST_SECRET,
	COLUMN_SECOND_SECRET,
	COLUMN__MAX
};

static int select_parcel(
    struct context *context, struct uuid delivery, struct result *result, struct error *error)
{
	static const char sql[] =
	    "SELECT w.id, d.payload, w.url, w.enabled AND COALESCE(u.enabled, w.owner_id IS NULL), "
	    "w.second_is_current, COALESCE(w.former_until > UTC_TIMESTAMP(6), FALSE), "
	    "w.first_secret, w.second_secret FROM " WEBHOOK_DELIVERY_TABLE " d JOIN " WEBHOOK_TABLE
	    " w ON w.id = d.webhook_id LEFT JOIN user u ON u.id = w.owner_id WHERE d.id = ?";
	static const enum bind_kind columns[COLUMN__MAX] = {
		[COLUMN_WEBHOOK] = BIND_INTEGER,
		[COLUMN_BODY] = BIND_TEXT,
		[COLUMN_URL] = BIND_TEXT,
		[COLUMN_ENABLED] = BIND_INTEGER,
		[COLUMN_SECOND_IS_CURRENT] = BIND_INTEGER,
		[COLUMN_FORMER_SIGNS] = BIND_INTEGER,
		[COLUMN_FIRST_SECRET] = BIND_BINARY,
		[COLUMN_SECOND_SECRET] = BIND_BINARY,
	};
	const struct bind id = BIND_ID(delivery);

	return database_select(
	    context->database, context->arena, sql, &id, 1, columns, COLUMN__MAX, result, error);
}

static int open_secret(struct context *context, struct webhook_parcel *parcel,
    const struct bind *row, bool second, struct error *error)
{
	const struct bind *sealed = &row[second ? COLUMN_SECOND_SECRET : COLUMN_FIRST_SECRET];
	const struct value key = { .integer = parcel->webhook };

	if (sealed->null)
		return 0;
	return sealed_open(context->settings, context->arena, &licensing_webhook_resource,
	    second ? WEBHOOK_SECOND_SECRET : WEBHOOK_FIRST_SECRET, &key, sealed->text,
	    &parcel->secrets[parcel->secret_count++], error);
}

int webhook_parcel_read(struct context *context, struct uuid delivery,
    struct webhook_parcel *parcel, struct error *error)
{
	struct result result;
	const struct bind *row;
	bool second;

	if (select_parcel(context, delivery, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	row = result.rows[0];
	second = row[COLUMN_SECOND_IS_CURRENT].integer != 0;
	*parcel = (struct webhook_parcel){
		.delivery = delivery,
		.webhook = row[COLUMN_WEBHOOK].integer,
		.enabled = row[COLUMN_ENABLED].integer != 0,
		.url = row[COLUMN_URL].text,
		.body = row[COLUMN_BODY].text,
	};
	if (open_secret(context, parcel, row, second, error) != 0 ||
	    (row[COLUMN_FORMER_SIGNS].integer != 0 &&
		open_secret(context, parcel, row, !second, error) != 0))
		return -1;
	return 1;
}

int webhook_parcel_note(struct context *context, const struct webhook_parcel *parcel,
    const struct webhook_outcome *outcome, struct error *error)
{
	struct bind body = BIND_STR(outcome->body);
	const struct bind delivery[] = { BIND_INT(outcome->status), body,
		BIND_ID(parcel->delivery) };
	const struct bind failed[] = { BIND_STR(str_from(outcome->reason)),
		BIND_INT(parcel->webhook) };
	struct outcome ignored;

	if (database_execute(context->database,
		"UPDATE " WEBHOOK_DELIVERY_TABLE
		" SET response_status = NULLIF(?, 0), response_body = NULLIF(?, '') WHERE id = ?",
		delivery, COUNT_OF(delivery), &ignored, error) != 0)
		return -1;
	if (outcome->delivered)
		return database_execute(context->database,
		    "UPDATE " WEBHOOK_TABLE " SET last_success_at = UTC_TIMESTAMP(6) WHERE id = ?",
		    &failed[1], 1, &ignored, error);
	return database_execute(context->database,
	    "UPDATE " WEBHOOK_TABLE
	    " SET last_failure_at = UTC_TIMESTAMP(6), last_error = ? WHERE id = ?",
	    failed, COUNT_OF(failed), &ignored, error);
}

static int store_change(struct context *context, void *data, struct error *error)
{
	return record_update(context, &licensing_webhook_record, data, error);
}

int webhook_parcel_disable(struct context *context, const struct webhook_parcel *parcel,
    const char *reason, struct error *error)
{
	struct row *keys = row_new(context->arena, &licensing_webhook_resource);
	struct row *row = row_new(context->arena, &licensing_webhook_resource);
	struct record_change change = { .keys = keys, .sent = row };

	if (keys == NULL || row == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, WEBHOOK_ID, parcel->webhook);
	row_set_boolean(row, WEBHOOK_ENABLED, false);
	row_set_text(row, WEBHOOK_DISABLED_REASON, str_from(reason));
	return record_transaction(context, store_change, &change, error);
}
