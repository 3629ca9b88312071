#include "record/tally.h"

#include "record/row_count.h"

#define HOUR (3600 * MICROSECONDS_PER_SECOND)
/* Rows are of the moment at which their transaction was at work: who is still at it, or on a
 * machine whose clock is late, stores them behind. */
#define LATE (2 * HOUR)
/* Rows of one portion, unless an hour has more. */
#define PORTION "20000"

#define WHERE_TABLE " WHERE table_name = ?"

/* --- how far --- */

static void select_until(struct sql *sql, const struct resource *resource)
{
	sql_append(sql, "SELECT counted_until FROM row_tally" WHERE_TABLE);
	sql_bind(sql, BIND_STR(str_from(resource->table)));
}

void tally_append_until(struct sql *sql, const struct resource *resource)
{
	sql_append(sql, "(");
	select_until(sql, resource);
	sql_append(sql, ")");
}

static int read_until(struct context *context, const struct resource *resource, const char *lock,
    int64_t *until, struct error *error)
{
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	select_until(&sql, resource);
	sql_append(&sql, lock);
	sql_result(&sql, BIND_TIME);
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return error_set_detail(
		    error, ERROR_INTERNAL, "no row of row_tally for %s", resource->table);
	*until = result.rows[0][0].integer;
	return 0;
}

int tally_read(
    struct context *context, const struct resource *resource, int64_t *until, struct error *error)
{
	return read_until(context, resource, "", until, error);
}

static int write_until(
    struct context *context, const struct resource *resource, int64_t until, struct error *error)
{
	const struct bind values[] = { BIND_MOMENT(until), BIND_STR(str_from(resource->table)) };
	struct outcome outcome;

	return database_execute(context->database,
	    "UPDATE row_tally SET counted_until = ?" WHERE_TABLE, values, COUNT_OF(values),
	    &outcome, error);
}

/* --- counting --- */

/* "INSERT … SELECT" of rows of the alias SQL_OWN by hour and by day, all read once; conditions
 * follow, and add_up(). */
static void begin_counts(struct sql *sql, const struct resource *resource, const char *sign)
{
	const struct tally *tally = resource->tally;

	sql_append(sql, "INSERT INTO ");
	sql_append(sql, tally->table);
	sql_append(sql, " (hours, time_stamp, level, area, entries) SELECT p.hours, CAST(IF("
			"p.hours = 1, DATE_FORMAT(" SQL_OWN ".");
	sql_append(sql, tally->moment);
	sql_append(sql, ", '%Y-%m-%d %H:00:00'), DATE(" SQL_OWN ".");
	sql_append(sql, tally->moment);
	sql_append(sql, ")) AS DATETIME) AS part, ");
	sql_append_as(sql, SQL_OWN, tally->level);
	sql_append(sql, " AS level_of, IFNULL(");
	sql_append_as(sql, SQL_OWN, tally->area);
	sql_append(sql, ", '') AS area_of, ");
	sql_append(sql, sign);
	sql_append(sql, "COUNT(*) FROM ");
	sql_append(sql, resource->table);
	sql_append(sql, " " SQL_OWN " STRAIGHT_JOIN (SELECT 1 AS hours UNION ALL SELECT 24) p");
}

static int add_up(struct context *context, struct sql *sql, struct error *error)
{
	struct outcome outcome;

	sql_append(sql, " GROUP BY p.hours, part, level_of, area_of "
			"ON DUPLICATE KEY UPDATE entries = entries + VALUES(entries)");
	return sql_run_change(sql, context->database, &outcome, error);
}

static void where_moment(
    struct sql *sql, const struct resource *resource, const char *comparison, int64_t moment)
{
	sql_where(sql, SQL_OWN ".");
	sql_append(sql, resource->tally->moment);
	sql_append(sql, comparison);
	sql_bind(sql, BIND_MOMENT(moment));
}

static int64_t floor_hour(int64_t moment)
{
	int64_t rest = moment % HOUR;

	return moment - (rest < 0 ? rest + HOUR : rest);
}

/* Where a portion from `start` on ends: at `end` where there are not so many rows before that. */
static int find_portion(struct context *context, const struct resource *resource, int64_t start,
    int64_t *end, struct error *error)
{
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "SELECT " SQL_OWN ".");
	sql_append(&sql, resource->tally->moment);
	sql_append(&sql, " AS moment FROM ");
	sql_append(&sql, resource->table);
	sql_append(&sql, " " SQL_OWN);
	where_moment(&sql, resource, " >= ?", start);
	where_moment(&sql, resource, " < ?", *end);
	sql_append(&sql, " ORDER BY moment LIMIT 1 OFFSET " PORTION);
	sql_result(&sql, BIND_TIME);
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	*end = floor_hour(result.rows[0][0].integer);
	if (*end == start)
		*end += HOUR;
	return 0;
}

struct extension {
	const struct resource *resource;
	int64_t end;
	int64_t until; /* how far it is once the transaction is over */
};

static int count_portion(struct context *context, void *data, struct error *error)
{
	struct extension *extension = data;
	const struct resource *resource = extension->resource;
	int64_t end = extension->end;
	struct sql sql;

	if (read_until(context, resource, " FOR UPDATE", &extension->until, error) != 0)
		return -1;
	if (extension->until >= end)
		return 0;
	if (find_portion(context, resource, extension->until, &end, error) != 0)
		return -1;
	sql_init(&sql, context->arena);
	begin_counts(&sql, resource, "");
	where_moment(&sql, resource, " >= ?", extension->until);
	where_moment(&sql, resource, " < ?", end);
	if (add_up(context, &sql, error) != 0 || write_until(context, resource, end, error) != 0)
		return -1;
	extension->until = end;
	return 0;
}

int tally_extend(struct context *context, const struct resource *resource, int64_t end,
    int64_t longest, int64_t *until, struct error *error)
{
	const int64_t begun = timestamp_monotonic(), closed = floor_hour(timestamp_now() - LATE);
	struct extension extension = { .resource = resource,
		.end = floor_hour(end < closed ? end : closed) };

	while (*until < extension.end) {
		if (record_transaction(context, count_portion, &extension, error) != 0)
			return -1;
		*until = extension.until;
		if (timestamp_monotonic() - begun >= longest)
			break;
	}
	return 0;
}

int tally_catch_up(struct context *context, const struct resource *resource, int64_t end,
    int64_t longest, int64_t *until, struct error *error)
{
	if (tally_read(context, resource, until, error) != 0)
		return -1;
	if (tally_extend(context, resource, end, longest, until, error) == 0)
		return 0;
	if (error->code != ERROR_UNAVAILABLE && error->code != ERROR_OUTCOME_UNKNOWN)
		return -1;
	error_clear(error);
	return 0;
}

int tally_take_off(struct context *context, const struct resource *resource, const struct sql *rows,
    struct error *error)
{
	const struct bind table = BIND_STR(str_from(resource->table));
	struct outcome outcome;
	struct sql sql;

	if (resource->tally == NULL)
		return 0;
	if (database_execute(context->database,
		"UPDATE row_tally SET changes = changes + 1" WHERE_TABLE, &table, 1, &outcome,
		error) != 0)
		return -1;
	sql_init(&sql, context->arena);
	begin_counts(&sql, resource, "-");
	sql_where_all(&sql, rows);
	sql_where(&sql, SQL_OWN ".");
	sql_append(&sql, resource->tally->moment);
	sql_append(&sql, " < ");
	tally_append_until(&sql, resource);
	return add_up(context, &sql, error);
}

/* --- whether they are right --- */

/* Rows that the counter of the table knows and the numbers do not, of one state of the database.
 * Without a counter nobody knows of any. */
static int find_difference(struct context *context, const struct resource *resource,
    int64_t *difference, struct error *error)
{
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "SELECT ");
	sql_append(&sql, row_count_sql(context->arena, resource->table));
	sql_append(&sql, " - (SELECT IFNULL(CAST(SUM(entries) AS SIGNED), 0) FROM ");
	sql_append(&sql, resource->tally->table);
	sql_append(&sql, " WHERE hours = 1) - (SELECT COUNT(*) FROM ");
	sql_append(&sql, resource->table);
	sql_append(&sql, " " SQL_OWN " WHERE " SQL_OWN ".");
	sql_append(&sql, resource->tally->moment);
	sql_append(&sql, " >= u.counted_until) FROM row_tally u WHERE u.table_name = ?");
	sql_bind(&sql, BIND_STR(str_from(resource->table)));
	sql_result(&sql, BIND_INTEGER);
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	*difference = result.count > 0 && !result.rows[0][0].null ? result.rows[0][0].integer : 0;
	return 0;
}

static int delete_numbers(struct context *context, const struct resource *resource,
    const char *condition, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "DELETE FROM ");
	sql_append(&sql, resource->tally->table);
	sql_append(&sql, condition);
	return sql_run_change(&sql, context->database, &outcome, error);
}

static int forget(struct context *context, void *data, struct error *error)
{
	const struct resource *const *resource = data;

	if (write_until(context, *resource, TIMESTAMP_MINIMUM, error) != 0)
		return -1;
	return delete_numbers(context, *resource, "", error);
}

static int extend_all(struct context *context, const struct resource *resource, struct error *error)
{
	int64_t until = TIMESTAMP_MINIMUM;

	return tally_extend(context, resource, TIMESTAMP_MAXIMUM, INT64_MAX, &until, error);
}

int tally_settle(struct context *context, const struct resource *resource, struct error *error)
{
	int64_t difference;

	if (resource->tally == NULL)
		return 0;
	if (extend_all(context, resource, error) != 0 ||
	    delete_numbers(context, resource, " WHERE entries = 0", error) != 0 ||
	    find_difference(context, resource, &difference, error) != 0)
		return -1;
	if (difference == 0)
		return 0;
	if (record_transaction(context, forget, &resource, error) != 0)
		return -1;
	return extend_all(context, resource, error);
}
