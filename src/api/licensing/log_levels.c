/*
 * How many entries of each level the log has in each interval.
 *
 * SQL of its own: groups by a length of time that the request chooses are no rows of a resource.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/log_bucket.h"
#include "api/licensing/log_range.h"
#include "record/audit.h"
#include "record/list.h"
#include "record/tally.h"

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
		range->end = range->has_start && range->start > timestamp_now()
				 ? range->start + LOG_DAY
				 : timestamp_now();
	if (!range->has_start)
		range->start = range->end - LOG_DAY;
	range->has_start = range->has_end = true;
	if (range->start >= range->end)
		return error_add_fault(
		    error, "endDate", "The parameter endDate must be later than startDate.");
	return 0;
}

/* --- what is counted where --- */

/* A length of time, and what counts its entries. */
struct stretch {
	int64_t start, end;
	int hours; /* of the kept numbers; 0 = the entries themselves */
};

#define STRETCHES_MOST 5

struct stretches {
	struct stretch all[STRETCHES_MOST];
	unsigned count;
	int64_t kept_until; /* numbers must be kept so far; TIMESTAMP_MINIMUM = of nothing */
};

static void add_stretch(struct stretches *stretches, int64_t start, int64_t end, int hours)
{
	if (start < end)
		stretches->all[stretches->count++] = (struct stretch){ start, end, hours };
}

static int64_t round_down(int64_t moment, int64_t length)
{
	int64_t rest = moment % length;

	return moment - (rest < 0 ? rest + length : rest);
}

static int64_t round_up(int64_t moment, int64_t length)
{
	return -round_down(-moment, length);
}

/* Whole hours; of long intervals whole days as such. */
static void add_kept(
    struct stretches *stretches, const struct log_bucket *bucket, int64_t start, int64_t end)
{
	int64_t first = round_up(start, LOG_DAY), last = round_down(end, LOG_DAY);

	stretches->kept_until = end;
	if (bucket->length < LOG_DAY || first >= last) {
		add_stretch(stretches, start, end, TALLY_HOUR);
		return;
	}
	add_stretch(stretches, start, first, TALLY_HOUR);
	add_stretch(stretches, first, last, TALLY_DAY);
	add_stretch(stretches, last, end, TALLY_HOUR);
}

/* Cut ends, and what numbers are not kept of, are counted as they are. */
static struct stretches divide_range(
    const struct log_bucket *bucket, const struct log_range *range, int64_t until)
{
	struct stretches stretches = { .kept_until = TIMESTAMP_MINIMUM };
	int64_t start = round_up(range->start, LOG_HOUR), end = round_down(range->end, LOG_HOUR);

	if (end > until)
		end = until;
	if (bucket->length < LOG_HOUR || start >= end) {
		add_stretch(&stretches, range->start, range->end, 0);
		return stretches;
	}
	add_stretch(&stretches, range->start, start, 0);
	add_kept(&stretches, bucket, start, end);
	add_stretch(&stretches, end, range->end, 0);
	return stretches;
}

/* --- counting --- */

static void append_stretch(struct operation *operation, struct sql *sql,
    const struct log_bucket *bucket, const struct stretch *stretch)
{
	const struct log_range range = { stretch->start, stretch->end, true, true };
	const struct tally *tally = log_entry_resource.tally;

	sql_append(sql, "SELECT CAST(");
	sql_append(sql, bucket->expression);
	sql_append(sql, " AS DATETIME(6)) AS part, t.level, ");
	sql_append(sql, stretch->hours != 0 ? "SUM(t.entries)" : "COUNT(*)");
	sql_append(sql, " AS entries FROM ");
	sql_append(sql, stretch->hours != 0 ? tally->table : log_entry_resource.table);
	sql_append(sql, " t");
	sql->has_condition = false;
	if (stretch->hours != 0) {
		sql_where(sql, "t.hours = ?");
		sql_bind(sql, BIND_INT(stretch->hours));
	}
	log_range_where(sql, &range);
	audit_where_seen(&operation->context, sql);
	sql_append(sql, " GROUP BY part, t.level");
}

/*
 * One statement, so that a deletion is seen everywhere or nowhere. A row without a level tells up
 * to when numbers are kept: all may have been thrown away meanwhile.
 */
static int count_stretches(struct operation *operation, const struct log_bucket *bucket,
    const struct stretches *stretches, struct result *result, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_TIME, BIND_TEXT, BIND_INTEGER };
	struct sql sql;

	record_begin_bounded(&operation->context, &sql);
	sql_append(&sql, "SELECT part, level, CAST(SUM(entries) AS SIGNED) AS number FROM (");
	for (unsigned i = 0; i < stretches->count; i++) {
		append_stretch(operation, &sql, bucket, &stretches->all[i]);
		sql_append(&sql, " UNION ALL ");
	}
	sql_append(&sql, "SELECT ");
	tally_append_until(&sql, &log_entry_resource);
	sql_append(&sql, ", NULL, 1");
	sql_append(&sql, ") s GROUP BY part, level HAVING number > 0 ORDER BY part, level");
	for (unsigned i = 0; i < COUNT_OF(columns); i++)
		sql_result(&sql, columns[i]);
	return record_run_bounded(
	    &operation->context, &sql, "choose a shorter time, or longer intervals", result, error);
}

/* Takes the row without a level out of the others: what it says. */
static int64_t take_until(struct result *result)
{
	unsigned left = 0;
	int64_t until = TIMESTAMP_MINIMUM;

	for (unsigned i = 0; i < result->count; i++) {
		if (result->rows[i][1].null)
			until = result->rows[i][0].integer;
		else
			result->rows[left++] = result->rows[i];
	}
	result->count = left;
	return until;
}

/* Up to when numbers are kept, once what is asked for has been counted, as far as that is quick. */
static int find_until(struct operation *operation, const struct log_bucket *bucket,
    const struct log_range *range, int64_t *until, struct error *error)
{
	struct context *context = &operation->context;

	*until = TIMESTAMP_MINIMUM;
	if (bucket->length < LOG_HOUR)
		return 0;
	return tally_catch_up(
	    context, &log_entry_resource, range->end, TALLY_PATIENCE, until, error);
}

static int count_levels(struct operation *operation, const struct log_bucket *bucket,
    const struct log_range *range, struct result *result, struct error *error)
{
	struct stretches stretches;
	int64_t until;

	if (find_until(operation, bucket, range, &until, error) != 0)
		return -1;
	do {
		stretches = divide_range(bucket, range, until);
		if (count_stretches(operation, bucket, &stretches, result, error) != 0)
			return -1;
		until = take_until(result);
	} while (until < stretches.kept_until);
	return 0;
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
	if (gate_enter_list(operation->context.guard->gate, GATE_UNKNOWN, error) != 0 ||
	    count_levels(operation, bucket, &range, &result, error) != 0 ||
	    list_levels(operation, &result, answer, error) != 0)
		return -1;
	row_set_text(answer, LEVELS_GROUP_BY, str_from(bucket->name));
	operation_answer_members(operation, answer);
	return 0;
}
