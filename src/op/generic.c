#include "op/generic.h"

#include "op/bulk.h"
#include "op/query.h"
#include "record/rows.h"

const struct parameter op_change_parameters[1] = { OP_PARAMETER_DRY_RUN };

/* Members that both resources call alike, of the keys in the path. */
static void copy_common(struct row *row, const struct row *keys)
{
	for (unsigned i = 0; i < keys->resource->field_count; i++) {
		int number = resource_field(row->resource, keys->resource->fields[i].name);

		if (row_has(keys, i) && number >= 0 &&
		    row->resource->fields[number].type == keys->resource->fields[i].type &&
		    !(row->resource->fields[number].flags & FIELD_KEY) &&
		    !(keys->resource->fields[i].flags & FIELD_KEY))
			row_set_value(row, number, &keys->values[i]);
	}
}

int op_check_parent(struct operation *operation, const struct row *keys, struct error *error)
{
	const struct relation *parent = operation->route->parent;
	struct row *parent_keys;
	unsigned foreign, local;
	struct sql where;

	if (parent == NULL)
		parent = keys->resource->parent;
	/* Whether a row is there is told to those who may see it. */
	if (parent == NULL ||
	    sight_may_see(&operation->context.sight, parent->target) == SIGHT_NONE)
		return 0;
	local = resource_member(keys->resource, parent->local);
	foreign = resource_member(parent->target, parent->foreign);
	if (!row_has(keys, local))
		return 0;
	parent_keys = row_new(operation->context.arena, parent->target);
	if (parent_keys == NULL)
		return error_out_of_memory(error);
	copy_common(parent_keys, keys);
	row_set_value(parent_keys, foreign, &keys->values[local]);
	sql_init(&where, operation->context.arena);
	sql_where_undeleted(&where, parent->target);
	return record_require_seen(&operation->context,
	    &(struct record_set){
		.resource = parent->target, .keys = parent_keys, .where = &where },
	    error);
}

static void answer_stored(struct operation *operation, const struct record_change *change)
{
	operation->sent = change->row;
	if (operation->contract->family.change_answers)
		operation_answer_change(operation, change->stored);
	else
		operation_answer_row(operation, change->stored);
}

static void tell_location(struct operation *operation, const struct row *stored)
{
	const char *name = operation->route->location_member;
	unsigned member =
	    name != NULL ? resource_member(stored->resource, name) : resource_key(stored->resource);

	operation_location(
	    operation, row_print_value(operation->context.arena, &stored->resource->fields[member],
			   &stored->values[member]));
}

static int insert_row(struct operation *operation, void *data, struct error *error)
{
	struct record_change *change = data;

	if (record_insert(&operation->context, operation->route->record, change, error) != 0)
		return -1;
	if (operation->contract->family.insert_status == 201)
		tell_location(operation, change->stored);
	answer_stored(operation, change);
	return 0;
}

int op_refine_missing(
    const struct operation *operation, const struct row *keys, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	const char *key = database_fault_key(operation->context.database);

	if (error->code != ERROR_INVALID || key == NULL ||
	    database_fault(operation->context.database) != DATABASE_FAULT_NO_PARENT)
		return -1;
	for (unsigned i = 0; i < resource->reference_count; i++) {
		const struct reference *reference = &resource->references[i];

		if (strcmp(reference->constraint, key) != 0 ||
		    !row_has(keys, resource_member(resource, reference->member)))
			continue;
		error_clear(error);
		return error_set(error, ERROR_NOT_FOUND, "%s", reference->message);
	}
	return -1;
}

static int read_new(struct operation *operation, struct row **keys, struct record_change *change,
    struct error *error)
{
	if (operation_read_keys(operation, keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &change->sent, error) != 0)
		return -1;
	change->keys = *keys;
	return 0;
}

/*
 * What the captures say is no choice of the body's. Where the family creates with 201, the answer
 * says where the new row is.
 */
static int run_insert(struct operation *operation, struct error *error)
{
	const struct record *record = operation->route->record;
	struct record_change change = { 0 };
	struct row *keys;
	int result;

	if (read_new(operation, &keys, &change, error) != 0)
		return -1;
	if (record_prepare(&operation->context, record, true, &change, error) != 0) {
		operation_name_faults(operation, NULL, error);
		return -1;
	}
	result = operation_transaction(operation, insert_row, &change, error);
	operation_name_faults(operation, NULL, error);
	return result == 0 ? 0 : op_refine_missing(operation, keys, error);
}

static int update_row(struct operation *operation, void *data, struct error *error)
{
	struct record_change *change = data;

	if (record_update(&operation->context, operation->route->record, change, error) != 0)
		return -1;
	answer_stored(operation, change);
	return 0;
}

/* A merge of what was sent. */
static int run_update(struct operation *operation, struct error *error)
{
	struct record_change change = { 0 };
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_UPDATE, &change.sent, error) != 0 ||
	    operation_check_tag(operation, error) != 0)
		return -1;
	change.keys = keys;
	operation_expect_tag(operation, &change);
	if (record_prepare(&operation->context, operation->route->record, false, &change, error) ==
		0 &&
	    operation_transaction(operation, update_row, &change, error) == 0)
		return 0;
	operation_name_faults(operation, NULL, error);
	return -1;
}

static int delete_row(struct operation *operation, void *data, struct error *error)
{
	struct record_change *change = data;

	if (record_delete(&operation->context, operation->route->record, change, error) != 0)
		return -1;
	if (operation->contract->family.change_answers)
		operation_answer_change(operation, change->before);
	else
		operation_answer_nothing(operation, operation->contract->family.delete_status);
	return 0;
}

static int run_delete(struct operation *operation, struct error *error)
{
	struct record_change change = { 0 };
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_check_tag(operation, error) != 0)
		return -1;
	change.keys = keys;
	operation_expect_tag(operation, &change);
	return operation_transaction(operation, delete_row, &change, error);
}

int op_run(struct operation *operation, struct error *error)
{
	static int (*const generic[SHAPE__MAX])(struct operation *, struct error *) = {
		[SHAPE_LIST] = op_list,
		[SHAPE_QUERY] = op_query,
		[SHAPE_GET] = op_get,
		[SHAPE_INSERT] = run_insert,
		[SHAPE_BULK] = op_bulk,
		[SHAPE_UPDATE] = run_update,
		[SHAPE_DELETE] = run_delete,
	};
	const struct route *route = operation->route;

	return route->run != NULL ? route->run(operation, error)
				  : generic[route->shape](operation, error);
}
