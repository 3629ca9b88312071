#include "record/audit.h"

#include "codec/writer.h"
#include "record/audit_row.h"
#include "record/event.h"
#include "record/row_count.h"

#define KEY_KEPT 800   /* of the message, which holds 1,000 characters; the entry has it whole */
#define NAME_KEPT 1020 /* of an actor: what 255 characters take at most, in bytes */
#define ENTRIES_AT_ONCE 64
#define TEMPLATE "The {Resource} {Key} was {Action}."
#define TEMPLATE_EVENT "The {Resource} was {Action}."

static const struct {
	const char *name, *past;
} actions[] = {
	[AUDIT_INSERT] = { "insert", "created" },
	[AUDIT_UPDATE] = { "update", "changed" },
	[AUDIT_DELETE] = { "delete", "deleted" },
};

/* What both logs tell of one change. Texts of JSON are made once; without data there is none. */
struct audit_entry {
	int64_t moment;
	enum audit_action action;
	enum area area;
	const char *what;
	struct str key;
	struct str before, after, detail;
	int64_t count;
	bool unchanged; /* what was stored had been stored before: only callers see that */
};

static struct bind bind_some(struct str text)
{
	struct bind bind = BIND_STR(text);

	bind.null = text.length == 0;
	return bind;
}

static struct bind bind_number(int64_t number)
{
	struct bind bind = BIND_INT(number);

	bind.null = number == 0;
	return bind;
}

static struct bind bind_uuid(const struct uuid *id)
{
	struct bind bind = BIND_ID(*id);

	bind.null = uuid_is_zero(id);
	return bind;
}

static struct bind bind_area(enum area area)
{
	struct bind bind = BIND_STR(str_from(area_name(area)));

	bind.null = area == AREA_NONE;
	return bind;
}

/* --- the log that callers see --- */

/* Who, what and in which request: what all entries begin with. */
static void write_origin(
    struct writer *writer, const struct context *context, const struct audit_entry *entry)
{
	const struct principal *principal = context->actor.principal;
	char user[UUID_TEXT_LENGTH];

	writer_text(writer, "action", str_from(actions[entry->action].name));
	writer_text(writer, "resource", str_from(entry->what));
	if (entry->key.length > 0)
		writer_text(writer, "key", entry->key);
	if (principal != NULL) {
		uuid_print(&principal->user, user);
		writer_text(writer, "userId", (struct str){ user, sizeof(user) });
		writer_integer(writer, "keyId", principal->key_id);
	}
	if (context->actor.request_id != NULL)
		writer_text(writer, "requestId", str_from(context->actor.request_id));
	writer_text(writer, "clientAddress", context->actor.address);
}

static void write_properties(
    struct buf *out, const struct context *context, const struct audit_entry *entry)
{
	const struct {
		const char *name;
		struct str text;
	} members[] = {
		{ "before", entry->before },
		{ "after", entry->after },
		{ "detail", entry->detail },
	};
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, NULL, out);
	writer_object_begin(&writer, NULL);
	write_origin(&writer, context, entry);
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		if (members[i].text.length > 0)
			writer_json(&writer, members[i].name, members[i].text);
	}
	writer_object_end(&writer);
}

static void add_log_row(struct context *context, const struct audit_entry *entry, struct sql *sql)
{
	const char *past = actions[entry->action].past;
	bool named = entry->key.length > 0;
	const char *message =
	    named ? arena_printf(context->arena, "The %s " STR_FORMAT " was %s.", entry->what,
			STR_ARGUMENTS(str_cut(entry->key, KEY_KEPT)), past)
		  : arena_printf(context->arena, "The %s was %s.", entry->what, past);
	struct buf properties = { 0 };
	struct str text;

	write_properties(&properties, context, entry);
	text = arena_str(context->arena, buf_str(&properties));
	sql->failed |= properties.failed || text.data == NULL || message[0] == '\0';
	buf_free(&properties);
	sql_bind(sql, BIND_STR(str_from(message)));
	sql_bind(sql, BIND_STR(str_from(named ? TEMPLATE : TEMPLATE_EVENT)));
	sql_bind(sql, BIND_MOMENT(entry->moment));
	sql_bind(sql, bind_area(entry->area));
	sql_bind(sql, BIND_STR(text));
}

void audit_where_seen(const struct context *context, struct sql *sql)
{
	bool first = true;

	if (sight_is_whole(&context->sight))
		return;
	sql_where(sql, "t.area IN (");
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (!(context->sight.areas & AREA_BIT(area)))
			continue;
		sql_append(sql, first ? "?" : ", ?");
		sql_bind(sql, bind_area(area));
		first = false;
	}
	sql_append(sql, first ? "NULL)" : ")");
}

/* --- the audit log --- */

static struct str name_of_actor(const struct actor *actor)
{
	if (actor->kind == ACTOR_CALLER && actor->principal != NULL)
		return str_from(actor->principal->user_name);
	return actor->name.length > 0 ? str_cut(actor->name, NAME_KEPT)
				      : str_from(actor_sort(actor));
}

static void add_audit_row(struct context *context, const struct audit_entry *entry, struct sql *sql)
{
	const struct actor *actor = &context->actor;
	const struct principal made = { .user = actor->user, .client = actor->client };
	const struct principal *principal = actor->principal != NULL ? actor->principal : &made;
	const struct bind values[] = {
		BIND_MOMENT(entry->moment),
		BIND_STR(str_from(actor_sort(actor))),
		BIND_STR(name_of_actor(actor)),
		bind_uuid(&principal->user),
		bind_number(principal->key_id),
		bind_uuid(&principal->client),
		bind_uuid(&principal->session),
		bind_some(actor->address),
		bind_some(str_from(actor->request_id)),
		BIND_STR(str_from(actions[entry->action].name)),
		bind_area(entry->area),
		BIND_STR(str_from(entry->what)),
		bind_some(entry->key),
		bind_some(entry->before),
		bind_some(entry->after),
		bind_some(entry->detail),
		bind_number(entry->count),
	};

	for (size_t i = 0; i < COUNT_OF(values); i++)
		sql_bind(sql, values[i]);
}

/* --- both --- */

/* How entries become rows of a log. */
static const struct log {
	const char *insert, *row;
	void (*add_row)(struct context *context, const struct audit_entry *entry, struct sql *sql);
} callers_log = {
	.insert = "INSERT INTO " LOG_TABLE " (message, message_template, level, time_stamp, area, "
		  "properties) VALUES ",
	.row = "(?, ?, 'Information', ?, ?, ?)",
	.add_row = add_log_row,
}, audit_log = {
	.insert =
	    "INSERT INTO " AUDIT_TABLE
	    " (made_at, actor_kind, actor_name, user_id, key_id, client_id, session_id, address, "
	    "request_id, action, area, resource, row_key, before_row, after_row, detail, "
	    "row_count) VALUES ",
	.row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	.add_row = add_audit_row,
};

/* One statement for all of them; *first is the number of the first one. */
static int insert_entries(struct context *context, const struct log *log,
    const struct audit_entry *entries, unsigned count, int64_t *first, struct error *error)
{
	struct outcome outcome = { 0 };
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, log->insert);
	for (unsigned i = 0; i < count; i++) {
		sql_append(&sql, i > 0 ? ", " : "");
		sql_append(&sql, log->row);
		log->add_row(context, &entries[i], &sql);
	}
	if (sql.failed)
		return error_out_of_memory(error);
	if (database_execute(
		context->database, sql.text, sql.binds, sql.bind_count, &outcome, error) != 0)
		return -1;
	*first = (int64_t)outcome.insert_id;
	return 0;
}

/* The largest power of two that is neither above `count` nor ENTRIES_AT_ONCE. */
static unsigned portion_of(unsigned count)
{
	unsigned portion = ENTRIES_AT_ONCE;

	while (portion > count)
		portion /= 2;
	return portion;
}

/* In powers of two, so that few statements serve all numbers. */
static int insert_all(struct context *context, const struct log *log,
    const struct audit_entry *entries, unsigned count, int64_t *first, struct error *error)
{
	for (unsigned done = 0, portion; done < count; done += portion) {
		portion = portion_of(count - done);
		if (insert_entries(context, log, entries + done, portion, first, error) != 0)
			return -1;
	}
	return 0;
}

/* Those that tell of a change, in front of the array; returns how many. */
static unsigned keep_changes(struct audit_entry *entries, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!entries[i].unchanged)
			entries[kept++] = entries[i];
	}
	return kept;
}

static int write_entries(
    struct context *context, struct audit_entry *entries, unsigned count, struct error *error)
{
	struct audit_place *place = &context->audit_place;

	*place = (struct audit_place){ 0 };
	if (context->logged &&
	    (insert_all(context, &callers_log, entries, count, &place->log_entry, error) != 0 ||
		row_count_add(context, LOG_TABLE, count, error) != 0))
		return -1;
	count = keep_changes(entries, count);
	return insert_all(context, &audit_log, entries, count, &place->entry, error);
}

int audit_hold(struct context *context, unsigned most, struct error *error)
{
	context->held = (struct audit_held){ .most = most };
	context->held.entries =
	    arena_alloc_array(context->arena, most, sizeof(context->held.entries[0]));
	return context->held.entries != NULL ? 0 : error_out_of_memory(error);
}

int audit_write(struct context *context, struct error *error)
{
	const struct audit_held held = context->held;

	context->held = (struct audit_held){ 0 };
	return held.count > 0 ? write_entries(context, held.entries, held.count, error) : 0;
}

static int store_entries(
    struct context *context, struct audit_entry *entries, unsigned count, struct error *error)
{
	struct audit_held *held = &context->held;
	int64_t now = timestamp_now();

	for (unsigned i = 0; i < count; i++)
		entries[i].moment = now;
	if (held->most - held->count < count)
		return write_entries(context, entries, count, error);
	memcpy(held->entries + held->count, entries, count * sizeof(entries[0]));
	held->count += count;
	return 0;
}

static int store_entry(struct context *context, struct audit_entry *entry, struct error *error)
{
	return store_entries(context, entry, 1, error);
}

static int describe_change(struct context *context, const struct audit_change *change,
    struct audit_entry *entry, struct error *error)
{
	const struct row *before = change->before, *after = change->after;
	const struct row *named = after != NULL ? after : before;
	uint64_t mask =
	    before != NULL && after != NULL ? audit_row_changed(before, after) : UINT64_MAX;

	*entry = (struct audit_entry){
		.action = change->action,
		.key = audit_row_key(context->arena, named),
		.unchanged = mask == 0,
	};
	if (before != NULL)
		entry->before = audit_row_text(context->arena, before, mask);
	if (after != NULL)
		entry->after = audit_row_text(context->arena, after, mask);
	return arena_exhausted(context->arena) || (before != NULL && entry->before.data == NULL) ||
		       (after != NULL && entry->after.data == NULL)
		   ? error_out_of_memory(error)
		   : 0;
}

static int record_changes(struct context *context, const struct resource *resource,
    const struct audit_change *changes, unsigned count, struct error *error)
{
	struct audit_entry *entries;

	for (unsigned i = 0; i < count; i++) {
		if (event_put(context, resource, changes[i].before, changes[i].after, error) != 0)
			return -1;
	}
	if (resource->unaudited != NULL || count == 0)
		return 0;
	entries = arena_alloc_array(context->arena, count, sizeof(entries[0]));
	if (entries == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++) {
		if (describe_change(context, &changes[i], &entries[i], error) != 0)
			return -1;
		entries[i].area = resource->area;
		entries[i].what = resource->name;
	}
	return store_entries(context, entries, count, error);
}

int audit_record(struct context *context, enum audit_action action, const struct resource *resource,
    const struct row *before, const struct row *after, struct error *error)
{
	const struct audit_change change = { action, before, after };

	return record_changes(context, resource, &change, 1, error);
}

int audit_record_all(struct context *context, const struct audit_change *changes, unsigned count,
    struct error *error)
{
	const struct row *row;

	if (count == 0)
		return 0;
	row = changes[0].after != NULL ? changes[0].after : changes[0].before;
	return record_changes(context, row->resource, changes, count, error);
}

int audit_record_event(
    struct context *context, const struct audit_event *event, struct error *error)
{
	struct audit_entry entry = {
		.action = event->action,
		.area = event->area,
		.what = event->what,
		.key = event->key,
		.detail = event->detail,
		.count = event->count,
	};

	return store_entry(context, &entry, error);
}

/* How many rows, and what names them. Without data when memory is out. */
static struct str describe_rows(struct arena *arena, const struct row *keys, int64_t count)
{
	struct buf detail = { 0 };
	struct writer writer;
	struct str copy;

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_integer(&writer, "rows", count);
	if (keys != NULL)
		writer_json(&writer, "of", audit_row_text(arena, keys, UINT64_MAX));
	writer_object_end(&writer);
	copy = detail.failed ? (struct str){ NULL, 0 } : arena_str(arena, buf_str(&detail));
	buf_free(&detail);
	return copy;
}

int audit_record_rows(struct context *context, enum audit_action action,
    const struct resource *resource, const struct row *keys, int64_t count, struct error *error)
{
	struct audit_entry entry = {
		.action = action,
		.area = resource->area,
		.what = resource->name,
		.count = count,
	};

	if (resource->unaudited != NULL)
		return 0;
	if (keys != NULL)
		entry.key = audit_row_key(context->arena, keys);
	entry.detail = describe_rows(context->arena, keys, count);
	if (entry.detail.data == NULL || arena_exhausted(context->arena))
		return error_out_of_memory(error);
	return store_entry(context, &entry, error);
}

int audit_recount(
    struct context *context, const struct audit_place *place, int64_t count, struct error *error)
{
	const struct bind audited[] = { BIND_INT(count), BIND_INT(place->entry) };
	const struct bind logged[] = { BIND_INT(count), BIND_INT(place->log_entry) };
	struct outcome outcome;

	if (place->log_entry != 0 &&
	    database_execute(context->database,
		"UPDATE " LOG_TABLE " SET properties = "
		"JSON_COMPACT(JSON_SET(properties, '$.detail.deleted', ?)) "
		"WHERE id = ?",
		logged, COUNT_OF(logged), &outcome, error) != 0)
		return -1;
	return database_execute(context->database,
	    "UPDATE " AUDIT_TABLE " SET row_count = ?, detail = "
	    "JSON_COMPACT(JSON_REPLACE(detail, '$.deleted', "
	    "row_count)) WHERE id = ?",
	    audited, COUNT_OF(audited), &outcome, error);
}
