/*
 * Into which parts the time of a log is cut.
 */
#ifndef CLIENTELE_API_LICENSING_LOG_BUCKET_H
#define CLIENTELE_API_LICENSING_LOG_BUCKET_H

#include "base/timestamp.h"

#define LOG_HOUR (3600 * MICROSECONDS_PER_SECOND)
#define LOG_DAY (24 * LOG_HOUR)

struct log_bucket {
	const char *name;       /* "hour" */
	int64_t length;         /* microseconds; of a month: the shortest */
	const char *expression; /* SQL: begin of the part that t.time_stamp lies in */
};

/*
 * The shortest kind of part of which at most `intervals` (>= 1) cover `range` microseconds; months
 * when there is none.
 */
const struct log_bucket *log_bucket_choose(int64_t range, int64_t intervals);

#endif
