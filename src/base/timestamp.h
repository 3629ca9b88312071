/*
 * Points in time as microseconds since 1970-01-01T00:00:00Z, and their texts.
 *
 * The local time zone is the process's (TZ); the server sets it from the option `time_zone` at
 * start.
 */
#ifndef CLIENTELE_BASE_TIMESTAMP_H
#define CLIENTELE_BASE_TIMESTAMP_H

#include "base/buf.h"

#define MICROSECONDS_PER_SECOND INT64_C(1000000)
#define TIMESTAMP_MINIMUM INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define TIMESTAMP_MAXIMUM INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

enum timestamp_style {
	TIMESTAMP_UTC,       /* 2019-08-24T14:15:22Z */
	TIMESTAMP_LOCAL,     /* 2019-08-24T16:15:22 in the local zone, no offset */
	TIMESTAMP_OFFSET,    /* 2019-08-24T16:15:22+02:00 in the local zone */
	TIMESTAMP_DATE_ONLY, /* 2019-08-24, of the UTC day */
};

/* Calendar fields of a moment in UTC. */
struct timestamp_fields {
	int year, month, day, hour, minute, second, microsecond;
};

/* Now, from the real-time clock. */
int64_t timestamp_now(void);

/* Microseconds of the monotonic clock, for measuring. */
int64_t timestamp_monotonic(void);

/* Sets the local zone by its tz database name ("UTC", "Europe/Rome"). False when it is unknown. */
bool timestamp_set_zone(const char *name);

struct timestamp_fields timestamp_split(int64_t timestamp);
int64_t timestamp_join(const struct timestamp_fields *fields);

/* Appends the text; the fraction has as many digits as needed, none when it is zero. */
void timestamp_print(struct buf *out, int64_t timestamp, enum timestamp_style style);

/*
 * Reads RFC 3339 with any offset, "YYYY-MM-DD" or "YYYY-MM-DD[T ]hh:mm:ss[.f…]" without offset
 * (local zone). One to seven fraction digits, rounded to six. Returns false for anything else, for
 * impossible dates and for years outside 0001–9999.
 */
bool timestamp_parse(struct str text, int64_t *timestamp);

/* Reads "YYYY-MM-DD", or the date part of a full time as written. The result is midnight UTC. */
bool timestamp_parse_date(struct str text, int64_t *timestamp);

#endif
