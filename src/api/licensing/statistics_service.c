/*
 * What the service does beside requests: reports that came in, deliveries that fail, mail that
 * waits, and the pool's own state.
 *
 * SQL of its own: counts in groups are no rows of a resource.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/statistics.h"
#include "queue/kinds.h"
#include "queue/queue.h"

/* --- reports --- */

enum { REPORT_DAY_DATE, REPORT_DAY_REPORTS };

static const struct field report_day_fields[] = {
	[REPORT_DAY_DATE] = STATISTICS_DATE,
	[REPORT_DAY_REPORTS] = STATISTICS_COUNT("reports", "Number of reports."),
	HIDDEN_LINK,
};

static const struct resource report_day_resource = {
	.name = "reports of a day",
	.type_name = "StatisticsReportDay",
	.area = AREA_PRODUCTS,
	FIELDS(report_day_fields),
	.doc = "Reports that came in on a day.",
};

enum { REPORT_ID, REPORT_DATE, REPORT_NAME, REPORT_VERSION, REPORT_CLIENT_NAME, REPORT__MAX };

static const struct field report_fields[] = {
	[REPORT_ID] = { INT64("id", NULL), .flags = FIELD_NOT_STORED, .doc = "The report." },
	[REPORT_DATE] = { DATETIME("date", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When it came in." },
	[REPORT_NAME] = { STRING("name", NULL, 255), .flags = FIELD_NOT_STORED,
	    .doc = "Its name." },
	[REPORT_VERSION] = { STRING("version", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "Version of the program." },
	[REPORT_CLIENT_NAME] = { STRING("clientName", NULL, 255), .flags = FIELD_NOT_STORED,
	    .doc = "Name of the program." },
	HIDDEN_LINK,
};

static const struct resource report_resource = {
	.name = "report",
	.type_name = "StatisticsReport",
	.area = AREA_PRODUCTS,
	FIELDS(report_fields),
	.doc = "A report that came in lately.",
};

#define REPORT_DAYS 7
#define REPORT_DAYS_TEXT "7"
#define REPORTS "5"

enum { REPORTS_DAYS, REPORTS_RECENT };

static const struct field reports_fields[] = {
	[REPORTS_DAYS] = { MANY("days", &report_day_resource, "link", "link"),
	    .doc = "The last " REPORT_DAYS_TEXT " days, but for those without reports." },
	[REPORTS_RECENT] = { MANY("recent", &report_resource, "link", "link"),
	    .doc = "The latest " REPORTS " reports." },
	HIDDEN_LINK,
};

const struct resource statistics_reports_resource = {
	.name = "reports",
	.type_name = "StatisticsReports",
	.area = AREA_PRODUCTS,
	FIELDS(reports_fields),
	.doc = "Reports of programs in the last days.",
};

/* Rows of a result, whose columns are the first members of the resource. */
static int list_rows(struct arena *arena, const struct result *result,
    const struct resource *resource, unsigned columns, struct row_list *list, struct error *error)
{
	if (!statistics_rows(arena, list, result->count))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < result->count; i++) {
		struct row *row = statistics_add(arena, list, resource);

		if (row == NULL)
			return error_out_of_memory(error);
		for (unsigned j = 0; j < columns; j++) {
			struct value value =
			    sql_value_of(&resource->fields[j], &result->rows[i][j]);

			row_set_value(row, j, &value);
		}
	}
	return 0;
}

static int count_reports(struct context *context, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_TIME, BIND_INTEGER };
	const struct bind values[] = {
		BIND_INT(range->offset / (60 * MICROSECONDS_PER_SECOND)),
		BIND_MOMENT(range->start + (range->days - REPORT_DAYS) * STATISTICS_DAY),
	};
	struct row_list list;
	struct result result;

	if (database_select(context->database, context->arena,
		"SELECT CAST(DATE(report_date + INTERVAL ? MINUTE) AS DATETIME(6)) AS day, "
		"COUNT(*) FROM report WHERE report_date >= ? GROUP BY day ORDER BY day",
		values, COUNT_OF(values), columns, COUNT_OF(columns), &result, error) != 0 ||
	    list_rows(context->arena, &result, &report_day_resource, COUNT_OF(columns), &list,
		error) != 0)
		return -1;
	row_set_list(part, REPORTS_DAYS, list);
	return 0;
}

int statistics_reports(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	static const enum bind_kind columns[REPORT__MAX] = { BIND_INTEGER, BIND_TIME, BIND_TEXT,
		BIND_TEXT, BIND_TEXT };
	struct context *context = &operation->context;
	struct row_list list;
	struct result result;

	if (count_reports(context, range, part, error) != 0 ||
	    database_select(context->database, context->arena,
		"SELECT id, report_date, name, version, client_name FROM report ORDER BY "
		"report_date DESC, id DESC LIMIT " REPORTS,
		NULL, 0, columns, REPORT__MAX, &result, error) != 0 ||
	    list_rows(context->arena, &result, &report_resource, REPORT__MAX, &list, error) != 0)
		return -1;
	row_set_list(part, REPORTS_RECENT, list);
	return 0;
}

/* --- webhooks --- */

enum {
	HOOK_ID,
	HOOK_URL,
	HOOK_ENABLED,
	HOOK_LAST_SUCCESS,
	HOOK_LAST_FAILURE,
	HOOK_LAST_ERROR,
	HOOK_WAITING,
	HOOK_FAILED,
	HOOK_OLDEST,
	HOOK__MAX
};

static const struct field webhook_fields[] = {
	[HOOK_ID] = { INT32("webhookId", NULL), .flags = FIELD_NOT_STORED, .doc = "The webhook." },
	[HOOK_URL] = { STRING("url", NULL, 2000), .flags = FIELD_NOT_STORED,
	    .doc = "Where it posts to.", .example = "\"https://example.org/hook\"" },
	[HOOK_ENABLED] = { BOOLEAN("enabled", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Whether events are delivered." },
	[HOOK_LAST_SUCCESS] = { DATETIME("lastSuccess", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When a delivery last succeeded: it fails since; null means never." },
	[HOOK_LAST_FAILURE] = { DATETIME("lastFailure", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When an attempt last failed." },
	[HOOK_LAST_ERROR] = { STRING("lastError", NULL, 1000), .flags = FIELD_NOT_STORED,
	    .doc = "What it met." },
	[HOOK_WAITING] = STATISTICS_COUNT("waiting", "Deliveries that wait."),
	[HOOK_FAILED] = STATISTICS_COUNT("failed", "Deliveries that were given up and are kept."),
	[HOOK_OLDEST] = { DATETIME("oldestWaiting", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Since when the first of those that wait does; null where none does." },
	HIDDEN_LINK,
};

static const struct resource webhook_resource = {
	.name = "failing webhook",
	.type_name = "StatisticsWebhook",
	.area = AREA_WEBHOOKS,
	FIELDS(webhook_fields),
	.doc = "A webhook whose last attempt failed.",
};

enum { WEBHOOKS_ENABLED, WEBHOOKS_DISABLED, WEBHOOKS_FAILING };

static const struct field webhooks_fields[] = {
	[WEBHOOKS_ENABLED] = STATISTICS_COUNT("enabled", "Webhooks that are enabled."),
	[WEBHOOKS_DISABLED] = STATISTICS_COUNT("disabled", "Webhooks that are not."),
	[WEBHOOKS_FAILING] = { MANY("failing", &webhook_resource, "link", "link"),
	    .doc = "Those whose last attempt at a delivery failed, the latest first." },
	HIDDEN_LINK,
};

const struct resource statistics_webhooks_resource = {
	.name = "webhooks",
	.type_name = "StatisticsWebhooks",
	.area = AREA_WEBHOOKS,
	FIELDS(webhooks_fields),
	.doc = "Webhooks that fail.",
};

#define ITEMS(state) \
	"queue_item q WHERE q.kind = 'webhook' AND q.state = '" state "' AND q.target = w.id"

/* A rule bounds how many webhooks there are. */
static int list_failing(struct context *context, struct row_list *list, struct error *error)
{
	static const enum bind_kind columns[HOOK__MAX] = { BIND_INTEGER, BIND_TEXT, BIND_INTEGER,
		BIND_TIME, BIND_TIME, BIND_TEXT, BIND_INTEGER, BIND_INTEGER, BIND_TIME };
	struct result result;

	if (database_select(context->database, context->arena,
		"SELECT w.id, w.url, w.enabled, w.last_success_at, w.last_failure_at, "
		"w.last_error, "
		"(SELECT COUNT(*) FROM " ITEMS("waiting") "), (SELECT COUNT(*) FROM " ITEMS(
		    "dead") "), (SELECT q.created_at FROM " ITEMS("waiting") " ORDER BY q.id LIMIT "
									     "1) FROM "
									     "webhook w WHERE "
									     "w.last_failure_at > "
									     "IFNULL(w.last_"
									     "success_at, "
									     "'0001-01-01') ORDER "
									     "BY w.last_failure_at "
									     "DESC, w.id",
		NULL, 0, columns, HOOK__MAX, &result, error) != 0)
		return -1;
	return list_rows(context->arena, &result, &webhook_resource, HOOK__MAX, list, error);
}

int statistics_webhooks(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER };
	struct context *context = &operation->context;
	struct row_list list;
	struct result result;

	(void)range;
	if (database_select(context->database, context->arena,
		"SELECT CAST(IFNULL(SUM(enabled), 0) AS SIGNED), COUNT(*) FROM webhook", NULL, 0,
		columns, COUNT_OF(columns), &result, error) != 0 ||
	    list_failing(context, &list, error) != 0)
		return -1;
	row_set_integer(part, WEBHOOKS_ENABLED, result.rows[0][0].integer);
	row_set_integer(
	    part, WEBHOOKS_DISABLED, result.rows[0][1].integer - result.rows[0][0].integer);
	row_set_list(part, WEBHOOKS_FAILING, list);
	return 0;
}

/* --- mail --- */

enum { MAIL_QUEUED, MAIL_FAILED };

static const struct field mail_fields[] = {
	[MAIL_QUEUED] = STATISTICS_COUNT("queued", "Deliveries that wait."),
	[MAIL_FAILED] = STATISTICS_COUNT("failed", "Deliveries that were given up and are kept."),
	HIDDEN_LINK,
};

const struct resource statistics_mail_resource = {
	.name = "outbox",
	.type_name = "StatisticsMail",
	/* Of everybody's mail: who may send some reads of its own alone. */
	.area = AREA_CREDENTIALS,
	FIELDS(mail_fields),
	.doc = "The outbox of mail.",
};

int statistics_mail(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER };
	struct context *context = &operation->context;
	struct result result;

	(void)range;
	if (database_select(context->database, context->arena,
		"SELECT (SELECT COUNT(*) FROM queue_item WHERE kind = 'mail' AND state = "
		"'waiting'), "
		"(SELECT COUNT(*) FROM queue_item WHERE kind = 'mail' AND state = 'dead')",
		NULL, 0, columns, COUNT_OF(columns), &result, error) != 0)
		return -1;
	row_set_integer(part, MAIL_QUEUED, result.rows[0][0].integer);
	row_set_integer(part, MAIL_FAILED, result.rows[0][1].integer);
	return 0;
}

/* --- the pool --- */

enum {
	POOL_WORKERS,
	POOL_WANTED,
	POOL_BUSY,
	POOL_REQUESTS,
	POOL_FAILURES,
	POOL_REFUSED,
	POOL_DATABASE_ERRORS,
	POOL_STARTED,
};

static const struct field pool_fields[] = {
	[POOL_WORKERS] = STATISTICS_COUNT("workers", "Worker processes."),
	[POOL_WANTED] = STATISTICS_COUNT("workersWanted", "How many there should be."),
	[POOL_BUSY] = STATISTICS_COUNT("busy", "Workers with a request in hand, this one too."),
	[POOL_REQUESTS] = STATISTICS_COUNT("requests", "Requests since the start."),
	[POOL_FAILURES] = STATISTICS_COUNT("failures", "Those that were answered with 5xx."),
	[POOL_REFUSED] =
	    STATISTICS_COUNT("refused", "Connections that were closed without a complete request."),
	[POOL_DATABASE_ERRORS] =
	    STATISTICS_COUNT("databaseErrors", "Requests that failed because of the database."),
	[POOL_STARTED] = { DATETIME("started", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When the pool was started." },
	HIDDEN_LINK,
};

const struct resource statistics_pool_resource = {
	.name = "pool",
	.type_name = "StatisticsPool",
	.area = AREA_CREDENTIALS,
	FIELDS(pool_fields),
	.doc = "The pool of processes that has answered.",
};

int statistics_pool(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	struct probe_pool pool = { 0 };

	(void)range, (void)error;
	if (operation->probe != NULL && operation->probe->pool != NULL)
		operation->probe->pool(operation->probe->context, &pool);
	row_set_integer(part, POOL_WORKERS, pool.workers);
	row_set_integer(part, POOL_WANTED, pool.workers_wanted);
	row_set_integer(part, POOL_BUSY, pool.busy);
	row_set_integer(part, POOL_REQUESTS, pool.requests);
	row_set_integer(part, POOL_FAILURES, pool.failures);
	row_set_integer(part, POOL_REFUSED, pool.refused);
	row_set_integer(part, POOL_DATABASE_ERRORS, pool.database_errors);
	row_set_integer(part, POOL_STARTED, pool.started);
	return 0;
}
