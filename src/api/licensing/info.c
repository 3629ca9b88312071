/*
 * What the server is, and how many licenses and tokens of which kind there are.
 *
 * SQL of its own: counts in groups are no rows of a resource, and reading each table once is what
 * keeps the operation quick. In large tables that takes long all the same: then the counts are kept
 * for a while.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "base/host_name.h"
#include "config.h"
#include "record/row_count.h"

/* Counts are older than that in no answer; one of those who ask counts anew well before. */
#define AGE_MOST (60 * MICROSECONDS_PER_SECOND)
#define AGE_GOOD (30 * MICROSECONDS_PER_SECOND)

enum licensing_mode { MODE_FILE, MODE_ACTIVATION, MODE_FLOATING };

enum {
	INFO_PRODUCT,
	INFO_EDITION,
	INFO_VERSION,
	INFO_LICENSE,
	INFO_SERVER_HOST,
	INFO_SERVER_TIME,
	INFO_CLIENT_ADDRESS,
	INFO_ACTIVE_TOKENS,
	INFO_MAX_TOKENS,
	INFO_ACTIVATION_TOKENS,
	INFO_FLOATING_TOKENS,
	INFO_EXPIRED_TOKENS,
	INFO_TOTAL_LICENSES,
	INFO_REVOKED_LICENSES,
	INFO_TRACED_LICENSES,
	INFO_ACTIVATION_LICENSES,
	INFO_FLOATING_LICENSES,
	INFO_FILE_LICENSES,
};

#define TEXT_FIELD(name, text)                                                  \
	{                                                                       \
		STRING(name, NULL, 255), .flags = FIELD_NOT_STORED, .doc = text \
	}
#define COUNT_FIELD(name, text)                                           \
	{                                                                 \
		INT64(name, NULL), .flags = FIELD_NOT_STORED, .doc = text \
	}

static const struct field info_fields[] = {
	[INFO_PRODUCT] = TEXT_FIELD("product", "Name of the program."),
	[INFO_EDITION] = { INT32("edition", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "0: there is one edition only." },
	[INFO_VERSION] = TEXT_FIELD("version", "Version of the program."),
	[INFO_LICENSE] = TEXT_FIELD("license", "License of the program."),
	[INFO_SERVER_HOST] = TEXT_FIELD("serverHost", "Name of the machine that answered."),
	[INFO_SERVER_TIME] = { DATETIME("serverTime", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Time of the server." },
	[INFO_CLIENT_ADDRESS] = TEXT_FIELD("clientAddress", "Where the request came from."),
	[INFO_ACTIVE_TOKENS] = COUNT_FIELD("activeTokens", "Tokens that have not expired."),
	[INFO_MAX_TOKENS] = COUNT_FIELD(
	    "maxTokens", "Total number of tokens allowed by all licenses that are not revoked."),
	[INFO_ACTIVATION_TOKENS] =
	    COUNT_FIELD("activationTokens", "Active tokens of activation licenses."),
	[INFO_FLOATING_TOKENS] =
	    COUNT_FIELD("floatingTokens", "Active tokens of floating licenses."),
	[INFO_EXPIRED_TOKENS] = COUNT_FIELD("expiredTokens", "Tokens that have expired."),
	[INFO_TOTAL_LICENSES] = COUNT_FIELD("totalLicenses", "All licenses."),
	[INFO_REVOKED_LICENSES] = COUNT_FIELD("revokedLicenses", "Licenses that were revoked."),
	[INFO_TRACED_LICENSES] = COUNT_FIELD("tracedLicenses", "Licenses whose use leaves traces."),
	[INFO_ACTIVATION_LICENSES] =
	    COUNT_FIELD("activationLicenses", "Licenses of mode 1, activation."),
	[INFO_FLOATING_LICENSES] = COUNT_FIELD("floatingLicenses", "Licenses of mode 2, floating."),
	[INFO_FILE_LICENSES] = COUNT_FIELD("fileLicenses", "Licenses of mode 0, file."),
};

const struct resource server_info_resource = {
	.name = "server",
	.chapter = LICENSING_CHAPTER_SERVER,
	.type_name = "GetServerInfoResponse",
	.area = AREA_LICENSES,
	FIELDS(info_fields),
	.doc = "Server information and counts.",
};

/* Adds to a count of the answer, which begins at 0. */
static void add_count(struct row *answer, unsigned field, int64_t count)
{
	answer->values[field].integer += count;
}

static void add_licenses(struct row *answer, const struct bind *record)
{
	int64_t mode = record[1].integer;
	bool revoked = record[2].integer != 0;
	int64_t count = record[3].integer;

	add_count(answer, INFO_TOTAL_LICENSES, count);
	add_count(answer, INFO_TRACED_LICENSES, record[4].integer);
	if (revoked)
		add_count(answer, INFO_REVOKED_LICENSES, count);
	else if (mode != MODE_FILE)
		add_count(answer, INFO_MAX_TOKENS, record[5].integer);
	if (mode == MODE_FILE)
		add_count(answer, INFO_FILE_LICENSES, count);
	else if (mode == MODE_ACTIVATION)
		add_count(answer, INFO_ACTIVATION_LICENSES, count);
	else if (mode == MODE_FLOATING)
		add_count(answer, INFO_FLOATING_LICENSES, count);
}

static void add_tokens(struct row *answer, const struct bind *record)
{
	int64_t mode = record[1].integer;
	bool expired = record[2].integer != 0;
	int64_t count = record[3].integer;

	add_count(answer, expired ? INFO_EXPIRED_TOKENS : INFO_ACTIVE_TOKENS, count);
	if (!expired && mode == MODE_ACTIVATION)
		add_count(answer, INFO_ACTIVATION_TOKENS, count);
	else if (!expired && mode == MODE_FLOATING)
		add_count(answer, INFO_FLOATING_TOKENS, count);
}

/* All counts by one statement, each table read once, licenses from an index alone. */
static int count_all(struct context *context, struct row *answer, struct error *error)
{
	static const char sql[] =
	    "SELECT 0, licensing_mode, revoked, COUNT(*), CAST(SUM(traced) AS SIGNED), "
	    "CAST(SUM(max_allowed_sites) AS SIGNED) FROM license GROUP BY licensing_mode, revoked "
	    "UNION ALL "
	    "SELECT 1, l.licensing_mode, COALESCE(t.expire_date <= ?, 0) AS expired, COUNT(*), 0, "
	    "0 "
	    "FROM license_token t JOIN license l ON l.id = t.license_id "
	    "GROUP BY l.licensing_mode, expired";
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER, BIND_INTEGER,
		BIND_INTEGER, BIND_INTEGER, BIND_INTEGER };
	const struct bind now = BIND_MOMENT(timestamp_now());
	struct result result;

	if (database_select(context->database, context->arena, sql, &now, 1, columns,
		COUNT_OF(columns), &result, error) != 0)
		return -1;
	for (unsigned i = INFO_ACTIVE_TOKENS; i <= INFO_FILE_LICENSES; i++)
		row_set_integer(answer, i, 0);
	for (unsigned i = 0; i < result.count; i++) {
		if (result.rows[i][0].integer == 0)
			add_licenses(answer, result.rows[i]);
		else
			add_tokens(answer, result.rows[i]);
	}
	return 0;
}

/* --- counts that are kept --- */

#define FIRST_COUNT INFO_ACTIVE_TOKENS
#define COUNTS (INFO_FILE_LICENSES - INFO_ACTIVE_TOKENS + 1)

/* Columns of license_tally, in the order of the members. */
#define COLUMNS                                                                           \
	"active_tokens, max_tokens, activation_tokens, floating_tokens, expired_tokens, " \
	"total_licenses, revoked_licenses, traced_licenses, activation_licenses, "        \
	"floating_licenses, file_licenses"

/* What is kept, and what tells whether it will do. */
struct kept {
	bool found;   /* false, too, while somebody else counts and that was not to be waited for */
	int64_t age;  /* microseconds; INT64_MAX = nobody has counted yet */
	int64_t now;  /* by the database's clock, which all have in common */
	int64_t rows; /* of both tables, by their counters; 0 where the row was locked */
	const struct bind *counts;
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

static int read_kept(
    struct context *context, const char *lock, struct kept *kept, struct error *error)
{
	enum { NOW, COUNTED_AT, ROWS, FIRST };
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "SELECT UTC_TIMESTAMP(6), counted_at, ");
	append_rows(context, &sql, lock);
	sql_append(&sql, ", " COLUMNS " FROM license_tally WHERE id = 1");
	sql_append(&sql, lock);
	sql_result(&sql, BIND_TIME);
	sql_result(&sql, BIND_TIME);
	for (unsigned i = 0; i < 1 + COUNTS; i++)
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
	kept->counts = record + FIRST;
	return 0;
}

static void take_kept(const struct kept *kept, struct row *answer)
{
	for (unsigned i = 0; i < COUNTS; i++)
		row_set_integer(answer, FIRST_COUNT + i, kept->counts[i].integer);
}

static int keep(struct context *context, const struct row *answer, int64_t now, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "REPLACE INTO license_tally (id, counted_at, " COLUMNS ") VALUES (1, ?");
	sql_bind(&sql, BIND_MOMENT(now));
	for (unsigned i = 0; i < COUNTS; i++) {
		sql_append(&sql, ", ?");
		sql_bind(&sql, BIND_INT(answer->values[FIRST_COUNT + i].integer));
	}
	sql_append(&sql, ")");
	return sql_run_change(&sql, context->database, &outcome, error);
}

struct renewal {
	const struct kept *kept;
	struct row *answer;
};

/* Whoever has locked the row counts. Others wait for it only where what they have is too old. */
static int renew(struct context *context, void *data, struct error *error)
{
	const struct renewal *renewal = data;
	bool usable = renewal->kept->age < AGE_MOST;
	struct kept latest;

	if (read_kept(
		context, usable ? " FOR UPDATE SKIP LOCKED" : " FOR UPDATE", &latest, error) != 0)
		return -1;
	if (latest.age < AGE_GOOD || (usable && !latest.found)) {
		take_kept(latest.found ? &latest : renewal->kept, renewal->answer);
		return 0;
	}
	if (count_all(context, renewal->answer, error) != 0)
		return -1;
	return latest.found ? keep(context, renewal->answer, latest.now, error) : 0;
}

static int renew_kept(
    struct context *context, const struct kept *kept, struct row *answer, struct error *error)
{
	struct renewal renewal = { kept, answer };

	if (gate_enter_list(context->guard->gate, GATE_UNKNOWN, error) != 0)
		return -1;
	if (record_transaction(context, renew, &renewal, error) == 0)
		return 0;
	/* A database that stores nothing now can be read all the same. */
	if (error->code != ERROR_UNAVAILABLE && error->code != ERROR_OUTCOME_UNKNOWN)
		return -1;
	error_clear(error);
	return count_all(context, answer, error);
}

/* Exact, unless the tables are large. */
static int fill_counts(struct context *context, struct row *answer, struct error *error)
{
	const int64_t heavy = context->settings->list_heavy_rows;
	struct kept kept;

	if (read_kept(context, "", &kept, error) != 0)
		return -1;
	if (!kept.found || heavy == 0 || kept.rows < heavy)
		return count_all(context, answer, error);
	if (kept.age >= AGE_GOOD)
		return renew_kept(context, &kept, answer, error);
	take_kept(&kept, answer);
	return 0;
}

int licensing_info(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &server_info_resource);

	if (answer == NULL)
		return error_out_of_memory(error);
	if (fill_counts(&operation->context, answer, error) != 0)
		return -1;
	row_set_text(answer, INFO_PRODUCT, STR("Clientele"));
	row_set_integer(answer, INFO_EDITION, 0);
	row_set_text(answer, INFO_VERSION, STR(PACKAGE_VERSION));
	row_set_text(answer, INFO_LICENSE, STR("Apache-2.0"));
	row_set_text(answer, INFO_SERVER_HOST, host_name_own(operation->context.arena));
	row_set_integer(answer, INFO_SERVER_TIME, timestamp_now());
	row_set_text(answer, INFO_CLIENT_ADDRESS, operation->request->remote_address);
	operation_answer_members(operation, answer);
	return 0;
}
