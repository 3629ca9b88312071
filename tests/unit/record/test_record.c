/*
 * Changes of rows: rules run again when a transaction does, on what they were given at first.
 */
#include "../lib/queries.h"
#include "../lib/server.h"
#include "record/row_count.h"

#define ID_MEMBER 0
#define CODE_MEMBER 1
#define STOCK_MEMBER 6

/* What the rules of these tests do and have seen. */
static struct {
	unsigned spoil; /* runs that the database ends: the first ones */
	unsigned runs;
	size_t used[8];   /* of the arena, when a run began */
	const char *draw; /* code of the first run; a free one follows */
} plan;

/* Ends the transaction as a deadlock does. */
static int spoil(struct context *context, struct error *error)
{
	struct outcome outcome;

	return database_execute(context->database,
	    "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'made up'", NULL, 0,
	    &outcome, error);
}

/* Adds to what is there: a run that began with the row of the run before would add twice. */
static void add_once(struct row *row)
{
	row_set_integer(row, STOCK_MEMBER, row->values[STOCK_MEMBER].integer + 1);
}

static int count_run(struct context *context, struct row *row, struct error *error)
{
	plan.used[plan.runs++] = arena_used(context->arena);
	add_once(row);
	assert_non_null(arena_alloc(context->arena, 100000));
	return plan.runs <= plan.spoil ? spoil(context, error) : 0;
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (plan.draw != NULL) {
		row_set_text(row, CODE_MEMBER, str_from(plan.runs == 0 ? plan.draw : "free"));
		context->made |= FIELD_BIT(CODE_MEMBER);
	}
	return count_run(context, row, error);
}

static int before_update(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	(void)key;
	return count_run(context, row, error);
}

static struct resource item; /* with a unique code */
static struct record record = {
	.resource = &item, .before_insert = before_insert, .before_update = before_update
};

static const struct unique_key uniques[] = {
	{ .index = "item_code", .member = "code", .word = "DUPLICATE_CODE", .alone = true },
};

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE, "ALTER TABLE item ADD UNIQUE KEY item_code (code)");
	item = catalogue_item;
	item.uniques = uniques;
	item.unique_count = COUNT_OF(uniques);
	memset(&plan, 0, sizeof(plan));
	queries_prepare(*state, &item, NULL, NULL);
	return result;
}

static struct record_change *new_change(struct queries *queries, int64_t stock)
{
	struct record_change *change = arena_alloc(queries->arena, sizeof(*change));

	change->sent = row_new(queries->arena, &item);
	row_set_text(change->sent, CODE_MEMBER, STR("a"));
	row_set_integer(change->sent, STOCK_MEMBER, stock);
	return change;
}

static struct row *key_row(struct queries *queries, int64_t id)
{
	struct row *key = row_new(queries->arena, &item);

	row_set_integer(key, ID_MEMBER, id);
	return key;
}

static int insert(struct context *context, void *data, struct error *error)
{
	return record_insert(context, &record, data, error);
}

static int update(struct context *context, void *data, struct error *error)
{
	return record_update(context, &record, data, error);
}

static const char *stored(void)
{
	return server_value(
	    QUERIES_DATABASE, "SELECT GROUP_CONCAT(code, stock ORDER BY id) FROM item");
}

static void test_runs_again(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, 7);
	bool known;
	int64_t total;

	plan.spoil = 2;
	assert_int_equal(record_prepare(context, &record, true, change, &queries->error), 0);
	assert_int_equal(record_transaction(context, insert, change, &queries->error), 0);
	assert_int_equal(plan.runs, 3);
	assert_string_equal(stored(), "a8");
	assert_int_equal(change->sent->values[STOCK_MEMBER].integer, 7);
	assert_int_equal(change->stored->values[STOCK_MEMBER].integer, 8);
	/* The memory of a run is gone before the next one begins. */
	assert_int_equal(plan.used[1], plan.used[0]);
	assert_int_equal(plan.used[2], plan.used[0]);
	assert_int_equal(row_count_read(queries->database, queries->arena, "item", &total, &known,
			     &queries->error),
	    0);
	assert_int_equal(total, 1);

	change->keys = key_row(queries, change->stored->values[ID_MEMBER].integer);
	change->sent = row_new(queries->arena, &item);
	row_set_integer(change->sent, STOCK_MEMBER, 20);
	plan.runs = 0;
	assert_int_equal(record_transaction(context, update, change, &queries->error), 0);
	assert_int_equal(plan.runs, 3);
	assert_string_equal(stored(), "a21");
}

static int attempt_insert(void *data, struct record_change *change, struct error *error)
{
	return record_transaction(data, insert, change, error);
}

/* A value that was drawn and is taken is no fault of the caller; one that was sent is. */
static void test_drawn(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, 1);

	server_run(QUERIES_DATABASE, "INSERT INTO item (code, stock) VALUES ('a', 0)");
	assert_int_equal(
	    record_insert_drawn(context, &record, change, attempt_insert, context, &queries->error),
	    -1);
	assert_int_equal(queries->error.code, ERROR_CONFLICT);
	assert_string_equal(queries->error.faults->path, "code");
	assert_int_equal(plan.runs, 1);
	error_clear(&queries->error);

	memset(&plan, 0, sizeof(plan));
	plan.draw = "a";
	assert_int_equal(
	    record_insert_drawn(context, &record, change, attempt_insert, context, &queries->error),
	    0);
	assert_int_equal(plan.runs, 2);
	assert_int_equal(queries->error.code, ERROR_NONE);
	assert_string_equal(stored(), "a0,free2");
}

static int refuse(struct context *context, const struct record_change *change, struct error *error)
{
	(void)context;
	assert_int_equal(change->before->values[STOCK_MEMBER].integer, 5);
	return error_set(error, ERROR_STALE, "Changed.");
}

/* Who wants to know the row as it is sees it before any rule, and may refuse. */
static void test_expected(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, 9);

	server_run(QUERIES_DATABASE, "INSERT INTO item (id, code, stock) VALUES (3, 'b', 5)");
	change->keys = key_row(queries, 3);
	change->expect = refuse;
	assert_int_equal(record_transaction(context, update, change, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_STALE);
	assert_int_equal(plan.runs, 0);
	assert_string_equal(stored(), "b5");
	error_clear(&queries->error);
	change->keys = key_row(queries, 4);
	change->expect = NULL;
	assert_int_equal(record_transaction(context, update, change, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_NOT_FOUND);
}

/* A caller whom nobody knows grants nothing and makes no credential; the operator may do both. */
static void test_actors(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, 1);
	struct authority held;

	item.mints = true;
	context->actor = (struct actor){ .kind = ACTOR_CALLER };
	held = record_authority(context, 0);
	assert_int_equal(held.roles, 0);
	assert_int_equal(held.permissions, 0);
	assert_int_equal(record_transaction(context, insert, change, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_UNAUTHENTICATED);
	assert_int_equal(plan.runs, 0);
	error_clear(&queries->error);
	context->actor.kind = ACTOR_OPERATOR;
	held = record_authority(context, 0);
	assert_true(grant_is_everything(&held));
	assert_int_equal(record_transaction(context, insert, change, &queries->error), 0);
	assert_string_equal(stored(), "a2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_runs_again, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_drawn, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_expected, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_actors, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
