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
	size_t used[8];     /* of the arena, when a run began */
	const char *draw;   /* code of the first run; a free one follows */
	const char *always; /* that of all runs behind the first one, in its place */
	bool overtaken;     /* somebody else inserts row 3 before it is inserted */
} plan;

static const struct uuid some_user = { { 7 } };

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
		const char *next = plan.always != NULL ? plan.always : "free";

		row_set_text(row, CODE_MEMBER, str_from(plan.runs == 0 ? plan.draw : next));
		context->made |= FIELD_BIT(CODE_MEMBER);
	}
	if (plan.overtaken)
		server_run(
		    QUERIES_DATABASE, "INSERT INTO item (id, code, stock) VALUES (3, 'z', 1)");
	return count_run(context, row, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)change;
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
	server_run(QUERIES_DATABASE,
	    "ALTER TABLE revocation ADD COLUMN IF NOT EXISTS marked BIGINT;"
	    "CREATE TABLE IF NOT EXISTS revocation_mark (origin BIGINT, number BIGINT, kind INT, "
	    "subject UUID, made_at DATETIME(6))");
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

/* A value that was drawn and is taken is no fault of the caller; one that was sent is. */
static void test_drawn(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, 1);

	server_run(QUERIES_DATABASE, "INSERT INTO item (code, stock) VALUES ('a', 0)");
	assert_int_equal(record_transaction(context, insert, change, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_CONFLICT);
	assert_string_equal(queries->error.faults->path, "code");
	assert_int_equal(plan.runs, 1);
	error_clear(&queries->error);

	memset(&plan, 0, sizeof(plan));
	plan.draw = "a";
	assert_int_equal(record_transaction(context, insert, change, &queries->error), 0);
	assert_int_equal(plan.runs, 2);
	/* Of the first one no more than its error is left. */
	assert_in_range(plan.used[1], plan.used[0], plan.used[0] + 1000);
	assert_string_equal(stored(), "a0,free2");
}

/* Within a transaction that has stored something, too; and not for ever. */
static int insert_behind(struct context *context, void *data, struct error *error)
{
	struct outcome outcome;

	if (database_execute(context->database, "INSERT INTO item (code, stock) VALUES ('b', 5)",
		NULL, 0, &outcome, error) != 0)
		return -1;
	return record_insert(context, &record, data, error);
}

static void test_drawn_behind(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, 1);

	server_run(QUERIES_DATABASE, "INSERT INTO item (code, stock) VALUES ('a', 0)");
	plan.draw = "a";
	assert_int_equal(record_transaction(context, insert_behind, change, &queries->error), 0);
	assert_int_equal(plan.runs, 2);
	assert_string_equal(stored(), "a0,b5,free2");

	server_run(QUERIES_DATABASE, "DELETE FROM item WHERE code = 'b'");
	memset(&plan, 0, sizeof(plan));
	plan.draw = plan.always = "a";
	assert_int_equal(record_transaction(context, insert_behind, change, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_CONFLICT);
	assert_string_equal(queries->error.faults->path, "code");
	assert_int_equal(plan.runs, 5);
	assert_null(change->stored);
	assert_string_equal(stored(), "a0,free2");
}

/* What one row of many has stored, counted and revoked before it failed. */
static int insert_and_refuse(struct context *context, void *data, struct error *error)
{
	if (record_insert(context, &record, data, error) != 0 ||
	    record_revoke(context, MARK(MARK_USER, some_user), error) != 0)
		return -1;
	context->made = context->audit_place.entry = 42;
	error_add_fault(error, "stock", "The stock is %d.", 7);
	return error_set_word(error, ERROR_INVALID, "STOCK", "No.");
}

struct rows {
	struct record_change *kept, *refused;
	unsigned runs;
};

static int insert_two(struct context *context, void *data, struct error *error)
{
	struct rows *rows = data;
	size_t used;

	rows->runs++;
	if (record_attempt(context, insert, rows->kept, error) != 0)
		return -1;
	used = arena_used(context->arena);
	context->made = 0;
	context->audit_place.entry = 3;
	if (record_attempt(context, insert_and_refuse, rows->refused, error) == 0)
		return 0;
	if (!record_may_go_on(context, error))
		return -1;
	/* All but the error is as it was; that alone takes memory. */
	assert_in_range(arena_used(context->arena), used, used + 1000);
	assert_int_equal(context->made, 0);
	assert_int_equal(context->audit_place.entry, 3);
	assert_int_equal(context->revocations.count, 0);
	assert_int_equal(error->code, ERROR_INVALID);
	assert_string_equal(error->word, "STOCK");
	assert_string_equal(error->message, "No.");
	assert_string_equal(error->faults->path, "stock");
	assert_string_equal(error->faults->message, "The stock is 7.");
	error_clear(error);
	return 0;
}

static void test_one_of_many(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct rows rows = { .kept = new_change(queries, 1), .refused = new_change(queries, 2) };
	bool known;
	int64_t total;

	row_set_text(rows.refused->sent, CODE_MEMBER, STR("b"));
	/* A deadlock is no fault of one row: everything runs again. */
	for (plan.spoil = 0; plan.spoil < 3; plan.spoil++) {
		server_run(QUERIES_DATABASE, "DELETE FROM item; DELETE FROM row_count WHERE shard "
					     "<> -1; DELETE FROM revocation_mark");
		plan.runs = rows.runs = 0;
		assert_int_equal(
		    record_transaction(context, insert_two, &rows, &queries->error), 0);
		assert_int_equal(rows.runs, plan.spoil + 1);
		assert_string_equal(stored(), "a2");
		assert_string_equal(
		    server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM revocation_mark"), "0");
		assert_int_equal(row_count_read(queries->database, queries->arena, "item", &total,
				     &known, &queries->error),
		    0);
		assert_int_equal(total, 1);
	}
}

/* What one transaction revokes is written once, and with too many of them all is revoked. */
static int revoke(struct context *context, void *data, struct error *error)
{
	const unsigned *subjects = data;

	for (unsigned i = 0; i < 2 * *subjects; i++) {
		const struct uuid subject = { { 1, (uint8_t)(i % *subjects) } };

		if (record_revoke(context, MARK(MARK_USER, subject), error) != 0)
			return -1;
	}
	return plan.runs++ < plan.spoil ? spoil(context, error) : 0;
}

static void test_revocations(void **state)
{
	static const struct {
		unsigned subjects, statements;
		const char *marks, *counter;
	} rows[] = {
		{ 1, 2, "1", "1" },
		{ 3, 2, "3", "1" },
		{ REVOCATION_MARKS, 2, "16", "1" },
		{ REVOCATION_MARKS + 1, 1, "0", "1" },
	};
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;

	plan.spoil = 1;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned subjects = rows[i].subjects;

		server_run(QUERIES_DATABASE,
		    "DELETE FROM revocation_mark; REPLACE revocation VALUES (1, 0, 0)");
		plan.runs = 0;
		context->revocations = (struct revocations){ 0 };
		assert_int_equal(
		    record_transaction(context, revoke, &subjects, &queries->error), 0);
		assert_int_equal(plan.runs, 2);
		assert_string_equal(
		    server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM revocation_mark"),
		    rows[i].marks);
		assert_string_equal(server_value(QUERIES_DATABASE,
					"SELECT COUNT(DISTINCT subject) FROM revocation_mark"),
		    rows[i].marks);
		assert_string_equal(
		    server_value(QUERIES_DATABASE, "SELECT counter FROM revocation"),
		    rows[i].counter);
		assert_int_equal(context->revocations.all, subjects > REVOCATION_MARKS);
		plan.spoil = plan.runs = 0;
		database_count_reset(queries->database);
		assert_int_equal(
		    record_transaction(context, revoke, &subjects, &queries->error), 0);
		assert_int_equal(database_count(queries->database), rows[i].statements);
		plan.spoil = 1;
	}
}

static int put(struct context *context, void *data, struct error *error)
{
	return record_put(context, &record, data, error);
}

static void put_row(struct queries *queries, int64_t stock)
{
	struct context *context = &queries->operation.context;
	struct record_change *change = new_change(queries, stock);

	change->keys = key_row(queries, 3);
	assert_int_equal(record_prepare(context, &record, true, change, &queries->error), 0);
	assert_int_equal(record_transaction(context, put, change, &queries->error), 0);
	assert_int_equal(change->stored->values[ID_MEMBER].integer, 3);
	assert_int_equal(change->stored->values[STOCK_MEMBER].integer, stock + 1);
}

/* The row is inserted or changed, each by its own rule and once. */
static void test_put(void **state)
{
	struct queries *queries = *state;

	put_row(queries, 4);
	assert_int_equal(plan.runs, 1);
	assert_string_equal(stored(), "a5");
	put_row(queries, 8);
	assert_int_equal(plan.runs, 2);
	assert_string_equal(stored(), "a9");
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT SUM(count) FROM row_count WHERE table_name = 'item'"),
	    "1");
	server_run(QUERIES_DATABASE, "DELETE FROM item");
	plan.overtaken = true;
	put_row(queries, 20);
	assert_int_equal(plan.runs, 4);
	assert_string_equal(stored(), "a21");
	/* Whoever was overtaken has counted nothing. */
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT SUM(count) FROM row_count WHERE table_name = 'item'"),
	    "1");
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
		cmocka_unit_test_setup_teardown(test_drawn_behind, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_one_of_many, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_revocations, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_put, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_expected, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_actors, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
