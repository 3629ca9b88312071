#include "../lib/rows.h"
#include "base/timestamp.h"
#include "base/zone.h"

static int use_utc(void **state)
{
	(void)state;
	return zone_set("UTC") ? 0 : -1;
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
		/* Both ends of time: the year never leaves 0001 to 9999. */
		{ "Europe/Berlin", "9999-12-31T22:59:59.999999Z", "9999-12-31T22:59:59.999999Z",
		    "9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999+01:00",
		    "9999-12-31" },
		{ "Europe/Berlin", "9999-12-31T23:00:00Z", "9999-12-31T23:00:00Z",
		    "9999-12-31T23:00:00Z", "9999-12-31T23:00:00+00:00", "9999-12-31" },
		{ "Pacific/Kiritimati", "9999-12-31T23:59:59.9999999Z",
		    "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z",
		    "9999-12-31T23:59:59.999999+00:00", "9999-12-31" },
		{ "America/Denver", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
		    "9999-12-31T16:59:59", "9999-12-31T16:59:59-07:00", "9999-12-31" },
		{ "America/Denver", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
		    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "0001-01-01" },
		/* Local mean time: 0:53:28 in Berlin, -6:59:56 in Denver. */
		{ "Europe/Berlin", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
		    "0001-01-01T00:53:00", "0001-01-01T00:53:00+00:53", "0001-01-01" },
		{ "Europe/Berlin", "1880-01-01T00:00:00Z", "1880-01-01T00:00:00Z",
		    "1880-01-01T00:53:00", "1880-01-01T00:53:00+00:53", "1880-01-01" },
		{ "America/Denver", "1880-01-01T12:00:00Z", "1880-01-01T12:00:00Z",
		    "1880-01-01T05:01:00", "1880-01-01T05:01:00-06:59", "1880-01-01" },
		{ "Africa/Monrovia", "1971-01-01T12:00:00Z", "1971-01-01T12:00:00Z",
		    "1971-01-01T11:16:00", "1971-01-01T11:16:00-00:44", "1971-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t moment;

		assert_true(zone_set(rows[i].zone));
		expect_int(i, timestamp_parse(str_from(rows[i].moment), &moment), true);
		expect_time(i, moment, TIMESTAMP_UTC, rows[i].utc);
		expect_time(i, moment, TIMESTAMP_LOCAL, rows[i].local);
		expect_time(i, moment, TIMESTAMP_OFFSET, rows[i].offset);
		expect_time(i, moment, TIMESTAMP_DATE_ONLY, rows[i].day);
	}
}

/* What mails and the names of files say. */
static void test_print_for_files(void **state)
{
	static const struct {
		const char *moment, *mail, *compact;
	} rows[] = {
		{ "2019-08-24T14:15:22Z", "Sat, 24 Aug 2019 14:15:22 +0000", "20190824T141522Z" },
		{ "1970-01-01T00:00:00Z", "Thu, 1 Jan 1970 00:00:00 +0000", "19700101T000000Z" },
		{ "1969-12-31T23:59:59.9Z", "Wed, 31 Dec 1969 23:59:59 +0000", "19691231T235959Z" },
		{ "2026-11-29T13:00:00Z", "Sun, 29 Nov 2026 13:00:00 +0000", "20261129T130000Z" },
		{ "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 +0000", "99991231T235959Z" },
		{ "0001-01-01T00:00:00Z", "Mon, 1 Jan 0001 00:00:00 +0000", "00010101T000000Z" },
	};

	(void)state;
	assert_true(zone_set("Pacific/Kiritimati"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t moment;

		assert_true(timestamp_parse(str_from(rows[i].moment), &moment));
		expect_time(i, moment, TIMESTAMP_MAIL, rows[i].mail);
		expect_time(i, moment, TIMESTAMP_COMPACT, rows[i].compact);
	}
}

/* The day stays as it is, also where midnight or the whole day never was. */
static void test_print_midnight(void **state)
{
	static const struct {
		const char *zone, *day, *text;
	} rows[] = {
		{ "UTC", "2024-12-23", "2024-12-23T00:00:00+00:00" },
		{ "America/Denver", "2024-12-23", "2024-12-23T00:00:00-07:00" },
		{ "America/Denver", "2024-07-01", "2024-07-01T00:00:00-06:00" },
		{ "America/Sao_Paulo", "1985-11-02", "1985-11-02T00:00:00-03:00" },
		{ "Pacific/Apia", "2011-12-30", "2011-12-30T00:00:00-10:00" },
		{ "Europe/Berlin", "0001-01-01", "0001-01-01T00:00:00+00:53" },
		{ "America/Denver", "9999-12-31", "9999-12-31T00:00:00-07:00" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf buf = { 0 };
		int64_t day, again;

		assert_true(zone_set(rows[i].zone));
		assert_true(timestamp_parse_date(str_from(rows[i].day), &day));
		timestamp_print_midnight(&buf, day);
		expect_str(i, buf_str(&buf), rows[i].text);
		expect_int(i, timestamp_parse_date(buf_str(&buf), &again), true);
		expect_int(i, again, day);
		buf_free(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_midnight),
		cmocka_unit_test(test_print_for_files),
	};

	return cmocka_run_group_tests(tests, use_utc, use_utc);
}
