#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define SECONDS_PER_DAY INT64_C(86400)
#define ZONE_DIRECTORY "/usr/share/zoneinfo/"

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

bool timestamp_set_zone(const char *name)
{
	struct stat file;
	char path[256];

	/* libc takes an unknown zone for UTC without a word, so look for its file first. */
	if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
		return false;
	if (strcmp(name, "UTC") != 0) {
		snprintf(path, sizeof(path), ZONE_DIRECTORY "%s", name);
		if (stat(path, &file) != 0 || !S_ISREG(file.st_mode))
			return false;
	}
	setenv("TZ", strcmp(name, "UTC") == 0 ? "UTC0" : name, 1);
	tzset();
	return true;
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

/* Seconds east of UTC in the local zone at that moment. */
static int64_t local_offset(int64_t timestamp)
{
	time_t seconds = (time_t)floor_divide(timestamp, MICROSECONDS_PER_SECOND);
	struct tm local;

	return localtime_r(&seconds, &local) != NULL ? local.tm_gmtoff : 0;
}

static void print_fraction(struct buf *out, int microsecond)
{
	char digits[7] = ".";
	size_t length = 1;

	for (int unit = 100000; microsecond > 0; unit /= 10) {
		digits[length++] = (char)('0' + microsecond / unit);
		microsecond %= unit;
	}
	if (length > 1)
		buf_append(out, digits, length);
}

void timestamp_print(struct buf *out, int64_t timestamp, enum timestamp_style style)
{
	bool local = style == TIMESTAMP_LOCAL || style == TIMESTAMP_OFFSET;
	int64_t offset = local ? local_offset(timestamp) : 0;
	struct timestamp_fields fields =
	    timestamp_split(timestamp + offset * MICROSECONDS_PER_SECOND);

	buf_printf(out, "%04d-%02d-%02d", fields.year, fields.month, fields.day);
	if (style == TIMESTAMP_DATE_ONLY)
		return;
	buf_printf(out, "T%02d:%02d:%02d", fields.hour, fields.minute, fields.second);
	print_fraction(out, fields.microsecond);
	if (style == TIMESTAMP_UTC)
		buf_append_char(out, 'Z');
	else if (style == TIMESTAMP_OFFSET)
		buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(llabs(offset) / 3600),
		    (int)(llabs(offset) / 60 % 60));
}

/* Takes exactly `count` digits off the front. */
static bool take_number(struct str *text, size_t count, int *number)
{
	*number = 0;
	if (text->length < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (text->data[i] < '0' || text->data[i] > '9')
			return false;
		*number = *number * 10 + (text->data[i] - '0');
	}
	*text = str_slice(*text, count, text->length);
	return true;
}

static bool take_char(struct str *text, const char *allowed)
{
	if (text->length == 0 || text->data[0] == '\0' || strchr(allowed, text->data[0]) == NULL)
		return false;
	*text = str_slice(*text, 1, text->length);
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct str *text, struct timestamp_fields *fields)
{
	return take_number(text, 4, &fields->year) && take_char(text, "-") &&
	       take_number(text, 2, &fields->month) && take_char(text, "-") &&
	       take_number(text, 2, &fields->day) && fields->year >= 1 && fields->month >= 1 &&
	       fields->month <= 12 && fields->day >= 1 &&
	       fields->day <= days_in_month(fields->year, fields->month);
}

/* ".f" with one to seven digits; the seventh rounds, so the result may be a whole second. */
static bool take_fraction(struct str *text, int *microsecond)
{
	int digits = 0, number = 0;

	*microsecond = 0;
	if (!take_char(text, "."))
		return true;
	while (text->length > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
		if (++digits > 7)
			return false;
		number = number * 10 + (text->data[0] - '0');
		*text = str_slice(*text, 1, text->length);
	}
	if (digits == 0)
		return false;
	for (int i = digits; i < 7; i++)
		number *= 10;
	*microsecond = (number + 5) / 10;
	return true;
}

static bool take_clock(struct str *text, struct timestamp_fields *fields)
{
	return take_number(text, 2, &fields->hour) && take_char(text, ":") &&
	       take_number(text, 2, &fields->minute) && take_char(text, ":") &&
	       take_number(text, 2, &fields->second) && fields->hour <= 23 &&
	       fields->minute <= 59 && fields->second <= 59 &&
	       take_fraction(text, &fields->microsecond);
}

/* "Z", "+hh:mm" or "-hh:mm" to seconds east of UTC. */
static bool take_offset(struct str *text, int64_t *offset)
{
	int hours, minutes;
	bool negative;

	*offset = 0;
	if (take_char(text, "Zz"))
		return true;
	negative = text->length > 0 && text->data[0] == '-';
	if (!take_char(text, "+-") || !take_number(text, 2, &hours) || !take_char(text, ":") ||
	    !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset = (negative ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
	return true;
}

/* Seconds east of UTC of a wall-clock time in the local zone. */
static int64_t offset_of_local(const struct timestamp_fields *fields)
{
	struct tm local = {
		.tm_year = fields->year - 1900,
		.tm_mon = fields->month - 1,
		.tm_mday = fields->day,
		.tm_hour = fields->hour,
		.tm_min = fields->minute,
		.tm_sec = fields->second,
		.tm_isdst = -1,
	};

	mktime(&local);
	return local.tm_gmtoff;
}

bool timestamp_parse(struct str text, int64_t *timestamp)
{
	struct timestamp_fields fields = { 0 };
	int64_t offset;

	text = str_trim(text);
	if (!take_date(&text, &fields))
		return false;
	if (text.length > 0 && !(take_char(&text, "Tt ") && take_clock(&text, &fields)))
		return false;
	if (text.length == 0)
		offset = offset_of_local(&fields);
	else if (!take_offset(&text, &offset) || text.length > 0)
		return false;
	*timestamp = timestamp_join(&fields) - offset * MICROSECONDS_PER_SECOND;
	return *timestamp >= TIMESTAMP_MINIMUM && *timestamp <= TIMESTAMP_MAXIMUM;
}

bool timestamp_parse_date(struct str text, int64_t *timestamp)
{
	struct timestamp_fields fields = { 0 };
	struct timestamp_fields midnight;
	int64_t ignored;

	text = str_trim(text);
	if (!take_date(&text, &fields))
		return false;
	midnight = fields;
	if (text.length > 0) {
		if (!take_char(&text, "Tt ") || !take_clock(&text, &fields))
			return false;
		if (text.length > 0 && (!take_offset(&text, &ignored) || text.length > 0))
			return false;
	}
	*timestamp = timestamp_join(&midnight);
	return true;
}
