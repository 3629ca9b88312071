/*
 * The queue against a real server, with kinds that only this test knows.
 */
#include <stdio.h>

#include "../lib/rows.h"
#include "../lib/server.h"
#include "base/timestamp.h"
#include "queue/admin.h"
#include "schema/resource.h"

#define DATABASE "queue"
#define LEASE (60 * MICROSECONDS_PER_SECOND)

struct scene {
	struct settings settings;
	struct database *database;
	struct arena *arena;
	struct error error;
};

static const int64_t steps[] = { 1, 30, 3600 };

/* Options lend their places; what they are for does not matter here. */
static const struct queue_kind plain = { .name = "plain",
	.lease = LEASE,
	.delay = QUEUE_OPTION(mail_delay),
	.delay_most = QUEUE_OPTION(mail_delay_most),
	.retries = QUEUE_OPTION(mail_retries) };

static const struct queue_kind ordered = { .name = "ordered",
	.in_order = true,
	.lease = LEASE,
	.steps = steps,
	.step_count = COUNT_OF(steps),
	.retries = QUEUE_OPTION(mail_retries) };

static int begin_server(void **state)
{
	(void)state;
	server_begin();
	server_make_schema(DATABASE);
	return 0;
}

static int end_server(void **state)
{
	(void)state;
	server_end();
	return 0;
}

static int begin(void **state)
{
	static struct scene scene;

	server_run(DATABASE, "DELETE FROM queue_item");
	scene = (struct scene){ .settings = server_settings(DATABASE),
		.arena = arena_new(65536, 64 << 20) };
	scene.settings.mail_delay = 5;
	scene.settings.mail_delay_most = 3600;
	scene.settings.mail_retries = 2;
	scene.database = database_new(&scene.settings);
	error_init(&scene.error, scene.arena);
	*state = &scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	database_free(scene->database);
	arena_free(scene->arena);
	return 0;
}

static void check(struct scene *scene, int result)
{
	if (result < 0)
		fail_msg("%s", scene->error.detail != NULL ? scene->error.detail : "failed");
}

/* Puts "TARGET PAYLOAD" into the queue, due so many microseconds from now. */
static void put(struct scene *scene, const struct queue_kind *kind, const char *target,
    const char *payload, const char *once, int64_t delay)
{
	const struct queue_entry entry = { .target = str_from(target),
		.payload = str_from(payload),
		.once = str_from(once),
		.due = timestamp_now() + delay };

	check(scene, queue_put(scene->database, scene->arena, kind, &entry, 1, &scene->error));
}

/* Claims the next one, which must be `payload` (NULL = none is due). */
static struct queue_item claim(
    struct scene *scene, const struct queue_kind *kind, const char *payload)
{
	struct queue_item item = { 0 };
	int found = queue_claim(
	    scene->database, scene->arena, kind, &scene->settings, &item, &scene->error);

	check(scene, found);
	assert_int_equal(found, payload != NULL);
	if (payload != NULL)
		expect_str(0, item.payload, payload);
	return item;
}

static void settle(struct scene *scene, const struct queue_kind *kind,
    const struct queue_item *item, enum queue_state state, const char *reason)
{
	const struct queue_verdict verdict = { .kind = kind,
		.item = item,
		.state = state,
		.reason = reason,
		.now = timestamp_now(),
		.due = timestamp_now() + queue_delay(kind, &scene->settings, item->attempt) };

	check(scene, queue_settle(scene->database, &verdict, &scene->error));
}

static int64_t count(struct scene *scene, const struct queue_kind *kind, enum queue_state state)
{
	int64_t number = -1;

	check(
	    scene, queue_count(scene->database, scene->arena, kind, state, &number, &scene->error));
	return number;
}

static void test_delays(void **state)
{
	static const struct {
		const struct queue_kind *kind;
		int64_t attempts, seconds;
	} rows[] = {
		{ &plain, 1, 5 },
		{ &plain, 2, 10 },
		{ &plain, 3, 20 },
		{ &plain, 10, 2560 },
		{ &plain, 11, 3600 },
		{ &plain, 1000, 3600 },
		{ &ordered, 1, 1 },
		{ &ordered, 2, 30 },
		{ &ordered, 3, 3600 },
		{ &ordered, 1000, 3600 },
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, queue_delay(rows[i].kind, &scene->settings, rows[i].attempts),
		    rows[i].seconds * MICROSECONDS_PER_SECOND);
	assert_int_equal(queue_most_attempts(&plain, &scene->settings), 3);
}

/* What is put is claimed once, in the order in which it falls due, by its own kind only. */
static void test_claim(void **state)
{
	struct scene *scene = *state;
	struct queue_item first, second;

	put(scene, &plain, "b", "later", "", 3600 * MICROSECONDS_PER_SECOND);
	put(scene, &plain, "", "second", "", -1000000);
	put(scene, &plain, "a", "first", "", -2000000);
	claim(scene, &ordered, NULL);
	first = claim(scene, &plain, "first");
	assert_int_equal(first.attempt, 1);
	expect_str(0, first.target, "a");
	assert_true(uuid_is_zero(&first.content) && !first.spent);
	second = claim(scene, &plain, "second");
	claim(scene, &plain, NULL);
	settle(scene, &plain, &first, QUEUE_DONE, "");
	settle(scene, &plain, &second, QUEUE_WAITING, "not now");
	claim(scene, &plain, NULL);
	assert_int_equal(count(scene, &plain, QUEUE_DONE), 1);
	assert_int_equal(count(scene, &plain, QUEUE_WAITING), 2);
	/* What is done leaves the index of what is due. */
	assert_string_equal(server_value(DATABASE, "SELECT due_at IS NULL AND claim IS NULL AND "
						   "last_error IS NULL FROM queue_item WHERE state "
						   "= 'done'"),
	    "1");
	assert_string_equal(
	    server_value(DATABASE, "SELECT last_error FROM queue_item WHERE payload = 'second' AND "
				   "due_at > UTC_TIMESTAMP(6) + INTERVAL 3 SECOND"),
	    "not now");
}

static int put_two(void *context, struct error *error)
{
	const struct queue_entry entries[] = { { .payload = STR("one") },
		{ .payload = STR("two") } };
	struct scene *scene = context;

	if (queue_put(scene->database, scene->arena, &plain, entries, COUNT_OF(entries), error) !=
	    0)
		return -1;
	return error_set(error, ERROR_CONFLICT, "The change is refused.");
}

/* One statement for any number, in the transaction of the change that wants it. */
static void test_put(void **state)
{
	struct scene *scene = *state;

	database_count_reset(scene->database);
	assert_int_equal(database_transaction(scene->database, put_two, scene, &scene->error), -1);
	assert_int_equal(database_count(scene->database), 1);
	assert_int_equal(count(scene, &plain, QUEUE_WAITING), 0);
}

/* Never two with one key, also when the first one is done; other kinds have keys of their own. */
static void test_once(void **state)
{
	struct scene *scene = *state;
	struct queue_item item;

	put(scene, &plain, "", "first", "key", -1);
	put(scene, &plain, "", "second", "key", -1);
	put(scene, &ordered, "", "other", "key", -1);
	item = claim(scene, &plain, "first");
	settle(scene, &plain, &item, QUEUE_DONE, "");
	put(scene, &plain, "", "third", "key", -1);
	claim(scene, &plain, NULL);
	claim(scene, &ordered, "other");
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM queue_item"), "2");
}

/* The claim of a consumer that died ends; should it live after all, its verdict comes too late. */
static void test_lease(void **state)
{
	struct scene *scene = *state;
	struct queue_item lost, taken;

	put(scene, &plain, "", "item", "", -1);
	lost = claim(scene, &plain, "item");
	claim(scene, &plain, NULL);
	server_run(DATABASE, "UPDATE queue_item SET due_at = UTC_TIMESTAMP(6)");
	taken = claim(scene, &plain, "item");
	assert_int_equal(taken.attempt, 2);
	settle(scene, &plain, &lost, QUEUE_DEAD, "too late");
	assert_int_equal(count(scene, &plain, QUEUE_WAITING), 1);
	settle(scene, &plain, &taken, QUEUE_DONE, "");
	assert_int_equal(count(scene, &plain, QUEUE_DONE), 1);
	assert_int_equal(count(scene, &plain, QUEUE_DEAD), 0);
}

/* Each attempt counts when it begins. */
static void test_spent(void **state)
{
	struct scene *scene = *state;
	struct queue_item item;

	put(scene, &plain, "", "item", "", -1);
	for (int attempt = 1; attempt <= 4; attempt++) {
		item = claim(scene, &plain, "item");
		assert_int_equal(item.attempt, attempt);
		assert_int_equal(item.spent, attempt > 3);
		server_run(DATABASE, "UPDATE queue_item SET due_at = UTC_TIMESTAMP(6)");
	}
}

/* A dead target holds up its own items, in their order, and nobody else's. */
static void test_order(void **state)
{
	struct scene *scene = *state;
	struct queue_item item, other;

	put(scene, &ordered, "dead", "d1", "", -3);
	put(scene, &ordered, "dead", "d2", "", -9000000);
	put(scene, &ordered, "well", "w1", "", -2);
	put(scene, &ordered, "well", "w2", "", -1);
	item = claim(scene, &ordered, "d1");
	other = claim(scene, &ordered, "w1");
	claim(scene, &ordered, NULL);
	settle(scene, &ordered, &item, QUEUE_WAITING, "no answer");
	settle(scene, &ordered, &other, QUEUE_DONE, "");
	claim(scene, &ordered, "w2");
	claim(scene, &ordered, NULL);
	server_run(
	    DATABASE, "UPDATE queue_item SET due_at = UTC_TIMESTAMP(6) WHERE payload = 'd1'");
	item = claim(scene, &ordered, "d1");
	settle(scene, &ordered, &item, QUEUE_DEAD, "gone");
	claim(scene, &ordered, "d2");
}

static void test_dead_letters(void **state)
{
	struct scene *scene = *state;
	struct queue_item items[3];
	struct result result;
	int64_t changed = 0, no_such = 0;

	put(scene, &plain, "", "a", "", -3);
	put(scene, &plain, "", "b", "", -2);
	put(scene, &plain, "", "c", "", -1);
	for (unsigned i = 0; i < 3; i++) {
		items[i] = claim(scene, &plain, (const char *[]){ "a", "b", "c" }[i]);
		settle(scene, &plain, &items[i], QUEUE_DEAD, "refused");
	}
	check(scene, queue_list(scene->database, scene->arena, &plain, QUEUE_DEAD, 2, &result,
			 &scene->error));
	assert_int_equal(result.count, 2);
	expect_str(0, result.rows[0][QUEUE_COLUMN_TITLE].text, "a");
	expect_str(1, result.rows[1][QUEUE_COLUMN_ERROR].text, "refused");
	assert_true(result.rows[0][QUEUE_COLUMN_DUE].null);
	assert_false(result.rows[0][QUEUE_COLUMN_FINISHED].null);
	check(
	    scene, queue_replay(scene->database, &ordered, &items[0].id, &no_such, &scene->error));
	assert_int_equal(no_such, 0);
	check(scene, queue_discard(scene->database, &plain, &items[2].id, &changed, &scene->error));
	assert_int_equal(changed, 1);
	check(scene, queue_replay(scene->database, &plain, &items[0].id, &changed, &scene->error));
	assert_int_equal(changed, 1);
	items[0] = claim(scene, &plain, "a");
	assert_int_equal(items[0].attempt, 1);
	check(scene, queue_replay(scene->database, &plain, NULL, &changed, &scene->error));
	assert_int_equal(changed, 1);
	claim(scene, &plain, "b");
	assert_int_equal(count(scene, &plain, QUEUE_DEAD), 0);
}

/* All of them go in portions. */
static void test_all_dead_letters(void **state)
{
	static const int64_t portions[] = { QUEUE_PORTION, QUEUE_PORTION, 500, 0 };
	struct scene *scene = *state;
	int64_t changed;

	server_run(DATABASE, "INSERT INTO queue_item (kind, state, finished_at) SELECT 'plain', "
			     "'dead', UTC_TIMESTAMP(6) FROM seq_1_to_2500");
	for (unsigned i = 0; i < ROWS(portions); i++) {
		check(scene, queue_replay(scene->database, &plain, NULL, &changed, &scene->error));
		expect_int(i, changed, portions[i]);
	}
	server_run(DATABASE, "UPDATE queue_item SET state = 'dead', due_at = NULL, finished_at = "
			     "UTC_TIMESTAMP(6)");
	for (unsigned i = 0; i < ROWS(portions); i++) {
		check(scene, queue_discard(scene->database, &plain, NULL, &changed, &scene->error));
		expect_int(i, changed, portions[i]);
	}
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM queue_item"), "0");
}

static const struct queue_kind pausing = { .name = "pausing",
	.lease = LEASE,
	.steps = steps,
	.step_count = COUNT_OF(steps),
	.pause = 30,
	.retries = QUEUE_OPTION(mail_retries) };

static void pause_target(
    struct scene *scene, const struct queue_kind *kind, const struct queue_item *item)
{
	const struct queue_verdict verdict = {
		.kind = kind, .item = item, .state = QUEUE_WAITING, .now = timestamp_now()
	};

	check(scene, queue_pause(scene->database, &verdict, &scene->error));
}

/* Who does not answer holds up nobody else: what else is for that one waits. */
static void test_pause(void **state)
{
	struct scene *scene = *state;
	struct queue_item first, busy;

	put(scene, &pausing, "A", "a1", "", -5);
	put(scene, &pausing, "A", "a2", "", -4);
	put(scene, &pausing, "A", "a3", "", -3);
	put(scene, &pausing, "A", "a4", "", 3600 * MICROSECONDS_PER_SECOND);
	put(scene, &pausing, "B", "b1", "", -1);
	first = claim(scene, &pausing, "a1");
	busy = claim(scene, &pausing, "a2");
	pause_target(scene, &pausing, &first);
	claim(scene, &pausing, "b1");
	claim(scene, &pausing, NULL);
	assert_string_equal(
	    server_value(DATABASE,
		"SELECT GROUP_CONCAT(payload, ' ', ROUND(TIMESTAMPDIFF(SECOND, "
		"UTC_TIMESTAMP(6), due_at) / 10) ORDER BY payload SEPARATOR ', ') FROM queue_item"),
	    "a1 6, a2 6, a3 3, a4 360, b1 6");
	/* Whoever is at work on one still holds it. */
	settle(scene, &pausing, &busy, QUEUE_DONE, "");
	assert_int_equal(count(scene, &pausing, QUEUE_DONE), 1);
	/* A kind that says nothing of it goes on. */
	put(scene, &plain, "A", "p1", "", -2);
	put(scene, &plain, "A", "p2", "", -1);
	first = claim(scene, &plain, "p1");
	pause_target(scene, &plain, &first);
	claim(scene, &plain, "p2");
}

static void test_forget(void **state)
{
	struct scene *scene = *state;
	struct queue_item item;

	for (unsigned i = 0; i < QUEUE_STATE__MAX; i++) {
		put(scene, &plain, "A", "a", "", -10 + (int64_t)i);
		item = claim(scene, &plain, "a");
		settle(scene, &plain, &item, (enum queue_state)i, "");
	}
	put(scene, &plain, "B", "b", "", -1);
	put(scene, &ordered, "A", "o", "", -1);
	check(scene, queue_forget(scene->database, &plain, STR("A"), &scene->error));
	assert_string_equal(
	    server_value(DATABASE, "SELECT GROUP_CONCAT(payload ORDER BY payload) FROM queue_item"),
	    "b,o");
}

/* Of one that has ended, whatever its end; not of one that waits. */
static void test_repeat(void **state)
{
	struct scene *scene = *state;
	struct queue_entry entry = { .content = uuid_random(), .payload = STR("a") };
	struct queue_item item;

	check(scene, queue_put(scene->database, scene->arena, &plain, &entry, 1, &scene->error));
	assert_int_equal(queue_repeat(scene->database, &plain, entry.content, &scene->error), 0);
	for (unsigned i = QUEUE_DONE; i < QUEUE_STATE__MAX; i++) {
		item = claim(scene, &plain, "a");
		assert_int_equal(item.attempt, 1);
		settle(scene, &plain, &item, (enum queue_state)i, "refused");
		assert_int_equal(
		    queue_repeat(scene->database, &ordered, entry.content, &scene->error), 0);
		assert_int_equal(
		    queue_repeat(scene->database, &plain, entry.content, &scene->error), 1);
	}
	claim(scene, &plain, "a");
}

/* A table that contradicts itself is refused. */
static void test_rules(void **state)
{
	static const char *const rows[] = {
		"INSERT INTO queue_item (kind, state) VALUES ('k', 'waiting')",
		"INSERT INTO queue_item (kind, due_at, finished_at) VALUES ('k', NOW(), NOW())",
		"INSERT INTO queue_item (kind, state, due_at) VALUES ('k', 'done', NOW())",
		"INSERT INTO queue_item (kind, state, due_at) VALUES ('k', 'gone', NOW())",
	};
	struct scene *scene = *state;
	struct outcome outcome;

	for (size_t i = 0; i < ROWS(rows); i++) {
		error_clear(&scene->error);
		expect_int(i,
		    database_execute(scene->database, rows[i], NULL, 0, &outcome, &scene->error),
		    -1);
	}
}

/* What the planner says of a statement, a line for each table. */
static void explain(
    struct scene *scene, const char *sql, const struct bind *binds, unsigned count, struct buf *out)
{
	enum { TABLE = 2, TYPE, KEY = 5, EXTRA = 9, COLUMNS };
	static const enum bind_kind columns[COLUMNS] = { BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_TEXT,
		BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_TEXT };
	struct result result;

	check(scene, database_select_once(scene->database, scene->arena,
			 arena_printf(scene->arena, "EXPLAIN %s", sql), binds, count, columns,
			 COLUMNS, &result, &scene->error));
	for (unsigned i = 0; i < result.count; i++)
		buf_printf(out, STR_FORMAT " " STR_FORMAT " " STR_FORMAT " " STR_FORMAT "\n",
		    STR_ARGUMENTS(result.rows[i][TABLE].text),
		    STR_ARGUMENTS(result.rows[i][TYPE].text),
		    STR_ARGUMENTS(result.rows[i][KEY].text),
		    STR_ARGUMENTS(result.rows[i][EXTRA].text));
}

static int64_t rows_read(struct scene *scene)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	struct result result;

	check(scene,
	    database_select(scene->database, scene->arena,
		"SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) FROM "
		"information_schema.SESSION_STATUS WHERE VARIABLE_NAME IN ('HANDLER_READ_NEXT', "
		"'HANDLER_READ_PREV', 'HANDLER_READ_KEY', 'HANDLER_READ_FIRST', "
		"'HANDLER_READ_RND_NEXT')",
		NULL, 0, columns, 1, &result, &scene->error));
	return result.rows[0][0].integer;
}

/* However much waits, is done or belongs to a dead target, a claim looks at a few entries. */
static void test_index(void **state)
{
	static const struct {
		const struct queue_kind *kind;
		const char *parts[3];
		const char *payload;
	} rows[] = {
		{ &plain, { "q range queue_item_due" }, "due" },
		{ &ordered,
		    { "queue_item range queue_item_head Using where; Using index for group-by",
			"q eq_ref PRIMARY" },
		    "due" },
	};
	struct scene *scene = *state;

	server_run(DATABASE,
	    "INSERT INTO queue_item (kind, state, finished_at) SELECT 'plain', 'done', NOW() FROM "
	    "seq_1_to_5000;"
	    "INSERT INTO queue_item (kind, due_at) SELECT 'plain', NOW() + INTERVAL 1 DAY FROM "
	    "seq_1_to_5000;"
	    "INSERT INTO queue_item (kind, state, finished_at) SELECT 'ordered', 'done', NOW() "
	    "FROM "
	    "seq_1_to_5000;"
	    "INSERT INTO queue_item (kind, target, due_at) SELECT 'ordered', 'dead', IF(seq = 1, "
	    "NOW() + INTERVAL 1 DAY, NOW() - INTERVAL 1 DAY) FROM seq_1_to_5000;"
	    "INSERT INTO queue_item (kind, payload, due_at) VALUES ('plain', 'due', NOW() - "
	    "INTERVAL 1 DAY), ('ordered', 'due', NOW() - INTERVAL 1 DAY);"
	    "ANALYZE TABLE queue_item");
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct bind binds[] = { BIND_STR(str_from(rows[i].kind->name)),
			BIND_MOMENT(timestamp_now()) };
		struct buf text = { 0 };
		int64_t before;

		explain(scene, queue_due_statement(rows[i].kind), binds, 2, &text);
		for (unsigned p = 0; p < 3 && rows[i].parts[p] != NULL; p++) {
			if (strstr(text.data, rows[i].parts[p]) == NULL)
				fail_msg(
				    "row %zu: no \"%s\" in\n%s", i, rows[i].parts[p], text.data);
		}
		buf_free(&text);
		before = rows_read(scene);
		claim(scene, rows[i].kind, rows[i].payload);
		if (rows_read(scene) - before > 100)
			fail_msg(
			    "row %zu: %lld rows read", i, (long long)(rows_read(scene) - before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_delays, begin, end),
		cmocka_unit_test_setup_teardown(test_claim, begin, end),
		cmocka_unit_test_setup_teardown(test_put, begin, end),
		cmocka_unit_test_setup_teardown(test_once, begin, end),
		cmocka_unit_test_setup_teardown(test_lease, begin, end),
		cmocka_unit_test_setup_teardown(test_spent, begin, end),
		cmocka_unit_test_setup_teardown(test_order, begin, end),
		cmocka_unit_test_setup_teardown(test_dead_letters, begin, end),
		cmocka_unit_test_setup_teardown(test_all_dead_letters, begin, end),
		cmocka_unit_test_setup_teardown(test_pause, begin, end),
		cmocka_unit_test_setup_teardown(test_forget, begin, end),
		cmocka_unit_test_setup_teardown(test_repeat, begin, end),
		cmocka_unit_test_setup_teardown(test_rules, begin, end),
		cmocka_unit_test_setup_teardown(test_index, begin, end),
	};

	return cmocka_run_group_tests(tests, begin_server, end_server);
}
