#include "base/timestamp.h"

#include <stdlib.h>
#include <time.h>

#include "base/zone.h"

#define SECONDS_PER_DAY INT64_C(86400)
#define TEXT_MAX 32 /* date, time and fraction */

static int64_t clock_microseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * MICROSECONDS_PER_SECOND + now.tv_nsec / 1000;
}

int64_t timestamp_now(void)
{
	return clock_microseconds(CLOCK_REALTIME);
}

int64_t timestamp_monotonic(void)
{
	return clock_microseconds(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back (years counted from March). */
static int64_t days_from_date(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year, day_of_era;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, struct timestamp_fields *fields)
{
	int64_t era, day_of_era, year_of_era, day_of_year, month;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	fields->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	fields->month = (int)(month < 10 ? month + 3 : month - 9);
	fields->year = (int)(year_of_era + era * 400 + (fields->month <= 2));
}

static int64_t floor_divide(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

struct timestamp_fields timestamp_split(int64_t timestamp)
{
	struct timestamp_fields fields;
	int64_t seconds = floor_divide(timestamp, MICROSECONDS_PER_SECOND);
	int64_t days = floor_divide(seconds, SECONDS_PER_DAY);
	int64_t rest = seconds - days * SECONDS_PER_DAY;

	date_from_days(days, &fields);
	fields.hour = (int)(rest / 3600);
	fields.minute = (int)(rest / 60 % 60);
	fields.second = (int)(rest % 60);
	fields.microsecond = (int)(timestamp - seconds * MICROSECONDS_PER_SECOND);
	return fields;
}

int64_t timestamp_join(const struct timestamp_fields *fields)
{
	int64_t seconds =
	    days_from_date(fields->year, fields->month, fields->day) * SECONDS_PER_DAY +
	    fields->hour * 3600 + fields->minute * 60 + fields->second;

	return seconds * MICROSECONDS_PER_SECOND + fields->microsecond;
}

static char *put_two(char *out, int number)
{
	out[0] = (char)('0' + number / 10);
	out[1] = (char)('0' + number % 10);
	return out + 2;
}

static char *put_day(char *out, const struct timestamp_fields *fields)
{
	out = put_two(put_two(out, fields->year / 100), fields->year % 100);
	*out++ = '-';
	out = put_two(out, fields->month);
	*out++ = '-';
	return put_two(out, fields->day);
}

static char *put_clock(char *out, const struct timestamp_fields *fields)
{
	*out++ = 'T';
	out = put_two(out, fields->hour);
	*out++ = ':';
	out = put_two(out, fields->minute);
	*out++ = ':';
	return put_two(out, fields->second);
}

/* Without zeros at its end, and nothing of a whole second. */
static char *put_fraction(char *out, int microsecond)
{
	if (microsecond == 0)
		return out;
	*out++ = '.';
	out = put_two(out, microsecond / 10000);
	out = put_two(put_two(out, microsecond / 100 % 100), microsecond % 100);
	while (out[-1] == '0')
		out--;
	return out;
}

static void print_offset(struct buf *out, int64_t offset)
{
	buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(llabs(offset) / 3600),
	    (int)(llabs(offset) / 60 % 60));
}

/* Whether the wall clock shows one of the years that can be written. */
static bool is_writable(int64_t timestamp, int64_t offset)
{
	int64_t wall = timestamp + offset * MICROSECONDS_PER_SECOND;

	return wall >= TIMESTAMP_MINIMUM && wall <= TIMESTAMP_MAXIMUM;
}

/* RFC 5322 wants the day and month in English, whatever the locale. */
static void print_mail(struct buf *out, int64_t timestamp, const struct timestamp_fields *fields)
{
	/* From the first day of 1970 on, and round again before it. */
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	int64_t day = floor_divide(timestamp, SECONDS_PER_DAY * MICROSECONDS_PER_SECOND);

	buf_printf(out, "%s, %d %s %04d %02d:%02d:%02d +0000", days[(day % 7 + 7) % 7], fields->day,
	    months[fields->month - 1], fields->year, fields->hour, fields->minute, fields->second);
}

void timestamp_print(struct buf *out, int64_t timestamp, enum timestamp_style style)
{
	bool local = style == TIMESTAMP_LOCAL || style == TIMESTAMP_OFFSET;
	int64_t offset = local ? zone_offset(timestamp) : 0;
	bool writable = is_writable(timestamp, offset);
	struct timestamp_fields fields;
	char text[TEXT_MAX], *end;

	if (!writable)
		offset = 0;
	fields = timestamp_split(timestamp + offset * MICROSECONDS_PER_SECOND);
	if (style == TIMESTAMP_MAIL) {
		print_mail(out, timestamp, &fields);
		return;
	}
	if (style == TIMESTAMP_COMPACT) {
		buf_printf(out, "%04d%02d%02dT%02d%02d%02dZ", fields.year, fields.month, fields.day,
		    fields.hour, fields.minute, fields.second);
		return;
	}
	end = put_day(text, &fields);
	if (style != TIMESTAMP_DATE_ONLY)
		end = put_fraction(put_clock(end, &fields), fields.microsecond);
	if (style == TIMESTAMP_UTC || (style == TIMESTAMP_LOCAL && !writable))
		*end++ = 'Z';
	buf_append(out, text, (size_t)(end - text));
	if (style == TIMESTAMP_OFFSET)
		print_offset(out, offset);
}

void timestamp_print_midnight(struct buf *out, int64_t day)
{
	struct timestamp_fields fields = timestamp_split(day);
	char text[TEXT_MAX];

	buf_append(out, text, (size_t)(put_day(text, &fields) - text));
	buf_append_text(out, "T00:00:00");
	print_offset(out, zone_offset_of_wall(day));
}
