/*
 * Files of the tz database (TZif, RFC 8536): the changes of a zone's offset that have been and that
 * are planned, and the rule by which they go on from there. glibc can read them for one zone of the
 * whole process only.
 */
#ifndef CLIENTELE_BASE_ZONE_FILE_H
#define CLIENTELE_BASE_ZONE_FILE_H

#include "base/str.h"

/* A day of each year, and a time of it. */
struct zone_day {
	enum { ZONE_DAY_JULIAN, ZONE_DAY_OF_YEAR, ZONE_DAY_OF_WEEK } kind;
	int day;         /* 1 to 365, the 29th of February never counted; or 0 to 365 */
	int month, week; /* of ZONE_DAY_OF_WEEK, whose `day` is 0 (Sunday) to 6; week 5: last */
	int64_t second;  /* after midnight, of the clock before the change; may be negative */
};

/* What holds behind the last change that a file tells: the TZ of POSIX (8.3). */
struct zone_rule {
	int64_t standard; /* seconds east of UTC */
	int64_t saving;   /* the same between the two days; as `standard` where there are none */
	bool changes;
	struct zone_day begin, end; /* of what `saving` is the offset of */
};

/* A change of the offset. */
struct zone_change {
	int64_t moment; /* seconds since 1970 */
	int64_t offset; /* from then on, seconds east of UTC */
};

struct zone_table {
	int64_t first; /* offset before all changes */
	struct zone_change *changes;
	unsigned count;
	bool has_rule; /* else the last change holds */
	struct zone_rule rule;
};

/*
 * Reads the bytes of a file into a table, whose changes are the caller's to free. False when they
 * are no such file, or memory is out; there is nothing to free then.
 */
bool zone_file_parse(struct str bytes, struct zone_table *table);

/* Reads a rule, as "CET-1CEST,M3.5.0,M10.5.0/3". False when it is none. */
bool zone_rule_parse(struct str text, struct zone_rule *rule);

/* Seconds east of UTC by a rule, at a moment in seconds since 1970. */
int64_t zone_rule_offset(const struct zone_rule *rule, int64_t moment);

/* The name that the tz database has for one of Windows; NULL when there is none. */
const char *zone_of_windows(struct str name);

#endif
