/*
 * Points in time as microseconds since 1970-01-01T00:00:00Z, and their texts. This is the only
 * reader and the only writer of times; the local time zone is that of base/zone.
 *
 * Moments lie within the years 0001 to 9999 (proleptic Gregorian calendar). One that a zone's
 * offset would carry beyond is kept inside: .NET's smallest and largest DateTime, which stand for
 * "unset" (schema/unset.h) and "never", can be sent by callers in any zone.
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
	TIMESTAMP_COMPACT,   /* 20190824T141522Z, whole seconds: ISO 8601's basic format */
	TIMESTAMP_MAIL,      /* Sat, 24 Aug 2019 14:15:22 +0000: RFC 5322, whole seconds */
};

/* Calendar fields of a moment in UTC. */
struct timestamp_fields {
	int year, month, day, hour, minute, second, microsecond;
};

/* Now, from the real-time clock. */
int64_t timestamp_now(void);

/* Microseconds of the monotonic clock, for measuring. */
int64_t timestamp_monotonic(void);

struct timestamp_fields timestamp_split(int64_t timestamp);
int64_t timestamp_join(const struct timestamp_fields *fields);

/*
 * Appends the text; the fraction has as many digits as needed, none when it is zero. Hours at both
 * ends of time that the local zone would put into the year 0 or 10000 are written in UTC, as +00:00
 * or Z.
 */
void timestamp_print(struct buf *out, int64_t timestamp, enum timestamp_style style);

/*
 * Appends the day of a moment at midnight UTC as a full time: midnight of that day in the local
 * zone, 2019-08-24T00:00:00+02:00. The day is the same in every zone.
 */
void timestamp_print_midnight(struct buf *out, int64_t day);

/*
 * Reads a time as RFC 3339 has it, and as .NET, its serializers and scripts write it:
 *
 *     2019-08-24T14:15:22.1234567Z    one to nine digits of the fraction; what is behind six is cut
 *     2019-08-24 14:15:22+02:00       also +0200, +02 and +00:53:28
 *     2019-08-24T14:15                without seconds; without offset: in the local zone
 *     2019-08-24                      midnight in the local zone, also with an offset behind it
 *     8/24/2019 2:15:22 PM            month first; the clock time may be absent
 *     /Date(1566656122000+0200)/      milliseconds since 1970; the offset changes nothing
 *
 * Returns false for anything else and for impossible dates.
 */
bool timestamp_parse(struct str text, int64_t *timestamp);

/* The same for a writer whose clock hangs in UTC: without an offset it is UTC's. */
bool timestamp_parse_utc(struct str text, int64_t *timestamp);

/*
 * Reads the same texts as a calendar day: the one that is written, whatever the zone, and of
 * milliseconds that of the offset behind them, else UTC's. The result is midnight UTC.
 */
bool timestamp_parse_date(struct str text, int64_t *timestamp);

/*
 * Whether such a text tells the first midnight that there is, by the writer's clock or in UTC: the
 * DateTime of .NET and the time of Go that nobody has set.
 */
bool timestamp_is_unset(struct str text);

#endif
