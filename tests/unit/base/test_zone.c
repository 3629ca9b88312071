#define _GNU_SOURCE /* nftw() that can leave out folders */

#include "../lib/rows.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/timestamp.h"
#include "base/zone.h"
#include "base/zone_file.h"

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
		{ "GMT Standard Time", true },
		{ "w. europe standard time", true },
		{ "Standard Time", false },
		{ "Europe/Rome/", false },
		{ "Europe//Rome", false },
		{ "./Europe/Rome", false },
		{ "Europe/./Rome", false },
		{ "Europe/../Europe/Rome", false },
		{ "Europe/Rome ", false },
		{ "A/name/that/is/longer/than/the/column/in/which/names/of/zones/are", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		expect_int(i, zone_set(rows[i].name), rows[i].good);
		expect_int(i, zone_check(str_from(rows[i].name)) == NULL, rows[i].good);
	}
	assert_true(zone_set("UTC"));
	assert_string_equal(zone_name(zone_find(STR("GTB Standard Time"))), "Europe/Bucharest");
	assert_ptr_equal(zone_find(STR("FLE Standard Time")), zone_find(STR("Europe/Kyiv")));
	assert_null(zone_find(((struct str){ "Europe\0Rome", 11 })));
}

/* A caller's zone holds until it ends, and that of the process after it. */
static void test_of_a_request(void **state)
{
	(void)state;
	assert_true(zone_set("Asia/Tokyo"));
	assert_int_equal(zone_offset(0), 9 * 3600);
	zone_begin(zone_find(STR("America/New_York")));
	assert_int_equal(zone_offset(0), -5 * 3600);
	assert_string_equal(zone_name(zone_now()), "America/New_York");
	zone_begin(NULL);
	assert_int_equal(zone_offset(0), 9 * 3600);
	zone_begin(zone_find(STR("Asia/Kolkata")));
	assert_int_equal(zone_offset(0), 5 * 3600 + 1800);
	zone_end();
	assert_int_equal(zone_offset(0), 9 * 3600);
	assert_false(zone_set("Nowhere"));
	assert_string_equal(zone_name(zone_now()), "Asia/Tokyo");
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

/* --- the same as libc, which knows one zone at a time --- */

static unsigned zones_seen;

static void same_at(const char *name, int64_t second)
{
	time_t seconds = second;
	struct tm local;

	assert_non_null(localtime_r(&seconds, &local));
	if (zone_offset(second * MICROSECONDS_PER_SECOND) != local.tm_gmtoff / 60 * 60)
		fail_msg("%s at %lld: %lld, not %ld", name, (long long)second,
		    (long long)zone_offset(second * MICROSECONDS_PER_SECOND), local.tm_gmtoff);
}

/* Every 27 days from 1900 to 2110, each change from either side, and moments far away. */
static void compare_zone(const char *name)
{
	const int64_t step = 27 * DAY / MICROSECONDS_PER_SECOND;
	const int64_t least = -2208988800, most = 4417977600;
	uint64_t random = 20261201;

	assert_true(zone_set(name));
	setenv("TZ", name, 1);
	tzset();
	for (int64_t at = least; at < most; at += step) {
		int64_t before = zone_offset(at * MICROSECONDS_PER_SECOND);
		int64_t low = at, high = at + step;

		same_at(name, at);
		if (zone_offset(high * MICROSECONDS_PER_SECOND) == before)
			continue;
		while (high - low > 1) {
			int64_t middle = low + (high - low) / 2;

			if (zone_offset(middle * MICROSECONDS_PER_SECOND) == before)
				low = middle;
			else
				high = middle;
		}
		same_at(name, low);
		same_at(name, high);
	}
	for (unsigned i = 0; i < 100; i++)
		same_at(name, (int64_t)(draw(&random) % 315537897599) - 62135596800);
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	static const size_t skipped = sizeof("/usr/share/zoneinfo/") - 1;
	char magic[5] = "";
	FILE *file;

	(void)status;
	if (place->level == 1 &&
	    (strcmp(path + skipped, "posix") == 0 || strcmp(path + skipped, "right") == 0))
		return FTW_SKIP_SUBTREE;
	if (kind != FTW_F)
		return FTW_CONTINUE;
	file = fopen(path, "re");
	assert_non_null(file);
	(void)fread(magic, 1, 4, file);
	(void)fclose(file);
	if (strcmp(magic, "TZif") == 0) {
		compare_zone(path + skipped);
		zones_seen++;
	}
	return FTW_CONTINUE;
}

static void test_all_zones(void **state)
{
	const char *before = getenv("TZ");
	char *kept = before != NULL ? strdup(before) : NULL;

	(void)state;
	assert_int_equal(nftw("/usr/share/zoneinfo", visit, 8, FTW_ACTIONRETVAL), 0);
	assert_true(zones_seen > 300);
	if (kept != NULL)
		setenv("TZ", kept, 1);
	else
		unsetenv("TZ");
	tzset();
	free(kept);
}

static void test_rules(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", true },
		{ "<+03>-3", true },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", true },
		{ "XXX3EDT4,0/0,J365/23", true },
		{ "AAA5:30:15BBB4:30,J60/26:30,300/-1:00:01", true },
		{ "", false },
		{ "CET", false },
		{ "CE-1", false },
		{ "<+03-3", false },
		{ "CET-1CEST", false },
		{ "CET-1CEST,M3.5.0", false },
		{ "CET-1CEST,M13.5.0,M10.5.0", false },
		{ "CET-1CEST,M0.5.0,M10.5.0", false },
		{ "CET-1CEST,M3.6.0,M10.5.0", false },
		{ "CET-1CEST,M3.0.0,M10.5.0", false },
		{ "CET-1CEST,M3.5.7,M10.5.0", false },
		{ "CET-1CEST,J0,M10.5.0", false },
		{ "CET-1CEST,366,M10.5.0", false },
		{ "CET-1CEST,M3.5.0/168,M10.5.0", false },
		{ "CET-1CEST,M3.5.0,M10.5.0 ", false },
		{ "CET-99999999999999999999", false },
		{ "CET-1:60", false },
	};
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, zone_rule_parse(str_from(rows[i].text), &rule), rows[i].good);
}

/* Days by number: the 29th of February is counted in one way, and not in the other. */
static void test_days_by_number(void **state)
{
	static const struct {
		const char *rule;
		const char *moment;
		int64_t offset;
	} rows[] = {
		{ "AAA0BBB,J60/0,J61/0", "2024-02-29T12:00:00Z", 0 },
		{ "AAA0BBB,J60/0,J61/0", "2024-03-01T12:00:00Z", 3600 },
		{ "AAA0BBB,J60/0,J61/0", "2023-03-01T12:00:00Z", 3600 },
		{ "AAA0BBB,J59/0,J60/0", "2024-02-28T12:00:00Z", 3600 },
		{ "AAA0BBB,59/0,60/0", "2024-02-29T12:00:00Z", 3600 },
		{ "AAA0BBB,59/0,60/0", "2023-03-01T12:00:00Z", 3600 },
		{ "AAA0BBB,J300,J100", "2023-12-31T23:59:59Z", 3600 },
		{ "AAA0BBB,J300,J100", "2024-01-01T00:00:00Z", 3600 },
		{ "AAA0BBB,J300,J100", "2024-06-01T00:00:00Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct zone_rule rule;
		int64_t moment;

		assert_true(zone_rule_parse(str_from(rows[i].rule), &rule));
		assert_true(timestamp_parse_utc(str_from(rows[i].moment), &moment));
		expect_int(
		    i, zone_rule_offset(&rule, moment / MICROSECONDS_PER_SECOND), rows[i].offset);
	}
}

/* A file that was cut anywhere, or has another byte anywhere, is read to its end and no further. */
static void test_broken_files(void **state)
{
	char bytes[8192];
	FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "re");
	struct zone_table table;
	size_t length;

	(void)state;
	assert_non_null(file);
	length = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	assert_true(zone_file_parse((struct str){ bytes, length }, &table));
	assert_true(table.count > 100 && table.has_rule);
	free(table.changes);
	for (size_t cut = 0; cut + 2 < length; cut++) {
		/* Memory of that size, behind which nothing may be read. */
		char *part = malloc(cut + 1);

		memcpy(part, bytes, cut);
		if (zone_file_parse((struct str){ part, cut }, &table))
			free(table.changes);
		free(part);
	}
	for (size_t i = 0; i < length; i++) {
		char kept = bytes[i];

		for (int other = 0; other < 256; other += 51) {
			bytes[i] = (char)other;
			if (zone_file_parse((struct str){ bytes, length }, &table))
				free(table.changes);
		}
		bytes[i] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_of_a_request),
		cmocka_unit_test(test_all_zones),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_days_by_number),
		cmocka_unit_test(test_broken_files),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, use_utc, use_utc);
}
