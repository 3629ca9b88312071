/*
 * Rows of both logs: who, from where, and what.
 */
#include "codec/writer.h"
#include "record/audit_entry.h"
#include "record/row_count.h"

#define KEY_KEPT 800 /* of the message, which holds 1,000 characters; the entry has it whole */
/* What columns hold in characters, in bytes, of which there are never fewer. */
#define KEY_LONGEST 1000
#define NAME_LONGEST 255
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
	return actor->name.length > 0 ? str_cut(actor->name, NAME_LONGEST)
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
		bind_some(str_cut(actor->address, NAME_LONGEST)),
		bind_some(str_from(actor->request_id)),
		BIND_STR(str_from(actions[entry->action].name)),
		bind_area(entry->area),
		BIND_STR(str_from(entry->what)),
		bind_some(str_cut(entry->key, KEY_LONGEST)),
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

/* One statement for all of them; *first, where their place is asked for, is that of the first. */
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
	/* Of several, there would be a compound statement for each number of them. */
	if (count == 1 && !entries[0].placed)
		return sql_put_off(&sql, context->database, error);
	if (sql_run_change(&sql, context->database, &outcome, error) != 0)
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

int audit_store(
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
