/*
 * Statements that change rows, from resource tables.
 */
#include "db/sql.h"

#define CHANGED_AT "updated_at" /* column that every update sets by itself */

/*
 * Calls `each` for every present field with a column of the resource's own table, parts included;
 * not for what is stored sealed, which is not known here.
 */
static void each_stored(struct sql *sql, const struct row *row,
    void (*each)(
	struct sql *sql, const struct field *field, const struct value *value, unsigned *count),
    unsigned *count)
{
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];

		if (!row_has(row, i))
			continue;
		if (field->object != NULL && !row->values[i].null)
			each_stored(sql, row->values[i].row, each, count);
		else if (field->column != NULL && strchr(field->column, '.') == NULL &&
			 !(field->flags & FIELD_ENCRYPTED))
			each(sql, field, &row->values[i], count);
	}
}

static void append_name(
    struct sql *sql, const struct field *field, const struct value *value, unsigned *count)
{
	(void)value;
	if ((*count)++ > 0)
		sql_append(sql, ", ");
	sql_append(sql, field->column);
}

static void append_value(
    struct sql *sql, const struct field *field, const struct value *value, unsigned *count)
{
	sql_append(sql, (*count)++ == 0 ? "?" : ", ?");
	sql_bind(sql, sql_bind_of(field, value));
}

void sql_insert_all(struct sql *sql, const struct row_list *rows)
{
	unsigned count = 0;

	sql_append(sql, "INSERT INTO ");
	sql_append(sql, rows->rows[0]->resource->table);
	sql_append(sql, " (");
	each_stored(sql, rows->rows[0], append_name, &count);
	sql_append(sql, ") VALUES (");
	for (unsigned i = 0; i < rows->count; i++) {
		if (i > 0)
			sql_append(sql, "), (");
		count = 0;
		each_stored(sql, rows->rows[i], append_value, &count);
	}
	sql_append(sql, ")");
}

void sql_insert(struct sql *sql, const struct row *row)
{
	struct row *one = (struct row *)(uintptr_t)row;

	sql_insert_all(sql, &(struct row_list){ &one, 1 });
}

static void append_replacement(
    struct sql *sql, const struct field *field, const struct value *value, unsigned *count)
{
	if ((field->flags & FIELD_KEY) || strcmp(field->column, CHANGED_AT) == 0)
		return;
	append_name(sql, field, value, count);
	sql_append(sql, " = VALUES(");
	sql_append(sql, field->column);
	sql_append(sql, ")");
}

void sql_put(struct sql *sql, const struct row *row)
{
	const char *key = row->resource->fields[resource_key(row->resource)].column;
	unsigned count = 0;

	sql_insert(sql, row);
	sql_append(sql, " ON DUPLICATE KEY UPDATE ");
	each_stored(sql, row, append_replacement, &count);
	if (count == 0) {
		/* Nothing to change; the statement has to name something. */
		sql_append(sql, key);
		sql_append(sql, " = ");
		sql_append(sql, key);
	} else if (resource_has_column(row->resource, CHANGED_AT)) {
		sql_append(sql, ", " CHANGED_AT " = UTC_TIMESTAMP(6)");
	}
}

static void append_assignment(
    struct sql *sql, const struct field *field, const struct value *value, unsigned *count)
{
	if ((field->flags & FIELD_KEY) || strcmp(field->column, CHANGED_AT) == 0)
		return;
	if ((*count)++ > 0)
		sql_append(sql, ", ");
	sql_append(sql, "t.");
	sql_append(sql, field->column);
	sql_append(sql, " = ?");
	sql_bind(sql, sql_bind_of(field, value));
}

/* Nothing of a part is left when the part is null. */
static void append_cleared_parts(struct sql *sql, const struct row *row, unsigned *count)
{
	static const struct value nothing = { .null = true };

	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct resource *part = row->resource->fields[i].object;

		if (part == NULL || !row_has(row, i) || !row->values[i].null)
			continue;
		for (unsigned j = 0; j < part->field_count; j++) {
			if (part->fields[j].column != NULL)
				append_assignment(sql, &part->fields[j], &nothing, count);
		}
	}
}

static void begin_update(struct sql *sql, const struct resource *resource)
{
	sql_append(sql, "UPDATE ");
	sql_append(sql, resource->table);
	sql_append(sql, " t SET ");
}

unsigned sql_update(struct sql *sql, const struct row *row)
{
	unsigned count = 0;

	begin_update(sql, row->resource);
	each_stored(sql, row, append_assignment, &count);
	append_cleared_parts(sql, row, &count);
	if (count > 0 && resource_has_column(row->resource, CHANGED_AT))
		sql_append(sql, ", t." CHANGED_AT " = UTC_TIMESTAMP(6)");
	return count;
}

bool sql_touch(struct sql *sql, const struct resource *resource)
{
	if (!resource_has_column(resource, CHANGED_AT))
		return false;
	begin_update(sql, resource);
	sql_append(sql, "t." CHANGED_AT " = UTC_TIMESTAMP(6)");
	return true;
}

void sql_claim(
    struct sql *sql, const struct resource *resource, const char *column, const struct value *key)
{
	begin_update(sql, resource);
	sql_append(sql, "t.");
	sql_append(sql, column);
	sql_append(sql, " = GREATEST(UTC_TIMESTAMP(6), t.");
	sql_append(sql, column);
	sql_append(sql, " + INTERVAL 1 MICROSECOND)");
	sql_where_field(sql, resource, resource_key(resource), key);
}

void sql_delete(struct sql *sql, const struct resource *resource)
{
	sql_append(sql, resource->deleted_column != NULL ? "UPDATE " : "DELETE t FROM ");
	sql_append(sql, resource->table);
	sql_append(sql, " t");
	if (resource->deleted_column == NULL)
		return;
	sql_append(sql, " SET t.");
	sql_append(sql, resource->deleted_column);
	sql_append(sql, " = UTC_TIMESTAMP(6)");
	sql_where_undeleted(sql, resource);
}
