#include "record/event.h"

#include <stdio.h>

#include "codec/row.h"
#include "queue/kinds.h"
#include "queue/queue.h"
#include "record/audit_row.h"

/* Most webhooks that one statement puts deliveries down for. */
#define PORTION 50

/* Events are written alike, whatever the habits of the family that they tell of. */
static const struct family style = { .name = "event", .json_time = TIMESTAMP_UTC };

struct str event_name(
    const struct resource *resource, enum event_verb verb, char name[EVENT_NAME_MAX + 1])
{
	static const char *const verbs[EVENT_VERB__MAX] = {
		[EVENT_CREATED] = "created",
		[EVENT_UPDATED] = "updated",
		[EVENT_DELETED] = "deleted",
	};

	(void)snprintf(name, EVENT_NAME_MAX + 1, "%s.%s", resource->event, verbs[verb]);
	return str_from(name);
}

/* --- what is delivered --- */

static void write_id(struct writer *writer, const char *name, const struct uuid *id)
{
	char text[UUID_TEXT_LENGTH];

	uuid_print(id, text);
	writer_text(writer, name, (struct str){ text, sizeof(text) });
}

static void write_actor(struct writer *writer, const struct actor *actor)
{
	writer_object_begin(writer, "actor");
	writer_text(writer, "kind", str_from(actor_sort(actor)));
	if (actor->principal != NULL && actor->principal->hosting[0] != '\0')
		writer_text(writer, "hostingAccountId", str_from(actor->principal->hosting));
	else if (actor->principal != NULL)
		write_id(writer, "userId", &actor->principal->user);
	else if (!uuid_is_zero(&actor->user))
		write_id(writer, "userId", &actor->user);
	else if (!uuid_is_zero(&actor->client))
		write_id(writer, "clientId", &actor->client);
	if (actor->principal != NULL && actor->principal->key_id != 0)
		writer_integer(writer, "keyId", actor->principal->key_id);
	writer_object_end(writer);
}

static void begin_event(struct writer *writer, struct buf *out, const struct context *context,
    struct str name, int64_t now)
{
	struct buf moment = { 0 };

	writer_init(writer, MEDIA_JSON, &style, out);
	writer_object_begin(writer, NULL);
	writer_text(writer, "type", name);
	timestamp_print(&moment, now, TIMESTAMP_UTC);
	writer_text(writer, "timestamp", buf_str(&moment));
	out->failed |= moment.failed;
	buf_free(&moment);
	writer_integer(writer, "version", EVENT_VERSION);
	write_actor(writer, &context->actor);
}

static void write_changed(struct writer *writer, const struct row *row, uint64_t changed)
{
	writer_array_begin(writer, "changed", "item");
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if (changed & FIELD_BIT(i))
			writer_text(writer, NULL, str_from(row->resource->fields[i].name));
	}
	writer_array_end(writer);
}

/*
 * Rows that are only looked up have events of their own. Secrets, even masked ones, tell a receiver
 * nothing, and what is too large for a list is too large here.
 */
static bool is_told(const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];

	if (field->relation != NULL && !(field->flags & FIELD_OWNED))
		return false;
	if (field->flags & (FIELD_SECRET | FIELD_ECHO | FIELD_WRITEONLY | FIELD_MASKED))
		return false;
	return !row_filled(row, number) || !field_is_large(field) ||
	       row->values[number].text.length <= FIELD_LISTED_MAX;
}

/* The row as lists show it. NULL when memory is out. */
static struct row *row_as_told(struct arena *arena, const struct row *row)
{
	struct row *told = row_merge(arena, row, row);

	for (unsigned i = 0; told != NULL && i < row->resource->field_count; i++) {
		if (!is_told(row, i))
			told->left_out |= FIELD_BIT(i);
	}
	return told;
}

/* --- who gets it --- */

/* Deliveries of one event that go into the database together. */
struct deliveries {
	struct uuid ids[PORTION];
	int64_t webhooks[PORTION];
	unsigned count;
};

static int store_contents(struct context *context, const struct deliveries *deliveries,
    struct str name, struct str payload, int64_t now, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql,
	    "INSERT INTO " WEBHOOK_DELIVERY_TABLE " (id, webhook_id, type, payload, created_at) "
	    "VALUES ");
	for (unsigned i = 0; i < deliveries->count; i++) {
		sql_append(&sql, i > 0 ? ", (?, ?, ?, ?, ?)" : "(?, ?, ?, ?, ?)");
		sql_bind(&sql, BIND_ID(deliveries->ids[i]));
		sql_bind(&sql, BIND_INT(deliveries->webhooks[i]));
		sql_bind(&sql, BIND_STR(name));
		sql_bind(&sql, BIND_STR(payload));
		sql_bind(&sql, BIND_MOMENT(now));
	}
	if (sql.failed)
		return error_out_of_memory(error);
	return database_execute(
	    context->database, sql.text, sql.binds, sql.bind_count, &outcome, error);
}

static int store_items(
    struct context *context, const struct deliveries *deliveries, struct error *error)
{
	struct queue_entry entries[PORTION];

	for (unsigned i = 0; i < deliveries->count; i++) {
		const char *target =
		    arena_printf(context->arena, "%lld", (long long)deliveries->webhooks[i]);

		if (target == NULL)
			return error_out_of_memory(error);
		entries[i] = (struct queue_entry){ .target = str_from(target),
			.content = deliveries->ids[i] };
	}
	return queue_put(context->database, context->arena, &queue_kinds[QUEUE_WEBHOOK], entries,
	    deliveries->count, error);
}

static int store_deliveries(struct context *context, const struct deliveries *deliveries,
    struct str name, struct str payload, int64_t now, struct error *error)
{
	if (store_contents(context, deliveries, name, payload, now, error) != 0)
		return -1;
	return store_items(context, deliveries, error);
}

/* Each that wants it gets it, from webhook `first` on. */
static int deliver(struct context *context, enum area area, struct str name, int64_t first,
    struct str payload, int64_t now, struct error *error)
{
	struct deliveries deliveries = { .count = 0 };

	for (int64_t webhook = first; webhook != 0;
	     webhook = subscriptions_next(context->subscriptions, name, area, webhook)) {
		deliveries.ids[deliveries.count] = uuid_new();
		deliveries.webhooks[deliveries.count++] = webhook;
		if (deliveries.count < PORTION)
			continue;
		if (store_deliveries(context, &deliveries, name, payload, now, error) != 0)
			return -1;
		deliveries.count = 0;
	}
	return deliveries.count > 0
		   ? store_deliveries(context, &deliveries, name, payload, now, error)
		   : 0;
}

static int put_row(struct context *context, struct str name, int64_t first, const struct row *row,
    const uint64_t *changed, struct error *error)
{
	const struct row *told = row_as_told(context->arena, row);
	int64_t now = timestamp_now();
	struct buf payload = { 0 };
	struct writer writer;
	int result;

	if (told == NULL)
		return error_out_of_memory(error);
	begin_event(&writer, &payload, context, name, now);
	if (changed != NULL)
		write_changed(&writer, row, *changed);
	row_write(&writer, "data", told);
	writer_object_end(&writer);
	result = payload.failed ? error_out_of_memory(error)
				: deliver(context, row->resource->area, name, first,
				      buf_str(&payload), now, error);
	buf_free(&payload);
	return result;
}

int event_put(struct context *context, const struct resource *resource, const struct row *before,
    const struct row *after, struct error *error)
{
	enum event_verb verb = before == NULL  ? EVENT_CREATED
			       : after == NULL ? EVENT_DELETED
					       : EVENT_UPDATED;
	const struct row *row = after != NULL ? after : before;
	char text[EVENT_NAME_MAX + 1];
	uint64_t changed = 0;
	struct str name;
	int64_t first;

	if (resource->event == NULL || context->subscriptions == NULL)
		return 0;
	name = event_name(resource, verb, text);
	first = subscriptions_next(context->subscriptions, name, resource->area, 0);
	if (first == 0)
		return 0;
	if (verb != EVENT_UPDATED)
		return put_row(context, name, first, row, NULL, error);
	changed = audit_row_changed(before, after);
	return changed != 0 ? put_row(context, name, first, row, &changed, error) : 0;
}

/* Where it is delivered first; 0 = nobody wants it. */
static int64_t first_of_happening(const struct context *context, const struct resource *resource,
    const char *happening, char name[EVENT_NAME_MAX + 1])
{
	(void)snprintf(name, EVENT_NAME_MAX + 1, "%s.%s", resource->event, happening);
	return context->subscriptions != NULL
		   ? subscriptions_next(context->subscriptions, str_from(name), resource->area, 0)
		   : 0;
}

bool event_is_wanted(
    const struct context *context, const struct resource *resource, const char *happening)
{
	char name[EVENT_NAME_MAX + 1];

	return first_of_happening(context, resource, happening, name) != 0;
}

int event_put_happening(struct context *context, const struct resource *resource,
    const char *happening, const struct row *row, struct error *error)
{
	char name[EVENT_NAME_MAX + 1];
	int64_t first = first_of_happening(context, resource, happening, name);

	return first != 0 ? put_row(context, str_from(name), first, row, NULL, error) : 0;
}

int event_put_test(
    struct context *context, int64_t webhook, struct uuid *delivery, struct error *error)
{
	const struct deliveries deliveries = {
		.ids = { uuid_new() }, .webhooks = { webhook }, .count = 1
	};
	int64_t now = timestamp_now();
	struct buf payload = { 0 };
	struct writer writer;
	int result;

	*delivery = deliveries.ids[0];
	begin_event(&writer, &payload, context, STR(EVENT_TEST), now);
	writer_object_begin(&writer, "data");
	writer_integer(&writer, "webhookId", webhook);
	writer_object_end(&writer);
	writer_object_end(&writer);
	result = payload.failed ? error_out_of_memory(error)
				: store_deliveries(context, &deliveries, STR(EVENT_TEST),
				      buf_str(&payload), now, error);
	buf_free(&payload);
	return result;
}
