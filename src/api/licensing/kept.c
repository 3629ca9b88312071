/*
 * SQL of its own: the age of the numbers and the row counters of both tables are read at once.
 */
#include "api/licensing/kept.h"

#include "record/row_count.h"

/* What is kept, and what tells whether it will do. */
struct kept {
	bool found;   /* false, too, while somebody else counts and that was not to be waited for */
	int64_t age;  /* microseconds; INT64_MAX = nobody has counted yet */
	int64_t now;  /* by the database's clock, which all have in common */
	int64_t rows; /* of both tables, by their counters; 0 where the row was locked */
	const struct bind *columns;
};

/* The counters of both tables are not to be locked. */
static void append_rows(struct context *context, struct sql *sql, const char *lock)
{
	if (lock[0] != '\0') {
		sql_append(sql, "0");
		return;
	}
	sql_append(sql, row_count_sql(context->arena, "license"));
	sql_append(sql, " + ");
	sql_append(sql, row_count_sql(context->arena, "license_token"));
}

static int read_kept(struct context *context, const struct kept_kind *kind, const char *lock,
    struct kept *kept, struct error *error)
{
	enum { NOW, COUNTED_AT, ROWS, FIRST };
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "SELECT UTC_TIMESTAMP(6), counted_at, ");
	append_rows(context, &sql, lock);
	if (kind->columns != NULL) {
		sql_append(&sql, ", ");
		sql_append(&sql, kind->columns);
	}
	sql_append(&sql, " FROM license_tally WHERE id = ");
	sql_append_number(&sql, kind->number);
	sql_append(&sql, lock);
	sql_result(&sql, BIND_TIME);
	sql_result(&sql, BIND_TIME);
	for (unsigned i = 0; i < 1 + kind->column_count; i++)
		sql_result(&sql, BIND_INTEGER);
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	*kept = (struct kept){ .found = result.count > 0, .age = INT64_MAX };
	if (!kept->found)
		return 0;
	const struct bind *record = result.rows[0];

	kept->now = record[NOW].integer;
	/* A clock that was set back makes them old, too. */
	if (!record[COUNTED_AT].null && record[COUNTED_AT].integer <= kept->now)
		kept->age = kept->now - record[COUNTED_AT].integer;
	kept->rows = record[ROWS].null ? 0 : record[ROWS].integer;
	kept->columns = record + FIRST;
	return 0;
}

struct renewal {
	const struct kept_kind *kind;
	const struct kept *kept;
	void *data;
};

/* Whoever has locked the row counts. Others wait for it only where what they have is too old. */
static int renew(struct context *context, void *data, struct error *error)
{
	const struct renewal *renewal = data;
	const struct kept_kind *kind = renewal->kind;
	bool usable = renewal->kept->age < kind->age_most;
	struct kept latest;

	if (read_kept(context, kind, usable ? " FOR UPDATE SKIP LOCKED" : " FOR UPDATE", &latest,
		error) != 0)
		return -1;
	if (latest.age < kind->age_good || (usable && !latest.found))
		return kind->take(context, latest.found ? latest.columns : renewal->kept->columns,
		    renewal->data, error);
	if (kind->count(context, renewal->data, error) != 0)
		return -1;
	return latest.found ? kind->keep(context, renewal->data, latest.now, error) : 0;
}

static int renew_kept(struct context *context, const struct kept_kind *kind,
    const struct kept *kept, void *data, struct error *error)
{
	struct renewal renewal = { kind, kept, data };

	if (gate_enter_list(context->guard->gate, GATE_UNKNOWN, error) != 0)
		return -1;
	if (record_transaction(context, renew, &renewal, error) == 0)
		return 0;
	/* A database that stores nothing now can be read all the same. */
	if (error->code != ERROR_UNAVAILABLE && error->code != ERROR_OUTCOME_UNKNOWN)
		return -1;
	error_clear(error);
	return kind->count(context, data, error);
}

int kept_fill(
    struct context *context, const struct kept_kind *kind, void *data, struct error *error)
{
	const int64_t heavy = context->settings->list_heavy_rows;
	struct kept kept;

	if (read_kept(context, kind, "", &kept, error) != 0)
		return -1;
	if (!kept.found || heavy == 0 || kept.rows < heavy)
		return kind->count(context, data, error);
	if (kept.age >= kind->age_good)
		return renew_kept(context, kind, &kept, data, error);
	return kind->take(context, kept.columns, data, error);
}
