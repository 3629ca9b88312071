#include "record/record.h"

#include "record/audit.h"
#include "record/audit_row.h"
#include "record/owned.h"
#include "record/row_count.h"
#include "record/rows.h"
#include "record/sealed.h"
#include "record/select.h"

/* How often an insert is tried whose drawn values are taken. */
#define DRAWS 5

void record_check(
    const struct record *record, const struct row *row, bool insert, struct error *error)
{
	if (row != NULL && record->check != NULL)
		record->check(row, insert, error);
}

/* Members that the maker of a row does not choose. */
static void copy_keys(struct row *row, const struct row *keys)
{
	for (unsigned i = 0; keys != NULL && i < row->resource->field_count; i++) {
		if (row_has(keys, i))
			row_set_value(row, i, &keys->values[i]);
	}
}

int record_prepare(struct context *context, const struct record *record, bool insert,
    struct record_change *change, struct error *error)
{
	if (insert)
		copy_keys(change->sent, change->keys);
	return record->prepare != NULL
		   ? record->prepare(context, insert ? NULL : change->keys, change->sent, error)
		   : 0;
}

/* Members that are shown only now, by whoever wrote them. */
static void echo(const struct row *written, struct row *stored)
{
	for (unsigned i = 0; i < stored->resource->field_count; i++) {
		if ((stored->resource->fields[i].flags & FIELD_ECHO) && row_has(written, i))
			row_set_value(stored, i, &written->values[i]);
	}
}

/*
 * What each attempt begins with. Nobody who has lost a credential meanwhile makes another one; and
 * the rules of one attempt must not see what they did to the row before.
 */
static int begin_change(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	if (record->resource->mints && record_confirm_actor(context, error) != 0)
		return -1;
	context->made = 0;
	change->stored = NULL;
	change->row = row_copy(context->arena, change->sent);
	return change->row != NULL ? 0 : error_out_of_memory(error);
}

/* A row that the actor sees as its own and may not change is told apart from one that is not there.
 */
static int refuse_change(struct context *context, const struct resource *resource,
    const struct row *keys, struct error *error)
{
	if (!context->own_rows_only || error->code != ERROR_NOT_FOUND)
		return -1;
	error_clear(error);
	return record_require_seen(
		   context, &(struct record_set){ .resource = resource, .keys = keys }, error) != 0
		   ? -1
		   : error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
}

/* Locks and reads the row: the audit log tells what it was. */
static int read_before(struct context *context, const struct resource *resource, uint64_t mask,
    struct record_change *change, struct error *error)
{
	if (record_fetch_locked(context, resource, mask, change->keys, &change->before, error) != 0)
		return refuse_change(context, resource, change->keys, error);
	return change->expect != NULL ? change->expect(context, change, error) : 0;
}

static int audit_stored(struct context *context, enum audit_action action,
    const struct record_change *change, struct error *error)
{
	const struct row *after =
	    audit_row_with_secrets(context->arena, change->stored, change->row);

	if (after == NULL)
		return error_out_of_memory(error);
	return audit_record(context, action, after->resource, change->before, after, error);
}

/* The key of a row that was stored just now: what was not given, the database has made. */
static struct row *key_of_new(
    struct arena *arena, const struct row *row, const struct outcome *outcome)
{
	struct row *key = row_new(arena, row->resource);

	for (unsigned i = 0; key != NULL && i < row->resource->field_count; i++) {
		if (!(row->resource->fields[i].flags & FIELD_KEY))
			continue;
		if (row_has(row, i))
			row_set_value(key, i, &row->values[i]);
		else
			row_set_integer(key, i, (int64_t)outcome->insert_id);
	}
	return key;
}

/* What belongs to a row and is stored elsewhere. */
static int store_rest(struct context *context, const struct record *record, const struct row *row,
    const struct row *key, bool insert, struct error *error)
{
	if (sealed_write(context, row, key, error) != 0 ||
	    owned_write(context, row, key, insert, error) != 0)
		return -1;
	return record->after_write != NULL ? record->after_write(context, row, key, insert, error)
					   : 0;
}

/* Members that are stored elsewhere, or by a rule: a statement that stores the row has none. */
static uint64_t members_apart(const struct resource *resource)
{
	uint64_t mask = sealed_members(resource) | owned_members(resource);

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_BY_RULE)
			mask |= FIELD_BIT(i);
	}
	return mask;
}

/*
 * Whether the statement that inserts the row tells all that reading it would: nothing of it is
 * stored behind that, and whoever inserts it would get it.
 */
static bool is_told_whole(
    const struct context *context, const struct record *record, const struct row *row)
{
	const struct resource *resource = row->resource;
	uint64_t keys = resource_keys(resource);

	return sql_may_return(resource) && !context->own_rows_only && record->after_write == NULL &&
	       (members_apart(resource) & row->present) == 0 &&
	       (resource_default_mask(resource) & keys) == keys;
}

static int insert_told(
    struct context *context, struct sql *sql, struct record_change *change, struct error *error)
{
	const struct resource *resource = change->row->resource;
	uint64_t mask = resource_default_mask(resource);
	struct selection selection;
	struct row_list rows;
	struct result result;

	sql_returning(sql, resource, mask);
	selection_begin(&selection, resource, mask);
	if (record_execute_returning(context, sql, resource, &result, error) != 0 ||
	    record_load(context, &selection, &result, &rows, error) != 0)
		return -1;
	change->stored = rows.rows[0];
	change->key = row_narrow(context->arena, change->stored, resource_keys(resource));
	return change->key != NULL ? 0 : error_out_of_memory(error);
}

static int insert_row(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	struct row *row = change->row;
	struct outcome outcome;
	struct sql sql;

	row_make_key(row);
	sql_init(&sql, context->arena);
	sql_insert(&sql, row);
	if (is_told_whole(context, record, row))
		return insert_told(context, &sql, change, error);
	if (record_execute(context, &sql, row->resource, &outcome, error) != 0)
		return -1;
	change->key = key_of_new(context->arena, row, &outcome);
	return change->key != NULL ? 0 : error_out_of_memory(error);
}

/* Whether the insert has failed since a value that was drawn at random is taken. */
static bool has_drawn_taken(
    const struct context *context, const struct record_change *change, const struct error *error)
{
	const struct resource *resource = change->sent->resource;
	const char *key = database_fault_key(context->database);

	if (error->code != ERROR_CONFLICT || key == NULL)
		return false;
	for (unsigned i = 0; i < resource->unique_count; i++) {
		int member = resource_field(resource, resource->uniques[i].member);

		if (strcmp(resource->uniques[i].index, key) == 0)
			return member >= 0 && (context->made & FIELD_BIT(member));
	}
	return strcmp(key, "PRIMARY") == 0 && !row_has(change->sent, resource_key(resource));
}

/* Whoever is let in for own rows only inserts rows that are its own then, and no others. */
static int check_own(struct context *context, const struct record *record,
    const struct record_change *change, struct error *error)
{
	bool own = true;

	if (context->own_rows_only &&
	    record_exists(context,
		&(struct record_set){ .resource = record->resource, .keys = change->key }, &own,
		error) != 0)
		return -1;
	return own ? 0
		   : error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
}

/* One try to store a new row. */
struct insertion {
	const struct record *record;
	struct record_change *change;
	bool drew_taken;
};

int record_insert_row(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	const struct resource *resource = record->resource;

	if (record_check_asked(context, change->sent, error) != 0 ||
	    begin_change(context, record, change, error) != 0 ||
	    (record->before_insert != NULL &&
		record->before_insert(context, change->row, error) != 0) ||
	    insert_row(context, record, change, error) != 0 ||
	    check_own(context, record, change, error) != 0 ||
	    store_rest(context, record, change->row, change->key, true, error) != 0)
		return -1;
	return resource->counted ? row_count_add(context, resource->table, 1, error) : 0;
}

/* --- many new rows --- */

/* What the rows become, in the order in which they stand in the statement. */
static int insert_run(struct context *context, struct record_change *const *changes, unsigned count,
    struct row **rows, struct error *error)
{
	const struct resource *resource = rows[0]->resource;
	uint64_t keys = resource_keys(resource);
	struct outcome outcome;
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_insert_all(&sql, &(struct row_list){ rows, count });
	if ((rows[0]->present & keys) != keys) {
		sql_returning(&sql, resource, keys);
		if (record_execute_returning(context, &sql, resource, &result, error) != 0)
			return -1;
	} else if (record_execute(context, &sql, resource, &outcome, error) != 0) {
		return -1;
	}
	for (unsigned i = 0; i < count; i++) {
		changes[i]->key = (rows[i]->present & keys) == keys
				      ? row_narrow(context->arena, rows[i], keys)
				      : sql_row(context->arena, resource, keys, result.rows[i]);
		if (changes[i]->key == NULL)
			return error_out_of_memory(error);
	}
	return 0;
}

static int store_rest_of_all(struct context *context, const struct record *record,
    struct row *const *rows, struct row *const *keys, unsigned count, struct error *error)
{
	for (unsigned i = 0; i < count; i++) {
		if (sealed_write(context, rows[i], keys[i], error) != 0)
			return -1;
	}
	if (owned_insert_all(context, rows, keys, count, error) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (record->after_write != NULL &&
		    record->after_write(context, rows[i], keys[i], true, error) != 0)
			return -1;
	}
	return 0;
}

/* Rows that follow each other and have the same members stand in one statement. */
static int insert_runs(struct context *context, struct record_change *const *changes,
    struct row **rows, unsigned count, struct error *error)
{
	unsigned end;

	for (unsigned i = 0; i < count; i = end) {
		for (end = i + 1; end < count && row_alike(rows[i], rows[end]);)
			end++;
		if (insert_run(context, changes + i, end - i, rows + i, error) != 0)
			return -1;
	}
	return 0;
}

int record_insert_all(struct context *context, const struct record *record,
    struct record_change *const *changes, unsigned count, struct error *error)
{
	const struct resource *resource = record->resource;
	struct row **rows = arena_alloc_array(context->arena, 2 * (size_t)count, sizeof(rows[0]));
	struct row **keys;

	if (rows == NULL)
		return error_out_of_memory(error);
	/* Here nobody asks row by row whose it is. */
	if (context->own_rows_only)
		return error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
	keys = rows + count;
	for (unsigned i = 0; i < count; i++) {
		if (begin_change(context, record, changes[i], error) != 0 ||
		    (record->before_insert != NULL &&
			record->before_insert(context, changes[i]->row, error) != 0))
			return -1;
		row_make_key(changes[i]->row);
		rows[i] = changes[i]->row;
	}
	if (insert_runs(context, changes, rows, count, error) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		keys[i] = changes[i]->key;
	if (store_rest_of_all(context, record, rows, keys, count, error) != 0)
		return -1;
	return resource->counted ? row_count_add(context, resource->table, count, error) : 0;
}

int record_insert_end(
    struct context *context, struct record_change *change, struct row *stored, struct error *error)
{
	change->stored = stored;
	if (audit_stored(context, AUDIT_INSERT, change, error) != 0)
		return -1;
	echo(change->row, stored);
	return 0;
}

static int store_new(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	const struct resource *resource = record->resource;

	if (record_insert_row(context, record, change, error) != 0 ||
	    (change->stored == NULL &&
		record_fetch_one(context, resource, resource_default_mask(resource), change->key,
		    &change->stored, error) != 0))
		return -1;
	return record_insert_end(context, change, change->stored, error);
}

static int try_insertion(struct context *context, void *data, struct error *error)
{
	struct insertion *insertion = data;
	int result = store_new(context, insertion->record, insertion->change, error);

	insertion->drew_taken = result != 0 && has_drawn_taken(context, insertion->change, error);
	return result;
}

int record_insert(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	struct insertion insertion = { .record = record, .change = change };
	int draws = DRAWS, result;

	result = record_attempt(context, try_insertion, &insertion, error);
	while (insertion.drew_taken && --draws > 0 && record_may_go_on(context, error)) {
		error_clear(error);
		result = record_attempt(context, try_insertion, &insertion, error);
	}
	if (result != 0)
		change->row = change->key = change->stored = NULL;
	return result;
}

/* The statement that changes a row; what is stored apart from it counts as a change, too. */
static bool make_change(struct context *context, const struct row *row, bool apart, struct sql *sql)
{
	sql_init(sql, context->arena);
	if (sql_update(sql, row) > 0)
		return true;
	sql_init(sql, context->arena);
	return apart && sql_touch(sql, row->resource);
}

static int update_row(
    struct context *context, const struct row *row, const struct row *keys, struct error *error)
{
	bool apart = (members_apart(row->resource) & row->present) != 0;
	struct outcome outcome;
	struct sql sql;

	if (!make_change(context, row, apart, &sql))
		return 0;
	sql_where_row(&sql, keys);
	return record_execute(context, &sql, row->resource, &outcome, error);
}

int record_update(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	const struct resource *resource = record->resource;
	uint64_t owned = owned_members(resource) & change->sent->present;
	uint64_t mask = resource_default_mask(resource) | owned;

	if (record_check_asked(context, change->sent, error) != 0 ||
	    begin_change(context, record, change, error) != 0 ||
	    read_before(context, resource, mask, change, error) != 0 ||
	    (record->before_update != NULL &&
		record->before_update(context, change, change->row, error) != 0) ||
	    update_row(context, change->row, change->keys, error) != 0 ||
	    store_rest(context, record, change->row, change->keys, false, error) != 0 ||
	    /* A row that is not there shows here at the latest: the update then matched nothing. */
	    record_fetch_one(context, resource, mask, change->keys, &change->stored, error) != 0 ||
	    audit_stored(context, AUDIT_UPDATE, change, error) != 0)
		return -1;
	echo(change->row, change->stored);
	return 0;
}

struct put {
	const struct record *record;
	struct record_change *change;
};

static int insert_put(struct context *context, void *data, struct error *error)
{
	const struct put *put = data;

	return record_insert(context, put->record, put->change, error);
}

/* Whether the update has failed since there is no such row, before any rule was asked. */
static bool is_missing(const struct record_change *change, const struct error *error)
{
	return error->code == ERROR_NOT_FOUND && change->before == NULL;
}

/* Whether the insert has failed since somebody else has inserted the row meanwhile. */
static bool is_there_now(const struct context *context, const struct error *error)
{
	const char *key = database_fault_key(context->database);

	return error->code == ERROR_CONFLICT && key != NULL && strcmp(key, "PRIMARY") == 0 &&
	       record_may_go_on(context, error);
}

int record_put(struct context *context, const struct record *record, struct record_change *change,
    struct error *error)
{
	struct put put = { record, change };

	change->before = NULL;
	if (record_update(context, record, change, error) == 0)
		return 0;
	if (!is_missing(change, error))
		return -1;
	error_clear(error);
	if (record_attempt(context, insert_put, &put, error) == 0)
		return 0;
	if (!is_there_now(context, error))
		return -1;
	error_clear(error);
	return record_update(context, record, change, error);
}

static int delete_row(struct context *context, const struct resource *resource,
    const struct row *keys, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_delete(&sql, resource);
	sql_where_row(&sql, keys);
	if (record_execute(context, &sql, resource, &outcome, error) != 0)
		return -1;
	if (outcome.affected == 0)
		return resource_not_found(resource, error);
	return 0;
}

int record_delete(struct context *context, const struct record *record,
    struct record_change *change, struct error *error)
{
	const struct resource *resource = record->resource;
	uint64_t mask = resource_default_mask(resource);

	if (read_before(context, resource, mask, change, error) != 0 ||
	    (record->before_delete != NULL &&
		record->before_delete(context, change->keys, error) != 0) ||
	    row_count_before_delete(context, resource, change->keys, error) != 0 ||
	    delete_row(context, resource, change->keys, error) != 0 ||
	    audit_record(context, AUDIT_DELETE, resource, change->before, NULL, error) != 0)
		return -1;
	return resource->counted ? row_count_add(context, resource->table, -1, error) : 0;
}
