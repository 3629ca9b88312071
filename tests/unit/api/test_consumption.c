/*
 * Counters: the periods of the calendar, and what a counter allows, by data, without a database.
 */
#include "../lib/rows.h"
#include "api/licensing/consumption.h"
#include "api/licensing/licensing.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 16 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int64_t moment(const char *text)
{
	int64_t found;

	assert_true(timestamp_parse_utc(str_from(text), &found));
	return found;
}

static void test_periods(void **state)
{
	static const struct {
		enum counter_period period;
		const char *moment, *start, *end;
	} rows[] = {
		{ COUNTER_PERIOD_DAY, "2027-02-28T23:59:59.999999", "2027-02-28", "2027-03-01" },
		{ COUNTER_PERIOD_DAY, "2028-02-29", "2028-02-29", "2028-03-01" },
		{ COUNTER_PERIOD_DAY, "2027-12-31T12:00:00", "2027-12-31", "2028-01-01" },
		{ COUNTER_PERIOD_MONTH, "2027-01-31T23:59:59.999999", "2027-01-01", "2027-02-01" },
		{ COUNTER_PERIOD_MONTH, "2027-11-30", "2027-11-01", "2027-12-01" },
		{ COUNTER_PERIOD_MONTH, "2027-12-01", "2027-12-01", "2028-01-01" },
		{ COUNTER_PERIOD_YEAR, "2027-12-31T23:59:59.999999", "2027-01-01", "2028-01-01" },
		{ COUNTER_PERIOD_YEAR, "2028-01-01", "2028-01-01", "2029-01-01" },
	};
	int64_t start, end_of;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(
		    counter_period(rows[i].period, moment(rows[i].moment), &start, &end_of));
		expect_int(i, start, moment(rows[i].start));
		expect_int(i, end_of, moment(rows[i].end));
	}
	assert_false(counter_period(COUNTER_PERIOD_NONE, moment("2027-01-01"), &start, &end_of));
}

static struct row *counter_row(const char *kind, int64_t allowance, const char *overage)
{
	struct row *row = row_new(arena, &licensing_consumption_resource);

	row_set_text(row, CONSUMPTION_KIND, str_from(kind));
	if (allowance >= 0)
		row_set_integer(row, CONSUMPTION_ALLOWANCE, allowance);
	if (overage != NULL)
		row_set_text(row, CONSUMPTION_OVERAGE, str_from(overage));
	return row;
}

static void test_what_is_allowed(void **state)
{
	static const struct {
		const char *kind;
		int64_t allowance; /* -1 = null */
		const char *overage;
		int64_t added, used, amount;
		bool allowed;
	} rows[] = {
		{ "prepaid", 10, NULL, 0, 0, 10, true },
		{ "prepaid", 10, NULL, 0, 0, 11, false },
		{ "prepaid", -1, NULL, 0, 0, 1, false },
		{ "prepaid", -1, "2x", 0, 0, 1, false },
		{ "prepaid", -1, "always", 0, 0, 1, true },
		{ "prepaid", -1, NULL, 5, 0, 5, true },
		{ "prepaid", 10, NULL, 5, 15, 1, false },
		{ "prepaid", 10, "1.5x", 5, 15, 5, true },
		{ "prepaid", 10, "1.5x", 5, 15, 6, false },
		{ "metered", 10, "1.25x", 5, 0, 12, true },
		{ "metered", 10, "1.25x", 5, 0, 13, false },
		{ "metered", 0, NULL, 0, 0, 1, false },
		{ "metered", -1, NULL, 0, COUNTER_MOST - 1, 1, true },
		{ "metered", -1, "always", 0, COUNTER_MOST, 1, false },
		{ "metered", COUNTER_MOST, "2x", 0, COUNTER_MOST, 1, false },
		/* Less is allowed than was used already. */
		{ "metered", 3, NULL, 0, 4, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct counter counter = { .row = counter_row(rows[i].kind, rows[i].allowance,
						     rows[i].overage),
			.added = rows[i].added,
			.used = rows[i].used };
		const struct consumption change = { .action = CONSUMPTION_CONSUME,
			.amount = rows[i].amount };

		expect_int(i, consumption_is_allowed(&counter, &change), rows[i].allowed);
	}
}

static void test_what_may_be_undone(void **state)
{
	static const struct {
		enum consumption_action undone;
		int64_t added, used, amount;
		bool allowed;
	} rows[] = {
		{ CONSUMPTION_CONSUME, 0, 10, 10, true },
		{ CONSUMPTION_CONSUME, 0, 12, 5, true },
		{ CONSUMPTION_TOP_UP, 5, 10, 5, true },
		{ CONSUMPTION_TOP_UP, 5, 11, 5, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct row *entry = row_new(arena, &licensing_consumption_entry_resource);
		const struct counter counter = { .row = counter_row("prepaid", 10, NULL),
			.added = rows[i].added,
			.used = rows[i].used };
		const struct consumption change = {
			.action = CONSUMPTION_REVERSE, .amount = rows[i].amount, .reversed = entry
		};

		row_set_text(entry, ENTRY_ACTION, consumption_action_name(rows[i].undone));
		expect_int(i, consumption_is_allowed(&counter, &change), rows[i].allowed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_what_is_allowed),
		cmocka_unit_test(test_what_may_be_undone),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
