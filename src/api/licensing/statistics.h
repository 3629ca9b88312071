/*
 * The parts of GET /v1/statistics. Each is a resource with an area: who may not read there does not
 * get it, which statistics.c decides for all of them.
 */
#ifndef CLIENTELE_API_LICENSING_STATISTICS_H
#define CLIENTELE_API_LICENSING_STATISTICS_H

#include "op/operation.h"

#define STATISTICS_DAY (24 * 3600 * MICROSECONDS_PER_SECOND)

/* The days that are asked for, by the caller's clock; the last one is today. */
struct statistics_range {
	int64_t offset; /* of that clock, in microseconds */
	int64_t first;  /* midnight of the first day by that clock, as if it were UTC */
	int64_t start;  /* the same moment in UTC */
	unsigned days;
};

/* Numbers of a member that is not stored. */
#define STATISTICS_COUNT(name, text)                                                         \
	{                                                                                    \
		INT64(name, NULL), .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .doc = (text) \
	}
#define STATISTICS_DATE                                                      \
	{                                                                    \
		DATE("date", NULL), .flags = FIELD_NOT_STORED, .doc = "Day." \
	}

/* Room for `most` rows. False when memory is out. */
static inline bool statistics_rows(struct arena *arena, struct row_list *list, unsigned most)
{
	*list = (struct row_list){ .rows = arena_alloc_array(
				       arena, most > 0 ? most : 1, sizeof(list->rows[0])) };
	return list->rows != NULL;
}

/* Another row behind them. NULL when memory is out. */
struct row *statistics_add(
    struct arena *arena, struct row_list *list, const struct resource *resource);

/*
 * The parts, and what fills their rows. Errors as database_select(), and ERROR_BUSY where the
 * numbers take the database too long.
 */
extern const struct resource statistics_licenses_resource;
int statistics_licenses(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;
extern const struct resource statistics_seats_resource;
int statistics_seats(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;
extern const struct resource statistics_activity_resource;
int statistics_activity(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;
extern const struct resource statistics_reports_resource;
int statistics_reports(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;
extern const struct resource statistics_webhooks_resource;
int statistics_webhooks(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;
extern const struct resource statistics_mail_resource;
int statistics_mail(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;
extern const struct resource statistics_pool_resource;
int statistics_pool(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error) MUST_CHECK;

#endif
