/*
 * What the server is, and how many licenses and tokens of which kind there are.
 *
 * SQL of its own: counts in groups are no rows of a resource, and reading each table once is what
 * keeps the operation quick. In large tables that takes long all the same: then the counts are kept
 * for a while.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/kept.h"
#include "api/licensing/licensing.h"
#include "base/host_name.h"
#include "config.h"

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

static int count_anew(struct context *context, void *data, struct error *error)
{
	return count_all(context, data, error);
}

static int take_kept(
    struct context *context, const struct bind *columns, void *data, struct error *error)
{
	(void)context, (void)error;
	for (unsigned i = 0; i < COUNTS; i++)
		row_set_integer(data, FIRST_COUNT + i, columns[i].integer);
	return 0;
}

static int keep(struct context *context, const void *data, int64_t now, struct error *error)
{
	const struct row *answer = data;
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

static const struct kept_kind kept_counts = {
	.number = 1,
	.age_good = AGE_GOOD,
	.age_most = AGE_MOST,
	.columns = COLUMNS,
	.column_count = COUNTS,
	.count = count_anew,
	.take = take_kept,
	.keep = keep,
};

int info_count(struct context *context, struct seat_counts *counts, struct error *error)
{
	struct row *row = row_new(context->arena, &server_info_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	if (kept_fill(context, &kept_counts, row, error) != 0)
		return -1;
	*counts = (struct seat_counts){ .all = row->values[INFO_ACTIVE_TOKENS].integer,
		.activation = row->values[INFO_ACTIVATION_TOKENS].integer,
		.floating = row->values[INFO_FLOATING_TOKENS].integer };
	return 0;
}

int licensing_info(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &server_info_resource);

	if (answer == NULL)
		return error_out_of_memory(error);
	if (kept_fill(&operation->context, &kept_counts, answer, error) != 0)
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
