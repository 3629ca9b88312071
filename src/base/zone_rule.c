#include "base/timestamp.h"
#include "base/zone_file.h"

#define SECONDS_PER_DAY INT64_C(86400)
#define HOUR INT64_C(3600)
#define NAME_LEAST 3
#define HOURS_MOST 167 /* of tz files; POSIX itself has 24 */

/* --- reading --- */

static bool take_char(struct str *text, char expected)
{
	if (text->length == 0 || text->data[0] != expected)
		return false;
	*text = str_slice(*text, 1, text->length);
	return true;
}

static bool take_number(struct str *text, int most, int *number)
{
	size_t count = 0;

	*number = 0;
	while (count < text->length && text->data[count] >= '0' && text->data[count] <= '9' &&
	       *number <= most)
		*number = *number * 10 + (text->data[count++] - '0');
	*text = str_slice(*text, count, text->length);
	return count > 0 && *number <= most;
}

/* "CET", or of any characters: "<+03>". */
static bool take_name(struct str *text)
{
	bool quoted = take_char(text, '<');
	size_t count = 0;

	while (count < text->length && (quoted ? text->data[count] != '>'
					       : str_lower(text->data[count]) >= 'a' &&
						     str_lower(text->data[count]) <= 'z'))
		count++;
	*text = str_slice(*text, count, text->length);
	return count >= NAME_LEAST && (!quoted || take_char(text, '>'));
}

/* "2", "-2:30" or "26:00:00". */
static bool take_time(struct str *text, int64_t *seconds)
{
	bool negative = take_char(text, '-');
	int hours, minutes = 0, rest = 0;

	if (!negative)
		(void)take_char(text, '+');
	if (!take_number(text, HOURS_MOST, &hours) ||
	    (take_char(text, ':') && (!take_number(text, 59, &minutes) ||
					 (take_char(text, ':') && !take_number(text, 59, &rest)))))
		return false;
	*seconds = (negative ? -1 : 1) * (hours * HOUR + minutes * 60 + rest);
	return true;
}

/* "M3.5.0", "J60" or "59", with "/3" behind it where it is not two o'clock. */
static bool take_day(struct str *text, struct zone_day *day)
{
	*day = (struct zone_day){ .kind = ZONE_DAY_OF_YEAR, .second = 2 * HOUR };
	if (take_char(text, 'M')) {
		day->kind = ZONE_DAY_OF_WEEK;
		if (!take_number(text, 12, &day->month) || day->month < 1 ||
		    !take_char(text, '.') || !take_number(text, 5, &day->week) || day->week < 1 ||
		    !take_char(text, '.') || !take_number(text, 6, &day->day))
			return false;
	} else {
		if (take_char(text, 'J'))
			day->kind = ZONE_DAY_JULIAN;
		if (!take_number(text, 365, &day->day) ||
		    (day->kind == ZONE_DAY_JULIAN && day->day < 1))
			return false;
	}
	return !take_char(text, '/') || take_time(text, &day->second);
}

/* POSIX counts them west of UTC. */
static bool take_offset(struct str *text, int64_t *offset)
{
	if (!take_name(text) || !take_time(text, offset))
		return false;
	*offset = -*offset;
	return true;
}

static bool take_saving(struct str *text, struct zone_rule *rule)
{
	rule->saving = rule->standard + HOUR;
	if (!take_name(text))
		return false;
	if (text->length > 0 && text->data[0] != ',') {
		if (!take_time(text, &rule->saving))
			return false;
		rule->saving = -rule->saving;
	}
	return take_char(text, ',') && take_day(text, &rule->begin) && take_char(text, ',') &&
	       take_day(text, &rule->end);
}

bool zone_rule_parse(struct str text, struct zone_rule *rule)
{
	*rule = (struct zone_rule){ 0 };
	if (!take_offset(&text, &rule->standard))
		return false;
	rule->saving = rule->standard;
	rule->changes = text.length > 0;
	return !rule->changes || (take_saving(&text, rule) && text.length == 0);
}

/* --- computing --- */

/* Days since 1970 of the first of a month; `month` 13 is January of the next year. */
static int64_t first_of_month(int year, int month)
{
	const struct timestamp_fields fields = {
		.year = year + (month > 12), .month = month > 12 ? 1 : month, .day = 1
	};

	return timestamp_join(&fields) / (SECONDS_PER_DAY * MICROSECONDS_PER_SECOND);
}

/* The first of January 1970 was a Thursday. */
static int day_of_week(int64_t day)
{
	return (int)(((day + 4) % 7 + 7) % 7);
}

static int64_t day_of_month(const struct zone_day *day, int year)
{
	int64_t first = first_of_month(year, day->month);
	int64_t found = first + (day->day - day_of_week(first) + 7) % 7 + 7 * (day->week - 1);

	return found < first_of_month(year, day->month + 1) ? found : found - 7;
}

/* When the day of a year comes, by a clock that hangs in UTC: seconds since 1970. */
static int64_t moment_in(const struct zone_day *day, int year)
{
	int64_t first = first_of_month(year, 1), number = first + day->day;

	if (day->kind == ZONE_DAY_OF_WEEK)
		number = day_of_month(day, year);
	else if (day->kind == ZONE_DAY_JULIAN)
		number -= first_of_month(year, 3) - first == 59 || day->day < 60;
	return number * SECONDS_PER_DAY + day->second;
}

int64_t zone_rule_offset(const struct zone_rule *rule, int64_t moment)
{
	int64_t begin, end;
	bool saving;
	int year;

	if (!rule->changes)
		return rule->standard;
	year = timestamp_split((moment + rule->standard) * MICROSECONDS_PER_SECOND).year;
	begin = moment_in(&rule->begin, year) - rule->standard;
	end = moment_in(&rule->end, year) - rule->saving;
	/* South of the equator, summer goes over the turn of the year. */
	saving = begin < end ? moment >= begin && moment < end : moment >= begin || moment < end;
	return saving ? rule->saving : rule->standard;
}
