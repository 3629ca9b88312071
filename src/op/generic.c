#include "op/generic.h"

#include "op/audit.h"
#include "op/owned.h"
#include "op/row_count.h"
#include "op/sealed.h"

#define KEY_ATTEMPTS 5

/* Members that both resources call alike, of the keys in the path. */
static void copy_common(struct row *row, const struct row *keys)
{
	for (unsigned i = 0; i < keys->resource->field_count; i++) {
		int number = resource_field(row->resource, keys->resource->fields[i].name);

		if (row_has(keys, i) && number >= 0 &&
		    row->resource->fields[number].type == keys->resource->fields[i].type &&
		    !(row->resource->fields[number].flags & FIELD_KEY) &&
		    !(keys->resource->fields[i].flags & FIELD_KEY)) {
			row->values[number] = keys->values[i];
			row->present |= FIELD_BIT(number);
		}
	}
}

int op_check_parent(struct operation *operation, const struct row *keys, struct error *error)
{
	const struct relation *parent = operation->route->parent;
	struct row *parent_keys;
	struct row_list rows;
	unsigned foreign, local;
	struct sql sql;

	if (parent == NULL)
		parent = keys->resource->parent;
	/* Whether a row is there is told to those who may see it. */
	if (parent == NULL || sight_may_see(&operation->sight, parent->target) == SIGHT_NONE)
		return 0;
	local = (unsigned)resource_field(keys->resource, parent->local);
	foreign = (unsigned)resource_field(parent->target, parent->foreign);
	if (!row_has(keys, local))
		return 0;
	parent_keys = row_new(operation->arena, parent->target);
	if (parent_keys == NULL)
		return operation_out_of_memory(error);
	copy_common(parent_keys, keys);
	parent_keys->values[foreign] = keys->values[local];
	parent_keys->present |= FIELD_BIT(foreign);
	sql_init(&sql, operation->arena);
	sql_select(&sql, parent->target, FIELD_BIT(foreign));
	sql_where_row(&sql, parent_keys);
	operation_where_seen(operation, &sql, parent->target);
	if (operation_fetch(operation, &sql, parent->target, FIELD_BIT(foreign), &rows, error) != 0)
		return -1;
	if (rows.count == 0)
		return error_set(
		    error, ERROR_NOT_FOUND, "The %s was not found.", parent->target->name);
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
	struct row *sent;   /* as it was read and prepared: stays as it is */
	struct row *row;    /* its copy of this attempt, which the hooks change */
	struct row *before; /* only where changes are logged */
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

static void answer_stored(struct operation *operation, const struct write *write)
{
	const struct row *stored = write->stored;

	operation->sent = write->row;
	if (operation->family->change_answers)
		operation_answer_change(operation, stored);
	else
		operation_answer_row(operation, stored);
}

static void answer_new(struct operation *operation, const struct write *write)
{
	const struct row *stored = write->stored;
	unsigned key = resource_key(stored->resource);

	if (operation->family->insert_status == 201)
		operation_location(operation,
		    row_print_key(operation->arena, stored->resource, &stored->values[key]));
	answer_stored(operation, write);
}

/* Nobody who has lost a credential meanwhile makes another one. */
static int confirm_caller(struct operation *operation, struct error *error)
{
	if (!operation->route->resource->mints)
		return 0;
	return grant_confirm_caller(
	    operation->database, operation->arena, operation->principal, error);
}

/* The hooks of one attempt, or of one drawn value, must not see what they did to the row before. */
static int copy_sent(struct operation *operation, struct write *write, struct error *error)
{
	operation->made = 0;
	write->row = row_copy(operation->arena, write->sent);
	return write->row != NULL ? 0 : operation_out_of_memory(error);
}

static int prepare(
    struct operation *operation, const struct row *key, struct row *row, struct error *error)
{
	const struct resource *resource = operation->route->resource;

	return resource->hooks.prepare != NULL ? resource->hooks.prepare(operation, key, row, error)
					       : 0;
}

/* The key of a row that was stored just now: what was not given, the database has made. */
static struct row *key_of_new(
    struct operation *operation, const struct row *row, const struct outcome *outcome)
{
	struct row *key = row_new(operation->arena, row->resource);

	for (unsigned i = 0; key != NULL && i < row->resource->field_count; i++) {
		if (!(row->resource->fields[i].flags & FIELD_KEY))
			continue;
		if (row_has(row, i)) {
			key->values[i] = row->values[i];
			key->present |= FIELD_BIT(i);
		} else {
			row_set_integer(key, i, (int64_t)outcome->insert_id);
		}
	}
	return key;
}

/* What belongs to a row and is stored elsewhere. */
static int store_rest(struct operation *operation, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	const struct resource *resource = sent->resource;

	if (sealed_write(operation, sent, key, error) != 0 ||
	    owned_write(operation, sent, key, insert, error) != 0)
		return -1;
	if (resource->hooks.after_write != NULL)
		return resource->hooks.after_write(operation, sent, key, insert, error);
	return 0;
}

/* Keys that neither the database nor a hook makes. */
static void make_key(struct row *row, unsigned key)
{
	struct value (*make)(void) = field_type_info(row->resource->fields[key].type)->make;

	if (make == NULL || row_has(row, key))
		return;
	row->values[key] = make();
	row->present |= FIELD_BIT(key);
}

static int store_new(struct operation *operation, void *context, struct error *error)
{
	struct write *write = context;
	const struct resource *resource = operation->route->resource;
	unsigned key = resource_key(resource);
	struct row *stored_key;
	struct outcome outcome;
	struct sql sql;

	if (confirm_caller(operation, error) != 0 || copy_sent(operation, write, error) != 0 ||
	    (resource->hooks.before_insert != NULL &&
		resource->hooks.before_insert(operation, write->row, error) != 0))
		return -1;
	make_key(write->row, key);
	sql_init(&sql, operation->arena);
	sql_insert(&sql, write->row);
	if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
		return -1;
	stored_key = key_of_new(operation, write->row, &outcome);
	if (stored_key == NULL)
		return operation_out_of_memory(error);
	if (store_rest(operation, write->row, stored_key, true, error) != 0 ||
	    operation_fetch_one(operation, resource, resource_default_mask(resource), stored_key,
		&write->stored, error) != 0)
		return -1;
	if (operation->family->audited &&
	    audit_record(operation, AUDIT_INSERT, resource, NULL, write->stored, error) != 0)
		return -1;
	if (resource->counted && row_count_add(operation->database, resource->table, 1, error) != 0)
		return -1;
	echo(write->row, write->stored);
	answer_new(operation, write);
	return 0;
}

/* What was drawn at random may be taken; another one is drawn then. */
static bool drew_taken(
    const struct operation *operation, const struct write *write, const struct error *error)
{
	const struct resource *resource = operation->route->resource;
	const char *key = database_fault_key(operation->database);

	if (error->code != ERROR_CONFLICT || key == NULL)
		return false;
	for (unsigned i = 0; i < resource->unique_count; i++) {
		int member = resource_field(resource, resource->uniques[i].member);

		if (strcmp(resource->uniques[i].index, key) == 0)
			return member >= 0 && (operation->made & FIELD_BIT(member));
	}
	return strcmp(key, "PRIMARY") == 0 && !row_has(write->keys, resource_key(resource));
}

/* What the path names and is not there is not found; the same in a body is a fault of the body. */
static int refine_missing(
    const struct operation *operation, const struct write *write, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	const char *key = database_fault_key(operation->database);

	if (error->code != ERROR_INVALID || key == NULL ||
	    database_fault(operation->database) != DATABASE_FAULT_NO_PARENT)
		return -1;
	for (unsigned i = 0; i < resource->reference_count; i++) {
		const struct reference *reference = &resource->references[i];

		if (strcmp(reference->constraint, key) != 0 ||
		    !row_has(write->keys, (unsigned)resource_field(resource, reference->member)))
			continue;
		error_clear(error);
		return error_set(error, ERROR_NOT_FOUND, "%s", reference->message);
	}
	return -1;
}

int op_insert(struct operation *operation, struct error *error)
{
	struct write write = { 0 };
	int attempts = KEY_ATTEMPTS;
	int result;

	if (operation_read_keys(operation, &write.keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &write.sent, error) != 0)
		return -1;
	copy_keys(write.sent, write.keys);
	if (prepare(operation, NULL, write.sent, error) != 0)
		return -1;
	do {
		error_clear(error);
		result = operation_transaction(operation, store_new, &write, error);
	} while (result != 0 && --attempts > 0 && drew_taken(operation, &write, error));
	return result == 0 ? 0 : refine_missing(operation, &write, error);
}

/* The statement that changes a row; what is stored apart from it counts as a change, too. */
static bool make_change(
    struct operation *operation, const struct row *row, bool apart, struct sql *sql)
{
	sql_init(sql, operation->arena);
	if (sql_update(sql, row) > 0)
		return true;
	sql_init(sql, operation->arena);
	return apart && sql_touch(sql, row->resource);
}

static int store_changes(struct operation *operation, void *context, struct error *error)
{
	struct write *write = context;
	const struct resource *resource = operation->route->resource;
	uint64_t owned = owned_members(resource) & write->sent->present;
	uint64_t mask = resource_default_mask(resource);
	struct outcome outcome;
	bool apart;
	struct sql sql;

	if (confirm_caller(operation, error) != 0 || copy_sent(operation, write, error) != 0 ||
	    operation_check_unchanged(operation, write->keys, error) != 0)
		return -1;
	if (operation->family->audited && operation_fetch_locked(operation, resource, mask | owned,
					      write->keys, &write->before, error) != 0)
		return -1;
	if (resource->hooks.before_update != NULL &&
	    resource->hooks.before_update(operation, write->keys, write->row, error) != 0)
		return -1;
	apart = owned != 0 || (sealed_members(resource) & write->row->present) != 0;
	if (make_change(operation, write->row, apart, &sql)) {
		sql_where_row(&sql, write->keys);
		if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
			return -1;
	}
	/* A row that is not there shows here at the latest: the update then matched nothing. */
	if (store_rest(operation, write->row, write->keys, false, error) != 0 ||
	    operation_fetch_one(
		operation, resource, mask | owned, write->keys, &write->stored, error) != 0)
		return -1;
	if (operation->family->audited && audit_record(operation, AUDIT_UPDATE, resource,
					      write->before, write->stored, error) != 0)
		return -1;
	echo(write->row, write->stored);
	answer_stored(operation, write);
	return 0;
}

int op_update(struct operation *operation, struct error *error)
{
	struct write write = { 0 };

	if (operation_read_keys(operation, &write.keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_UPDATE, &write.sent, error) != 0 ||
	    prepare(operation, write.keys, write.sent, error) != 0)
		return -1;
	return operation_transaction(operation, store_changes, &write, error);
}

static int remove_row(struct operation *operation, void *context, struct error *error)
{
	struct write *write = context;
	const struct resource *resource = operation->route->resource;
	struct outcome outcome;
	struct sql sql;

	if (operation_check_unchanged(operation, write->keys, error) != 0)
		return -1;
	if (operation->family->audited &&
	    operation_fetch_locked(operation, resource, resource_default_mask(resource),
		write->keys, &write->before, error) != 0)
		return -1;
	if (resource->hooks.before_delete != NULL &&
	    resource->hooks.before_delete(operation, write->keys, error) != 0)
		return -1;
	if (row_count_before_delete(operation, resource, write->keys, error) != 0)
		return -1;
	sql_init(&sql, operation->arena);
	sql_delete(&sql, resource);
	sql_where_row(&sql, write->keys);
	if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
		return -1;
	if (outcome.affected == 0)
		return error_set(error, ERROR_NOT_FOUND, "The %s was not found.", resource->name);
	if (operation->family->audited &&
	    audit_record(operation, AUDIT_DELETE, resource, write->before, NULL, error) != 0)
		return -1;
	if (resource->counted &&
	    row_count_add(operation->database, resource->table, -1, error) != 0)
		return -1;
	if (operation->family->change_answers)
		operation_answer_change(operation, write->before);
	else
		operation_answer_nothing(operation, operation->family->delete_status);
	return 0;
}

int op_delete(struct operation *operation, struct error *error)
{
	struct write write = { 0 };

	if (operation_read_keys(operation, &write.keys, error) != 0)
		return -1;
	return operation_transaction(operation, remove_row, &write, error);
}
