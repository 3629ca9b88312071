/*
 * The one reader of times: everything that bodies, filters, parameters, files and the command line
 * give comes through here.
 */
#include "base/timestamp.h"
#include "base/zone.h"

#define MICROSECONDS_PER_MILLISECOND 1000
#define DAY (INT64_C(86400) * MICROSECONDS_PER_SECOND)
#define FRACTION_DIGITS_KEPT 6
#define FRACTION_DIGITS_MAX 9 /* of Java and Go; .NET has seven */

/* What was read: a wall-clock time as if it were UTC's, and where that clock hangs. */
struct reading {
	int64_t wall;
	bool has_offset; /* else it is the local zone's */
	int64_t offset;  /* seconds east of UTC */
};

/* Takes `least` to `most` digits off the front. */
static bool take_digits(struct str *text, size_t least, size_t most, int *number)
{
	size_t count = 0;

	*number = 0;
	while (count < most && count < text->length && text->data[count] >= '0' &&
	       text->data[count] <= '9')
		*number = *number * 10 + (text->data[count++] - '0');
	*text = str_slice(*text, count, text->length);
	return count >= least;
}

static bool take_number(struct str *text, size_t count, int *number)
{
	return take_digits(text, count, count, number);
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

/* "2026-01-31", or with slashes, month first: "1/31/2026", as .NET's invariant culture has it. */
static bool take_date(struct str *text, bool *slashes, struct timestamp_fields *fields)
{
	struct str start = *text;
	bool dashes = take_number(text, 4, &fields->year) && take_char(text, "-") &&
		      take_number(text, 2, &fields->month) && take_char(text, "-") &&
		      take_number(text, 2, &fields->day);

	*slashes = !dashes;
	if (!dashes) {
		*text = start;
		if (!take_digits(text, 1, 2, &fields->month) || !take_char(text, "/") ||
		    !take_digits(text, 1, 2, &fields->day) || !take_char(text, "/") ||
		    !take_number(text, 4, &fields->year))
			return false;
	}
	return fields->year >= 1 && fields->month >= 1 && fields->month <= 12 && fields->day >= 1 &&
	       fields->day <= days_in_month(fields->year, fields->month);
}

/*
 * ".f" with one to nine digits. What is behind six is cut, never carried: .NET's last moment ends
 * in seven nines and must not become the year after.
 */
static bool take_fraction(struct str *text, int *microsecond)
{
	int digits = 0, number = 0;

	*microsecond = 0;
	if (!take_char(text, "."))
		return true;
	while (text->length > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
		if (++digits > FRACTION_DIGITS_MAX)
			return false;
		if (digits <= FRACTION_DIGITS_KEPT)
			number = number * 10 + (text->data[0] - '0');
		*text = str_slice(*text, 1, text->length);
	}
	if (digits == 0)
		return false;
	for (int i = digits; i < FRACTION_DIGITS_KEPT; i++)
		number *= 10;
	*microsecond = number;
	return true;
}

/* " AM" or " PM" behind a clock time of twelve hours; nothing is fine, too. */
static bool take_half_day(struct str *text, int *hour)
{
	struct str half = str_slice(str_trim(*text), 0, 2);
	bool after_noon = str_equal_ignore_case(half, STR("PM"));

	if (!after_noon && !str_equal_ignore_case(half, STR("AM")))
		return true;
	*text = str_slice(str_trim(*text), 2, text->length);
	if (*hour < 1 || *hour > 12)
		return false;
	*hour = *hour % 12 + (after_noon ? 12 : 0);
	return true;
}

/* "12:16", "12:16:59" or "12:16:59.1468079". */
static bool take_clock(struct str *text, bool short_hour, struct timestamp_fields *fields)
{
	if (!take_digits(text, short_hour ? 1 : 2, 2, &fields->hour) || !take_char(text, ":") ||
	    !take_number(text, 2, &fields->minute))
		return false;
	if (take_char(text, ":") &&
	    (!take_number(text, 2, &fields->second) || !take_fraction(text, &fields->microsecond)))
		return false;
	return fields->hour <= 23 && fields->minute <= 59 && fields->second <= 59;
}

/*
 * "Z", "+hh:mm", "+hhmm" or "+hh" (or with a minus) to seconds east of UTC. "+hh:mm:ss" is what
 * some write of times before standard time.
 */
static bool take_offset(struct str *text, int64_t *offset)
{
	int hours, minutes = 0, seconds = 0;
	bool negative, colon;

	*offset = 0;
	if (take_char(text, "Zz"))
		return true;
	negative = text->length > 0 && text->data[0] == '-';
	if (!take_char(text, "+-") || !take_number(text, 2, &hours))
		return false;
	colon = take_char(text, ":");
	if ((colon || text->length > 0) && !take_number(text, 2, &minutes))
		return false;
	if (colon && take_char(text, ":") && !take_number(text, 2, &seconds))
		return false;
	*offset = (negative ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60 + seconds);
	return hours <= 23 && minutes <= 59 && seconds <= 59;
}

static bool read_calendar(struct str text, struct reading *reading)
{
	struct timestamp_fields fields = { 0 };
	bool slashes;

	if (!take_date(&text, &slashes, &fields))
		return false;
	if (text.length > 0 && take_char(&text, slashes ? " " : "Tt ") &&
	    (!take_clock(&text, slashes, &fields) ||
		(slashes && !take_half_day(&text, &fields.hour))))
		return false;
	reading->wall = timestamp_join(&fields);
	reading->has_offset = text.length > 0;
	return text.length == 0 || (take_offset(&text, &reading->offset) && text.length == 0);
}

static int64_t clamp(int64_t moment)
{
	if (moment < TIMESTAMP_MINIMUM)
		return TIMESTAMP_MINIMUM;
	return moment > TIMESTAMP_MAXIMUM ? TIMESTAMP_MAXIMUM : moment;
}

/* "/Date(1700000000000)/": milliseconds since 1970, where an offset tells the sender's clock. */
static bool read_milliseconds(struct str text, struct reading *reading)
{
	static const int64_t least = (TIMESTAMP_MINIMUM - DAY) / MICROSECONDS_PER_MILLISECOND;
	static const int64_t most = (TIMESTAMP_MAXIMUM + DAY) / MICROSECONDS_PER_MILLISECOND;
	size_t end = 0;
	int64_t number;

	if (!str_starts_with(text, STR("/Date(")) || !str_ends_with(text, STR(")/")))
		return false;
	text = str_slice(text, 6, text.length - 8);
	end = text.length > 0 && text.data[0] == '-';
	while (end < text.length && text.data[end] >= '0' && text.data[end] <= '9')
		end++;
	if (!str_to_int64(str_slice(text, 0, end), &number) || number < least || number > most)
		return false;
	text = str_slice(text, end, text.length);
	if (text.length > 0 && (!take_offset(&text, &reading->offset) || text.length > 0))
		return false;
	reading->has_offset = true;
	reading->wall = clamp(number * MICROSECONDS_PER_MILLISECOND) +
			reading->offset * MICROSECONDS_PER_SECOND;
	return true;
}

static bool read_time(struct str text, struct reading *reading)
{
	*reading = (struct reading){ 0 };
	text = str_trim(text);
	return text.length > 0 && text.data[0] == '/' ? read_milliseconds(text, reading)
						      : read_calendar(text, reading);
}

bool timestamp_parse(struct str text, int64_t *timestamp)
{
	struct reading reading;

	if (!read_time(text, &reading))
		return false;
	if (!reading.has_offset)
		reading.offset = zone_offset_of_wall(reading.wall);
	*timestamp = clamp(reading.wall - reading.offset * MICROSECONDS_PER_SECOND);
	return true;
}

bool timestamp_parse_utc(struct str text, int64_t *timestamp)
{
	struct reading reading;

	if (!read_time(text, &reading))
		return false;
	*timestamp = clamp(reading.wall - reading.offset * MICROSECONDS_PER_SECOND);
	return true;
}

bool timestamp_parse_date(struct str text, int64_t *timestamp)
{
	struct reading reading;
	int64_t wall;

	if (!read_time(text, &reading))
		return false;
	wall = clamp(reading.wall);
	*timestamp = wall - (wall % DAY + DAY) % DAY;
	return true;
}

bool timestamp_is_unset(struct str text)
{
	struct reading reading;

	return read_time(text, &reading) &&
	       (reading.wall == TIMESTAMP_MINIMUM ||
		   reading.wall - reading.offset * MICROSECONDS_PER_SECOND == TIMESTAMP_MINIMUM);
}
