/*
 * Endpoints for those who run the server, not for callers: no credential, but for the document only
 * addresses of operator_networks.
 *
 * SQL of its own: the state of the database server is no row of a resource.
 */
#include "api/contracts.h"
#include "api/openapi/openapi.h"
#include "api/service.h"
#include "auth/sealing.h"
#include "db/migrate.h"
#include "op/operation.h"

/* The body that is to be filled. */
static struct buf *begin_answer(struct operation *operation, int status, const char *type)
{
	operation->response->status = status;
	operation->response->has_body = true;
	operation->response->content_type = type;
	return &operation->response->body;
}

static void answer_text(struct operation *operation, int status, const char *type, const char *text)
{
	buf_append_text(begin_answer(operation, status, type), text);
}

/* The process runs and takes requests; nothing else is looked at. */
static int get_health(struct operation *operation, struct error *error)
{
	(void)error;
	answer_text(operation, 200, "application/json", "{\"status\":\"ok\"}");
	return 0;
}

/* Prepared statements of the server, of all its clients: near the limit, everybody is told. */
static void write_statements(
    struct operation *operation, struct writer *writer, struct error *error)
{
	static const char sql[] =
	    "SELECT @@max_prepared_stmt_count, CAST(VARIABLE_VALUE AS SIGNED) FROM "
	    "information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Prepared_stmt_count'";
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_INTEGER };
	struct result result;
	int64_t most, count;

	if (database_select_once(operation->context.database, operation->context.arena, sql, NULL,
		0, kinds, COUNT_OF(kinds), &result, error) != 0 ||
	    result.count == 0) {
		error_clear(error);
		return;
	}
	most = result.rows[0][0].integer;
	count = result.rows[0][1].integer;
	writer_integer(writer, "preparedStatements", count);
	writer_integer(writer, "preparedStatementsMost", most);
	if (count >= most - most / 10)
		writer_text(writer, "warning",
		    STR("The database server is near its limit of prepared statements: raise "
			"max_prepared_stmt_count."));
}

/* A sentence for those who watch; the log has the details. */
static const char *describe_unusable(const struct error *error)
{
	return error->cause == ERROR_CAUSE_HISTORY ? "The history of the database is not the one "
						     "seen before: see clientele cluster status."
						   : "The database cannot be used.";
}

/* Why the database cannot be used with this program; NULL where it can. */
static const char *find_obstacle(struct operation *operation, int *version, struct error *error)
{
	if (database_ready(operation->context.database, error) != 0)
		return describe_unusable(error);
	if (database_check_schema(operation->context.database, version, error) != 0)
		return *version < 0                ? describe_unusable(error)
		       : *version < SCHEMA_VERSION ? "The schema is out of date: run clientele "
						     "migrate."
						   : "The schema requires a newer program.";
	if (sealing_fits(operation->context.database, operation->context.settings,
		operation->context.arena, error) != 0)
		return "The key file does not match the database: see clientele secret status.";
	return NULL;
}

/* The database can be reached and has the schema that this program needs. */
static int get_readiness(struct operation *operation, struct error *error)
{
	int version = -1;
	const char *reason = find_obstacle(operation, &version, error);
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, NULL,
	    begin_answer(operation, reason == NULL ? 200 : 503, "application/json"));
	writer_object_begin(&writer, NULL);
	if (reason == NULL) {
		writer_text(&writer, "status", STR("ready"));
		writer_integer(&writer, "schemaVersion", version);
		write_statements(operation, &writer, error);
	} else {
		error_clear(error);
		writer_text(&writer, "status", STR("unavailable"));
		writer_text(&writer, "reason", str_from(reason));
		response_header(operation->response, "Retry-After", STR("2"));
	}
	writer_object_end(&writer);
	return 0;
}

static int get_metrics(struct operation *operation, struct error *error)
{
	if (operation->probe == NULL || operation->probe->metrics == NULL)
		return error_set(error, ERROR_BUSY, "This process has no metrics.");
	answer_text(operation, 200, "text/plain; version=0.0.4; charset=utf-8", "");
	operation->probe->metrics(operation->probe->context, &operation->response->body);
	gate_print_metrics(operation->context.guard->gate, &operation->response->body);
	return 0;
}

/* A document does not change while the process lives, so it is made once. */
static int answer_openapi(
    struct operation *operation, enum openapi_version version, struct error *error)
{
	static struct buf documents[OPENAPI_VERSION__MAX];
	struct buf *document = &documents[version];

	if (document->length == 0)
		openapi_print(version, openapi_server(operation->context.settings), document);
	if (document->failed) {
		buf_free(document);
		return error_out_of_memory(error);
	}
	answer_text(operation, 200, "application/json", document->data);
	return 0;
}

static int get_openapi(struct operation *operation, struct error *error)
{
	return answer_openapi(operation, OPENAPI_3_1, error);
}

static int get_openapi_3_0(struct operation *operation, struct error *error)
{
	return answer_openapi(operation, OPENAPI_3_0, error);
}

static const struct field health_fields[] = {
	{ STRING("status", NULL, 0), .flags = FIELD_NOT_NULL | FIELD_NOT_STORED,
	    .doc = "State, in one word.", .example = "\"ok\"" },
	{ INT32("schemaVersion", NULL),
	    .flags = FIELD_NOT_NULL | FIELD_NOT_STORED | FIELD_OMIT_ABSENT,
	    .doc = "Version of the database's schema; of /readyz only." },
	{ INT32("preparedStatements", NULL),
	    .flags = FIELD_NOT_NULL | FIELD_NOT_STORED | FIELD_OMIT_ABSENT,
	    .doc = "Prepared statements of the database server; of /readyz only." },
	{ INT32("preparedStatementsMost", NULL),
	    .flags = FIELD_NOT_NULL | FIELD_NOT_STORED | FIELD_OMIT_ABSENT,
	    .doc = "Maximum number that the database server accepts; only of /readyz." },
	{ STRING("warning", NULL, 0),
	    .flags = FIELD_NOT_NULL | FIELD_NOT_STORED | FIELD_OMIT_ABSENT,
	    .doc = "What is about to fail, in a sentence; only of /readyz." },
};

static const struct resource health_resource = {
	.name = "health",
	.type_name = "Health",
	FIELDS(health_fields),
	.doc = "State of the server.",
};

static const struct field error_fields[] = {
	{ STRING("status", NULL, 0), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
	    .doc = "Reason, in one word; of /readyz only." },
	{ STRING("reason", NULL, 0), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
	    .doc = "What is missing, in a sentence; of /readyz only." },
	{ STRING("message", NULL, 0), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
	    .doc = "What is wrong, in a sentence." },
};

static const struct resource error_body = {
	.name = "error",
	.type_name = "Error",
	FIELDS(error_fields),
	.doc = "Body of every error.",
};

static const struct route routes[] = {
	{ .name = "getOpenapi",
	    .method = METHOD_GET,
	    .path = "/openapi.json",
	    .run = get_openapi,
	    .resource = &openapi_anything,
	    .media = "application/json",
	    .access = ACCESS_PUBLIC,
	    .doc = "Returns this document." },
	{ .name = "getOpenapi30",
	    .method = METHOD_GET,
	    .path = "/openapi-3.0.json",
	    .run = get_openapi_3_0,
	    .resource = &openapi_anything,
	    .media = "application/json",
	    .access = ACCESS_PUBLIC,
	    .doc = "Returns this document in OpenAPI 3.0, for generators that need it." },
	{ .name = "getHealth",
	    .method = METHOD_GET,
	    .path = "/healthz",
	    .run = get_health,
	    .resource = &health_resource,
	    .media = "application/json",
	    .access = ACCESS_OPERATOR,
	    .doc = "Shows whether the process answers." },
	{ .name = "getReadiness",
	    .method = METHOD_GET,
	    .path = "/readyz",
	    .run = get_readiness,
	    .resource = &health_resource,
	    .media = "application/json",
	    .access = ACCESS_OPERATOR,
	    .doc = "Shows whether the database can be used, and has the right schema and key." },
	{ .name = "getMetrics",
	    .method = METHOD_GET,
	    .path = "/metrics",
	    .run = get_metrics,
	    .media = "text/plain",
	    .access = ACCESS_OPERATOR,
	    .doc = "Returns counters in the Prometheus text format." },
};

const struct contract operational_contract = {
	.family = {
		.name = "operational",
		.title = "Health and metrics",
		.prefix = "/healthz",
		.without_database = true,
		.english_only = true,
		.doc = "For the operator of the server.",
		.xml_style = XML_SERIALIZER,
		.json_time = TIMESTAMP_UTC,
		.xml_time = TIMESTAMP_UTC,
		.insert_status = 200,
		.delete_status = 204,
		.error = { .xml_root = "Error", .message = "message", .faults = "errors" },
		.error_body = &error_body,
	},
	.routes = routes,
	.route_count = COUNT_OF(routes),
};
