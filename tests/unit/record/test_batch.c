/*
 * Many rows in one transaction: each has a result of its own, whatever becomes of the others and
 * however often the transaction runs.
 */
#include <stdio.h>

#include "../lib/queries.h"
#include "../lib/server.h"
#include "record/batch.h"
#include "record/row_count.h"

#define ID_MEMBER 0
#define CODE_MEMBER 1
#define STOCK_MEMBER 6
#define MAKER_MEMBER 13

#define ROWS_MOST 8

/* What the rules of these tests do and have seen. */
static struct {
	unsigned prepared, runs, told;
	unsigned spoil;    /* at this run of a rule, from 1 on, the database ends the transaction */
	size_t memory;     /* that each rule takes */
	size_t used[400];  /* of the arena, when a row's rule ran */
	char results[256]; /* what was told: "0a1 1! 2b3" */
	enum error_code end; /* what telling ends with, at the last row */
} plan;

static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	(void)context, (void)key;
	plan.prepared++;
	if (row->values[STOCK_MEMBER].integer == 13)
		return error_add_fault(error, "stock", "The stock must not be 13.");
	return 0;
}

/* Ends the transaction as a deadlock does. */
static int spoil(struct context *context, struct error *error)
{
	struct outcome outcome;

	return database_execute(context->database,
	    "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'made up'", NULL, 0,
	    &outcome, error);
}

/* Adds to what is there, and stores something beside it that must go with the row. */
static int add_one(struct context *context, struct row *row, struct error *error)
{
	struct outcome outcome;

	if (plan.runs < COUNT_OF(plan.used))
		plan.used[plan.runs] = arena_used(context->arena);
	plan.runs++;
	row_set_integer(row, STOCK_MEMBER, row->values[STOCK_MEMBER].integer + 1);
	assert_non_null(arena_alloc(context->arena, plan.memory));
	if (plan.runs == plan.spoil)
		return spoil(context, error);
	return database_execute(context->database, "INSERT INTO maker (name) VALUES ('of a row')",
	    NULL, 0, &outcome, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)change;
	return add_one(context, row, error);
}

static struct resource item; /* with a unique code, and a reference */
static const struct record record = { .resource = &item,
	.prepare = prepare,
	.before_insert = add_one,
	.before_update = before_update };

static const struct unique_key uniques[] = {
	{ .index = "item_code", .member = "code", .word = "DUPLICATE_CODE", .alone = true },
};

static const struct reference references[] = {
	{ .constraint = "item_maker",
	    .member = "makerId",
	    .target = &catalogue_maker,
	    .message = "The maker was not found." },
};

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE, "ALTER TABLE item ADD UNIQUE KEY item_code (code)");
	item = catalogue_item;
	item.uniques = uniques;
	item.unique_count = COUNT_OF(uniques);
	item.references = references;
	item.reference_count = COUNT_OF(references);
	memset(&plan, 0, sizeof(plan));
	queries_prepare(*state, &item, NULL, NULL);
	return result;
}

/* Puts down the number of the row, and its code and stock or an exclamation mark. */
static int tell(struct context *context, void *data, const struct batch *batch, unsigned number,
    struct error *error)
{
	const struct batch_row *row = &batch->rows[number];
	size_t length;

	assert_ptr_equal(data, &plan);
	assert_non_null(arena_alloc(context->arena, 100000));
	if (number == 0)
		plan.results[0] = '\0';
	plan.told++;
	length = strlen(plan.results);
	if (row->error.code != ERROR_NONE)
		snprintf(plan.results + length, sizeof(plan.results) - length, "%s%u!",
		    number > 0 ? " " : "", number);
	else
		snprintf(plan.results + length, sizeof(plan.results) - length,
		    "%s%u" STR_FORMAT "%lld", number > 0 ? " " : "", number,
		    STR_ARGUMENTS(row->change.stored->values[CODE_MEMBER].text),
		    (long long)row->change.stored->values[STOCK_MEMBER].integer);
	if (number + 1 == batch->count && plan.end != ERROR_NONE)
		return error_set(error, plan.end, "That was the end.");
	return 0;
}

/* A row of a batch as a test writes it down. */
struct given {
	const char *code;
	int64_t stock;
	int64_t maker; /* 0 = none */
	int64_t key;   /* 0 = none; else it is changed where it is there */
};

static struct batch *new_batch(
    struct queries *queries, enum batch_mode mode, const struct given *given, unsigned count)
{
	struct batch *batch = record_batch_new(&queries->operation.context, &record, mode, count);

	assert_non_null(batch);
	for (unsigned i = 0; i < count; i++) {
		struct row *row = row_new(queries->arena, &item);

		row_set_text(row, CODE_MEMBER, str_from(given[i].code));
		row_set_integer(row, STOCK_MEMBER, given[i].stock);
		if (given[i].maker != 0)
			row_set_integer(row, MAKER_MEMBER, given[i].maker);
		batch->rows[i].change.sent = row;
		if (given[i].key != 0) {
			struct row *key = row_new(queries->arena, &item);

			row_set_integer(key, ID_MEMBER, given[i].key);
			batch->rows[i].change.keys = key;
		}
	}
	batch->tell = tell;
	batch->data = &plan;
	return batch;
}

static const char *stored(void)
{
	return server_value(
	    QUERIES_DATABASE, "SELECT IFNULL(GROUP_CONCAT(code, stock ORDER BY id), '') FROM item");
}

static const char *stored_beside(void)
{
	return server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM maker");
}

static int64_t counted(struct queries *queries)
{
	int64_t total;
	bool known;

	assert_int_equal(row_count_read(queries->database, queries->arena, "item", &total, &known,
			     &queries->error),
	    0);
	return total;
}

static const struct batch_case {
	const char *name;
	enum batch_mode mode;
	struct given rows[ROWS_MOST];
	unsigned count;
	unsigned stored, refused;
	const char *told, *rest, *beside;
	/* Where it fails as a whole. */
	enum error_code code;
	const char *message, *paths;
} cases[] = {
	{ "none", BATCH_ALL, { { 0 } }, 0, 0, 0, "", "", "0", ERROR_NONE, NULL, NULL },
	{ "all are stored", BATCH_ALL, { { "a", 1, 0, 0 }, { "b", 2, 0, 0 } }, 2, 2, 0, "0a2 1b3",
	    "a2,b3", "2", ERROR_NONE, NULL, NULL },
	{ "each is stored", BATCH_EACH, { { "a", 1, 0, 0 }, { "b", 2, 0, 0 } }, 2, 2, 0, "0a2 1b3",
	    "a2,b3", "2", ERROR_NONE, NULL, NULL },
	{ "a duplicate, all or nothing", BATCH_ALL,
	    { { "a", 1, 0, 0 }, { "a", 2, 0, 0 }, { "c", 3, 0, 0 } }, 3, 2, 1, "0a2 1! 2c4", "",
	    "0", ERROR_CONFLICT, "1 of 3 rows cannot be stored, so none was.", "[1].code" },
	{ "a duplicate, each by itself", BATCH_EACH,
	    { { "a", 1, 0, 0 }, { "a", 2, 0, 0 }, { "c", 3, 0, 0 } }, 3, 2, 1, "0a2 1! 2c4",
	    "a2,c4", "2", ERROR_NONE, NULL, NULL },
	{ "the first one of all", BATCH_EACH, { { "a", 1, 7777, 0 }, { "a", 2, 0, 0 } }, 2, 1, 1,
	    "0! 1a3", "a3", "1", ERROR_NONE, NULL, NULL },
	{ "all faults at once", BATCH_ALL,
	    { { "a", 1, 0, 0 }, { "b", 13, 0, 0 }, { "a", 1, 0, 0 }, { "d", 1, 7777, 0 } }, 4, 1, 3,
	    "0a2 1! 2! 3!", "", "0", ERROR_INVALID, "3 of 4 rows cannot be stored, so none was.",
	    "[1].stock [2].code [3].makerId" },
	{ "none of them", BATCH_EACH, { { "b", 13, 0, 0 }, { "d", 1, 7777, 0 } }, 2, 0, 2, "0! 1!",
	    "", "0", ERROR_NONE, NULL, NULL },
};

/* With each of them: the database ends the transaction at every run of a rule, or never. */
static void test_cases(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct batch_case *c = &cases[i];

		/* Together, and where one is refused each by itself. */
		for (unsigned at = 0; at <= 2 * c->count; at++) {
			struct batch *batch;
			char paths[256] = "";
			int result;

			server_run(QUERIES_DATABASE, "DELETE FROM item; DELETE FROM maker; DELETE "
						     "FROM row_count WHERE shard <> "
						     "-1");
			memset(&plan, 0, sizeof(plan));
			plan.spoil = at;
			error_clear(&queries->error);
			batch = new_batch(queries, c->mode, c->rows, c->count);
			result = record_batch_run(context, batch, false, &queries->error);
			for (const struct fault *f = queries->error.faults; f != NULL; f = f->next)
				snprintf(paths + strlen(paths), sizeof(paths) - strlen(paths),
				    "%s%s", paths[0] != '\0' ? " " : "", f->path);
			if (result != (c->code == ERROR_NONE ? 0 : -1) ||
			    queries->error.code != c->code || batch->stored != c->stored ||
			    batch->refused != c->refused || strcmp(plan.results, c->told) != 0 ||
			    strcmp(stored(), c->rest) != 0 ||
			    strcmp(stored_beside(), c->beside) != 0 ||
			    strcmp(paths, c->paths != NULL ? c->paths : "") != 0)
				fail_msg(
				    "%s, %u: %d, code %d, %u stored, %u refused, told %s, there %s "
				    "and %s, %s",
				    c->name, at, result, queries->error.code, batch->stored,
				    batch->refused, plan.results, stored(), stored_beside(), paths);
			if (c->message != NULL)
				assert_string_equal(queries->error.message, c->message);
			assert_int_equal(plan.prepared, c->count);
			assert_int_equal(counted(queries), c->code == ERROR_NONE ? c->stored : 0);
			assert_int_equal(queries->error.fault_count > 0, c->paths != NULL);
		}
	}
}

/* What is wrong with each row is there behind the transaction. */
static void test_errors(void **state)
{
	static const struct given rows[] = { { "a", 13, 0, 0 }, { "b", 1, 7777, 0 },
		{ "c", 1, 0, 0 }, { "c", 1, 0, 0 } };
	struct queries *queries = *state;
	struct batch *batch = new_batch(queries, BATCH_EACH, rows, COUNT_OF(rows));

	assert_int_equal(
	    record_batch_run(&queries->operation.context, batch, false, &queries->error), 0);
	assert_int_equal(batch->rows[0].error.code, ERROR_INVALID);
	assert_string_equal(batch->rows[0].error.faults->message, "The stock must not be 13.");
	assert_int_equal(batch->rows[1].error.code, ERROR_INVALID);
	assert_string_equal(batch->rows[1].error.faults->path, "makerId");
	assert_string_equal(batch->rows[1].error.faults->message, "The maker was not found.");
	assert_int_equal(batch->rows[2].error.code, ERROR_NONE);
	assert_int_equal(batch->rows[3].error.code, ERROR_CONFLICT);
	assert_string_equal(batch->rows[3].error.word, "DUPLICATE_CODE");
	assert_null(batch->rows[2].change.stored);
	/* The first one was not even tried; the second one failed with all, and each was tried
	 * alone. */
	assert_int_equal(plan.runs, 1 + 3);
}

static struct batch *new_large_batch(struct queries *queries, unsigned count, unsigned refused)
{
	struct given *rows = arena_alloc_array(queries->arena, count, sizeof(rows[0]));

	assert_non_null(rows);
	for (unsigned i = 0; i < count; i++)
		rows[i] = (struct given){ arena_printf(queries->arena, "c%u", i), 100 + i,
			i < refused ? 7777 : 0, 0 };
	return new_batch(queries, BATCH_EACH, rows, count);
}

/* Memory of a batch does not grow with what each row takes. */
static void test_memory(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_large_batch(queries, 60, 5);
	size_t most = 0;

	plan.memory = 100000;
	assert_int_equal(record_batch_run(context, batch, false, &queries->error), 0);
	assert_int_equal(batch->stored, 55);
	assert_int_equal(batch->refused, 5);
	for (size_t i = 0; i < plan.runs; i++)
		most = plan.used[i] > most ? plan.used[i] : most;
	/* A MiB is what some rows may take together; one more is that which makes it too much. */
	assert_in_range(most, plan.used[0] + 900000, plan.used[0] + (1 << 20) + 2 * 200000);
}

/* What can be done once for all rows is. */
static void test_statements(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_large_batch(queries, 256, 0);

	database_count_reset(queries->database);
	assert_int_equal(record_batch_run(context, batch, false, &queries->error), 0);
	assert_int_equal(batch->stored, 256);
	/* Of a row: that of its rule, and the row, which tells what it became. Of 64: the log. */
	assert_int_equal(database_count(queries->database), 256 * 2 + 4 + 1);
	assert_string_equal(server_value(QUERIES_DATABASE,
				"SELECT CONCAT(COUNT(*), ' ', COUNT(DISTINCT row_key), ' ', "
				"MIN(JSON_VALUE(after_row, '$.code')), ' ', "
				"MAX(JSON_VALUE(after_row, '$.code'))) FROM audit_entry"),
	    "256 256 c0 c99");
}

/* Several hundreds, of which some are refused: each result is that of its row. */
static void test_hundreds(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_large_batch(queries, 350, 0);

	for (unsigned i = 110; i < 350; i += 120)
		row_set_integer(batch->rows[i].change.sent, MAKER_MEMBER, 7777);
	plan.spoil = 300;
	assert_int_equal(record_batch_run(context, batch, false, &queries->error), 0);
	assert_int_equal(batch->stored, 348);
	for (unsigned i = 0; i < 350; i++) {
		const struct error *error = &batch->rows[i].error;

		assert_int_equal(error->code, i == 110 || i == 230 ? ERROR_INVALID : ERROR_NONE);
		if (error->code != ERROR_NONE)
			assert_string_equal(error->faults->message, "The maker was not found.");
	}
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM audit_entry"), "348");
	assert_int_equal(counted(queries), 348);
}

/* More faults than an error has as a rule, but not without end. */
static void test_many_faults(void **state)
{
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	unsigned counts[] = { 500, 1500 };

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct given *rows = arena_alloc_array(queries->arena, counts[i], sizeof(rows[0]));
		struct batch *batch;

		for (unsigned j = 0; j < counts[i]; j++)
			rows[j] = (struct given){ "x", 13, 0, 0 };
		batch = new_batch(queries, BATCH_ALL, rows, counts[i]);
		error_clear(&queries->error);
		assert_int_equal(record_batch_run(context, batch, false, &queries->error), -1);
		assert_int_equal(queries->error.fault_count, counts[i] < 1000 ? counts[i] : 1000);
		assert_string_equal(queries->error.message,
		    counts[i] < 1000 ? "500 of 500 rows cannot be stored, so none was."
				     : "1500 of 1500 rows cannot be stored, so none was. There may "
				       "be more faults "
				       "than these.");
	}
}

/* Rows that are there are changed, others made; of one key, the one behind changes what was made.
 */
static void test_keys(void **state)
{
	static const struct given rows[] = { { "a", 1, 0, 5 }, { "b", 2, 0, 6 }, { "c", 3, 0, 6 },
		{ "d", 4, 0, 0 }, { "a", 4, 0, 6 }, { "e", 13, 0, 8 }, { "f", 1, 0, 8 } };
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_batch(queries, BATCH_EACH, rows, COUNT_OF(rows));

	server_run(QUERIES_DATABASE, "INSERT INTO item (id, code, stock) VALUES (5, 'x', 9)");
	database_count_reset(queries->database);
	assert_int_equal(record_batch_find(context, batch, resource_key(batch->record->resource),
			     &queries->error),
	    0);
	assert_int_equal(database_count(queries->database), 1);
	assert_true(batch->rows[0].changes);
	assert_false(batch->rows[1].changes);
	assert_true(batch->rows[2].changes);
	assert_false(batch->rows[3].changes);
	assert_int_equal(record_batch_run(context, batch, false, &queries->error), 0);
	/* The first row of key 8 was refused: there is nothing that the second one could change. */
	assert_string_equal(plan.results, "0a2 1b3 2c4 3d5 4! 5! 6!");
	assert_int_equal(batch->rows[4].error.code, ERROR_CONFLICT);
	assert_int_equal(batch->rows[6].error.code, ERROR_NOT_FOUND);
	assert_string_equal(stored(), "a2,c4,d5");
}

/* A trial does all of it, and stores nothing. */
static void test_trial(void **state)
{
	static const struct given rows[] = { { "a", 1, 0, 0 }, { "a", 2, 0, 0 }, { "b", 3, 0, 0 } };
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_batch(queries, BATCH_EACH, rows, COUNT_OF(rows));

	plan.spoil = 2;
	assert_int_equal(record_batch_run(context, batch, true, &queries->error), 0);
	assert_int_equal(queries->error.code, ERROR_NONE);
	assert_string_equal(plan.results, "0a2 1! 2b4");
	assert_int_equal(batch->stored, 2);
	assert_int_equal(batch->rows[1].error.code, ERROR_CONFLICT);
	assert_string_equal(stored(), "");
	assert_int_equal(counted(queries), 0);

	batch = new_batch(queries, BATCH_ALL, rows, COUNT_OF(rows));
	assert_int_equal(record_batch_run(context, batch, true, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_CONFLICT);
	error_clear(&queries->error);
	context->in_transaction = true;
	assert_int_equal(record_batch_run(context, batch, true, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_INTERNAL);
	context->in_transaction = false;
}

/* Whoever is told may end it, and then nothing is stored. */
static void test_teller_fails(void **state)
{
	static const struct given rows[] = { { "a", 1, 0, 0 }, { "b", 3, 0, 0 } };
	struct queries *queries = *state;
	struct batch *batch = new_batch(queries, BATCH_EACH, rows, COUNT_OF(rows));

	plan.end = ERROR_BUSY;
	assert_int_equal(
	    record_batch_run(&queries->operation.context, batch, false, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_BUSY);
	assert_string_equal(stored(), "");
	assert_int_equal(counted(queries), 0);
}

static int store_told(struct context *context, void *data, struct error *error)
{
	int result;

	context->told = true;
	result = record_batch_store(context, data, error);
	context->told = false;
	return result;
}

/* Rows that an entry of the whole tells of: a few statements, and the same results. */
static void test_told(void **state)
{
	static const struct given rows[] = { { "a", 1, 0, 0 }, { "b", 2, 0, 0 }, { "c", 3, 0, 0 },
		{ "d", 13, 0, 0 }, { "e", 5, 0, 0 } };
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_batch(queries, BATCH_EACH, rows, COUNT_OF(rows));

	batch->tell = NULL;
	/* Another set of members ends a statement. */
	row_set_integer(batch->rows[2].change.sent, MAKER_MEMBER, 1);
	server_run(QUERIES_DATABASE, "INSERT INTO maker (id, name) VALUES (1, 'first')");
	assert_int_equal(record_batch_prepare(context, batch, &queries->error), 0);
	assert_int_equal(record_transaction(context, store_told, batch, &queries->error), 0);
	assert_int_equal(batch->stored, 4);
	assert_int_equal(batch->refused, 1);
	assert_int_equal(plan.runs, 4);
	assert_string_equal(stored(), "a2,b3,c4,e6");
	assert_int_equal(counted(queries), 4);
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM audit_entry"), "0");
}

/* Where one of them is refused, the others are stored all the same. */
static void test_told_refused(void **state)
{
	static const struct given rows[] = { { "a", 1, 0, 0 }, { "a", 2, 0, 0 },
		{ "b", 3, 7777, 0 }, { "c", 4, 0, 0 } };
	struct queries *queries = *state;
	struct context *context = &queries->operation.context;
	struct batch *batch = new_batch(queries, BATCH_EACH, rows, COUNT_OF(rows));

	batch->tell = NULL;
	assert_int_equal(record_batch_prepare(context, batch, &queries->error), 0);
	assert_int_equal(record_transaction(context, store_told, batch, &queries->error), 0);
	assert_int_equal(batch->rows[1].error.code, ERROR_CONFLICT);
	assert_int_equal(batch->rows[2].error.code, ERROR_INVALID);
	assert_string_equal(stored(), "a2,c5");
	assert_int_equal(counted(queries), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cases, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_errors, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_memory, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_statements, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_hundreds, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_many_faults, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_keys, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_trial, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_teller_fails, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_told, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_told_refused, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
