#include "db/sql.h"

#include "db/select_shape.h"
#include "schema/order.h"

#define FIRST_TEXT_CAPACITY 512
#define FIRST_BIND_CAPACITY 16
#define COLUMNS_MAX 192
#define FIRST_CONDITION " WHERE "

void sql_init(struct sql *sql, struct arena *arena)
{
	*sql = (struct sql){ .arena = arena, .own = SQL_OWN };
	sql_append(sql, "");
}

/* Makes room in the arena: the old piece stays behind, which is cheap for texts of this size. */
static bool grow(
    struct sql *sql, void **memory, size_t *capacity, size_t needed, size_t size, size_t first)
{
	size_t wanted = *capacity > 0 ? *capacity : first;
	void *larger;

	if (needed <= *capacity)
		return true;
	while (wanted < needed)
		wanted *= 2;
	larger = arena_alloc_array(sql->arena, wanted, size);
	if (larger == NULL) {
		sql->failed = true;
		return false;
	}
	if (*memory != NULL)
		memcpy(larger, *memory, *capacity * size);
	*memory = larger;
	*capacity = wanted;
	return true;
}

static void append_length(struct sql *sql, const char *text, size_t length)
{
	void *memory = sql->text;

	if (!grow(sql, &memory, &sql->capacity, sql->length + length + 1, 1, FIRST_TEXT_CAPACITY))
		return;
	sql->text = memory;
	memcpy(sql->text + sql->length, text, length);
	sql->length += length;
	sql->text[sql->length] = '\0';
}

void sql_append(struct sql *sql, const char *text)
{
	append_length(sql, text, strlen(text));
}

void sql_append_number(struct sql *sql, int64_t number)
{
	char digits[STR_INT64_MAX];
	struct str text = str_of_int64(number, digits);

	append_length(sql, text.data, text.length);
}

void sql_append_as(struct sql *sql, const char *alias, const char *text)
{
	for (const char *mark; (mark = strstr(text, "{}")) != NULL; text = mark + 2) {
		append_length(sql, text, (size_t)(mark - text));
		sql_append(sql, alias);
	}
	sql_append(sql, text);
}

void sql_bind(struct sql *sql, struct bind value)
{
	size_t capacity = sql->bind_capacity;
	void *memory = sql->binds;

	if (!grow(sql, &memory, &capacity, sql->bind_count + 1, sizeof(value), FIRST_BIND_CAPACITY))
		return;
	sql->binds = memory;
	sql->bind_capacity = (unsigned)capacity;
	sql->binds[sql->bind_count++] = value;
}

void sql_column(struct sql *sql, const struct field *field)
{
	if (field->expression != NULL) {
		sql_append_as(sql, sql->own, field->expression);
		return;
	}
	if (strchr(field->column, '.') == NULL) {
		sql_append(sql, sql->own);
		sql_append(sql, ".");
	}
	sql_append(sql, field->column);
}

/* A stored secret is never fetched: a constant stands for it, wherever it is stored. */
static void append_selected(struct sql *sql, const struct field *field, bool bounded)
{
	if (bounded)
		sql_append(sql, "LEFT(");
	if (field->flags & FIELD_MASKED)
		sql_append(sql, "IF(");
	sql_column(sql, field);
	if (field->flags & FIELD_MASKED) {
		if (field->former != NULL) {
			sql_append(sql, " IS NULL AND ");
			sql_append(sql, sql->own);
			sql_append(sql, ".");
			sql_append(sql, field->former);
		}
		sql_append(sql, " IS NULL, NULL, '" FIELD_MASK "')");
	}
	/* One more than is shown, so that longer ones can be told. */
	if (bounded) {
		sql_append(sql, ", ");
		sql_append_number(sql, FIELD_LISTED_MAX + 1);
		sql_append(sql, ")");
	}
}

static void select_fields(
    struct sql *sql, const struct resource *resource, uint64_t mask, uint64_t bounded)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!(mask & FIELD_BIT(i)))
			continue;
		if (field->object != NULL) {
			select_fields(sql, field->object, resource_default_mask(field->object), 0);
		} else if (field->relation == NULL && sql->column_count < COLUMNS_MAX) {
			if (sql->column_count > 0)
				sql_append(sql, ", ");
			append_selected(sql, field, (bounded & FIELD_BIT(i)) != 0);
			sql->columns[sql->column_count++] = field_type_info(field->type)->bind;
		}
	}
}

static void append_from(struct sql *sql, const struct resource *resource)
{
	sql_append(sql, " FROM ");
	sql_tables(sql, resource);
	if (resource->condition != NULL)
		sql_where_own(sql, resource->condition);
}

void sql_tables(struct sql *sql, const struct resource *resource)
{
	if (resource->from != NULL) {
		sql_append_as(sql, SQL_OWN, resource->from);
		return;
	}
	sql_append(sql, resource->table);
	sql_append(sql, " " SQL_OWN);
}

/* Makes room for the columns of the result. False when memory is out. */
static bool hold_columns(struct sql *sql)
{
	if (sql->columns == NULL)
		sql->columns = arena_alloc_array(sql->arena, COLUMNS_MAX, sizeof(sql->columns[0]));
	sql->failed |= sql->columns == NULL;
	return sql->columns != NULL;
}

void sql_result(struct sql *sql, enum bind_kind kind)
{
	if (hold_columns(sql) && sql->column_count < COLUMNS_MAX)
		sql->columns[sql->column_count++] = kind;
}

void sql_select_members(struct sql *sql, const struct resource *resource, uint64_t mask)
{
	bool is_first = sql->column_count == 0;
	const struct select_shape key = { .resource = resource,
		.fields = resource->fields,
		.mask = mask,
		.bounded = sql->bounded };
	const struct select_shape *shape = is_first ? select_shape_find(&key) : NULL;
	size_t begun = sql->length;

	if (!hold_columns(sql))
		return;
	if (shape != NULL) {
		append_length(sql, shape->text.data, shape->text.length);
		memcpy(sql->columns, shape->columns, shape->column_count * sizeof(*shape->columns));
		sql->column_count = shape->column_count;
		return;
	}
	sql_append(sql, "SELECT ");
	select_fields(sql, resource, mask, sql->bounded);
	if (!sql->failed && is_first)
		select_shape_keep(&key, (struct str){ sql->text + begun, sql->length - begun },
		    sql->columns, sql->column_count);
}

bool sql_may_return(const struct resource *resource)
{
	return resource->from == NULL && resource->condition == NULL;
}

/* A statement that inserts has no alias for its table. */
void sql_returning(struct sql *sql, const struct resource *resource, uint64_t mask)
{
	if (!hold_columns(sql))
		return;
	sql->own = resource->table;
	sql_append(sql, " RETURNING ");
	select_fields(sql, resource, mask, 0);
	sql->own = SQL_OWN;
}

void sql_select(struct sql *sql, const struct resource *resource, uint64_t mask)
{
	sql_select_members(sql, resource, mask);
	append_from(sql, resource);
}

void sql_count(struct sql *sql, const struct resource *resource)
{
	sql_result(sql, BIND_INTEGER);
	sql_append(sql, "SELECT COUNT(*)");
	append_from(sql, resource);
}

/* Whether the member stands in the resource's own table. */
static bool is_own_column(const struct field *field)
{
	return field->column != NULL && field->expression == NULL &&
	       strchr(field->column, '.') == NULL;
}

bool sql_lock(struct sql *sql, const struct row *keys)
{
	static enum bind_kind one_column = BIND_INTEGER;

	sql->columns = &one_column;
	sql->column_count = 1;
	sql_append(sql, "SELECT 1 FROM ");
	sql_append(sql, keys->resource->table);
	sql_append(sql, " " SQL_OWN);
	for (unsigned i = 0; i < keys->resource->field_count; i++) {
		if (row_has(keys, i) && is_own_column(&keys->resource->fields[i]))
			sql_where_field(sql, keys->resource, i, &keys->values[i]);
	}
	return sql->has_condition;
}

void sql_where(struct sql *sql, const char *condition)
{
	sql_append(sql, sql->has_condition ? " AND " : FIRST_CONDITION);
	sql_append(sql, condition);
	sql->has_condition = true;
}

void sql_where_own(struct sql *sql, const char *condition)
{
	sql_where(sql, "");
	sql_append_as(sql, SQL_OWN, condition);
}

void sql_where_undeleted(struct sql *sql, const struct resource *resource)
{
	if (resource->deleted_column == NULL)
		return;
	sql_where(sql, SQL_OWN ".");
	sql_append(sql, resource->deleted_column);
	sql_append(sql, " IS NULL");
}

static void where_compared(struct sql *sql, const struct resource *resource, unsigned field,
    const char *comparison, const struct value *value)
{
	sql_where(sql, "");
	sql_column(sql, &resource->fields[field]);
	sql_append(sql, comparison);
	sql_bind(sql, sql_bind_of(&resource->fields[field], value));
}

void sql_where_field(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value)
{
	where_compared(sql, resource, field, " = ?", value);
}

void sql_where_row(struct sql *sql, const struct row *keys)
{
	for (unsigned i = 0; i < keys->resource->field_count; i++) {
		if (row_has(keys, i))
			sql_where_field(sql, keys->resource, i, &keys->values[i]);
	}
}

/* Lists are padded to powers of two with their last value, so that few statements serve all
 * lengths. */
void sql_where_in(struct sql *sql, const struct resource *resource, unsigned field,
    const struct value *values, unsigned count)
{
	unsigned padded = 1;

	while (padded < count)
		padded *= 2;
	sql_where(sql, "");
	sql_column(sql, &resource->fields[field]);
	sql_append(sql, " IN (");
	for (unsigned i = 0; i < padded; i++) {
		sql_append(sql, i == 0 ? "?" : ",?");
		sql_bind(
		    sql, sql_bind_of(&resource->fields[field], &values[i < count ? i : count - 1]));
	}
	sql_append(sql, ")");
}

void sql_where_other(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value)
{
	where_compared(sql, resource, field, " <> ?", value);
}

void sql_where_from(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value)
{
	where_compared(sql, resource, field, " >= ?", value);
}

void sql_where_before(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value)
{
	where_compared(sql, resource, field, " < ?", value);
}

void sql_where_null(struct sql *sql, const struct resource *resource, unsigned field, bool null)
{
	sql_where(sql, "");
	sql_column(sql, &resource->fields[field]);
	sql_append(sql, null ? " IS NULL" : " IS NOT NULL");
}

/* What a moment is later than is appended next. */
static void where_later(struct sql *sql, const struct resource *resource, unsigned field)
{
	sql_where(sql, "(");
	sql_column(sql, &resource->fields[field]);
	sql_append(sql, " IS NULL OR ");
	sql_column(sql, &resource->fields[field]);
	sql_append(sql, " > ");
}

void sql_where_to_come(struct sql *sql, const struct resource *resource, unsigned field)
{
	where_later(sql, resource, field);
	sql_append(sql, "UTC_TIMESTAMP(6))");
}

void sql_where_over(struct sql *sql, const struct resource *resource, unsigned field)
{
	sql_where(sql, "");
	sql_column(sql, &resource->fields[field]);
	sql_append(sql, " <= UTC_TIMESTAMP(6)");
}

void sql_where_later(
    struct sql *sql, const struct resource *resource, unsigned field, int64_t moment)
{
	where_later(sql, resource, field);
	sql_append(sql, "?)");
	sql_bind(sql, BIND_MOMENT(moment));
}

void sql_where_all(struct sql *sql, const struct sql *conditions)
{
	sql->failed |= conditions->failed;
	if (!conditions->has_condition || conditions->failed)
		return;
	sql_where(sql, conditions->text + strlen(FIRST_CONDITION));
	for (unsigned i = 0; i < conditions->bind_count; i++)
		sql_bind(sql, conditions->binds[i]);
}

static void append_order(
    struct sql *sql, const struct resource *resource, const struct field_order *order)
{
	for (unsigned i = 0; i < order->count; i++) {
		if (i > 0)
			sql_append(sql, ", ");
		sql_column(sql, &resource->fields[order->fields[i].number]);
		if (order->fields[i].descending)
			sql_append(sql, " DESC");
	}
}

void sql_order(struct sql *sql, const struct resource *resource, uint64_t same)
{
	struct field_order order;

	order_own(resource, same, &order);
	if (order.count > 0)
		sql_append(sql, " ORDER BY ");
	append_order(sql, resource, &order);
}

void sql_order_runs(struct sql *sql, const struct resource *resource, unsigned field)
{
	struct field_order order;

	order_own(resource, FIELD_BIT(field), &order);
	sql_append(sql, " ORDER BY ");
	sql_column(sql, &resource->fields[field]);
	if (order.count > 0)
		sql_append(sql, ", ");
	append_order(sql, resource, &order);
}

void sql_limit(struct sql *sql, int64_t count, int64_t skip)
{
	sql_append(sql, " LIMIT ? OFFSET ?");
	sql_bind(sql, BIND_INT(count));
	sql_bind(sql, BIND_INT(skip));
}

struct bind sql_bind_of(const struct field *field, const struct value *value)
{
	struct bind bind = { .kind = field_type_info(field->type)->bind, .null = value->null };

	if (value->null)
		return bind;
	switch (field_holds(field)) {
	case VALUE_BOOLEAN:
		bind.integer = value->boolean;
		break;
	case VALUE_INTEGER:
		bind.integer = value->integer;
		break;
	case VALUE_REAL:
		bind.real = value->real;
		break;
	case VALUE_UUID:
		bind.uuid = value->uuid;
		break;
	default:
		bind.text = value->text;
		break;
	}
	return bind;
}

/* Whichever member counts has the same place in both, but for truth values. */
_Static_assert(sizeof(struct uuid) <= sizeof(struct str), "texts are the largest of what is bound");

static void take_value(const struct field *field, const struct bind *bind, struct value *value)
{
	value->null = bind->null;
	if (field_holds(field) == VALUE_BOOLEAN)
		value->boolean = bind->integer != 0;
	else
		memcpy(&value->text, &bind->text, sizeof(value->text));
}

struct value sql_value_of(const struct field *field, const struct bind *bind)
{
	struct value value = { .null = true };

	if (!bind->null)
		take_value(field, bind, &value);
	return value;
}

/* A part that may be null is null when all of it is. */
static bool is_missing(const struct field *field, const struct row *part)
{
	if (field->flags & FIELD_NOT_NULL)
		return false;
	for (unsigned i = 0; i < part->resource->field_count; i++) {
		if (row_filled(part, i))
			return false;
	}
	return true;
}

static struct row *take_row(
    struct arena *arena, const struct resource *resource, uint64_t mask, const struct bind **next)
{
	struct row *row = row_new(arena, resource);

	if (row == NULL)
		return NULL;
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!(mask & FIELD_BIT(i)) || field->relation != NULL)
			continue;
		if (field->object != NULL) {
			struct row *part = take_row(
			    arena, field->object, resource_default_mask(field->object), next);

			if (part == NULL)
				return NULL;
			row_set_row(row, i, is_missing(field, part) ? NULL : part);
		} else {
			take_value(field, (*next)++, &row->values[i]);
			row->present |= FIELD_BIT(i);
		}
	}
	return row;
}

struct row *sql_row(
    struct arena *arena, const struct resource *resource, uint64_t mask, const struct bind *record)
{
	return take_row(arena, resource, mask, &record);
}
