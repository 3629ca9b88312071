/*
 * Rows by the set, and parts.
 */
#include <stdio.h>

#include "../lib/queries.h"
#include "../lib/server.h"
#include "record/audit.h"
#include "record/row_count.h"
#include "record/rows.h"

enum { ITEM_ID, ITEM_CODE };
#define ITEM_STOCK 6
#define ITEM_LABELS 21
enum { LABEL_ITEM, LABEL_TEXT };
enum { COUNTRY_ID, COUNTRY_CODE, COUNTRY_NAME };
enum { MAKER_ID, MAKER_NAME, MAKER_COUNTRY };

static struct queries *queries;
static struct context *context;

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE,
	    "INSERT INTO country (id, code, name) VALUES (1, 'de', 'Germany'), (2, 'fr', NULL), "
	    "(3, 'at', 'Austria');"
	    "INSERT INTO maker (id, name, country_id, deleted_at) VALUES (1, 'a', 1, NULL), "
	    "(2, 'b', 1, NULL), (3, 'c', 1, '2020-01-01'), (4, 'd', 2, NULL);"
	    "INSERT INTO item (id, code, stock) VALUES (1, 'x', 5), (2, 'y', NULL);"
	    "INSERT INTO label (item_id, text) VALUES (1, 'red'), (1, 'blue'), (2, 'red');"
	    "UPDATE row_count SET count = 3 WHERE table_name = 'label'");
	queries = *state;
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	context = &queries->operation.context;
	return result;
}

static struct row *row_of(const struct resource *resource, unsigned member, int64_t value)
{
	struct row *row = row_new(queries->arena, resource);

	row_set_integer(row, member, value);
	return row;
}

static struct row *label(int64_t item, const char *text)
{
	struct row *row = row_of(&catalogue_label, LABEL_ITEM, item);

	row_set_text(row, LABEL_TEXT, str_from(text));
	return row;
}

static int64_t count_of(const struct record_set *set)
{
	int64_t count = -1;

	assert_int_equal(record_count(context, set, &count, &queries->error), 0);
	return count;
}

static bool has_any(const struct record_set *set)
{
	bool exists;

	assert_int_equal(record_exists(context, set, &exists, &queries->error), 0);
	return exists;
}

static int64_t counted(const char *table)
{
	int64_t total = -1;
	bool known;

	assert_int_equal(row_count_read(queries->database, queries->arena, table, &total, &known,
			     &queries->error),
	    0);
	return total;
}

static void expect_internal(int result)
{
	assert_int_equal(result, -1);
	assert_int_equal(queries->error.code, ERROR_INTERNAL);
	error_clear(&queries->error);
}

/* Rows that a resource's own condition leaves out are not there. */
static void test_count(void **state)
{
	struct row *of_germany = row_of(&catalogue_maker, MAKER_COUNTRY, 1);
	const struct value b = { .text = STR("b") };
	struct sql where;

	(void)state;
	sql_init(&where, queries->arena);
	sql_where_other(&where, &catalogue_maker, MAKER_NAME, &b);
	assert_int_equal(count_of(&(struct record_set){ .resource = &catalogue_maker }), 3);
	assert_int_equal(
	    count_of(&(struct record_set){ .resource = &catalogue_maker, .keys = of_germany }), 2);
	assert_int_equal(count_of(&(struct record_set){
			     .resource = &catalogue_maker, .keys = of_germany, .where = &where }),
	    1);
	assert_int_equal(count_of(&(struct record_set){ .resource = &catalogue_maker,
			     .keys = row_of(&catalogue_maker, MAKER_ID, 3) }),
	    0);
	/* A key that is null is that of no row. */
	row_set_null(of_germany, MAKER_COUNTRY);
	assert_int_equal(
	    count_of(&(struct record_set){ .resource = &catalogue_maker, .keys = of_germany }), 0);
}

static void test_exists(void **state)
{
	struct record_set set = { .resource = &catalogue_maker };

	(void)state;
	set.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 1);
	assert_true(has_any(&set));
	assert_int_equal(record_require(context, &set, &queries->error), 0);
	set.keys = row_of(&catalogue_maker, MAKER_ID, 3);
	assert_false(has_any(&set));
	assert_int_equal(record_require(context, &set, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_NOT_FOUND);
	assert_string_equal(queries->error.message, "The maker was not found.");
}

static void test_fetch_all(void **state)
{
	struct record_set set = { .resource = &catalogue_maker,
		.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 1) };
	struct row_list rows;

	(void)state;
	assert_int_equal(
	    record_fetch_all(context, &set, FIELD_BIT(MAKER_ID), &rows, &queries->error), 0);
	assert_int_equal(rows.count, 2);
	/* In the resource's order: by name, descending. */
	assert_int_equal(rows.rows[0]->values[MAKER_ID].integer, 2);
	assert_int_equal(rows.rows[1]->values[MAKER_ID].integer, 1);
	set = (struct record_set){ .resource = &catalogue_item };
	database_count_reset(queries->database);
	assert_int_equal(record_fetch_all(context, &set,
			     FIELD_BIT(ITEM_ID) | FIELD_BIT(ITEM_LABELS), &rows, &queries->error),
	    0);
	assert_int_equal(rows.count, 2);
	assert_int_equal(rows.rows[0]->values[ITEM_LABELS].list.count, 2);
	assert_int_equal(database_count(queries->database), 2);
	set.keys = row_of(&catalogue_item, ITEM_ID, 9);
	assert_int_equal(
	    record_fetch_all(context, &set, FIELD_BIT(ITEM_ID), &rows, &queries->error), 0);
	assert_int_equal(rows.count, 0);
}

static void test_find(void **state)
{
	const struct value name = { .text = STR("b") }, deleted = { .text = STR("c") };
	struct record_set set = { .resource = &catalogue_maker,
		.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 1) };
	struct row *row;

	(void)state;
	/* The first one in the resource's order. */
	assert_int_equal(record_find(context, &set, FIELD_BIT(MAKER_ID), &row, &queries->error), 0);
	assert_int_equal(row->values[MAKER_ID].integer, 2);
	assert_int_equal(record_find_by(context, &catalogue_maker, MAKER_NAME, &name,
			     FIELD_BIT(MAKER_ID), &row, &queries->error),
	    0);
	assert_int_equal(row->values[MAKER_ID].integer, 2);
	assert_int_equal(record_find_by(context, &catalogue_maker, MAKER_NAME, &deleted,
			     FIELD_BIT(MAKER_ID), &row, &queries->error),
	    0);
	assert_null(row);
}

/* An actor who is let in for own rows only has no others, however they are asked for. */
static void test_own_rows(void **state)
{
	struct resource owned = catalogue_maker;
	struct record_set set = { .resource = &owned };
	struct principal customer = { .customer_id = 2 };
	struct row_list rows;
	int64_t count;

	(void)state;
	context->own_rows_only = true;
	context->actor.principal = &customer;
	/* Without an owner, the rows are nobody's. */
	assert_int_equal(count_of(&set), 0);
	owned.owner = OWNER_CUSTOMER;
	owned.owner_condition = "{}.country_id = ?";
	assert_int_equal(count_of(&set), 1);
	assert_int_equal(
	    record_fetch_all(context, &set, FIELD_BIT(MAKER_ID), &rows, &queries->error), 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.rows[0]->values[MAKER_ID].integer, 4);
	set.keys = row_of(&owned, MAKER_ID, 1);
	assert_false(has_any(&set));
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	assert_int_equal(count, 0);
	assert_string_equal(server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM maker"), "4");
}

/* What such an actor has come to do says which of its own rows it reaches. */
static void test_own_rows_by_deed(void **state)
{
	static const struct {
		enum permission does;
		unsigned owner;
		int64_t rows;
	} deeds[] = {
		{ 0, OWNER_CUSTOMER, 1 },
		{ PERMISSION_READ, OWNER_CUSTOMER, 1 },
		{ PERMISSION_UPDATE, OWNER_CUSTOMER, 0 },
		{ PERMISSION_CREATE, OWNER_CUSTOMER, 0 },
		{ PERMISSION_DELETE, OWNER_CUSTOMER, 2 },
		/* A user, who is none here, and nobody. */
		{ PERMISSION_READ, OWNER_DELEGATE, 0 },
		{ PERMISSION_DELETE, OWNER_NOBODY, 0 },
	};
	struct resource owned = catalogue_maker;
	struct record_set set = { .resource = &owned };
	struct principal customer = { .customer_id = 2 };

	(void)state;
	context->own_rows_only = true;
	context->actor.principal = &customer;
	owned.owner_condition = "{}.country_id = ?";
	owned.owner_changes = "{}.country_id = ? AND {}.id <> 2 * ?";
	owned.owner_deletes = "{}.id IN (1, 2 * ?)";
	for (size_t i = 0; i < ROWS(deeds); i++) {
		context->does = deeds[i].does;
		owned.owner = deeds[i].owner;
		expect_int(i, count_of(&set), deeds[i].rows);
	}
}

/* Such an actor changes the members that owners change, and no others beside them. */
static void test_own_members(void **state)
{
	struct resource owned = catalogue_maker;
	struct field fields[RESOURCE_FIELDS_MAX];
	struct principal customer = { .customer_id = 2 };
	struct row *values;
	int64_t count = -1;

	(void)state;
	memcpy(fields, owned.fields, owned.field_count * sizeof(fields[0]));
	fields[MAKER_NAME].flags |= FIELD_OWNER_CHANGES;
	owned.fields = fields;
	owned.owner = OWNER_CUSTOMER;
	owned.owner_condition = "{}.country_id = ?";
	struct record_set set = { .resource = &owned, .keys = row_of(&owned, MAKER_COUNTRY, 2) };

	context->own_rows_only = true;
	context->actor.principal = &customer;
	values = row_of(&owned, MAKER_COUNTRY, 1);
	row_set_text(values, MAKER_NAME, STR("new"));
	assert_int_equal(record_update_all(context, &set, values, &count, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_FORBIDDEN);
	assert_string_equal(queries->error.faults->path, "countryId");
	assert_null(queries->error.faults->next);
	error_clear(&queries->error);
	values = row_new(context->arena, &owned);
	row_set_text(values, MAKER_NAME, STR("new"));
	assert_int_equal(record_update_all(context, &set, values, &count, &queries->error), 0);
	assert_int_equal(count, 1);
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT GROUP_CONCAT(id) FROM maker WHERE name = 'new'"),
	    "4");
}

static void test_delete_all(void **state)
{
	struct record_set set = { .resource = &catalogue_label };
	int64_t count = -1;

	(void)state;
	set.keys = row_of(&catalogue_label, LABEL_ITEM, 1);
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	assert_int_equal(count, 2);
	assert_int_equal(counted("label"), 1);
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	assert_int_equal(count, 0);
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT GROUP_CONCAT(item_id, text) FROM label"),
	    "2red");
	/* A deleted row, which nobody sees, is not deleted once more. */
	set = (struct record_set){ .resource = &catalogue_maker,
		.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 1) };
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	assert_int_equal(count, 2);
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT GROUP_CONCAT(id) FROM maker"), "3,4");
}

/* One entry with the number of rows, unless the change around it tells of them. */
static void test_audit(void **state)
{
	static const char entries[] = "SELECT GROUP_CONCAT(action, ' ', resource, ' ', row_count "
				      "ORDER BY id) FROM audit_entry";
	struct record_set set = { .resource = &catalogue_label };
	struct record_set makers = { .resource = &catalogue_maker,
		.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 1) };
	struct row *values = row_of(&catalogue_maker, MAKER_COUNTRY, 3);
	int64_t count;

	(void)state;
	set.keys = row_of(&catalogue_label, LABEL_ITEM, 1);
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	/* Nothing is left, so nothing is told. */
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	set.keys = row_of(&catalogue_label, LABEL_ITEM, 2);
	set.told = true;
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), 0);
	assert_int_equal(record_update_all(context, &makers, values, &count, &queries->error), 0);
	assert_string_equal(
	    server_value(QUERIES_DATABASE, entries), "delete label 2,update maker 2");
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT JSON_VALUE(detail, '$.of.countryId') FROM audit_entry "
				"WHERE resource = 'maker'"),
	    "1");
}

/* Many entries take few statements: of 32, 8, 4 and 1 of them here. */
static void test_audit_many(void **state)
{
	struct audit_change changes[45];

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(changes); i++)
		changes[i] = (struct audit_change){ .action = AUDIT_INSERT,
			.after = row_of(&catalogue_label, LABEL_ITEM, i) };
	database_count_reset(queries->database);
	assert_int_equal(audit_record_all(context, changes, COUNT_OF(changes), &queries->error), 0);
	assert_int_equal(database_count(queries->database), 4);
	assert_int_equal(audit_record_all(context, changes, 0, &queries->error), 0);
	assert_int_equal(database_count(queries->database), 4);
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT CONCAT(COUNT(*), ' ', COUNT(DISTINCT after_row), ' ', "
				"SUM(JSON_VALUE(after_row, '$.itemId'))) FROM audit_entry"),
	    "45 45 990");
}

/* What the database refuses is told in the words of the tables. */
static void test_delete_refused(void **state)
{
	static const struct dependant dependants[] = {
		{ .constraint = "maker_country", .name = "makers", .area = AREA_PRODUCTS },
	};
	struct resource country = catalogue_country;
	struct record_set set = { .resource = &country,
		.keys = row_of(&catalogue_country, COUNTRY_ID, 1) };
	int64_t count;

	(void)state;
	country.dependants = dependants;
	country.dependant_count = COUNT_OF(dependants);
	assert_int_equal(record_delete_all(context, &set, &count, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_IN_USE);
	assert_string_equal(queries->error.message, "The country is still used by makers.");
}

/* Nobody changes all that there is by forgetting to say which. */
static void test_unbounded(void **state)
{
	struct record_set set = { .resource = &catalogue_label };
	struct row *values = row_of(&catalogue_country, COUNTRY_NAME, 0);
	struct sql where;
	int64_t count;

	(void)state;
	sql_init(&where, queries->arena);
	expect_internal(record_delete_all(context, &set, &count, &queries->error));
	set.keys = row_new(queries->arena, &catalogue_label);
	set.where = &where;
	expect_internal(record_delete_all(context, &set, &count, &queries->error));
	row_set_text(values, COUNTRY_NAME, STR("n"));
	set = (struct record_set){ .resource = &catalogue_country };
	expect_internal(record_update_all(context, &set, values, &count, &queries->error));
	/* Labels go with items and are counted. */
	set = (struct record_set){ .resource = &catalogue_item,
		.keys = row_of(&catalogue_item, ITEM_ID, 1) };
	expect_internal(record_delete_all(context, &set, &count, &queries->error));
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT CONCAT((SELECT COUNT(*) FROM label), "
				"(SELECT COUNT(*) FROM item), (SELECT COUNT(*) FROM country "
				"WHERE name = 'n'))"),
	    "320");
}

static void test_update_all(void **state)
{
	struct record_set set = { .resource = &catalogue_maker,
		.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 1) };
	struct row *values = row_of(&catalogue_maker, MAKER_COUNTRY, 3);
	int64_t count = -1;

	(void)state;
	assert_int_equal(record_update_all(context, &set, values, &count, &queries->error), 0);
	assert_int_equal(count, 2);
	set.keys = row_of(&catalogue_maker, MAKER_COUNTRY, 3);
	assert_int_equal(record_update_all(context, &set, values, &count, &queries->error), 0);
	/* Rows that are as they should be count, too. */
	assert_int_equal(count, 2);
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT GROUP_CONCAT(country_id ORDER BY id) FROM maker"),
	    "3,3,1,2");
}

/* Values that would get lost, or that are no set's. */
static void test_update_all_refused(void **state)
{
	struct record_set set = { .resource = &catalogue_item,
		.keys = row_of(&catalogue_item, ITEM_ID, 1) };
	struct row *values = row_new(queries->arena, &catalogue_item);
	int64_t count;

	(void)state;
	expect_internal(record_update_all(context, &set, values, &count, &queries->error));
	row_set_integer(values, ITEM_STOCK, 8);
	row_set_list(values, ITEM_LABELS, (struct row_list){ NULL, 0 });
	expect_internal(record_update_all(context, &set, values, &count, &queries->error));
	values->present = FIELD_BIT(ITEM_STOCK);
	row_set_integer(values, ITEM_ID, 7);
	expect_internal(record_update_all(context, &set, values, &count, &queries->error));
	values->present = FIELD_BIT(ITEM_STOCK);
	assert_int_equal(record_update_all(context, &set, values, &count, &queries->error), 0);
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT GROUP_CONCAT(id, '=', stock) FROM item"), "1=8");
}

static void test_parts(void **state)
{
	struct row *labels[] = { label(2, "green"), label(2, "blue") };
	struct row *other = row_of(&catalogue_label, LABEL_ITEM, 2);
	struct row_list rows = { labels, COUNT_OF(labels) };

	(void)state;
	database_count_reset(queries->database);
	assert_int_equal(record_add_parts(context, &rows, &queries->error), 0);
	/* One statement, and one for the counter. */
	assert_int_equal(database_count(queries->database), 2);
	assert_int_equal(counted("label"), 5);
	assert_string_equal(
	    server_value(QUERIES_DATABASE,
		"SELECT GROUP_CONCAT(text ORDER BY text) FROM label WHERE item_id = 2"),
	    "blue,green,red");
	rows.count = 0;
	assert_int_equal(record_add_parts(context, &rows, &queries->error), 0);
	labels[1] = other;
	rows.count = 2;
	expect_internal(record_add_parts(context, &rows, &queries->error));
	assert_int_equal(record_add_part(context, label(2, "red"), &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_CONFLICT);
	error_clear(&queries->error);
	assert_int_equal(record_add_part(context, label(1, "green"), &queries->error), 0);
	assert_int_equal(counted("label"), 6);
}

static void test_put(void **state)
{
	struct row *country = row_of(&catalogue_country, COUNTRY_ID, 2);

	(void)state;
	row_set_text(country, COUNTRY_CODE, STR("fr"));
	row_set_text(country, COUNTRY_NAME, STR("France"));
	assert_int_equal(record_put_part(context, country, &queries->error), 0);
	row_set_integer(country, COUNTRY_ID, 4);
	row_set_text(country, COUNTRY_CODE, STR("it"));
	assert_int_equal(record_put_part(context, country, &queries->error), 0);
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT GROUP_CONCAT(code, name ORDER BY id) FROM country"),
	    "deGermany,frFrance,atAustria,itFrance");
	expect_internal(record_put_part(context, label(2, "red"), &queries->error));
}

/* What came in pieces. */
struct come {
	unsigned pieces, rows, stop; /* `stop`: so many pieces are enough */
	size_t used;                 /* of the arena, with the first piece */
	char last[16];               /* code of the row before: they come in order */
};

static int take_piece(void *data, const struct row_list *rows, struct error *error)
{
	struct come *come = data;

	if (come->stop > 0 && come->pieces == come->stop)
		return error_set(error, ERROR_STALE, "Enough.");
	if (come->pieces++ == 0)
		come->used = arena_used(queries->arena);
	/* No piece needs more memory than the first and largest one has. */
	assert_true(arena_used(queries->arena) <= come->used + 1024);
	for (unsigned i = 0; i < rows->count; i++) {
		struct str code = rows->rows[i]->values[ITEM_CODE].text;

		assert_true(come->rows == 0 || strncmp(come->last, code.data, code.length) < 0);
		snprintf(come->last, sizeof(come->last), STR_FORMAT, STR_ARGUMENTS(code));
		come->rows++;
	}
	return 0;
}

/* All rows come once and in order, however many there are, in the memory of a piece. */
static void test_each(void **state)
{
	const struct row *keys = row_of(&catalogue_item, ITEM_STOCK, 7);
	const struct record_set all = { .resource = &catalogue_item, .order_by = "code" };
	const struct record_set some = {
		.resource = &catalogue_item, .keys = keys, .order_by = "code"
	};
	const uint64_t mask = FIELD_BIT(ITEM_ID) | FIELD_BIT(ITEM_CODE);
	struct come come = { 0 };

	(void)state;
	server_run(QUERIES_DATABASE,
	    "INSERT INTO item (id, code, stock) SELECT 5000 - seq, CONCAT('c', LPAD(seq, 5, '0')), "
	    "IF(seq <= 1000, 7, 8) FROM seq_1_to_2500");
	assert_int_equal(record_each(context, &all, mask, take_piece, &come, &queries->error), 0);
	assert_int_equal(come.rows, 2502);
	assert_int_equal(come.pieces, 3);
	assert_string_equal(come.last, "y");
	come = (struct come){ 0 };
	assert_int_equal(record_each(context, &some, mask, take_piece, &come, &queries->error), 0);
	assert_int_equal(come.rows, 1000);
	assert_int_equal(come.pieces, 1);
	come = (struct come){ .stop = 2 };
	assert_int_equal(record_each(context, &all, mask, take_piece, &come, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_STALE);
	assert_int_equal(come.rows, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_count, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_exists, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_fetch_all, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_find, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_own_rows, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_own_rows_by_deed, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_own_members, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_delete_all, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_audit, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_audit_many, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_delete_refused, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_unbounded, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_update_all, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_update_all_refused, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_parts, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_put, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_each, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
