#include "record/owned.h"

#include "record/record.h"
#include "record/row_count.h"

#define PARKED_LENGTH 32
#define ITEMS_AT_ONCE 256 /* of one statement */

uint64_t owned_members(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_OWNED)
			mask |= FIELD_BIT(i);
	}
	return mask;
}

/* One list that is written: what is stored, and what is to be. */
struct list {
	const struct field *field;
	const struct resource *resource; /* of the items */
	unsigned key, foreign;
	bool keyed; /* callers see the key and can name a stored row by it */
	const struct value *owner;
	const struct row_list *items;
	struct value *stored; /* keys of the rows that the owner has */
	bool *kept;           /* an item is this row */
	unsigned stored_count;
	int64_t more; /* rows that there are more than before */
};

static bool same_key(const struct list *list, const struct value *a, const struct value *b)
{
	return field_type_info(list->resource->fields[list->key].type)->compare(a, b) == 0;
}

/* Faults that the database has found name the item's member only. */
static void name_item(
    const struct context *context, const struct field *field, unsigned number, struct error *error)
{
	for (struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		const char *dot = strrchr(fault->path, '.');

		fault->path = arena_printf(context->arena, "%s[%u].%s", field->name, number,
		    dot != NULL ? dot + 1 : fault->path);
	}
}

static int read_stored(struct context *context, struct list *list, struct error *error)
{
	const struct field *key = &list->resource->fields[list->key];
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_select(&sql, list->resource, FIELD_BIT(list->key));
	sql_where_field(&sql, list->resource, list->foreign, list->owner);
	sql_append(&sql, " FOR UPDATE");
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	list->stored = arena_alloc_array(context->arena, result.count, sizeof(list->stored[0]));
	list->kept = arena_alloc_array(context->arena, result.count, sizeof(list->kept[0]));
	if (result.count > 0 && (list->stored == NULL || list->kept == NULL))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < result.count; i++)
		list->stored[i] = sql_value_of(key, &result.rows[i][0]);
	list->stored_count = result.count;
	return 0;
}

/*
 * An item that names a stored row of the owner is that row; any other key is of no row here, so
 * that the item is new.
 */
static int match_stored(struct context *context, struct list *list, struct error *error)
{
	for (unsigned i = 0; i < list->items->count; i++) {
		struct row *item = list->items->rows[i];
		unsigned row = 0;

		while (row < list->stored_count && row_has(item, list->key) &&
		       !same_key(list, &list->stored[row], &item->values[list->key]))
			row++;
		if (!list->keyed || !row_has(item, list->key) || row == list->stored_count) {
			item->present &= ~FIELD_BIT(list->key);
		} else if (list->kept[row]) {
			error_add_fault(error, list->resource->fields[list->key].name,
			    "An item before has the same key.");
			name_item(context, list->field, i, error);
			return -1;
		} else {
			list->kept[row] = true;
		}
	}
	return 0;
}

static int remove_others(struct context *context, struct list *list, struct error *error)
{
	struct value *keys = arena_alloc_array(context->arena, list->stored_count, sizeof(keys[0]));
	struct outcome outcome = { 0 };
	unsigned count = 0;
	struct sql sql;

	if (keys == NULL && list->stored_count > 0)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < list->stored_count; i++) {
		if (!list->kept[i])
			keys[count++] = list->stored[i];
	}
	if (count == 0)
		return 0;
	sql_init(&sql, context->arena);
	sql_delete(&sql, list->resource);
	sql_where_in(&sql, list->resource, list->key, keys, count);
	list->more -= count;
	return record_execute(context, &sql, list->resource, &outcome, error);
}

static int change_item(struct context *context, struct list *list, const struct row *values,
    const struct value *key, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	if (sql_update(&sql, values) == 0)
		return 0;
	sql_where_field(&sql, list->resource, list->key, key);
	return record_execute(context, &sql, list->resource, &outcome, error);
}

/*
 * Rows that stay may take each other's unique texts, which the database compares at each
 * statement: until their own turn comes, they have texts that nobody else has.
 */
static int park(
    struct context *context, struct list *list, const struct row *item, struct error *error)
{
	const struct resource *resource = list->resource;
	struct row *parked = row_new(context->arena, resource);

	if (parked == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < resource->unique_count; i++) {
		unsigned member = resource_member(resource, resource->uniques[i].member);
		char *text = arena_alloc(context->arena, PARKED_LENGTH + 1);

		if (text == NULL)
			return error_out_of_memory(error);
		if (!row_has(item, member))
			continue;
		random_text(text, PARKED_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
		row_set_text(parked, member, str_from(text));
	}
	return change_item(context, list, parked, &item->values[list->key], error);
}

static int store_item(
    struct context *context, struct list *list, struct row *item, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	row_set_value(item, list->foreign, list->owner);
	if (row_has(item, list->key))
		return change_item(context, list, item, &item->values[list->key], error);
	list->more++;
	sql_init(&sql, context->arena);
	sql_insert(&sql, item);
	return record_execute(context, &sql, list->resource, &outcome, error);
}

static int write_items(struct context *context, struct list *list, struct error *error)
{
	for (unsigned i = 0; i < list->items->count; i++) {
		const struct row *item = list->items->rows[i];

		if (row_has(item, list->key) && park(context, list, item, error) != 0)
			return -1;
	}
	for (unsigned i = 0; i < list->items->count; i++) {
		if (store_item(context, list, list->items->rows[i], error) != 0) {
			name_item(context, list->field, i, error);
			return -1;
		}
	}
	return 0;
}

static int write_list(struct context *context, const struct field *field,
    const struct row_list *items, const struct row *key, bool insert, struct error *error)
{
	const struct relation *relation = field->relation;
	const struct resource *child = relation->target;
	unsigned local = resource_member(key->resource, relation->local);
	struct list list = {
		.field = field,
		.resource = child,
		.key = resource_key(child),
		.foreign = resource_member(child, relation->foreign),
		.keyed = !(child->fields[resource_key(child)].flags & FIELD_HIDDEN),
		.owner = &key->values[local],
		.items = items,
	};

	if ((!insert && read_stored(context, &list, error) != 0) ||
	    match_stored(context, &list, error) != 0 || remove_others(context, &list, error) != 0 ||
	    write_items(context, &list, error) != 0)
		return -1;
	return child->counted ? row_count_add(context, child->table, list.more, error) : 0;
}

int owned_write(struct context *context, const struct row *row, const struct row *key, bool insert,
    struct error *error)
{
	const struct resource *resource = row->resource;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_OWNED) && row_has(row, i) &&
		    write_list(context, &resource->fields[i], &row->values[i].list, key, insert,
			error) != 0)
			return -1;
	}
	return 0;
}

/* --- many new owners --- */

/* Items of one list of all owners, each with its owner; their keys are none of stored rows. */
static int gather_items(struct context *context, unsigned member, struct row *const *rows,
    struct row *const *keys, unsigned count, struct row_list *items, struct error *error)
{
	const struct field *field = &rows[0]->resource->fields[member];
	const struct resource *child = field->relation->target;
	unsigned local = resource_member(rows[0]->resource, field->relation->local);
	unsigned foreign = resource_member(child, field->relation->foreign), most = 0;

	for (unsigned i = 0; i < count; i++)
		most += row_has(rows[i], member) ? rows[i]->values[member].list.count : 0;
	*items = (struct row_list){ NULL, 0 };
	if (most == 0)
		return 0;
	items->rows = arena_alloc_array(context->arena, most, sizeof(items->rows[0]));
	if (items->rows == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++) {
		const struct row_list *list = &rows[i]->values[member].list;

		for (unsigned j = 0; row_has(rows[i], member) && j < list->count; j++) {
			row_set_value(list->rows[j], foreign, &keys[i]->values[local]);
			list->rows[j]->present &= ~FIELD_BIT(resource_key(child));
			items->rows[items->count++] = list->rows[j];
		}
	}
	return 0;
}

/* One statement for those that follow each other and have the same members. */
static int insert_items(struct context *context, const struct row_list *items, struct error *error)
{
	const struct resource *child = items->rows[0]->resource;
	struct outcome outcome;
	struct sql sql;
	unsigned end;

	for (unsigned i = 0; i < items->count; i = end) {
		for (end = i + 1; end < items->count && end - i < ITEMS_AT_ONCE &&
				  row_alike(items->rows[i], items->rows[end]);)
			end++;
		sql_init(&sql, context->arena);
		sql_insert_all(&sql, &(struct row_list){ items->rows + i, end - i });
		if (record_execute(context, &sql, child, &outcome, error) != 0)
			return -1;
	}
	return child->counted ? row_count_add(context, child->table, items->count, error) : 0;
}

int owned_insert_all(struct context *context, struct row *const *rows, struct row *const *keys,
    unsigned count, struct error *error)
{
	const struct resource *resource = rows[0]->resource;
	struct row_list items;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (!(resource->fields[i].flags & FIELD_OWNED))
			continue;
		if (gather_items(context, i, rows, keys, count, &items, error) != 0 ||
		    (items.count > 0 && insert_items(context, &items, error) != 0))
			return -1;
	}
	return 0;
}
