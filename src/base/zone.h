/*
 * The local time zone: that of the process (TZ). The server sets it from the option `time_zone`.
 *
 * Offsets are whole minutes, because that is all that RFC 3339 can write: the seconds of the local
 * mean times before standard time are cut off. The same offset is used to write and to read, so a
 * moment comes back as it was.
 */
#ifndef CLIENTELE_BASE_ZONE_H
#define CLIENTELE_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sets the local zone by its tz database name ("UTC", "Europe/Rome"). Returns false, and leaves the
 * zone as it was, when it is unknown.
 */
bool zone_set(const char *name);

/* Seconds east of UTC at a moment (microseconds since 1970). */
int64_t zone_offset(int64_t moment);

/*
 * Seconds east of UTC of a wall-clock time, given as the moment at which a clock in UTC would show
 * it. Of an hour that comes twice, the first; in an hour that is skipped, the offset before it.
 * These are the rules of RFC 5545 (3.3.5), and the answer never depends on earlier calls.
 */
int64_t zone_offset_of_wall(int64_t wall);

#endif
