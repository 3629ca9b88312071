#include "../lib/rows.h"

#include <stdlib.h>

#include "base/timestamp.h"
#include "base/zone.h"

#define HOUR (INT64_C(3600) * MICROSECONDS_PER_SECOND)
#define DAY (24 * HOUR)
#define CASES 300
#define RECENT INT64_C(4102444800000000) /* 2100-01-01T00:00:00Z */

static int use_utc(void **state)
{
	(void)state;
	return zone_set("UTC") ? 0 : -1;
}

static void test_zones(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {
		{ "UTC", true },
		{ "Europe/Rome", true },
		{ "America/Denver", true },
		{ "Etc/GMT+5", true },
		{ "", false },
		{ "Nowhere/Land", false },
		{ "/etc/passwd", false },
		{ "../../../etc/passwd", false },
		{ "Europe", false },
		{ "zone.tab", false },
		{ "tzdata.zi", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, zone_set(rows[i].name), rows[i].good);
}

/* A number from the environment, for those who want other cases or more of them. */
static uint64_t from_environment(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10) : fallback;
}

/* xorshift64 */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int64_t read_back(int64_t moment, enum timestamp_style style, struct buf *text)
{
	int64_t again = 0;

	text->length = 0;
	timestamp_print(text, moment, style);
	assert_true(timestamp_parse(buf_str(text), &again));
	return again;
}

/*
 * With an offset every moment comes back as it was. Without one it does too, but for an hour that
 * comes twice, of which the first comes back; and reading does not depend on what was read before.
 */
static void check_moment(int64_t moment, struct buf *text)
{
	int64_t first;

	assert_int_equal(read_back(moment, TIMESTAMP_UTC, text), moment);
	assert_int_equal(read_back(moment, TIMESTAMP_OFFSET, text), moment);
	first = read_back(moment, TIMESTAMP_LOCAL, text);
	if (first == moment)
		return;
	assert_true(first < moment);
	assert_true(moment - first <= 25 * HOUR);
	assert_int_equal(first + zone_offset(first) * MICROSECONDS_PER_SECOND,
	    moment + zone_offset(moment) * MICROSECONDS_PER_SECOND);
	(void)read_back(moment + 4000 * HOUR, TIMESTAMP_LOCAL, text);
	assert_int_equal(read_back(moment, TIMESTAMP_LOCAL, text), first);
}

static void test_round_trips(void **state)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin", "Europe/Dublin",
		"America/Denver", "America/New_York", "America/Sao_Paulo", "America/St_Johns",
		"America/Juneau", "Asia/Kolkata", "Asia/Manila", "Asia/Gaza", "Africa/Monrovia",
		"Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein",
		"Pacific/Kiritimati", "Pacific/Chatham", "Antarctica/Troll", "Etc/GMT+12" };
	uint64_t seed = from_environment("CLIENTELE_TEST_SEED", 20261125);
	uint64_t cases = from_environment("CLIENTELE_TEST_CASES", CASES);
	uint64_t random = seed | 1;
	struct buf text = { 0 };

	(void)state;
	print_message("CLIENTELE_TEST_SEED=%llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < ROWS(zones); i++) {
		assert_true(zone_set(zones[i]));
		for (uint64_t number = 0; number < cases; number++) {
			/* Half of them where zones have changed (1904 to 2100), half anywhere. */
			int64_t least = number % 2 ? -RECENT / 2 : TIMESTAMP_MINIMUM;
			int64_t most = number % 2 ? RECENT : TIMESTAMP_MAXIMUM;
			int64_t moment =
			    least + (int64_t)(draw(&random) % (uint64_t)(most - least));

			check_moment(moment, &text);
		}
		for (int64_t minute = 0; minute < 40 * 60; minute += 7) {
			check_moment(TIMESTAMP_MINIMUM + minute * HOUR / 60, &text);
			check_moment(TIMESTAMP_MAXIMUM - minute * HOUR / 60, &text);
		}
	}
	buf_free(&text);
}

/* Looks at each quarter of the hour around a change of the offset, and at one moment of each other
 * day. Returns the number of changes. */
static unsigned check_day(int64_t day, struct buf *text)
{
	if (zone_offset(day) == zone_offset(day + DAY)) {
		check_moment(day, text);
		return 0;
	}
	for (int64_t quarter = -24 * 4; quarter < 2 * 24 * 4; quarter++)
		check_moment(day + quarter * HOUR / 4, text);
	return 1;
}

/* Years with odd changes of the offset. */
static void test_changes(void **state)
{
	static const struct {
		const char *zone;
		const char *from;
	} rows[] = {
		{ "Europe/Berlin", "2026-01-01T00:00:00Z" },
		{ "Europe/Berlin", "1893-03-01T00:00:00Z" },
		{ "America/Juneau", "1867-09-01T00:00:00Z" },
		{ "Asia/Manila", "1844-11-01T00:00:00Z" },
		{ "Pacific/Apia", "2011-06-01T00:00:00Z" },
		{ "Pacific/Kwajalein", "1993-06-01T00:00:00Z" },
		{ "Australia/Lord_Howe", "2026-01-01T00:00:00Z" },
		{ "Africa/Monrovia", "1971-09-01T00:00:00Z" },
		{ "Antarctica/Troll", "2026-01-01T00:00:00Z" },
	};
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		unsigned changes = 0;
		int64_t from;

		assert_true(zone_set(rows[i].zone));
		assert_true(timestamp_parse(str_from(rows[i].from), &from));
		for (int64_t day = from; day < from + 366 * DAY; day += DAY)
			changes += check_day(day, &text);
		assert_true(changes > 0);
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, use_utc, use_utc);
}
