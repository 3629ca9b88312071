#include <stdlib.h>

#include "../lib/golden.h"
#include "../lib/rows.h"
#include "../lib/tables.h"
#include "db/sql.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 16 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* A row in which everything is set that has a column, parts too. */
static struct row *full_row(const struct resource *resource)
{
	struct row *row = row_new(arena, resource);

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (field->object != NULL)
			row_set_row(row, i, full_row(field->object));
		else if (field->column != NULL)
			row_set_null(row, i);
	}
	return row;
}

static unsigned count_marks(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++)
		count += *text == '?';
	return count;
}

static void append_statement(struct buf *out, const char *title, const struct sql *sql)
{
	assert_false(sql->failed);
	assert_int_equal(strlen(sql->text), sql->length);
	assert_int_equal(count_marks(sql->text), sql->bind_count);
	buf_printf(out, "-- %s\n%s;\n", title, sql->text);
}

static void where_keys(struct sql *sql, const struct resource *resource)
{
	static const struct value none = { .null = true };

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_KEY)
			sql_where_field(sql, resource, i, &none);
	}
}

/* All statements that the generic operations make of a resource. */
static void describe_statements(struct buf *out, const struct resource *resource)
{
	uint64_t mask = resource_default_mask(resource), demand = mask;
	struct sql sql;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_ON_DEMAND)
			demand |= FIELD_BIT(i);
	}
	sql_init(&sql, arena);
	sql_select(&sql, resource, mask);
	where_keys(&sql, resource);
	append_statement(out, "select", &sql);
	sql_init(&sql, arena);
	sql_select(&sql, resource, demand);
	sql_order(&sql, resource, 0);
	sql_limit(&sql, 25, 50);
	append_statement(out, "select with every member on demand", &sql);
	sql_init(&sql, arena);
	sql_count(&sql, resource);
	append_statement(out, "count", &sql);
	sql_init(&sql, arena);
	sql_insert(&sql, full_row(resource));
	append_statement(out, "insert", &sql);
	if (sql_may_return(resource)) {
		sql_init(&sql, arena);
		sql_insert(&sql, full_row(resource));
		sql_returning(&sql, resource, mask);
		append_statement(out, "insert, and what is stored", &sql);
	}
	sql_init(&sql, arena);
	sql_update(&sql, full_row(resource));
	where_keys(&sql, resource);
	append_statement(out, "update", &sql);
	sql_init(&sql, arena);
	sql_delete(&sql, resource);
	where_keys(&sql, resource);
	append_statement(out, "delete", &sql);
}

/* Several tables of a family may look the same to callers: the later ones' files tell the table
 * too. */
static const char *golden_name(const struct table_entry *entries, unsigned number)
{
	const struct table_entry *entry = &entries[number];
	bool first = true;

	for (unsigned i = 0; i < number; i++)
		first = first && (entries[i].family != entry->family ||
				     strcmp(entries[i].resource->type_name,
					 entry->resource->type_name) != 0);
	return arena_printf(arena, "tests/golden/sql/%s-%s%s%s.sql", entry->family->name,
	    entry->resource->type_name, first ? "" : "-", first ? "" : entry->resource->table);
}

static void test_golden(void **state)
{
	static struct table_entry entries[TABLES_MAX];
	unsigned count = tables_collect(entries);

	(void)state;
	assert_true(count >= 8);
	for (unsigned i = 0; i < count; i++) {
		struct buf made = { 0 };

		arena_reset(arena);
		describe_statements(&made, entries[i].resource);
		golden_check(golden_name(entries, i), &made);
		buf_free(&made);
	}
}

enum { ID, GROUP, NAME, ACTIVE, PART, COMPUTED, UPDATED, JOINED };

static const struct field part_fields[] = {
	{ INT32("x", "part_x") },
	{ INT32("y", "part_y") },
};
static const struct resource part = { .name = "part", FIELDS(part_fields) };
static const struct field fields[] = {
	[ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	[GROUP] = { UUID("group", "group_id"), .flags = FIELD_KEY | FIELD_READONLY },
	[NAME] = { STRING("name", "name", 10) },
	[ACTIVE] = { BOOLEAN("active", "active") },
	[PART] = { OBJECT("part", &part) },
	[COMPUTED] = { INT32("computed", NULL), .expression = "(1 + 1)", .flags = FIELD_READONLY },
	[UPDATED] = { DATETIME("updated", "updated_at"), .flags = FIELD_READONLY },
	[JOINED] = { STRING("joined", "o.name", 10), .flags = FIELD_READONLY },
};
static const struct resource resource = { .name = "thing",
	.table = "thing",
	.from = "thing {} JOIN other o ON o.id = {}.id",
	.condition = "{}.deleted_at IS NULL",
	FIELDS(fields) };

static void expect_sql(struct sql *sql, const char *expected)
{
	assert_false(sql->failed);
	assert_string_equal(sql->text, expected);
	sql_init(sql, arena);
}

static void test_select(void **state)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_UUID, BIND_TEXT, BIND_INTEGER,
		BIND_INTEGER, BIND_INTEGER, BIND_INTEGER, BIND_TIME, BIND_TEXT };
	struct value value = { .integer = 5 };
	struct sql sql;

	(void)state;
	sql_init(&sql, arena);
	sql_select(&sql, &resource, resource_default_mask(&resource));
	sql_where_field(&sql, &resource, ID, &value);
	sql_where(&sql, "x > ?");
	sql_bind(&sql, BIND_INT(1));
	sql_order(&sql, &resource, 0);
	sql_limit(&sql, 10, 20);
	assert_int_equal(sql.column_count, ROWS(kinds));
	assert_memory_equal(sql.columns, kinds, sizeof(kinds));
	assert_int_equal(sql.bind_count, 4);
	assert_int_equal(sql.binds[0].integer, 5);
	assert_int_equal(sql.binds[2].integer, 10);
	assert_int_equal(sql.binds[3].integer, 20);
	expect_sql(&sql, "SELECT t.id, t.group_id, t.name, t.active, t.part_x, t.part_y, (1 + 1), "
			 "t.updated_at, o.name "
			 "FROM thing t JOIN other o ON o.id = t.id WHERE t.deleted_at IS NULL AND "
			 "t.id = ? AND x > ? "
			 "ORDER BY t.id, t.group_id LIMIT ? OFFSET ?");
	sql_count(&sql, &resource);
	sql_where_field(&sql, &resource, JOINED, &value);
	assert_int_equal(sql.column_count, 1);
	expect_sql(&sql, "SELECT COUNT(*) FROM thing t JOIN other o ON o.id = t.id WHERE "
			 "t.deleted_at IS NULL AND "
			 "o.name = ?");
	sql_where_field(&sql, &resource, COMPUTED, &value);
	expect_sql(&sql, " WHERE (1 + 1) = ?");
}

/* Of joined tables the row's own alone. */
static void test_lock(void **state)
{
	struct row *keys;
	struct sql sql;

	(void)state;
	keys = row_new(arena, &resource);
	row_set_integer(keys, ID, 5);
	row_set_text(keys, JOINED, STR("x"));
	row_set_integer(keys, COMPUTED, 2);
	sql_init(&sql, arena);
	assert_true(sql_lock(&sql, keys));
	assert_int_equal(sql.bind_count, 1);
	expect_sql(&sql, "SELECT 1 FROM thing t WHERE t.id = ?");
	keys->present &= ~FIELD_BIT(ID);
	assert_false(sql_lock(&sql, keys));
}

static void test_where_in(void **state)
{
	static const struct value values[] = { { .integer = 1 }, { .integer = 2 }, { .integer = 3 },
		{ .integer = 4 }, { .integer = 5 } };
	static const char *const expected[] = { " WHERE t.id IN (?)", " WHERE t.id IN (?,?)",
		" WHERE t.id IN (?,?,?,?)", " WHERE t.id IN (?,?,?,?)",
		" WHERE t.id IN (?,?,?,?,?,?,?,?)" };
	struct sql sql;

	(void)state;
	sql_init(&sql, arena);
	for (unsigned count = 1; count <= 5; count++) {
		sql_where_in(&sql, &resource, ID, values, count);
		assert_int_equal(sql.bind_count, count_marks(sql.text));
		for (unsigned i = 0; i < sql.bind_count; i++)
			assert_int_equal(sql.binds[i].integer, i < count ? i + 1 : count);
		expect_sql(&sql, expected[count - 1]);
	}
}

static void test_write(void **state)
{
	struct row *row = row_new(arena, &resource), *inner = row_new(arena, &part);
	struct sql sql;

	(void)state;
	sql_init(&sql, arena);
	assert_int_equal(sql_update(&sql, row), 0);
	row_set_integer(row, ID, 7);
	row_set_text(row, JOINED, STR("not here"));
	sql_init(&sql, arena);
	assert_int_equal(sql_update(&sql, row), 0);
	assert_int_equal(sql.bind_count, 0);
	row_set_text(row, NAME, STR("n"));
	row_set_boolean(row, ACTIVE, true);
	row_set_integer(inner, 1, 9);
	row_set_row(row, PART, inner);
	sql_init(&sql, arena);
	sql_insert(&sql, row);
	assert_int_equal(sql.bind_count, 4);
	assert_int_equal(sql.binds[0].integer, 7);
	assert_int_equal(sql.binds[2].integer, 1);
	assert_int_equal(sql.binds[3].integer, 9);
	expect_sql(&sql, "INSERT INTO thing (id, name, active, part_y) VALUES (?, ?, ?, ?)");
	assert_int_equal(sql_update(&sql, row), 3);
	where_keys(&sql, &resource);
	assert_int_equal(sql.bind_count, 5);
	expect_sql(&sql, "UPDATE thing t SET t.name = ?, t.active = ?, t.part_y = ?, t.updated_at "
			 "= UTC_TIMESTAMP(6) "
			 "WHERE t.id = ? AND t.group_id = ?");
	row_set_null(row, NAME);
	row_set_row(row, PART, NULL);
	sql_insert(&sql, row);
	assert_true(sql.binds[1].null);
	expect_sql(&sql, "INSERT INTO thing (id, name, active) VALUES (?, ?, ?)");
	/* A part that is null takes its columns along. */
	assert_int_equal(sql_update(&sql, row), 4);
	assert_true(sql.binds[2].null && sql.binds[3].null);
	expect_sql(&sql, "UPDATE thing t SET t.name = ?, t.active = ?, t.part_x = ?, t.part_y = ?, "
			 "t.updated_at = UTC_TIMESTAMP(6)");
	assert_true(sql_touch(&sql, &resource));
	expect_sql(&sql, "UPDATE thing t SET t.updated_at = UTC_TIMESTAMP(6)");
	assert_false(sql_touch(&sql, &part));
	expect_sql(&sql, "");
	sql_claim(&sql, &resource, "seen_at", &row->values[ID]);
	assert_int_equal(sql.binds[0].integer, 7);
	expect_sql(&sql, "UPDATE thing t SET t.seen_at = GREATEST(UTC_TIMESTAMP(6), t.seen_at + "
			 "INTERVAL 1 MICROSECOND) WHERE t.id = ?");
	sql_delete(&sql, &resource);
	expect_sql(&sql, "DELETE t FROM thing t");
}

/* Rows of one statement, and a row in the place of the one that is there. */
static void test_write_several(void **state)
{
	struct row *rows[] = { row_new(arena, &resource), row_new(arena, &resource) };
	struct sql sql;

	(void)state;
	for (unsigned i = 0; i < ROWS(rows); i++) {
		row_set_integer(rows[i], ID, 7 + i);
		row_set_text(rows[i], NAME, STR("n"));
	}
	sql_init(&sql, arena);
	sql_insert_all(&sql, &(struct row_list){ rows, ROWS(rows) });
	assert_int_equal(sql.bind_count, 4);
	assert_int_equal(sql.binds[2].integer, 8);
	expect_sql(&sql, "INSERT INTO thing (id, name) VALUES (?, ?), (?, ?)");
	sql_put(&sql, rows[0]);
	assert_int_equal(sql.bind_count, 2);
	expect_sql(&sql, "INSERT INTO thing (id, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE "
			 "name = VALUES(name), updated_at = UTC_TIMESTAMP(6)");
	rows[0]->present = FIELD_BIT(ID);
	sql_put(&sql, rows[0]);
	expect_sql(&sql, "INSERT INTO thing (id) VALUES (?) ON DUPLICATE KEY UPDATE id = id");
}

/* Conditions that are made on their own join those that a statement has. */
static void test_conditions(void **state)
{
	const struct value name = { .text = STR("n") };
	struct resource marked = resource;
	struct sql sql, conditions;

	(void)state;
	marked.deleted_column = "gone_at";
	sql_init(&conditions, arena);
	sql_init(&sql, arena);
	sql_delete(&sql, &resource);
	sql_where_all(&sql, &conditions);
	expect_sql(&sql, "DELETE t FROM thing t");
	sql_where_other(&conditions, &resource, NAME, &name);
	sql_where_null(&conditions, &resource, NAME, false);
	sql_where_null(&conditions, &resource, ACTIVE, true);
	sql_where_from(&conditions, &resource, NAME, &name);
	sql_where_before(&conditions, &resource, NAME, &name);
	sql_where_undeleted(&conditions, &resource);
	sql_where_undeleted(&conditions, &marked);
	sql_delete(&sql, &resource);
	sql_where_all(&sql, &conditions);
	assert_int_equal(sql.bind_count, 3);
	expect_sql(&sql, "DELETE t FROM thing t WHERE t.name <> ? AND t.name IS NOT NULL AND "
			 "t.active IS NULL AND t.name >= ? AND t.name < ? AND t.gone_at IS NULL");
	sql_delete(&sql, &marked);
	expect_sql(&sql, "UPDATE thing t SET t.gone_at = UTC_TIMESTAMP(6) WHERE t.gone_at IS NULL");
	sql_init(&conditions, arena);
	sql_where_to_come(&conditions, &resource, UPDATED);
	sql_where_over(&conditions, &resource, UPDATED);
	sql_where_later(&conditions, &resource, UPDATED, 5);
	sql_delete(&sql, &resource);
	sql_where_field(&sql, &resource, NAME, &name);
	sql_where_all(&sql, &conditions);
	assert_int_equal(sql.bind_count, 2);
	assert_int_equal(sql.binds[1].kind, BIND_TIME);
	assert_int_equal(sql.binds[1].integer, 5);
	expect_sql(&sql, "DELETE t FROM thing t WHERE t.name = ? AND "
			 "(t.updated_at IS NULL OR t.updated_at > UTC_TIMESTAMP(6)) AND "
			 "t.updated_at <= UTC_TIMESTAMP(6) AND "
			 "(t.updated_at IS NULL OR t.updated_at > ?)");
	conditions.failed = true;
	sql_where_all(&sql, &conditions);
	assert_true(sql.failed);
}

/* Values survive the way to a bind and back. */
static void test_bind(void **state)
{
	static const struct field kinds[] = { { BOOLEAN("a", "a") }, { INT32("a", "a") },
		{ DOUBLE("a", "a") }, { STRING("a", "a", 9) }, { UUID("a", "a") },
		{ DATETIME("a", "a") }, { DATE("a", "a") }, { DECIMAL("a", "a") },
		{ MAP("a", "a") } };

	(void)state;
	for (size_t i = 0; i < ROWS(kinds); i++) {
		const struct field *field = &kinds[i];
		struct value value = { .null = false }, back;
		struct bind bind;

		if (field->type == FIELD_BOOLEAN)
			value.boolean = true;
		else if (field->type == FIELD_DOUBLE)
			value.real = 1.5;
		else if (field->type == FIELD_UUID)
			value.uuid = uuid_random();
		else if (field_type_info(field->type)->bind == BIND_TEXT)
			value.text = STR("text");
		else
			value.integer = -5;
		bind = sql_bind_of(field, &value);
		expect_int(i, bind.kind, field_type_info(field->type)->bind);
		back = sql_value_of(field, &bind);
		expect_int(i, back.null, false);
		if (field->type == FIELD_UUID)
			expect_int(i, uuid_equal(&back.uuid, &value.uuid), true);
		else if (field->type == FIELD_BOOLEAN)
			expect_int(i, back.boolean, true);
		else if (field->type == FIELD_DOUBLE)
			expect_int(i, back.real == 1.5, true);
		else if (bind.kind == BIND_TEXT)
			expect_str(i, back.text, "text");
		else
			expect_int(i, back.integer, -5);
		value.null = true;
		bind = sql_bind_of(field, &value);
		expect_int(i, bind.null, true);
		expect_int(i, sql_value_of(field, &bind).null, true);
	}
}

static void test_row(void **state)
{
	const struct bind record[] = { BIND_INT(1), BIND_INT(2), BIND_INT(3), BIND_INT(4),
		{ .kind = BIND_TEXT, .null = true } };
	struct row *row = sql_row(arena, &resource,
	    FIELD_BIT(ID) | FIELD_BIT(PART) | FIELD_BIT(COMPUTED) | FIELD_BIT(JOINED), record);

	(void)state;
	assert_int_equal(row->values[ID].integer, 1);
	assert_int_equal(row->values[PART].row->values[0].integer, 2);
	assert_int_equal(row->values[PART].row->values[1].integer, 3);
	assert_int_equal(row->values[COMPUTED].integer, 4);
	assert_true(row_has(row, JOINED));
	assert_false(row_filled(row, JOINED));
	assert_false(row_has(row, NAME));
}

/* Text and binds grow; without memory that is remembered. */
static void test_grow(void **state)
{
	struct arena *small = arena_new(4096, 4096);
	struct sql sql;

	(void)state;
	sql_init(&sql, arena);
	for (int i = 0; i < 1000; i++) {
		sql_append(&sql, ",?");
		sql_bind(&sql, BIND_INT(i));
	}
	assert_int_equal(sql.length, 2000);
	assert_int_equal(sql.bind_count, 1000);
	assert_int_equal(sql.binds[999].integer, 999);
	sql_init(&sql, small);
	for (int i = 0; i < 1000 && !sql.failed; i++) {
		sql_append(&sql, "text");
		sql_bind(&sql, BIND_INT(i));
	}
	assert_true(sql.failed);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_golden, begin, end),
		cmocka_unit_test_setup_teardown(test_select, begin, end),
		cmocka_unit_test_setup_teardown(test_lock, begin, end),
		cmocka_unit_test_setup_teardown(test_where_in, begin, end),
		cmocka_unit_test_setup_teardown(test_write, begin, end),
		cmocka_unit_test_setup_teardown(test_write_several, begin, end),
		cmocka_unit_test_setup_teardown(test_conditions, begin, end),
		cmocka_unit_test_setup_teardown(test_bind, begin, end),
		cmocka_unit_test_setup_teardown(test_row, begin, end),
		cmocka_unit_test_setup_teardown(test_grow, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
