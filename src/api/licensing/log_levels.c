/*
 * How many entries of each level the log has in each interval.
 *
 * SQL of its own: groups by a length of time that the request chooses are no rows of a resource.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/log_bucket.h"
#include "api/licensing/log_range.h"
#include "record/audit.h"

#define DAY (24 * 3600 * MICROSECONDS_PER_SECOND)

enum { LEVEL_DATE, LEVEL_LEVEL, LEVEL_COUNT };

static const struct field level_fields[] = {
	[LEVEL_DATE] = { DATETIME("date", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Start of the interval." },
	[LEVEL_LEVEL] = { STRING("level", NULL, 16), .flags = FIELD_NOT_STORED,
	    .doc = "Level of the entries.", .example = "\"Information\"" },
	[LEVEL_COUNT] = { INT64("count", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Number of entries." },
	HIDDEN_LINK,
};

static const struct resource level_resource = {
	.name = "log level",
	.type_name = "LogLevel",
	.area = AREA_LOG,
	FIELDS(level_fields),
	.doc = "Number of entries of one level in one interval.",
};

enum { LEVELS_LIST, LEVELS_GROUP_BY, LEVELS_TOTAL };

static const struct field levels_fields[] = {
	[LEVELS_LIST] = { MANY("logLevels", &level_resource, "link", "link"),
	    .doc = "Counts in order of time; intervals without entries are omitted." },
	[LEVELS_GROUP_BY] = { STRING("groupBy", NULL, 8), .flags = FIELD_NOT_STORED,
	    .doc = "Length of an interval: minute, hour, day, week or month.",
	    .example = "\"hour\"" },
	[LEVELS_TOTAL] = { INT64("totalLogLevelEntriesCount", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Number of entries in all intervals." },
	HIDDEN_LINK,
};

const struct resource log_levels_resource = {
	.name = "log levels",
	.type_name = "GetLogLevelsResponse",
	.area = AREA_LOG,
	FIELDS(levels_fields),
	.doc = "Numbers of entries by level and time.",
};

/* The time that is asked for; a day up to now unless the caller says else. */
static int levels_range(struct operation *operation, struct log_range *range, struct error *error)
{
	if (log_range_read(operation, range, error) != 0)
		return -1;
	if (!range->has_end)
		range->end = range->has_start && range->start > timestamp_now() ? range->start + DAY
										: timestamp_now();
	if (!range->has_start)
		range->start = range->end - DAY;
	range->has_start = range->has_end = true;
	if (range->start >= range->end)
		return error_add_fault(
		    error, "endDate", "The parameter endDate must be later than startDate.");
	return 0;
}

static int count_levels(struct operation *operation, const struct log_bucket *bucket,
    const struct log_range *range, struct result *result, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_TIME, BIND_TEXT, BIND_INTEGER };
	struct sql sql;

	sql_init(&sql, operation->context.arena);
	sql_append(&sql, "SELECT CAST(");
	sql_append(&sql, bucket->expression);
	sql_append(&sql, " AS DATETIME(6)) AS part, t.level, COUNT(*) FROM log_entry t");
	log_range_where(&sql, range);
	audit_where_seen(&operation->context, &sql);
	sql_append(&sql, " GROUP BY part, t.level ORDER BY part, t.level");
	for (unsigned i = 0; i < COUNT_OF(columns); i++)
		sql_result(&sql, columns[i]);
	return sql_run_select(&sql, operation->context.database, result, error);
}

static int list_levels(struct operation *operation, const struct result *result, struct row *answer,
    struct error *error)
{
	struct row_list list = { .count = result->count };
	int64_t total = 0;

	list.rows =
	    arena_alloc_array(operation->context.arena, result->count, sizeof(list.rows[0]));
	for (unsigned i = 0; i < result->count && list.rows != NULL; i++) {
		const struct bind *record = result->rows[i];

		list.rows[i] = row_new(operation->context.arena, &level_resource);
		if (list.rows[i] == NULL)
			return error_out_of_memory(error);
		row_set_integer(list.rows[i], LEVEL_DATE, record[0].integer);
		row_set_text(list.rows[i], LEVEL_LEVEL, record[1].text);
		row_set_integer(list.rows[i], LEVEL_COUNT, record[2].integer);
		total += record[2].integer;
	}
	if (list.rows == NULL && list.count > 0)
		return error_out_of_memory(error);
	row_set_list(answer, LEVELS_LIST, list);
	row_set_integer(answer, LEVELS_TOTAL, total);
	return 0;
}

int licensing_log_levels(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &log_levels_resource);
	const struct log_bucket *bucket;
	struct result result;
	struct log_range range;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (levels_range(operation, &range, error) != 0)
		return -1;
	bucket = log_bucket_choose(
	    range.end - range.start, parameters_get(&operation->parameters, "intervals")->integer);
	if (count_levels(operation, bucket, &range, &result, error) != 0 ||
	    list_levels(operation, &result, answer, error) != 0)
		return -1;
	row_set_text(answer, LEVELS_GROUP_BY, str_from(bucket->name));
	operation_answer_members(operation, answer);
	return 0;
}
