#include "record/audit.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "auth/role.h"
#include "codec/row.h"
#include "record/row_count.h"

#define TEXT_KEPT 1000 /* longest text of one member, in bytes */
#define KEY_KEPT 800   /* of the message, which holds 1,000 characters; the entry has it whole */
#define TEMPLATE "The {Resource} {Key} was {Action}."
#define TEMPLATE_EVENT "The {Resource} was {Action}."

/* Entries are written alike, whatever the habits of the family that they tell of. */
static const struct family style = { .name = "log", .json_time = TIMESTAMP_UTC };

static const char *const action_words[] = {
	[AUDIT_INSERT] = "created",
	[AUDIT_UPDATE] = "changed",
	[AUDIT_DELETE] = "deleted",
};

/*
 * A license or an image would swell the log: what it began with and how long it was will do. The
 * digest shows whether it has changed behind that, and which of two copies it was.
 */
static void write_text(struct writer *writer, const char *name, struct str text)
{
	struct buf cut = { 0 };
	uint8_t digest[EVP_MAX_MD_SIZE];

	buf_append_cut(&cut, text, TEXT_KEPT);
	if (text.length > TEXT_KEPT &&
	    EVP_Digest(text.data, text.length, digest, NULL, EVP_sha256(), NULL) == 1) {
		buf_append_text(&cut, ", SHA-256 ");
		for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
			buf_printf(&cut, "%02x", digest[i]);
	}
	writer_text(writer, name, buf_str(&cut));
	buf_free(&cut);
}

static bool is_secret(const struct field *field)
{
	return (field->flags & (FIELD_SECRET | FIELD_ECHO | FIELD_WRITEONLY | FIELD_MASKED)) != 0;
}

/* Lists and maps are whole or, when they are long, text that can be cut. */
static bool is_text(const struct field *field, const struct value *value)
{
	enum lexical lexical = field_type_info(field->type)->lexical;

	return lexical == LEXICAL_TEXT ||
	       (lexical == LEXICAL_JSON && value->text.length > TEXT_KEPT);
}

static void write_members(
    struct writer *writer, const char *name, const struct row *row, uint64_t mask);

static void write_list(struct writer *writer, const char *name, const struct row_list *list)
{
	writer_array_begin(writer, name, "item");
	for (unsigned i = 0; i < list->count; i++)
		write_members(writer, NULL, list->rows[i], UINT64_MAX);
	writer_array_end(writer);
}

static void write_member(struct writer *writer, const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];
	const struct value *value = &row->values[number];

	if (is_secret(field) && !value->null)
		writer_text(writer, field->name, STR(FIELD_MASK));
	else if (value->null)
		writer_null(writer, field->name);
	else if (field_holds(field) == VALUE_LIST)
		write_list(writer, field->name, &value->list);
	else if (field_holds(field) == VALUE_ROW)
		write_members(writer, field->name, value->row, UINT64_MAX);
	else if (is_text(field, value))
		write_text(writer, field->name, value->text);
	else
		writer_value(writer, field->name, field, value);
}

/* Rows that are only looked up belong to another entry. */
static bool is_recorded(const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];

	return row_has(row, number) && !(field->flags & FIELD_HIDDEN) &&
	       (field->relation == NULL || field_holds(field) == VALUE_LIST);
}

static void write_members(
    struct writer *writer, const char *name, const struct row *row, uint64_t mask)
{
	writer_object_begin(writer, name);
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if ((mask & FIELD_BIT(i)) && is_recorded(row, i))
			write_member(writer, row, i);
	}
	writer_object_end(writer);
}

/* Compares by what would be printed, unmasked, since types know no equality of their own. */
static bool is_changed(const struct row *before, const struct row *after, unsigned number)
{
	const struct row *rows[] = { before, after };
	const struct field *field = &after->resource->fields[number];
	struct buf texts[2] = { { 0 }, { 0 } };
	bool changed;

	if (!row_has(before, number))
		return true;
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		const struct value *value = &rows[i]->values[number];
		struct writer writer;

		writer_init(&writer, MEDIA_JSON, &style, &texts[i]);
		if (value->null)
			writer_null(&writer, NULL);
		else if (field_holds(field) == VALUE_LIST)
			row_write_list(&writer, NULL, field->relation->target, value->list.rows,
			    value->list.count);
		else if (field_holds(field) == VALUE_ROW)
			row_write(&writer, NULL, value->row);
		else
			writer_value(&writer, NULL, field, value);
	}
	changed = !str_equal(buf_str(&texts[0]), buf_str(&texts[1]));
	buf_free(&texts[0]);
	buf_free(&texts[1]);
	return changed;
}

/* Members that an update has changed. */
static uint64_t changed_mask(const struct row *before, const struct row *after)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < after->resource->field_count; i++) {
		if (is_recorded(after, i) && is_changed(before, after, i))
			mask |= FIELD_BIT(i);
	}
	return mask;
}

static struct str key_text(struct context *context, const struct row *row)
{
	const struct print_style print_style = { .time = TIMESTAMP_UTC };
	struct buf text = { 0 };
	struct str copy;

	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];
		const struct field_type_info *type = field_type_info(field->type);

		if (!(field->flags & FIELD_KEY) || !row_filled(row, i))
			continue;
		if (text.length > 0)
			buf_append_char(&text, '/');
		if (type->print != NULL)
			type->print(&text, field, &row->values[i], &print_style);
		else
			buf_append_str(&text, row->values[i].text);
	}
	copy = arena_str(context->arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

/* Who, what and in which request: what all entries begin with. */
static void write_origin(struct writer *writer, const struct context *context,
    enum audit_action action, const char *what, struct str key)
{
	static const char *const actions[] = { "insert", "update", "delete" };
	const struct principal *principal = context->actor.principal;
	char user[UUID_TEXT_LENGTH];

	writer_text(writer, "action", str_from(actions[action]));
	writer_text(writer, "resource", str_from(what));
	if (key.length > 0)
		writer_text(writer, "key", key);
	if (principal != NULL) {
		uuid_print(&principal->user, user);
		writer_text(writer, "userId", (struct str){ user, sizeof(user) });
		writer_integer(writer, "keyId", principal->key_id);
	}
	if (context->actor.request_id != NULL)
		writer_text(writer, "requestId", str_from(context->actor.request_id));
	writer_text(writer, "clientAddress", context->actor.address);
}

static struct bind bind_area(enum area area)
{
	struct bind bind = BIND_STR(str_from(area_name(area)));

	bind.null = area == AREA_NONE;
	return bind;
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

static int store_entry(struct context *context, enum audit_action action, enum area area,
    const char *what, struct str key, struct buf *properties, struct error *error)
{
	static const char insert[] = "INSERT INTO log_entry (message, message_template, level, "
				     "time_stamp, area, properties) "
				     "VALUES (?, ?, 'Information', ?, ?, ?)";
	const char *message =
	    key.length > 0
		? arena_printf(context->arena, "The %s " STR_FORMAT " was %s.", what,
		      STR_ARGUMENTS(str_cut(key, KEY_KEPT)), action_words[action])
		: arena_printf(context->arena, "The %s was %s.", what, action_words[action]);
	struct outcome outcome = { 0 };
	int result;

	if (properties->failed) {
		result = error_out_of_memory(error);
	} else {
		const struct bind values[] = {
			BIND_STR(str_from(message)),
			BIND_STR(str_from(key.length > 0 ? TEMPLATE : TEMPLATE_EVENT)),
			BIND_MOMENT(timestamp_now()),
			bind_area(area),
			BIND_STR(buf_str(properties)),
		};

		result = database_execute(
		    context->database, insert, values, COUNT_OF(values), &outcome, error);
		context->log_entry = (int64_t)outcome.insert_id;
		if (result == 0)
			result = row_count_add(context, AUDIT_TABLE, 1, error);
	}
	buf_free(properties);
	return result;
}

int audit_record(struct context *context, enum audit_action action, const struct resource *resource,
    const struct row *before, const struct row *after, struct error *error)
{
	const struct row *named = after != NULL ? after : before;
	struct str key = named != NULL ? key_text(context, named) : STR("");
	uint64_t mask = UINT64_MAX;
	struct buf properties = { 0 };
	struct writer writer;

	if (before != NULL && after != NULL)
		mask = changed_mask(before, after);
	writer_init(&writer, MEDIA_JSON, &style, &properties);
	writer_object_begin(&writer, NULL);
	write_origin(&writer, context, action, resource->name, key);
	if (before != NULL)
		write_members(&writer, "before", before, mask);
	if (after != NULL)
		write_members(&writer, "after", after, mask);
	writer_object_end(&writer);
	return store_entry(
	    context, action, resource->area, resource->name, key, &properties, error);
}

int audit_record_event(struct context *context, enum audit_action action, enum area area,
    const char *what, struct str key, struct str detail, struct error *error)
{
	struct buf properties = { 0 };
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, &style, &properties);
	writer_object_begin(&writer, NULL);
	write_origin(&writer, context, action, what, key);
	if (detail.length > 0)
		writer_json(&writer, "detail", detail);
	writer_object_end(&writer);
	return store_entry(context, action, area, what, key, &properties, error);
}

int audit_record_rows(struct context *context, enum audit_action action,
    const struct resource *resource, const struct row *keys, int64_t count, struct error *error)
{
	const char *what = arena_printf(context->arena, "%s list", resource->name);
	const char *detail = arena_printf(context->arena, "{\"rows\":%lld}", (long long)count);

	if (what == NULL || detail == NULL)
		return error_out_of_memory(error);
	return audit_record_event(context, action, resource->area, what,
	    keys != NULL ? key_text(context, keys) : STR(""), str_from(detail), error);
}
