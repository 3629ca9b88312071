#include "record/expiry.h"

#include "codec/writer.h"
#include "record/audit.h"
#include "record/row_count.h"
#include "record/tally.h"

/* Bytes and rows of one statement: small enough that no writer waits long, nor a cluster, which
 * takes a transaction as a whole. A row that is larger goes by itself. */
#define CHUNK_BYTES "1048576"
#define CHUNK_ROWS "2000"
#define ROW_BYTES "200" /* of what is not counted by name */

const char *expiry_table(const struct expiry *kind)
{
	return kind->resource != NULL ? kind->resource->table : kind->table;
}

bool expiry_moment(const struct expiry *kind, const struct settings *settings, int64_t *moment)
{
	const char *place = (const char *)settings + kind->retention;
	int64_t seconds = kind->retention != 0 ? *(const int64_t *)(const void *)place : 0;

	*moment = timestamp_now() - seconds * MICROSECONDS_PER_SECOND;
	return kind->retention == 0 || seconds > 0;
}

/* " FROM table WHERE condition", with the moment bound. */
static void append_old_rows(struct sql *sql, const struct expiry *kind, int64_t moment)
{
	sql_append(sql, " FROM ");
	sql_append(sql, expiry_table(kind));
	sql_append(sql, " WHERE ");
	sql_append_as(sql, expiry_table(kind), kind->condition);
	sql_bind(sql, BIND_MOMENT(moment));
}

static void append_order(struct sql *sql, const struct expiry *kind)
{
	sql_append(sql, " ORDER BY ");
	sql_append_as(sql, expiry_table(kind), kind->order);
}

int expiry_count(struct context *context, const struct expiry *kind, int64_t moment, int64_t *count,
    struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "SELECT COUNT(*)");
	sql_result(&sql, BIND_INTEGER);
	append_old_rows(&sql, kind, moment);
	return sql_run_count(&sql, context->database, count, error);
}

/* One portion on its way out. */
struct portion {
	const struct expiry *kind;
	int64_t moment;
	int64_t deleted; /* 0 = there is nothing left */
};

/* How many of the oldest rows fit into a portion: one at least, 0 when there are none. */
static int measure_portion(
    struct context *context, const struct portion *portion, int64_t *rows, struct error *error)
{
	const struct expiry *kind = portion->kind;
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql,
	    "SELECT COUNT(*), CAST(IFNULL(SUM(total <= " CHUNK_BYTES
	    "), 0) AS SIGNED) FROM (SELECT SUM(bytes) OVER (ORDER BY place) AS total FROM "
	    "(SELECT ROW_NUMBER() OVER (");
	append_order(&sql, kind);
	sql_append(&sql, ") AS place, " ROW_BYTES " + ");
	sql_append_as(&sql, expiry_table(kind), kind->size != NULL ? kind->size : "0");
	sql_append(&sql, " AS bytes");
	append_old_rows(&sql, kind, portion->moment);
	append_order(&sql, kind);
	sql_append(&sql, " LIMIT " CHUNK_ROWS ") AS oldest) AS sums");
	sql_result(&sql, BIND_INTEGER);
	sql_result(&sql, BIND_INTEGER);
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	*rows = result.rows[0][1].integer;
	if (*rows == 0 && result.rows[0][0].integer > 0)
		*rows = 1;
	return 0;
}

/* The same rows are taken off first from the numbers that are kept of them. */
static int take_off_oldest(
    struct context *context, const struct portion *portion, int64_t rows, struct error *error)
{
	const struct resource *resource = portion->kind->resource;
	struct sql oldest;

	if (resource == NULL || resource->tally == NULL)
		return 0;
	sql_init(&oldest, context->arena);
	sql_where_own(&oldest, "{}.id IN (SELECT o.id FROM (SELECT id");
	append_old_rows(&oldest, portion->kind, portion->moment);
	append_order(&oldest, portion->kind);
	sql_append(&oldest, " LIMIT ?) o)");
	sql_bind(&oldest, BIND_INT(rows));
	return tally_take_off(context, resource, &oldest, error);
}

static int tell_of_oldest(
    struct context *context, const struct portion *portion, struct error *error)
{
	const struct bind moment = BIND_MOMENT(portion->moment);

	if (portion->kind->tell == NULL)
		return 0;
	return database_execute(
	    context->database, portion->kind->tell, &moment, 1, &(struct outcome){ 0 }, error);
}

static int delete_oldest(
    struct context *context, struct portion *portion, int64_t rows, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "DELETE");
	append_old_rows(&sql, portion->kind, portion->moment);
	append_order(&sql, portion->kind);
	sql_append(&sql, " LIMIT ?");
	sql_bind(&sql, BIND_INT(rows));
	if (sql_run_change(&sql, context->database, &outcome, error) != 0)
		return -1;
	portion->deleted = (int64_t)outcome.affected;
	return 0;
}

/* The entry of a portion says how many rows went, and from before when they were. */
static int log_portion(struct context *context, const struct portion *portion, struct error *error)
{
	const struct expiry *kind = portion->kind;
	struct buf detail = { 0 }, moment = { 0 };
	struct writer writer;
	int result;

	timestamp_print(&moment, portion->moment, TIMESTAMP_UTC);
	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_integer(&writer, "deleted", portion->deleted);
	writer_text(&writer, "before", buf_str(&moment));
	writer_object_end(&writer);
	const struct audit_event event = { .action = AUDIT_DELETE,
		.area = kind->resource != NULL ? kind->resource->area : kind->area,
		.what = kind->what,
		.detail = buf_str(&detail),
		.count = portion->deleted };

	result = detail.failed || moment.failed ? error_out_of_memory(error)
						: audit_record_event(context, &event, error);
	buf_free(&moment);
	buf_free(&detail);
	return result;
}

static int delete_portion(struct context *context, void *data, struct error *error)
{
	struct portion *portion = data;
	int64_t rows;

	portion->deleted = 0;
	if (measure_portion(context, portion, &rows, error) != 0)
		return -1;
	if (rows == 0)
		return 0;
	if (tell_of_oldest(context, portion, error) != 0 ||
	    take_off_oldest(context, portion, rows, error) != 0 ||
	    delete_oldest(context, portion, rows, error) != 0 ||
	    (portion->deleted > 0 && log_portion(context, portion, error) != 0))
		return -1;
	return portion->kind->resource != NULL && portion->kind->resource->counted
		   ? row_count_add(context, expiry_table(portion->kind), -portion->deleted, error)
		   : 0;
}

int expiry_delete(struct context *context, const struct expiry *kind, int64_t moment,
    int64_t *count, struct error *error)
{
	struct portion portion = { .kind = kind, .moment = moment };
	const struct arena_mark mark = arena_mark(context->arena);

	*count = 0;
	if (kind->stamp != NULL && database_execute(context->database, kind->stamp, NULL, 0,
				       &(struct outcome){ 0 }, error) != 0)
		return -1;
	do {
		arena_go_back(context->arena, &mark);
		if (record_transaction(context, delete_portion, &portion, error) != 0)
			return -1;
		*count += portion.deleted;
	} while (portion.deleted > 0);
	return 0;
}
