#include "../lib/queries.h"
#include "../lib/server.h"

#include <pthread.h>
#include <stdio.h>

#include "record/row_count.h"

#define WRITERS 4
#define ROUNDS 50

static int64_t total_of(struct queries *queries, const char *table, bool *known)
{
	int64_t total = -1;

	assert_int_equal(row_count_read(queries->database, queries->arena, table, &total, known,
			     &queries->error),
	    0);
	return total;
}

static void test_add(void **state)
{
	struct queries *queries = *state;
	bool known;

	assert_int_equal(total_of(queries, "item", &known), 0);
	assert_true(known);
	assert_int_equal(row_count_add_now(queries->database, "item", 3, &queries->error), 0);
	assert_int_equal(row_count_add_now(queries->database, "item", -1, &queries->error), 0);
	assert_int_equal(row_count_add_now(queries->database, "label", 7, &queries->error), 0);
	assert_int_equal(total_of(queries, "item", &known), 2);
	assert_int_equal(total_of(queries, "label", &known), 7);
	database_count_reset(queries->database);
	assert_int_equal(row_count_add_now(queries->database, "item", 0, &queries->error), 0);
	assert_int_equal(database_count(queries->database), 0);
}

/* One transaction writes each table's counter once, whatever it has added. */
static int add_often(struct context *context, void *data, struct error *error)
{
	(void)data;
	for (int i = 0; i < 5; i++) {
		if (row_count_add(context, "item", i, error) != 0 ||
		    row_count_add(context, "label", i % 2 == 0 ? 1 : -1, error) != 0)
			return -1;
	}
	/* What comes to nothing is not written at all. */
	return row_count_add(context, "label", -1, error);
}

static void test_added_once(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	bool known;

	queries_prepare(queries, &catalogue_item, NULL, NULL);
	for (unsigned i = 1; i <= 2; i++) {
		database_count_reset(queries->database);
		assert_int_equal(record_transaction(context, add_often, NULL, &queries->error), 0);
		assert_int_equal(database_count(queries->database), 1);
		assert_int_equal(total_of(queries, "item", &known), 10 * i);
		assert_int_equal(total_of(queries, "label", &known), 0);
	}
	/* Outside of one it is written at once. */
	assert_int_equal(row_count_add(context, "item", -20, &queries->error), 0);
	assert_int_equal(total_of(queries, "item", &known), 0);
}

static int add_many_tables(struct context *context, void *data, struct error *error)
{
	static char names[3 * ROW_COUNTS_MOST][8];

	(void)data;
	for (unsigned i = 0; i < COUNT_OF(names); i++) {
		snprintf(names[i], sizeof(names[i]), "t%u", i % (2 * ROW_COUNTS_MOST));
		if (row_count_add(context, names[i], 1, error) != 0)
			return -1;
	}
	return 0;
}

static void test_many_tables(void **state)
{
	struct queries *queries = *state;

	queries_prepare(queries, &catalogue_item, NULL, NULL);
	assert_int_equal(
	    record_transaction(&queries->operation.context, add_many_tables, NULL, &queries->error),
	    0);
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT CONCAT(COUNT(*), ' ', SUM(count)) FROM row_count WHERE "
				"table_name LIKE 't%'"),
	    "32 48");
}

/* Without a base nobody knows how many rows there were before. */
static void test_no_base(void **state)
{
	struct queries *queries = *state;
	bool known;

	total_of(queries, "maker", &known);
	assert_false(known);
	assert_int_equal(row_count_add_now(queries->database, "maker", 1, &queries->error), 0);
	total_of(queries, "maker", &known);
	assert_false(known);
	server_run(QUERIES_DATABASE, "INSERT INTO row_count (table_name, shard, count) VALUES "
				     "('maker', -1, 1)");
	assert_int_equal(total_of(queries, "maker", &known), 2);
	assert_true(known);
}

static int delete_item(struct operation *operation, void *context, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	if (row_count_before_delete(&operation->context, &catalogue_item, context, error) != 0)
		return -1;
	sql_init(&sql, operation->context.arena);
	sql_delete(&sql, &catalogue_item);
	sql_where_field(&sql, &catalogue_item, 0, &((const struct row *)context)->values[0]);
	if (record_execute(&operation->context, &sql, &catalogue_item, &outcome, error) != 0)
		return -1;
	return row_count_add_now(
	    operation->context.database, "item", -(int64_t)outcome.affected, error);
}

static void test_cascade(void **state)
{
	struct queries *queries = *state;
	struct row *keys;
	bool known;

	server_run(QUERIES_DATABASE, "INSERT INTO item (id,code) VALUES (1,'a'),(2,'b');"
				     "INSERT INTO label VALUES (1,'x'),(1,'y'),(2,'z');"
				     "UPDATE row_count SET count = IF(table_name = 'item', 2, 3);");
	for (int id = 1; id <= 3; id++) {
		queries_prepare(queries, &catalogue_item, NULL, NULL);
		keys = row_new(queries->arena, &catalogue_item);
		row_set_integer(keys, 0, id);
		assert_int_equal(
		    operation_transaction(&queries->operation, delete_item, keys, &queries->error),
		    0);
		assert_int_equal(total_of(queries, "item", &known), id == 1 ? 1 : 0);
		assert_int_equal(total_of(queries, "label", &known), id == 1 ? 1 : 0);
	}
	assert_string_equal(server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM label"), "0");
}

struct writer_scene {
	struct settings settings;
	int failed;
};

static int insert_item(void *context, struct error *error)
{
	struct outcome outcome;

	if (database_execute(
		context, "INSERT INTO item (code) VALUES ('w')", NULL, 0, &outcome, error) != 0)
		return -1;
	return row_count_add_now(context, "item", 1, error);
}

static void *write_items(void *context)
{
	struct writer_scene *scene = context;
	struct database *database = database_new(&scene->settings);
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;

	for (int i = 0; i < ROUNDS; i++) {
		error_init(&error, arena);
		if (database_transaction(database, insert_item, database, &error) != 0)
			scene->failed++;
	}
	database_free(database);
	arena_free(arena);
	return NULL;
}

/* Writers at the same time use shards of their own, and lose nothing. */
static void test_concurrent(void **state)
{
	struct queries *queries = *state;
	struct writer_scene scenes[WRITERS];
	pthread_t threads[WRITERS];
	bool known;

	for (int i = 0; i < WRITERS; i++) {
		scenes[i] = (struct writer_scene){ .settings = queries->settings };
		assert_int_equal(pthread_create(&threads[i], NULL, write_items, &scenes[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(scenes[i].failed, 0);
	}
	assert_int_equal(total_of(queries, "item", &known), WRITERS * ROUNDS);
	assert_string_equal(
	    server_value(QUERIES_DATABASE,
		"SELECT COUNT(*) FROM row_count WHERE table_name = 'item' AND shard >= 0"),
	    "4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_add, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_added_once, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_many_tables, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_no_base, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_cascade, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_concurrent, queries_begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
