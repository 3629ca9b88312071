#include "api/licensing/log_bucket.h"

#define MINUTE (60 * MICROSECONDS_PER_SECOND)

/* From short to long. */
static const struct log_bucket buckets[] = {
	{ "minute", MINUTE, "DATE_FORMAT(t.time_stamp, '%Y-%m-%d %H:%i:00')" },
	{ "hour", LOG_HOUR, "DATE_FORMAT(t.time_stamp, '%Y-%m-%d %H:00:00')" },
	{ "day", LOG_DAY, "DATE(t.time_stamp)" },
	{ "week", 7 * LOG_DAY, "DATE(t.time_stamp) - INTERVAL WEEKDAY(t.time_stamp) DAY" },
	{ "month", 28 * LOG_DAY, "DATE_FORMAT(t.time_stamp, '%Y-%m-01')" },
};

const struct log_bucket *log_bucket_choose(int64_t range, int64_t intervals)
{
	unsigned last = sizeof(buckets) / sizeof(buckets[0]) - 1;

	for (unsigned i = 0; i < last; i++) {
		if ((range + buckets[i].length - 1) / buckets[i].length <= intervals)
			return &buckets[i];
	}
	return &buckets[last];
}
