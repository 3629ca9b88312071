#include "op/generic.h"

#define KEY_ATTEMPTS 5

const struct parameter op_page_parameters[2] = {
	{ .name = "offset",
	    .kind = PARAMETER_INTEGER,
	    .most = INT32_MAX,
	    .fallback = 0,
	    .doc = "Rows to skip." },
	{ .name = "count",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = 1000,
	    .fallback = 100,
	    .doc = "Most rows to answer with." },
};

static bool has_parameter(const struct operation *operation, const char *name)
{
	for (unsigned i = 0; i < operation->parameters.count; i++) {
		if (strcmp(operation->parameters.table[i].name, name) == 0)
			return true;
	}
	return false;
}

static void where_keys(struct sql *sql, const struct row *keys)
{
	for (unsigned i = 0; i < keys->resource->field_count; i++) {
		if (row_has(keys, i))
			sql_where_field(sql, keys->resource, i, &keys->values[i]);
	}
}

/* An empty list is the answer only where there is something that could have members. */
static int check_parent(struct operation *operation, const struct resource *resource,
    const struct row *keys, struct error *error)
{
	const struct relation *parent = resource->parent;
	struct row *parent_keys, *row;
	unsigned foreign, local;

	if (parent == NULL)
		return 0;
	local = (unsigned)resource_field(resource, parent->local);
	foreign = (unsigned)resource_field(parent->target, parent->foreign);
	parent_keys = row_new(operation->arena, parent->target);
	if (parent_keys == NULL)
		return operation_out_of_memory(error);
	parent_keys->values[foreign] = keys->values[local];
	parent_keys->present = FIELD_BIT(foreign);
	return operation_fetch_one(
	    operation, parent->target, FIELD_BIT(foreign), parent_keys, &row, error);
}

int op_list(struct operation *operation, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	uint64_t mask = operation_mask(operation);
	int64_t count = operation->settings->limits.list_rows, skip = 0;
	struct row_list rows;
	struct row *keys;
	struct sql sql;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	if (has_parameter(operation, "count") &&
	    parameters_get(&operation->parameters, "count")->integer < count)
		count = parameters_get(&operation->parameters, "count")->integer;
	if (has_parameter(operation, "offset"))
		skip = parameters_get(&operation->parameters, "offset")->integer;
	sql_init(&sql, operation->arena);
	sql_select(&sql, resource, mask);
	where_keys(&sql, keys);
	sql_order(&sql, resource);
	sql_limit(&sql, count, skip);
	if (operation_fetch(operation, &sql, resource, mask, &rows, error) != 0)
		return -1;
	if (rows.count == 0 && check_parent(operation, resource, keys, error) != 0)
		return -1;
	operation_answer_list(operation, resource, &rows);
	return 0;
}

int op_get(struct operation *operation, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	struct row *keys, *row;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_fetch_one(
		operation, resource, operation_mask(operation), keys, &row, error) != 0)
		return -1;
	operation_answer_row(operation, row);
	return 0;
}

/* Members that are shown only now, by whoever wrote them. */
static void echo(const struct row *written, struct row *stored)
{
	for (unsigned i = 0; i < stored->resource->field_count; i++) {
		if ((stored->resource->fields[i].flags & FIELD_ECHO) && row_has(written, i)) {
			stored->values[i] = written->values[i];
			stored->present |= FIELD_BIT(i);
		}
	}
}

/* What one write hands from step to step. */
struct write {
	struct row *keys;
	struct row *row;
	struct row *stored;
};

static void copy_keys(struct row *row, const struct row *keys)
{
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if (row_has(keys, i)) {
			row->values[i] = keys->values[i];
			row->present |= FIELD_BIT(i);
		}
	}
}

static int store_new(struct operation *operation, void *context, struct error *error)
{
	struct write *write = context;
	const struct resource *resource = operation->route->resource;
	unsigned key = resource_key(resource);
	struct row *stored_key = row_new(operation->arena, resource);
	struct outcome outcome;
	struct sql sql;

	if (stored_key == NULL)
		return operation_out_of_memory(error);
	if (resource->hooks.before_insert != NULL &&
	    resource->hooks.before_insert(operation, write->row, error) != 0)
		return -1;
	if (!row_has(write->row, key) && resource->fields[key].type == FIELD_UUID)
		row_set_uuid(write->row, key, uuid_random());
	sql_init(&sql, operation->arena);
	sql_insert(&sql, write->row);
	if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
		return -1;
	if (row_has(write->row, key)) {
		stored_key->values[key] = write->row->values[key];
		stored_key->present |= FIELD_BIT(key);
	} else {
		row_set_integer(stored_key, key, (int64_t)outcome.insert_id);
	}
	if (operation_fetch_one(operation, resource, resource_default_mask(resource), stored_key,
		&write->stored, error) != 0)
		return -1;
	echo(write->row, write->stored);
	return 0;
}

/* Text of the key, for Location. */
static struct str key_text(struct operation *operation, const struct row *row)
{
	unsigned key = resource_key(row->resource);
	const struct field *field = &row->resource->fields[key];
	const struct print_style style = { .time = TIMESTAMP_UTC };
	struct buf text = { 0 };
	struct str copy;

	if (field_type_info(field->type)->print == NULL)
		return row->values[key].text;
	field_type_info(field->type)->print(&text, field, &row->values[key], &style);
	copy = arena_str(operation->arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

/* Short random keys may be taken; the hook then draws another one. */
static bool drew_taken_key(const struct operation *operation, const struct error *error)
{
	const char *key = database_fault_key(operation->database);

	return error->code == ERROR_CONFLICT && key != NULL && strcmp(key, "PRIMARY") == 0;
}

int op_insert(struct operation *operation, struct error *error)
{
	struct write write = { 0 };
	bool hooked = operation->route->resource->hooks.before_insert != NULL;
	int attempts = KEY_ATTEMPTS;
	int result;

	if (operation_read_keys(operation, &write.keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &write.row, error) != 0)
		return -1;
	copy_keys(write.row, write.keys);
	do {
		error_clear(error);
		result = hooked ? operation_transaction(operation, store_new, &write, error)
				: store_new(operation, &write, error);
	} while (result != 0 && --attempts > 0 && drew_taken_key(operation, error));
	if (result != 0)
		return -1;
	if (operation->family->insert_status == 201)
		operation_location(operation, key_text(operation, write.stored));
	operation_answer_row(operation, write.stored);
	return 0;
}

static int store_changes(struct operation *operation, void *context, struct error *error)
{
	struct write *write = context;
	const struct resource *resource = operation->route->resource;
	struct outcome outcome;
	struct sql sql;

	if (operation_check_unchanged(operation, write->keys, error) != 0)
		return -1;
	if (resource->hooks.before_update != NULL &&
	    resource->hooks.before_update(operation, write->keys, write->row, error) != 0)
		return -1;
	sql_init(&sql, operation->arena);
	if (sql_update(&sql, write->row) > 0) {
		where_keys(&sql, write->keys);
		if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
			return -1;
	}
	/* A row that is not there shows here: the update then matched nothing. */
	if (operation_fetch_one(operation, resource, resource_default_mask(resource), write->keys,
		&write->stored, error) != 0)
		return -1;
	echo(write->row, write->stored);
	return 0;
}

static bool needs_transaction(const struct operation *operation, bool hooked)
{
	return hooked || operation->request->if_match.length > 0;
}

int op_update(struct operation *operation, struct error *error)
{
	struct write write = { 0 };
	bool hooked = operation->route->resource->hooks.before_update != NULL;

	if (operation_read_keys(operation, &write.keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_UPDATE, &write.row, error) != 0)
		return -1;
	if ((needs_transaction(operation, hooked)
		    ? operation_transaction(operation, store_changes, &write, error)
		    : store_changes(operation, &write, error)) != 0)
		return -1;
	operation_answer_row(operation, write.stored);
	return 0;
}

static int remove_row(struct operation *operation, void *context, struct error *error)
{
	struct write *write = context;
	const struct resource *resource = operation->route->resource;
	struct outcome outcome;
	struct sql sql;

	if (operation_check_unchanged(operation, write->keys, error) != 0)
		return -1;
	if (resource->hooks.before_delete != NULL &&
	    resource->hooks.before_delete(operation, write->keys, error) != 0)
		return -1;
	sql_init(&sql, operation->arena);
	sql_delete(&sql, resource);
	where_keys(&sql, write->keys);
	if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
		return -1;
	if (outcome.affected == 0)
		return error_set(error, ERROR_NOT_FOUND, "The %s was not found.", resource->name);
	return 0;
}

int op_delete(struct operation *operation, struct error *error)
{
	struct write write = { 0 };
	bool hooked = operation->route->resource->hooks.before_delete != NULL;

	if (operation_read_keys(operation, &write.keys, error) != 0)
		return -1;
	if ((needs_transaction(operation, hooked)
		    ? operation_transaction(operation, remove_row, &write, error)
		    : remove_row(operation, &write, error)) != 0)
		return -1;
	operation_answer_nothing(operation, operation->family->delete_status);
	return 0;
}
