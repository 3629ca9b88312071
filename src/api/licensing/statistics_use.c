/*
 * What programs did with licenses, day by day.
 *
 * SQL of its own: counts in groups are no rows of a resource. What traces tell is read from the
 * numbers that are kept of them, and of the last hours from the traces themselves.
 */
#include "api/licensing/statistics.h"

#include "api/activation/call.h"
#include "api/activation/reason.h"
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "record/list.h"
#include "record/tally.h"

enum { DAY_DATE, DAY_ACTIVATIONS, DAY_RELEASES, DAY_VALIDATIONS, DAY_REFUSALS };

static const struct field day_fields[] = {
	[DAY_DATE] = STATISTICS_DATE,
	[DAY_ACTIVATIONS] =
	    STATISTICS_COUNT("activations", "Calls that were given a seat: activate and request."),
	[DAY_RELEASES] =
	    STATISTICS_COUNT("releases", "Calls that freed one: deactivate and release."),
	[DAY_VALIDATIONS] =
	    STATISTICS_COUNT("validations", "Calls that found a license valid: validate."),
	[DAY_REFUSALS] = STATISTICS_COUNT("refusals", "Calls of any kind that were refused."),
	HIDDEN_LINK,
};

static const struct resource day_resource = {
	.name = "day",
	.type_name = "StatisticsDay",
	.area = AREA_LICENSES,
	FIELDS(day_fields),
	.doc = "What programs did on a day.",
};

enum { REFUSAL_DATE, REFUSAL_CODE, REFUSAL_REASON, REFUSAL_COUNT };

static const struct field refusal_fields[] = {
	[REFUSAL_DATE] = STATISTICS_DATE,
	[REFUSAL_CODE] = { INT32("code", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Number of the reason." },
	[REFUSAL_REASON] = { STRING("reason", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "Its name; null of a number that this program does not know.",
	    .example = "\"SEAT_LIMIT_REACHED\"" },
	[REFUSAL_COUNT] = STATISTICS_COUNT("refusals", "Number of calls."),
	HIDDEN_LINK,
};

static const struct resource refusal_resource = {
	.name = "refusals",
	.type_name = "StatisticsRefusals",
	.area = AREA_LICENSES,
	FIELDS(refusal_fields),
	.doc = "Calls that were refused on a day for one reason.",
};

enum {
	REFUSED_TRACE_ID,
	REFUSED_DATE,
	REFUSED_ACTION,
	REFUSED_CODE,
	REFUSED_REASON,
	REFUSED_LICENSE,
	REFUSED_LICENSE_ID,
	REFUSED_CLIENT_NAME,
	REFUSED_MACHINE_ID,
	REFUSED_CLIENT_IP,
};

static const struct field refused_fields[] = {
	[REFUSED_TRACE_ID] = { INT64("traceId", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "The trace." },
	[REFUSED_DATE] = { DATETIME("date", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When it was refused." },
	[REFUSED_ACTION] = { INT32("action", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "What was called, as traces say it." },
	[REFUSED_CODE] = { INT32("code", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Number of the reason." },
	[REFUSED_REASON] = { STRING("reason", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "Its name.", .example = "\"SEAT_LIMIT_REACHED\"" },
	[REFUSED_LICENSE] = { INT32("license", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Identifier of the license." },
	[REFUSED_LICENSE_ID] = { STRING("licenseId", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "Its licenseId.", .example = "\"lic7F02C9D1\"" },
	[REFUSED_CLIENT_NAME] = { STRING("clientName", NULL, 255), .flags = FIELD_NOT_STORED,
	    .doc = "The program's name." },
	[REFUSED_MACHINE_ID] = { STRING("machineId", NULL, 255), .flags = FIELD_NOT_STORED,
	    .doc = "The machine." },
	[REFUSED_CLIENT_IP] = { STRING("clientIp", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "Its address." },
	HIDDEN_LINK,
};

static const struct resource refused_resource = {
	.name = "refused call",
	.type_name = "StatisticsRefused",
	.area = AREA_LICENSES,
	FIELDS(refused_fields),
	.doc = "A call that was refused.",
};

#define LATEST_TRACES "2000"
#define REFUSED_MOST 10
#define REFUSED "10"

enum { ACTIVITY_DAYS, ACTIVITY_REFUSALS, ACTIVITY_RECENT };

static const struct field activity_fields[] = {
	[ACTIVITY_DAYS] = { MANY("days", &day_resource, "link", "link"),
	    .doc = "Each day, also one on which nothing happened." },
	[ACTIVITY_REFUSALS] = { MANY("refusals", &refusal_resource, "link", "link"),
	    .doc = "Refusals by day and reason." },
	[ACTIVITY_RECENT] = { MANY("recentRefusals", &refused_resource, "link", "link"),
	    .doc = "The latest refusals among the last " LATEST_TRACES " traces, " REFUSED
		   " at most." },
	HIDDEN_LINK,
};

const struct resource statistics_activity_resource = {
	.name = "activity",
	.type_name = "StatisticsActivity",
	.area = AREA_LICENSES,
	FIELDS(activity_fields),
	.doc = "What programs did with licenses whose use is traced.",
};

/* Which number of a day a call of this kind adds to, when it was not refused; 0 = none. */
static const unsigned counted_as[CALL__MAX] = {
	[CALL_ACTIVATE] = DAY_ACTIVATIONS,
	[CALL_REQUEST] = DAY_ACTIVATIONS,
	[CALL_DEACTIVATE] = DAY_RELEASES,
	[CALL_RELEASE] = DAY_RELEASES,
	[CALL_VALIDATE] = DAY_VALIDATIONS,
};

/* --- counting --- */

/* "SELECT day, action, reason, number" of what is kept, or of the traces behind it. */
static void append_counts(struct sql *sql, const struct statistics_range *range, bool kept,
    int64_t until, const char *moment)
{
	const struct resource *resource = &licensing_trace_resource;
	const struct tally *tally = resource->tally;

	sql_append(sql, "SELECT CAST(DATE(t.");
	sql_append(sql, moment);
	sql_append(sql, " + INTERVAL ? MINUTE) AS DATETIME(6)) AS day, ");
	sql_bind(sql, BIND_INT(range->offset / (60 * MICROSECONDS_PER_SECOND)));
	sql_append_as(sql, SQL_OWN, kept ? "{}.level" : tally->level);
	sql_append(sql, " AS action, ");
	sql_append_as(sql, SQL_OWN, kept ? "{}.area" : tally->area);
	sql_append(sql, kept ? " AS reason, SUM(t.entries) AS number FROM "
			     : " AS reason, COUNT(*) AS number FROM ");
	sql_append(sql, kept ? tally->table : resource->table);
	sql_append(sql, " t");
	sql->has_condition = false;
	if (kept) {
		sql_where(sql, "t.hours = ?");
		sql_bind(sql, BIND_INT(range->offset == 0 ? TALLY_DAY : TALLY_HOUR));
	}
	sql_where(sql, "t.");
	sql_append(sql, moment);
	sql_append(sql, " >= ?");
	sql_bind(sql, BIND_MOMENT(kept || until < range->start ? range->start : until));
	sql_append(sql, " GROUP BY day, action, reason");
}

/* One statement, so that a deletion is seen everywhere or nowhere. The row without a day tells up
 * to when numbers are kept: all may have been thrown away meanwhile. */
static int count_once(struct context *context, const struct statistics_range *range, int64_t until,
    struct result *result, struct error *error)
{
	const struct resource *resource = &licensing_trace_resource;
	static const enum bind_kind columns[] = { BIND_TIME, BIND_TEXT, BIND_TEXT, BIND_INTEGER,
		BIND_TIME };
	struct sql sql;

	record_begin_bounded(context, &sql);
	sql_append(&sql, "SELECT day, action, reason, CAST(SUM(number) AS SIGNED), NULL FROM (");
	append_counts(&sql, range, true, until, "time_stamp");
	sql_append(&sql, " UNION ALL ");
	append_counts(&sql, range, false, until, resource->tally->moment);
	sql_append(&sql, ") s GROUP BY day, action, reason HAVING SUM(number) > 0 UNION ALL SELECT "
			 "NULL, NULL, NULL, NULL, ");
	tally_append_until(&sql, resource);
	sql_append(&sql, " ORDER BY day, reason");
	for (unsigned i = 0; i < COUNT_OF(columns); i++)
		sql_result(&sql, columns[i]);
	return record_run_bounded(context, &sql, "choose fewer days", result, error);
}

/* Takes the row without a day out of the others: what it says. */
static int64_t take_until(struct result *result)
{
	unsigned left = 0;
	int64_t until = TIMESTAMP_MINIMUM;

	for (unsigned i = 0; i < result->count; i++) {
		if (result->rows[i][0].null)
			until = result->rows[i][4].integer;
		else
			result->rows[left++] = result->rows[i];
	}
	result->count = left;
	return until;
}

static int count_traces(struct context *context, const struct statistics_range *range,
    struct result *result, struct error *error)
{
	int64_t until, counted;

	if (tally_catch_up(context, &licensing_trace_resource, TIMESTAMP_MAXIMUM, TALLY_PATIENCE,
		&until, error) != 0)
		return -1;
	do {
		counted = until;
		if (count_once(context, range, counted, result, error) != 0)
			return -1;
		until = take_until(result);
	} while (until != counted);
	return 0;
}

/* --- answering --- */

static void set_reason(struct row *row, unsigned code_member, unsigned member, int64_t code)
{
	row_set_integer(row, code_member, code);
	for (enum reason reason = REASON_VALID + 1; reason < REASON__MAX; reason++) {
		if (reason_info(reason)->number == code)
			row_set_text(row, member, str_from(reason_info(reason)->name));
	}
}

static int begin_days(struct arena *arena, const struct statistics_range *range,
    struct row_list *days, struct error *error)
{
	if (!statistics_rows(arena, days, range->days))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < range->days; i++) {
		struct row *day = statistics_add(arena, days, &day_resource);

		if (day == NULL)
			return error_out_of_memory(error);
		row_set_integer(day, DAY_DATE, range->first + i * STATISTICS_DAY);
		for (unsigned j = DAY_ACTIVATIONS; j <= DAY_REFUSALS; j++)
			row_set_integer(day, j, 0);
	}
	return 0;
}

static void add_to_day(struct row *day, const struct bind *record, int64_t code)
{
	int64_t action;
	unsigned member = DAY_REFUSALS;

	if (code == 0) {
		if (!str_to_int64(record[1].text, &action) || action < 0 || action >= CALL__MAX)
			return;
		member = counted_as[action];
	}
	if (member != 0)
		row_set_integer(day, member, day->values[member].integer + record[3].integer);
}

/* Records of one day and reason stand together, whatever was called. */
static int add_refusal(struct arena *arena, struct row_list *refusals, const struct bind *record,
    int64_t code, struct error *error)
{
	struct row *row = refusals->count > 0 ? refusals->rows[refusals->count - 1] : NULL;
	const int64_t date = record[0].integer;

	if (row != NULL && row->values[REFUSAL_DATE].integer == date &&
	    row->values[REFUSAL_CODE].integer == code) {
		row_set_integer(
		    row, REFUSAL_COUNT, row->values[REFUSAL_COUNT].integer + record[3].integer);
		return 0;
	}
	row = statistics_add(arena, refusals, &refusal_resource);
	if (row == NULL)
		return error_out_of_memory(error);
	row_set_integer(row, REFUSAL_DATE, date);
	set_reason(row, REFUSAL_CODE, REFUSAL_REASON, code);
	row_set_integer(row, REFUSAL_COUNT, record[3].integer);
	return 0;
}

static int list_days(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	struct context *context = &operation->context;
	struct row_list days, refusals;
	struct result result;

	if (count_traces(context, range, &result, error) != 0 ||
	    begin_days(context->arena, range, &days, error) != 0)
		return -1;
	if (!statistics_rows(context->arena, &refusals, result.count))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < result.count; i++) {
		const struct bind *record = result.rows[i];
		int64_t number = (record[0].integer - range->first) / STATISTICS_DAY, code = 0;

		if (record[0].integer < range->first || number >= range->days)
			continue;
		if (!record[2].null && record[2].text.length > 0 &&
		    !str_to_int64(record[2].text, &code))
			continue;
		add_to_day(days.rows[number], record, code);
		if (code != 0 && add_refusal(context->arena, &refusals, record, code, error) != 0)
			return -1;
	}
	row_set_list(part, ACTIVITY_DAYS, days);
	row_set_list(part, ACTIVITY_REFUSALS, refusals);
	return 0;
}

/* No index finds refusals: the latest traces are looked through, however many there are. */
static int fetch_refused(struct context *context, struct result *result, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_TIME, BIND_INTEGER, BIND_TEXT,
		BIND_INTEGER, BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_TEXT };
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql,
	    "SELECT r.id, r.created_at, r.action, r.reason, r.license_id, l.license_id, "
	    "r.client_name, r.machine_id, r.client_ip FROM (SELECT * FROM (SELECT "
	    "t.id, t.created_at, t.action, t.license_id, t.client_name, t.machine_id, "
	    "t.client_ip, ");
	sql_append_as(&sql, SQL_OWN, TRACE_REASON);
	sql_append(&sql, " AS reason FROM license_trace t FORCE INDEX "
			 "(license_trace_created_at) ORDER BY t.created_at DESC, t.id DESC "
			 "LIMIT " LATEST_TRACES ") latest WHERE reason <> '' ORDER BY created_at "
			 "DESC, id DESC LIMIT " REFUSED ") r LEFT JOIN license l ON l.id = "
			 "r.license_id ORDER BY r.created_at DESC, r.id DESC");
	for (unsigned i = 0; i < COUNT_OF(columns); i++)
		sql_result(&sql, columns[i]);
	return sql_run_select(&sql, context->database, result, error);
}

static void set_text(struct row *row, unsigned member, const struct bind *text)
{
	if (!text->null)
		row_set_text(row, member, text->text);
}

static int list_refused(struct context *context, struct row *part, struct error *error)
{
	struct row_list list;
	struct result result;

	if (fetch_refused(context, &result, error) != 0)
		return -1;
	if (!statistics_rows(context->arena, &list, result.count))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < result.count; i++) {
		const struct bind *record = result.rows[i];
		struct row *row = statistics_add(context->arena, &list, &refused_resource);
		int64_t code = 0;

		if (row == NULL)
			return error_out_of_memory(error);
		(void)str_to_int64(record[3].text, &code);
		row_set_integer(row, REFUSED_TRACE_ID, record[0].integer);
		row_set_integer(row, REFUSED_DATE, record[1].integer);
		row_set_integer(row, REFUSED_ACTION, record[2].integer);
		set_reason(row, REFUSED_CODE, REFUSED_REASON, code);
		row_set_integer(row, REFUSED_LICENSE, record[4].integer);
		set_text(row, REFUSED_LICENSE_ID, &record[5]);
		set_text(row, REFUSED_CLIENT_NAME, &record[6]);
		set_text(row, REFUSED_MACHINE_ID, &record[7]);
		set_text(row, REFUSED_CLIENT_IP, &record[8]);
	}
	row_set_list(part, ACTIVITY_RECENT, list);
	return 0;
}

int statistics_activity(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	if (gate_enter_list(operation->context.guard->gate, GATE_UNKNOWN, error) != 0 ||
	    list_days(operation, range, part, error) != 0)
		return -1;
	return list_refused(&operation->context, part, error);
}
