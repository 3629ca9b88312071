#include "record/sealed.h"

#include "auth/sealing.h"
#include "record/record.h"

#define ROWS_AT_ONCE 8 /* a value may have megabytes */

uint64_t sealed_members(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_ENCRYPTED)
			mask |= FIELD_BIT(i);
	}
	return mask;
}

/* Where a value belongs: the table and column, not the member, whose name may change. */
static struct str name_place(struct arena *arena, const struct resource *resource,
    const struct field *field, const struct value *key)
{
	struct str row = row_print_key(arena, resource, key);
	struct buf text = { 0 };
	struct str copy;

	buf_append(&text, resource->table, strlen(resource->table) + 1);
	buf_append(&text, field->column, strlen(field->column) + 1);
	buf_append_str(&text, row);
	copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return row.data != NULL ? copy : row;
}

static int seal_value(const struct settings *settings, struct arena *arena, const char *id,
    const struct resource *resource, const struct field *field, const struct value *key,
    struct str plain, struct str *sealed, struct error *error)
{
	struct str place = name_place(arena, resource, field, key);
	enum seal_state state = SEAL_FAILED;

	if (place.data != NULL)
		state =
		    seal_under(settings->seal_keys, id, SEAL_FIELD, place, plain, arena, sealed);
	if (state == SEAL_GOOD)
		return 0;
	error->cause = ERROR_CAUSE_KEY_FILE;
	return error_set_detail(error, ERROR_UNAVAILABLE,
	    "a value of %s.%s cannot be encrypted: %s", resource->table, field->column,
	    seal_state_text(state));
}

/* "t.column = ?"; what stood in clear before goes, unless it is a member by itself. */
static void append_assignment(
    struct sql *sql, const struct resource *resource, const struct field *field, struct str sealed)
{
	struct bind value = BIND_BYTES(sealed);

	value.null = sealed.data == NULL;
	sql_append(sql, "t.");
	sql_append(sql, field->column);
	sql_append(sql, " = ?");
	sql_bind(sql, value);
	if (field->former == NULL || resource_has_column(resource, field->former))
		return;
	sql_append(sql, ", t.");
	sql_append(sql, field->former);
	sql_append(sql, " = NULL");
}

static void begin_update(struct sql *sql, struct arena *arena, const struct resource *resource)
{
	sql_init(sql, arena);
	sql_append(sql, "UPDATE ");
	sql_append(sql, resource->table);
	sql_append(sql, " t SET ");
}

int sealed_write(
    struct context *context, const struct row *row, const struct row *key, struct error *error)
{
	const struct resource *resource = row->resource;
	uint64_t members = sealed_members(resource) & row->present;
	const struct value *name = &key->values[resource_key(resource)];
	char id[SEAL_ID_TEXT] = "";
	struct outcome outcome;
	bool first = true;
	struct sql sql;

	if (members != 0 && !row_filled(key, resource_key(resource)))
		return error_set_detail(
		    error, ERROR_INTERNAL, "a secret of a %s without its key", resource->name);
	begin_update(&sql, context->arena, resource);
	for (unsigned i = 0; i < resource->field_count; i++) {
		struct str sealed = { NULL, 0 };

		if (!(members & FIELD_BIT(i)))
			continue;
		if (!row->values[i].null && id[0] == '\0' &&
		    sealing_hold(context->database, context->settings, context->arena, id, error) !=
			0)
			return -1;
		if (!row->values[i].null &&
		    seal_value(context->settings, context->arena, id, resource,
			&resource->fields[i], name, row->values[i].text, &sealed, error) != 0)
			return -1;
		if (!first)
			sql_append(&sql, ", ");
		first = false;
		append_assignment(&sql, resource, &resource->fields[i], sealed);
	}
	if (first)
		return 0;
	sql_where_field(&sql, resource, resource_key(resource), name);
	return record_execute(context, &sql, resource, &outcome, error);
}

int sealed_open(const struct settings *settings, struct arena *arena,
    const struct resource *resource, unsigned field, const struct value *key, struct str sealed,
    struct str *plain, struct error *error)
{
	struct str place = name_place(arena, resource, &resource->fields[field], key);
	enum seal_state state = SEAL_FAILED;

	if (place.data != NULL)
		state = unseal(settings->seal_keys, SEAL_FIELD, place, sealed, arena, plain);
	if (state == SEAL_GOOD)
		return 0;
	error->cause = ERROR_CAUSE_KEY_FILE;
	return error_set_detail(error, ERROR_UNAVAILABLE,
	    "a value of %s.%s cannot be decrypted: %s", resource->table,
	    resource->fields[field].column, seal_state_text(state));
}

/* --- all values of one member --- */

static const struct field *field_of(const struct sealed_work *work)
{
	return &work->resource->fields[work->field];
}

static const struct field *key_of(const struct sealed_work *work)
{
	return &work->resource->fields[resource_key(work->resource)];
}

static void append_column(struct sql *sql, const char *column)
{
	sql_append(sql, "t.");
	sql_append(sql, column);
}

/* "SELECT key, column FROM table", for the next portion behind `last` (NULL = from the start). */
static void begin_portion(
    const struct sealed_work *work, const char *column, const struct value *last, struct sql *sql)
{
	sql_init(sql, work->arena);
	sql_select_members(sql, work->resource, FIELD_BIT(resource_key(work->resource)));
	sql_append(sql, ", ");
	append_column(sql, column);
	sql_result(sql, BIND_BINARY);
	sql_append(sql, " FROM ");
	sql_append(sql, work->resource->table);
	sql_append(sql, " t");
	sql_where(sql, "");
	append_column(sql, column);
	sql_append(sql, " IS NOT NULL");
	if (last != NULL) {
		sql_where(sql, "");
		sql_column(sql, key_of(work));
		sql_append(sql, " > ?");
		sql_bind(sql, sql_bind_of(key_of(work), last));
	}
}

static int take_portion(
    struct sealed_work *work, struct sql *sql, struct result *result, struct error *error)
{
	sql_append(sql, " ORDER BY ");
	sql_column(sql, key_of(work));
	sql_append(sql, " LIMIT ?");
	sql_bind(sql, BIND_INT(ROWS_AT_ONCE));
	return sql_run_select(sql, work->database, result, error);
}

/* One value on its way into its column. */
struct step {
	struct sealed_work *work;
	struct value key;
	struct str plain;
	struct str before;  /* what the column holds that it comes from */
	const char *column; /* its name */
	bool changed;
};

/* Stores nothing where somebody has changed the value meanwhile. */
static int store_step(void *context, struct error *error)
{
	struct step *step = context;
	struct sealed_work *work = step->work;
	bool moves = step->column != field_of(work)->column;
	char id[SEAL_ID_TEXT];
	struct outcome outcome;
	struct str sealed;
	struct sql sql;

	if (sealing_hold(work->database, work->settings, work->arena, id, error) != 0 ||
	    seal_value(work->settings, work->arena, id, work->resource, field_of(work), &step->key,
		step->plain, &sealed, error) != 0)
		return -1;
	begin_update(&sql, work->arena, work->resource);
	append_column(&sql, field_of(work)->column);
	sql_append(&sql, " = ?");
	sql_bind(&sql, BIND_BYTES(sealed));
	if (moves) {
		sql_append(&sql, ", ");
		append_column(&sql, step->column);
		sql_append(&sql, " = NULL");
	}
	sql_where_field(&sql, work->resource, resource_key(work->resource), &step->key);
	sql_where(&sql, "");
	append_column(&sql, step->column);
	sql_append(&sql, " = ?");
	sql_bind(&sql, moves ? BIND_STR(step->before) : BIND_BYTES(step->before));
	if (sql_run_change(&sql, work->database, &outcome, error) != 0)
		return -1;
	step->changed = outcome.affected > 0;
	return 0;
}

static int run_step(struct step *step, struct error *error)
{
	if (database_transaction(step->work->database, store_step, step, error) != 0)
		return -1;
	step->work->done += step->changed;
	return 0;
}

/* A key that outlives the portion: numbers and identifiers do by themselves, text is kept apart. */
static bool keep_key(
    const struct sealed_work *work, const struct value *key, struct buf *text, struct value *kept)
{
	*kept = *key;
	if (field_holds(key_of(work)) == VALUE_TEXT) {
		buf_reset(text, SIZE_MAX);
		buf_append_str(text, key->text);
		kept->text = buf_str(text);
	}
	return !text->failed;
}

static struct value key_value(const struct sealed_work *work, const struct bind *bind)
{
	return sql_value_of(key_of(work), bind);
}

static void where_secret(const struct sealed_work *work, struct sql *sql)
{
	if (field_of(work)->former_condition != NULL)
		sql_where_own(sql, field_of(work)->former_condition);
}

static int convert_portion(struct sealed_work *work, unsigned *count, struct error *error)
{
	const char *former = field_of(work)->former;
	struct result result;
	struct sql sql;

	arena_reset(work->arena);
	begin_portion(work, former, NULL, &sql);
	where_secret(work, &sql);
	if (take_portion(work, &sql, &result, error) != 0)
		return -1;
	*count = result.count;
	for (unsigned i = 0; i < result.count; i++) {
		struct step step = {
			.work = work,
			.key = key_value(work, &result.rows[i][0]),
			.plain = result.rows[i][1].text,
			.before = result.rows[i][1].text,
			.column = former,
		};

		if (run_step(&step, error) != 0)
			return -1;
	}
	return 0;
}

int sealed_convert(struct sealed_work *work, struct error *error)
{
	unsigned count = field_of(work)->former != NULL ? ROWS_AT_ONCE : 0;

	while (count == ROWS_AT_ONCE) {
		if (convert_portion(work, &count, error) != 0)
			return -1;
	}
	return 0;
}

/* One number of a finished statement. */
static int64_t select_number(struct sealed_work *work, struct sql *sql, struct error *error)
{
	int64_t count;

	sql_result(sql, BIND_INTEGER);
	return sql_run_count(sql, work->database, &count, error) == 0 ? count : -1;
}

int64_t sealed_count_clear(struct sealed_work *work, struct error *error)
{
	struct sql sql;

	if (field_of(work)->former == NULL)
		return 0;
	arena_reset(work->arena);
	sql_init(&sql, work->arena);
	sql_append(&sql, "SELECT COUNT(*) FROM ");
	sql_append(&sql, work->resource->table);
	sql_append(&sql, " t");
	sql_where(&sql, "");
	append_column(&sql, field_of(work)->former);
	sql_append(&sql, " IS NOT NULL");
	where_secret(work, &sql);
	return select_number(work, &sql, error);
}

/* "SUBSTR(t.column, 2, 4)": the id of the key, behind the version. */
static void append_id(const struct sealed_work *work, struct sql *sql)
{
	sql_append(sql, "SUBSTR(");
	append_column(sql, field_of(work)->column);
	sql_append(sql, ", 2, 4)");
}

/* Opens one value, and seals it anew unless it is only to be looked at. */
static int open_value(
    struct sealed_work *work, const struct bind *record, bool renew, struct error *error)
{
	struct step step = { .work = work, .column = field_of(work)->column };
	struct str place;
	enum seal_state state = SEAL_FAILED;

	step.key = key_value(work, &record[0]);
	step.before = record[1].text;
	place = name_place(work->arena, work->resource, field_of(work), &step.key);
	if (place.data != NULL)
		state = unseal(work->settings->seal_keys, SEAL_FIELD, place, step.before,
		    work->arena, &step.plain);
	if (state == SEAL_FAILED)
		return error_out_of_memory(error);
	if (state == SEAL_GOOD && renew)
		return run_step(&step, error);
	if (state == SEAL_GOOD) {
		work->done++;
		return 0;
	}
	work->failed++;
	if (work->lost != NULL)
		work->lost(work->context, work,
		    row_print_key(work->arena, work->resource, &step.key), seal_state_text(state));
	return 0;
}

/* The next values behind `last`: those that are not sealed under `id`, all where that is NULL. */
static int open_portion(struct sealed_work *work, const char *id, struct value *last,
    struct buf *text, unsigned *count, struct error *error)
{
	struct result result;
	struct value key;
	struct sql sql;

	arena_reset(work->arena);
	begin_portion(work, field_of(work)->column, last->null ? NULL : last, &sql);
	if (id != NULL) {
		sql_where(&sql, "");
		append_id(work, &sql);
		sql_append(&sql, " <> UNHEX(?)");
		sql_bind(&sql, BIND_STR(str_from(id)));
	}
	if (take_portion(work, &sql, &result, error) != 0)
		return -1;
	*count = result.count;
	for (unsigned i = 0; i < result.count; i++) {
		if (open_value(work, result.rows[i], id != NULL, error) != 0)
			return -1;
	}
	if (result.count == 0)
		return 0;
	key = key_value(work, &result.rows[result.count - 1][0]);
	return keep_key(work, &key, text, last) ? 0 : error_out_of_memory(error);
}

static int open_all(struct sealed_work *work, const char *id, struct error *error)
{
	struct value last = { .null = true };
	struct buf text = { 0 };
	unsigned count = ROWS_AT_ONCE;
	int result = 0;

	while (result == 0 && count == ROWS_AT_ONCE)
		result = open_portion(work, id, &last, &text, &count, error);
	buf_free(&text);
	return result;
}

int sealed_renew(struct sealed_work *work, struct error *error)
{
	char id[SEAL_ID_TEXT];

	if (sealing_check(work->database, work->settings, work->arena, id, error) != 0)
		return -1;
	return open_all(work, id, error);
}

int sealed_verify(struct sealed_work *work, struct error *error)
{
	return open_all(work, NULL, error);
}

int sealed_count_by_key(struct sealed_work *work,
    void (*each)(void *context, const struct sealed_work *work, const char *id, int64_t count),
    struct error *error)
{
	struct result result;
	struct sql sql;

	arena_reset(work->arena);
	sql_init(&sql, work->arena);
	sql_append(&sql, "SELECT LOWER(HEX(");
	append_id(work, &sql);
	sql_append(&sql, ")) sealed_under, COUNT(*) FROM ");
	sql_append(&sql, work->resource->table);
	sql_append(&sql, " t");
	sql_where(&sql, "");
	append_column(&sql, field_of(work)->column);
	sql_append(&sql, " IS NOT NULL GROUP BY sealed_under ORDER BY sealed_under");
	sql_result(&sql, BIND_TEXT);
	sql_result(&sql, BIND_INTEGER);
	if (sql_run_select(&sql, work->database, &result, error) != 0)
		return -1;
	for (unsigned i = 0; i < result.count; i++) {
		char id[SEAL_ID_TEXT];
		struct str text = str_slice(result.rows[i][0].text, 0, SEAL_ID_TEXT - 1);

		memcpy(id, text.data, text.length);
		id[text.length] = '\0';
		each(work->context, work, id, result.rows[i][1].integer);
	}
	return 0;
}

int sealed_forget(struct sealed_work *work, const char *id, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	arena_reset(work->arena);
	begin_update(&sql, work->arena, work->resource);
	append_column(&sql, field_of(work)->column);
	sql_append(&sql, " = NULL");
	sql_where(&sql, "");
	append_id(work, &sql);
	sql_append(&sql, " = UNHEX(?)");
	sql_bind(&sql, BIND_STR(str_from(id)));
	if (sql_run_change(&sql, work->database, &outcome, error) != 0)
		return -1;
	work->done += (int64_t)outcome.affected;
	return 0;
}
