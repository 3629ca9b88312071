#include "../lib/rows.h"
#include "base/timestamp.h"

static int use_utc(void **state)
{
	(void)state;
	return timestamp_set_zone("UTC") ? 0 : -1;
}

static void expect_time(size_t row, int64_t timestamp, enum timestamp_style style, const char *text)
{
	struct buf buf = { 0 };

	timestamp_print(&buf, timestamp, style);
	expect_str(row, buf_str(&buf), text);
	buf_free(&buf);
}

static void test_clocks(void **state)
{
	int64_t now = timestamp_now();
	int64_t earlier = timestamp_monotonic();

	(void)state;
	assert_true(now > INT64_C(1700000000000000));
	assert_true(timestamp_now() - now < 60 * MICROSECONDS_PER_SECOND);
	assert_true(timestamp_monotonic() >= earlier);
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
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, timestamp_set_zone(rows[i].name), rows[i].good);
}

static void test_split(void **state)
{
	static const struct {
		int64_t timestamp;
		struct timestamp_fields fields;
	} rows[] = {
		{ 0, { 1970, 1, 1, 0, 0, 0, 0 } },
		{ -1, { 1969, 12, 31, 23, 59, 59, 999999 } },
		{ INT64_C(1566656122000000), { 2019, 8, 24, 14, 15, 22, 0 } },
		{ INT64_C(951782400000000), { 2000, 2, 29, 0, 0, 0, 0 } },
		{ INT64_C(-2203891200000000), { 1900, 3, 1, 0, 0, 0, 0 } },
		{ TIMESTAMP_MINIMUM, { 1, 1, 1, 0, 0, 0, 0 } },
		{ TIMESTAMP_MAXIMUM, { 9999, 12, 31, 23, 59, 59, 999999 } },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct timestamp_fields fields = timestamp_split(rows[i].timestamp);

		assert_memory_equal(&fields, &rows[i].fields, sizeof(fields));
		expect_int(i, timestamp_join(&fields), rows[i].timestamp);
	}
	/* Every day of four centuries there and back. */
	for (int64_t day = -110000; day < 110000; day++) {
		int64_t moment = day * 86400 * MICROSECONDS_PER_SECOND;
		struct timestamp_fields fields = timestamp_split(moment);

		expect_int((size_t)(day + 110000), timestamp_join(&fields), moment);
	}
}

static void test_print(void **state)
{
	static const struct {
		const char *zone;
		const char *moment;
		const char *utc, *local, *offset, *day;
	} rows[] = {
		{ "UTC", "2019-08-24T14:15:22Z", "2019-08-24T14:15:22Z", "2019-08-24T14:15:22",
		    "2019-08-24T14:15:22+00:00", "2019-08-24" },
		{ "UTC", "2019-08-24T14:15:22.1Z", "2019-08-24T14:15:22.1Z",
		    "2019-08-24T14:15:22.1", "2019-08-24T14:15:22.1+00:00", "2019-08-24" },
		{ "UTC", "2019-08-24T14:15:22.000001Z", "2019-08-24T14:15:22.000001Z",
		    "2019-08-24T14:15:22.000001", "2019-08-24T14:15:22.000001+00:00",
		    "2019-08-24" },
		{ "UTC", "2019-08-24T14:15:22.120300Z", "2019-08-24T14:15:22.1203Z",
		    "2019-08-24T14:15:22.1203", "2019-08-24T14:15:22.1203+00:00", "2019-08-24" },
		{ "UTC", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00",
		    "0001-01-01T00:00:00+00:00", "0001-01-01" },
		{ "UTC", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z",
		    "1969-12-31T23:59:59.5", "1969-12-31T23:59:59.5+00:00", "1969-12-31" },
		/* Around the ends of summer time. */
		{ "Europe/Rome", "2024-03-31T00:59:59Z", "2024-03-31T00:59:59Z",
		    "2024-03-31T01:59:59", "2024-03-31T01:59:59+01:00", "2024-03-31" },
		{ "Europe/Rome", "2024-03-31T01:00:00Z", "2024-03-31T01:00:00Z",
		    "2024-03-31T03:00:00", "2024-03-31T03:00:00+02:00", "2024-03-31" },
		{ "Europe/Rome", "2024-10-27T00:30:00Z", "2024-10-27T00:30:00Z",
		    "2024-10-27T02:30:00", "2024-10-27T02:30:00+02:00", "2024-10-27" },
		{ "Europe/Rome", "2024-10-27T01:30:00Z", "2024-10-27T01:30:00Z",
		    "2024-10-27T02:30:00", "2024-10-27T02:30:00+01:00", "2024-10-27" },
		{ "Europe/Rome", "2024-12-31T23:30:00Z", "2024-12-31T23:30:00Z",
		    "2025-01-01T00:30:00", "2025-01-01T00:30:00+01:00", "2024-12-31" },
		{ "America/Denver", "2024-12-23T19:16:59.146808Z", "2024-12-23T19:16:59.146808Z",
		    "2024-12-23T12:16:59.146808", "2024-12-23T12:16:59.146808-07:00",
		    "2024-12-23" },
		{ "America/Denver", "2024-07-01T03:00:00Z", "2024-07-01T03:00:00Z",
		    "2024-06-30T21:00:00", "2024-06-30T21:00:00-06:00", "2024-07-01" },
		{ "Asia/Kolkata", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z",
		    "2024-01-01T05:30:00", "2024-01-01T05:30:00+05:30", "2024-01-01" },
		{ "America/St_Johns", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z",
		    "2023-12-31T20:30:00", "2023-12-31T20:30:00-03:30", "2024-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t moment;

		assert_true(timestamp_set_zone(rows[i].zone));
		expect_int(i, timestamp_parse(str_from(rows[i].moment), &moment), true);
		expect_time(i, moment, TIMESTAMP_UTC, rows[i].utc);
		expect_time(i, moment, TIMESTAMP_LOCAL, rows[i].local);
		expect_time(i, moment, TIMESTAMP_OFFSET, rows[i].offset);
		expect_time(i, moment, TIMESTAMP_DATE_ONLY, rows[i].day);
	}
}

static void test_parse(void **state)
{
	static const struct {
		const char *zone;
		const char *text;
		const char *utc; /* NULL = refused */
	} rows[] = {
		{ "UTC", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z" },
		{ "UTC", "2026-01-31t12:00:00z", "2026-01-31T12:00:00Z" },
		{ "UTC", "2026-01-31 12:00:00", "2026-01-31T12:00:00Z" },
		{ "UTC", " \t2026-01-31T12:00:00Z\r\n", "2026-01-31T12:00:00Z" },
		{ "UTC", "2026-01-31", "2026-01-31T00:00:00Z" },
		{ "UTC", "2024-12-23T12:16:59.1468079-07:00", "2024-12-23T19:16:59.146808Z" },
		{ "UTC", "2024-12-23T12:16:59.1468074-07:00", "2024-12-23T19:16:59.146807Z" },
		{ "UTC", "2024-12-31T23:59:59.9999995Z", "2025-01-01T00:00:00Z" },
		{ "UTC", "2024-12-31T23:59:59.1Z", "2024-12-31T23:59:59.1Z" },
		{ "UTC", "2024-12-31T23:59:59.1234567+05:30", "2024-12-31T18:29:59.123457Z" },
		{ "UTC", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
		{ "UTC", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z" },
		{ "UTC", "2024-01-01T00:00:00+14:00", "2023-12-31T10:00:00Z" },
		{ "UTC", "2024-01-01T00:00:00+23:59", "2023-12-31T00:01:00Z" },
		{ "UTC", "2024-01-01T00:00:00-23:59", "2024-01-01T23:59:00Z" },
		{ "UTC", "2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00Z" },
		{ "UTC", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
		{ "UTC", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
		/* Without offset: the local zone, summer time in mind. */
		{ "Europe/Rome", "2024-01-15T12:00:00", "2024-01-15T11:00:00Z" },
		{ "Europe/Rome", "2024-07-15T12:00:00", "2024-07-15T10:00:00Z" },
		{ "Europe/Rome", "2024-07-15", "2024-07-14T22:00:00Z" },
		{ "Europe/Rome", "2024-07-15T12:00:00Z", "2024-07-15T12:00:00Z" },
		{ "America/Denver", "2024-12-23T12:16:59.1468079", "2024-12-23T19:16:59.146808Z" },
		{ "Asia/Kolkata", "1960-01-01 05:30:00", "1960-01-01T00:00:00Z" },
		/* Refused. */
		{ "UTC", "", NULL },
		{ "UTC", "now", NULL },
		{ "UTC", "0", NULL },
		{ "UTC", "1566656122", NULL },
		{ "UTC", "2026", NULL },
		{ "UTC", "2026-01", NULL },
		{ "UTC", "2026-1-1", NULL },
		{ "UTC", "20260131T120000Z", NULL },
		{ "UTC", "2026-01-31T", NULL },
		{ "UTC", "2026-01-31T12:00", NULL },
		{ "UTC", "2026-01-31T12:00Z", NULL },
		{ "UTC", "2026-01-31T12:00:00 Z", NULL },
		{ "UTC", "2026-01-31T12:00:00.Z", NULL },
		{ "UTC", "2026-01-31T12:00:00.12345678Z", NULL },
		{ "UTC", "2026-01-31T12:00:00,5Z", NULL },
		{ "UTC", "2026-01-31T12:00:00+0100", NULL },
		{ "UTC", "2026-01-31T12:00:00+01", NULL },
		{ "UTC", "2026-01-31T12:00:00+24:00", NULL },
		{ "UTC", "2026-01-31T12:00:00+01:60", NULL },
		{ "UTC", "2026-01-31T12:00:00ZZ", NULL },
		{ "UTC", "2026-01-31T24:00:00Z", NULL },
		{ "UTC", "2026-01-31T12:60:00Z", NULL },
		{ "UTC", "2026-01-31T12:00:61Z", NULL },
		{ "UTC", "2026-02-30T12:00:00Z", NULL },
		{ "UTC", "2023-02-29T12:00:00Z", NULL },
		{ "UTC", "1900-02-29T12:00:00Z", NULL },
		{ "UTC", "2026-00-10T12:00:00Z", NULL },
		{ "UTC", "2026-13-10T12:00:00Z", NULL },
		{ "UTC", "2026-04-31T12:00:00Z", NULL },
		{ "UTC", "2026-01-00T12:00:00Z", NULL },
		{ "UTC", "0000-01-01T00:00:00Z", NULL },
		{ "UTC", "0001-01-01T00:00:00+01:00", NULL },
		{ "UTC", "9999-12-31T23:59:59.9999999Z", NULL },
		{ "UTC", "9999-12-31T23:59:59-01:00", NULL },
		{ "UTC", "10000-01-01T00:00:00Z", NULL },
		{ "UTC", "-2026-01-31T12:00:00Z", NULL },
		{ "UTC", "12/23/2024", NULL },
		{ "UTC", "/Date(1566656122000)/", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t moment = 0;

		assert_true(timestamp_set_zone(rows[i].zone));
		expect_int(
		    i, timestamp_parse(str_from(rows[i].text), &moment), rows[i].utc != NULL);
		if (rows[i].utc != NULL)
			expect_time(i, moment, TIMESTAMP_UTC, rows[i].utc);
	}
}

/* A wall-clock time that summer time skips still names some moment close by. */
static void test_parse_gap(void **state)
{
	int64_t moment, expected;

	(void)state;
	assert_true(timestamp_set_zone("Europe/Rome"));
	assert_true(timestamp_parse(STR("2024-03-31T02:30:00"), &moment));
	assert_true(timestamp_parse(STR("2024-03-31T01:00:00Z"), &expected));
	assert_true(moment - expected <= 3600 * MICROSECONDS_PER_SECOND);
	assert_true(expected - moment <= 3600 * MICROSECONDS_PER_SECOND);
}

static void test_parse_date(void **state)
{
	static const struct {
		const char *text;
		const char *day; /* NULL = refused */
	} rows[] = {
		{ "2024-12-23", "2024-12-23" },
		{ " 2024-12-23 ", "2024-12-23" },
		{ "2024-12-23T00:00:00", "2024-12-23" },
		{ "2024-12-23T23:59:59.1468079-07:00", "2024-12-23" },
		{ "2024-12-23T00:30:00+05:30", "2024-12-23" },
		{ "0001-01-01", "0001-01-01" },
		{ "9999-12-31", "9999-12-31" },
		{ "", NULL },
		{ "2024-12-32", NULL },
		{ "2023-02-29", NULL },
		{ "2024-12-23x", NULL },
		{ "2024-12-23T", NULL },
		{ "2024-12-23T25:00:00", NULL },
		{ "2024-12-23T00:00:00Zx", NULL },
		{ "23/12/2024", NULL },
	};

	(void)state;
	/* The zone must not move the day. */
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		size_t row = i / 2;
		int64_t day = 1;

		assert_true(timestamp_set_zone(i % 2 ? "America/Denver" : "Pacific/Auckland"));
		expect_int(row, timestamp_parse_date(str_from(rows[row].text), &day),
		    rows[row].day != NULL);
		if (rows[row].day != NULL) {
			expect_time(row, day, TIMESTAMP_DATE_ONLY, rows[row].day);
			expect_int(row, day % (86400 * MICROSECONDS_PER_SECOND), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_gap),
		cmocka_unit_test(test_parse_date),
	};

	return cmocka_run_group_tests(tests, use_utc, use_utc);
}
