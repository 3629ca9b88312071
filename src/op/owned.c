#include "op/owned.h"

#include "op/row_count.h"

uint64_t owned_members(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_OWNED)
			mask |= FIELD_BIT(i);
	}
	return mask;
}

/* The old rows of one list; *removed tells how many there were. */
static int clear(struct operation *operation, const struct resource *child, unsigned foreign,
    const struct value *owner, int64_t *removed, struct error *error)
{
	struct outcome outcome = { 0 };
	struct sql sql;

	sql_init(&sql, operation->arena);
	sql_delete(&sql, child);
	sql_where_field(&sql, child, foreign, owner);
	if (operation_execute(operation, &sql, child, &outcome, error) != 0)
		return -1;
	*removed = (int64_t)outcome.affected;
	return 0;
}

static int store(struct operation *operation, struct row *item, unsigned foreign,
    const struct value *owner, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	item->values[foreign] = *owner;
	item->present |= FIELD_BIT(foreign);
	sql_init(&sql, operation->arena);
	sql_insert(&sql, item);
	return operation_execute(operation, &sql, item->resource, &outcome, error);
}

/* Faults that the database has found name the item's member only. */
static void name_item(const struct operation *operation, const struct field *field, unsigned number,
    struct error *error)
{
	for (struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		const char *dot = strrchr(fault->path, '.');

		fault->path = operation_path(
		    operation, arena_printf(operation->arena, "%s[%u].%s", field->name, number,
				   dot != NULL ? dot + 1 : fault->path));
	}
}

static int write_list(struct operation *operation, const struct field *field,
    const struct row_list *items, const struct row *key, bool insert, struct error *error)
{
	const struct relation *relation = field->relation;
	unsigned local = (unsigned)resource_field(key->resource, relation->local);
	unsigned foreign = (unsigned)resource_field(relation->target, relation->foreign);
	const struct value *owner = &key->values[local];
	int64_t removed = 0;

	if (!insert && clear(operation, relation->target, foreign, owner, &removed, error) != 0)
		return -1;
	for (unsigned i = 0; i < items->count; i++) {
		if (store(operation, items->rows[i], foreign, owner, error) != 0) {
			name_item(operation, field, i, error);
			return -1;
		}
	}
	return relation->target->counted
		   ? row_count_add(operation->database, relation->target->table,
			 items->count - removed, error)
		   : 0;
}

int owned_write(struct operation *operation, const struct row *row, const struct row *key,
    bool insert, struct error *error)
{
	const struct resource *resource = row->resource;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_OWNED) && row_has(row, i) &&
		    write_list(operation, &resource->fields[i], &row->values[i].list, key, insert,
			error) != 0)
			return -1;
	}
	return 0;
}
