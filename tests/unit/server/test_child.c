/*
 * The table of child processes: each row is whole, and its times are right.
 */
#include "../lib/rows.h"
#include "base/timestamp.h"
#include "server/children.h"

/* What the supervisor relies on in every row. */
static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHILD__MAX; i++) {
		const struct child_kind *kind = &child_kinds[i];
		bool is_timed = kind->work < sizeof(struct settings);

		if (kind->name == NULL || kind->run == NULL || kind->wanted == NULL)
			fail_msg("row %zu lacks its name, main function or condition", i);
		if (kind->posts == 0 || kind->posts > CHILD_SLOTS || !is_timed)
			fail_msg("row %zu: posts or work out of range", i);
		if (kind->delay_first <= 0 || kind->delay_most < kind->delay_first)
			fail_msg("row %zu: a failure must delay the next start", i);
		/* Who is asked to leave is killed when it does not. */
		if ((kind->renewal == RENEW_AT_ONCE) != (kind->stuck_event == NULL))
			fail_msg("row %zu: nobody says that it did not stop", i);
		if ((kind->overdue == NULL) != (kind->overdue_event == NULL))
			fail_msg("row %zu: nobody says that its work takes too long", i);
		if ((kind->done == NULL) != (kind->done_name == NULL))
			fail_msg("row %zu: what it has done has no name", i);
		if (kind->renewal == RENEW_BESIDE && kind->serves == NULL)
			fail_msg("row %zu: nobody knows when the old ones may leave", i);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(kind->name, child_kinds[j].name);
	}
}

/* No child is ended while it does what it may do. */
static void test_drain(void **state)
{
	static const struct {
		int64_t drain, mail, worker, mailer;
	} rows[] = {
		{ 25, 60, 25, 65 },
		{ 100, 60, 100, 100 },
		{ 1, 300, 1, 305 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = { .drain_timeout = rows[i].drain,
			.mail_timeout = rows[i].mail };

		expect_int(i, child_drain(&child_kinds[CHILD_WORKER], &settings),
		    rows[i].worker * MICROSECONDS_PER_SECOND);
		expect_int(i, child_drain(&child_kinds[CHILD_MAILER], &settings),
		    rows[i].mailer * MICROSECONDS_PER_SECOND);
		expect_int(i, child_drain(&child_kinds[CHILD_PROBER], &settings), 0);
	}
}

/* How many there shall be of each kind. */
static void test_wanted(void **state)
{
	static const struct {
		int64_t workers, deliverers;
		const char *mail_server;
		unsigned wanted[CHILD__MAX];
	} rows[] = {
		{ 1, 0, "", { [CHILD_WORKER] = 1, [CHILD_PROBER] = 1 } },
		{ 7, 2, "mail.example",
		    { [CHILD_WORKER] = 7,
			[CHILD_MAILER] = 1,
			[CHILD_DELIVERER] = 2,
			[CHILD_PROBER] = 1 } },
	};
	struct arena *arena = arena_new(1024, 4096);
	struct child_context context = { 0 };
	struct error error;

	(void)state;
	error_init(&error, arena);
	context.shared = shared_new(NULL, &error);
	assert_non_null(context.shared);
	/* Of two hosts of the database, one is not known to be good. */
	for (unsigned host = 3; host <= 4; host++)
		atomic_store(&context.shared->hosts.entries[host].listed, true);
	(void)host_entry_praise(&context.shared->hosts.entries[4], timestamp_monotonic());
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct settings settings = { .workers = rows[i].workers,
			.webhook_deliverers = rows[i].deliverers,
			.mail_server = rows[i].mail_server };

		context.settings = &settings;
		for (unsigned k = 0; k < CHILD__MAX; k++) {
			unsigned wanted = 0;

			for (unsigned post = 0; post < child_kinds[k].posts; post++)
				wanted += child_kinds[k].wanted(&context, post);
			expect_int(i * CHILD__MAX + k, wanted, rows[i].wanted[k]);
		}
	}
	shared_free(context.shared);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
