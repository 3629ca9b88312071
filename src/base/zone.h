/*
 * Local time zones of the tz database. A process has one, which the server and the commands set
 * from the option `time_zone` (UTC before that); whoever serves a request sets that of its caller
 * for as long as it lasts. A process serves one request at a time: what is chosen at its start
 * holds until its end, and whatever runs outside of requests has the zone of the process.
 *
 * Offsets are whole minutes, because that is all that RFC 3339 can write: the seconds of the local
 * mean times before standard time are cut off. The same offset is used to write and to read, so a
 * moment comes back as it was.
 */
#ifndef CLIENTELE_BASE_ZONE_H
#define CLIENTELE_BASE_ZONE_H

#include "base/str.h"

/* A zone, whose memory belongs to this module and is kept until the process ends. */
struct zone;

/*
 * The zone of that name: of the tz database ("UTC", "Europe/Rome"), or one of those that Windows
 * and .NET have for the zones of the world ("GMT Standard Time"). It is read from its file once.
 * NULL when it is unknown.
 */
const struct zone *zone_find(struct str name);

/* For fields: NULL for a name that zone_find() knows, else what is expected. */
const char *zone_check(struct str name);

/* What the tz database calls the zone. */
const char *zone_name(const struct zone *zone);

/* Sets the zone of the process. Returns false, and leaves it as it was, when it is unknown. */
bool zone_set(const char *name);

/* UTC, which is there on every machine. */
const struct zone *zone_utc(void);

/* Sets the zone of what is done from now on; NULL = that of the process. */
void zone_begin(const struct zone *zone);

/* That of the process again. */
void zone_end(void);

/* The zone of now. */
const struct zone *zone_now(void);

/* Seconds east of UTC at a moment (microseconds since 1970), in the zone of now. */
int64_t zone_offset(int64_t moment);

/*
 * Seconds east of UTC of a wall-clock time, given as the moment at which a clock in UTC would show
 * it. Of an hour that comes twice, the first; in an hour that is skipped, the offset before it.
 * These are the rules of RFC 5545 (3.3.5), and the answer never depends on earlier calls.
 */
int64_t zone_offset_of_wall(int64_t wall);

#endif
