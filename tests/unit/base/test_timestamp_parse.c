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
		{ "UTC", "2024-12-23T12:16:59.1468079-07:00", "2024-12-23T19:16:59.146807Z" },
		{ "UTC", "2024-12-23T12:16:59.1468074-07:00", "2024-12-23T19:16:59.146807Z" },
		{ "UTC", "2024-12-31T23:59:59.9999999Z", "2024-12-31T23:59:59.999999Z" },
		{ "UTC", "2024-12-31T23:59:59.1Z", "2024-12-31T23:59:59.1Z" },
		{ "UTC", "2024-12-31T23:59:59.1234567+05:30", "2024-12-31T18:29:59.123456Z" },
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
		{ "America/Denver", "2024-12-23T12:16:59.1468079", "2024-12-23T19:16:59.146807Z" },
		{ "Asia/Kolkata", "1960-01-01 05:30:00", "1960-01-01T00:00:00Z" },
		/* The hour that comes twice is the first one, the one that never comes ends later.
		 */
		{ "Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z" },
		{ "Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T00:00:00Z" },
		{ "Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z" },
		{ "Europe/Berlin", "2026-10-25T02:59:59.9999999", "2026-10-25T00:59:59.999999Z" },
		{ "Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z" },
		{ "Europe/Berlin", "2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z" },
		{ "Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z" },
		{ "Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z" },
		{ "Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z" },
		{ "Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z" },
		{ "America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z" },
		{ "America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00Z" },
		{ "Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z" },
		{ "Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z" },
		{ "Africa/Casablanca", "2026-02-15T02:30:00", "2026-02-15T01:30:00Z" },
		{ "Europe/Berlin", "2099-10-25T02:30:00", "2099-10-25T00:30:00Z" },
		/* Offsets of local mean time are cut to minutes, as they are when written. */
		{ "Europe/Berlin", "1880-01-01T00:53:00", "1880-01-01T00:00:00Z" },
		{ "Europe/Berlin", "1880-01-01T00:53:28+00:53:28", "1880-01-01T00:00:00Z" },
		/* .NET's smallest and largest DateTime, from any zone in any zone. */
		{ "UTC", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z" },
		{ "UTC", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999999Z" },
		{ "UTC", "9999-12-31T23:59:59.9999999-07:00", "9999-12-31T23:59:59.999999Z" },
		{ "America/Denver", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999999Z" },
		{ "Europe/Berlin", "9999-12-31T23:59:59.9999999", "9999-12-31T22:59:59.999999Z" },
		{ "Europe/Berlin", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z" },
		{ "Europe/Berlin", "0001-01-01", "0001-01-01T00:00:00Z" },
		{ "America/Denver", "0001-01-01T00:00:00", "0001-01-01T06:59:00Z" },
		{ "UTC", "0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z" },
		{ "UTC", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59.999999Z" },
		/* Without seconds, and the offsets that others write. */
		{ "UTC", "2030-12-23T12:16", "2030-12-23T12:16:00Z" },
		{ "America/Denver", "2030-12-23T12:16", "2030-12-23T19:16:00Z" },
		{ "UTC", "2030-12-23T12:16Z", "2030-12-23T12:16:00Z" },
		{ "UTC", "2030-12-23 12:16-0700", "2030-12-23T19:16:00Z" },
		{ "UTC", "2026-01-31T12:00:00+0100", "2026-01-31T11:00:00Z" },
		{ "UTC", "2026-01-31T12:00:00.5-0730", "2026-01-31T19:30:00.5Z" },
		{ "UTC", "2026-01-31T12:00:00+01", "2026-01-31T11:00:00Z" },
		{ "UTC", "2026-01-31Z", "2026-01-31T00:00:00Z" },
		{ "UTC", "2026-01-31-07:00", "2026-01-31T07:00:00Z" },
		/* Month first. */
		{ "UTC", "12/23/2034", "2034-12-23T00:00:00Z" },
		{ "Europe/Berlin", "12/23/2034", "2034-12-22T23:00:00Z" },
		{ "UTC", "1/2/2034", "2034-01-02T00:00:00Z" },
		{ "UTC", "12/23/2034 12:16", "2034-12-23T12:16:00Z" },
		{ "UTC", "12/23/2034 12:16:59.5", "2034-12-23T12:16:59.5Z" },
		{ "UTC", "12/23/2034 1:05:09 PM", "2034-12-23T13:05:09Z" },
		{ "UTC", "12/23/2034 12:05:09 AM", "2034-12-23T00:05:09Z" },
		{ "UTC", "12/23/2034 12:05 pm", "2034-12-23T12:05:00Z" },
		/* Milliseconds since 1970. */
		{ "UTC", "/Date(1700000000000)/", "2023-11-14T22:13:20Z" },
		{ "Europe/Berlin", "/Date(1700000000000)/", "2023-11-14T22:13:20Z" },
		{ "UTC", "/Date(1700000000123+0100)/", "2023-11-14T22:13:20.123Z" },
		{ "UTC", "/Date(1700000000000-0700)/", "2023-11-14T22:13:20Z" },
		{ "UTC", "/Date(-1)/", "1969-12-31T23:59:59.999Z" },
		{ "UTC", "/Date(0)/", "1970-01-01T00:00:00Z" },
		{ "UTC", "/Date(-62135596800000)/", "0001-01-01T00:00:00Z" },
		{ "UTC", "/Date(-62135596800000+0100)/", "0001-01-01T00:00:00Z" },
		{ "UTC", "/Date(253402300799999)/", "9999-12-31T23:59:59.999Z" },
		{ "UTC", "/Date(253402300800000)/", "9999-12-31T23:59:59.999999Z" },
		/* Refused. */
		{ "UTC", "2026-01-31T12:00:00+0", NULL },
		{ "UTC", "2026-01-31T12:00:00+010", NULL },
		{ "UTC", "2026-01-31T12:00:00+01:", NULL },
		{ "UTC", "2026-01-31T12", NULL },
		{ "UTC", "2026-01-31T12:", NULL },
		{ "UTC", "2026-01-31T12:00:", NULL },
		{ "UTC", "2026-01-31T12:00.5", NULL },
		{ "UTC", "2026-01-31T1:00", NULL },
		{ "UTC", "2026-01-31T01:00 PM", NULL },
		{ "UTC", "23/12/2034", NULL },
		{ "UTC", "02/29/2034", NULL },
		{ "UTC", "0/1/2034", NULL },
		{ "UTC", "12/23/34", NULL },
		{ "UTC", "12/23", NULL },
		{ "UTC", "123/1/2034", NULL },
		{ "UTC", "12/23/2034T12:16", NULL },
		{ "UTC", "12/23/2034 13:16 PM", NULL },
		{ "UTC", "12/23/2034 0:16 AM", NULL },
		{ "UTC", "12-23-2034", NULL },
		{ "UTC", "/Date()/", NULL },
		{ "UTC", "/Date(-)/", NULL },
		{ "UTC", "/Date(1700000000000", NULL },
		{ "UTC", "/Date(1700000000000)", NULL },
		{ "UTC", "/Date(1.5)/", NULL },
		{ "UTC", "/Date(1 2)/", NULL },
		{ "UTC", "/Date(1+x)/", NULL },
		{ "UTC", "/Date(+1)/", NULL },
		{ "UTC", "/Date(99999999999999999999)/", NULL },
		{ "UTC", "/Date(253402387200000)/", NULL },
		{ "UTC", "Date(1700000000000)", NULL },
		{ "UTC", "", NULL },
		{ "UTC", "now", NULL },
		{ "UTC", "0", NULL },
		{ "UTC", "1566656122", NULL },
		{ "UTC", "2026", NULL },
		{ "UTC", "2026-01", NULL },
		{ "UTC", "2026-1-1", NULL },
		{ "UTC", "20260131T120000Z", NULL },
		{ "UTC", "2026-01-31T", NULL },
		{ "UTC", "2026-01-31T12:00:00 Z", NULL },
		{ "UTC", "2026-01-31T12:00:00.Z", NULL },
		{ "UTC", "2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456Z" },
		{ "UTC", "2026-01-31T12:00:00.999999999Z", "2026-01-31T12:00:00.999999Z" },
		{ "UTC", "2026-01-31T12:00:00.1234567890Z", NULL },
		{ "UTC", "2026-01-31T12:00:00,5Z", NULL },
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
		{ "UTC", "10000-01-01T00:00:00Z", NULL },
		{ "UTC", "-2026-01-31T12:00:00Z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t moment = 0;

		assert_true(zone_set(rows[i].zone));
		expect_int(
		    i, timestamp_parse(str_from(rows[i].text), &moment), rows[i].utc != NULL);
		if (rows[i].utc != NULL)
			expect_time(i, moment, TIMESTAMP_UTC, rows[i].utc);
	}
}

/* Without an offset it is UTC's, whatever the zone; with one both read the same. */
static void test_parse_utc(void **state)
{
	static const struct {
		const char *text;
		const char *utc; /* NULL = refused */
	} rows[] = {
		{ "2026-03-29 01:30:00.123456", "2026-03-29T01:30:00.123456Z" },
		{ "2026-03-29 02:30:00", "2026-03-29T02:30:00Z" },
		{ "2026-10-25 02:30:00", "2026-10-25T02:30:00Z" },
		{ "2026-10-25", "2026-10-25T00:00:00Z" },
		{ "0001-01-01 00:00:00.000000", "0001-01-01T00:00:00Z" },
		{ "9999-12-31 23:59:59.999999", "9999-12-31T23:59:59.999999Z" },
		{ "2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z" },
		{ "0000-00-00 00:00:00", NULL },
		{ "2026-02-30 00:00:00", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		size_t row = i / 2;
		int64_t moment = 0;

		assert_true(zone_set(i % 2 ? "Europe/Berlin" : "Pacific/Auckland"));
		expect_int(row, timestamp_parse_utc(str_from(rows[row].text), &moment),
		    rows[row].utc != NULL);
		if (rows[row].utc != NULL)
			expect_time(row, moment, TIMESTAMP_UTC, rows[row].utc);
	}
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
		{ "9999-12-31T23:59:59.9999999", "9999-12-31" },
		{ "0001-01-01T00:00:00", "0001-01-01" },
		{ "12/23/2024", "2024-12-23" },
		{ "2024-12-23T23:59", "2024-12-23" },
		{ "2024-12-23T23:59:00-0700", "2024-12-23" },
		{ "/Date(1734994800000)/", "2024-12-23" },
		{ "/Date(1734994800000+0100)/", "2024-12-24" },
		{ "/Date(-62135596800000+0100)/", "0001-01-01" },
		{ "/Date(253402300800000+0100)/", "9999-12-31" },
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

		assert_true(zone_set(i % 2 ? "America/Denver" : "Pacific/Auckland"));
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
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_utc),
		cmocka_unit_test(test_parse_date),
	};

	return cmocka_run_group_tests(tests, use_utc, use_utc);
}
