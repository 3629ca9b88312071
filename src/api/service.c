#include "api/service.h"

#include <stdlib.h>

#include "api/admission.h"
#include "api/contracts.h"
#include "auth/sealing.h"
#include "base/limits.h"
#include "base/log.h"
#include "codec/json_lenient.h"
#include "codec/reader.h"
#include "db/migrate.h"
#include "op/generic.h"
#include "op/idempotency.h"
#include "schema/check.h"

#define SCHEMA_INTERVAL (5 * MICROSECONDS_PER_SECOND)

#define ARENA_BLOCK (64 * 1024)
#define BODY_KEEP (128 * 1024)
/* A worker may ask just before its turn and then not before its next idle moment: twice this is
 * the longest that a revocation on another node goes unseen. */
#define POLL_INTERVAL (MICROSECONDS_PER_SECOND / 2)

struct service {
	const struct settings *settings;
	const struct probe *probe;
	struct epoch *epoch;
	struct guard *guard;
	struct arena *arena;
	struct database *database;
	struct admission *admission;
	struct last_used *uses;
	struct response response;
	struct buf body;
	bool prepared;             /* the schema was found to fit, all tables of it */
	bool complained;           /* why they were not stands in the log */
	int64_t next_schema_check; /* monotonic; a migration may have shut this program out */
};

struct service *service_new(const struct settings *settings, struct epoch *epoch,
    struct guard *guard, const struct host_seat *seat, const struct probe *probe)
{
	struct service *service = calloc(1, sizeof(*service));

	if (service == NULL)
		return NULL;
	service->settings = settings;
	service->probe = probe;
	service->epoch = epoch;
	service->guard = guard;
	service->arena = arena_new(ARENA_BLOCK, (size_t)settings->limits.request_memory);
	service->database = database_new(settings);
	service->admission = admission_new(settings, epoch, guard);
	service->uses = last_used_new();
	if (service->arena == NULL || service->database == NULL || service->admission == NULL ||
	    service->uses == NULL) {
		service_free(service);
		return NULL;
	}
	if (seat != NULL)
		database_take_seat(service->database, seat);
	return service;
}

/* What was counted since the last idle moment. */
static void flush_uses(struct service *service)
{
	struct error error;

	if (service->arena == NULL || service->database == NULL || service->uses == NULL)
		return;
	error_init(&error, service->arena);
	if (last_used_flush(service->uses, service->database, &error) != 0)
		log_event(LOG_LEVEL_WARNING, "last use of credentials not written",
		    LOG_TEXT("detail", error.detail != NULL ? error.detail : ""));
}

void service_free(struct service *service)
{
	if (service == NULL)
		return;
	flush_uses(service);
	admission_free(service->admission);
	last_used_free(service->uses);
	database_free(service->database);
	arena_free(service->arena);
	response_free(&service->response);
	buf_free(&service->body);
	free(service);
}

static int refuse_media_type(const struct request *request, struct error *error)
{
	struct str type = str_slice(negotiate_media_type(request->content_type), 0, 100);

	if (type.length == 0 || str_utf8_valid(type) < type.length)
		return error_set(error, ERROR_MEDIA_TYPE,
		    "The request contains an entity body but no Content-Type header. The inferred "
		    "media type "
		    "'application/octet-stream' is not supported for this resource.");
	return error_set(error, ERROR_MEDIA_TYPE,
	    "The request entity's media type '" STR_FORMAT "' is not supported for this resource.",
	    STR_ARGUMENTS(type));
}

static int read_xml(struct operation *operation, const struct limits *limits, struct error *error)
{
	const struct route *route = operation->route;
	const char *type = route->body_type != NULL ? route->body_type : route->body->type_name;
	const struct xml_root root = {
		.name = route->flags & ROUTE_BODY_LIST
			    ? arena_printf(operation->context.arena, "ArrayOf%s", type)
			    : type,
		.xml_namespace = operation->contract->family.xml_namespace,
	};

	return xml_read(operation->context.arena, limits, operation->request->body, &root, 1,
	    &operation->body, error);
}

static int read_json(struct operation *operation, const struct limits *limits, struct error *error)
{
	struct str text = operation->request->body;

	if (operation->context.settings->json_lenient)
		text = json_make_strict(operation->context.arena, text);
	if (text.data == NULL)
		return error_set(
		    error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	return json_read(operation->context.arena, limits, text, &operation->body, error);
}

/*
 * A list may be larger than other bodies, and needs memory in proportion: for its tree, its rows
 * and what is stored already.
 */
#define LIST_MEMORY 16

static int read_body(struct operation *operation, struct error *error)
{
	const struct request *request = operation->request;
	const struct limits list = limits_of_list(&operation->context.settings->limits);
	const struct limits *limits = operation->route->flags & ROUTE_BODY_LIST
					  ? &list
					  : &operation->context.settings->limits;

	if (operation->route->body == NULL)
		return 0;
	if (request->body_too_large || request->body.length > (size_t)limits->body_bytes)
		return error_set(error, ERROR_TOO_LARGE,
		    "The request body is longer than %lld bytes.", (long long)limits->body_bytes);
	if (request->body_broken)
		return error_set(
		    error, ERROR_MALFORMED, "The request body is shorter than its Content-Length.");
	if (request->body.length == 0)
		return 0;
	if (operation->route->flags & ROUTE_BODY_LIST)
		arena_widen(operation->context.arena, request->body.length * LIST_MEMORY);
	switch (negotiate_body(request->content_type)) {
	case BODY_MEDIA_JSON:
		return read_json(operation, limits, error);
	case BODY_MEDIA_XML:
		return read_xml(operation, limits, error);
	case BODY_MEDIA_FORM:
		return form_read(
		    operation->context.arena, limits, request->body, &operation->body, error);
	default:
		return refuse_media_type(request, error);
	}
}

static int read_parameters(struct operation *operation, struct error *error)
{
	const struct route *route = operation->route;

	return parameters_read(operation->context.arena, &operation->context.settings->limits,
	    operation->request->query, route->parameters, route->parameter_count,
	    operation->contract->family.strict_parameters,
	    operation->contract->family.key_parameter ? "apiKey" : NULL, &operation->parameters,
	    error);
}

/* The path as an error may repeat it: short, and without the key of one that finds a row by it. */
static struct str shown_path(const struct operation *operation)
{
	struct str path = str_from(operation->request->path), rest = path, segment;

	while (str_next(&rest, '/', &segment)) {
		if (rest.length == 0 || !str_equal_ignore_case(segment, STR("by-apiKey")))
			continue;
		path.length = (size_t)(rest.data - path.data);
		path = str_from(
		    arena_printf(operation->context.arena, STR_FORMAT "***", STR_ARGUMENTS(path)));
		break;
	}
	path.length = str_utf8_valid(str_slice(path, 0, 1000));
	return path;
}

static int refuse_path(
    const struct operation *operation, const struct route_match *match, struct error *error)
{
	struct str path;

	if (match->methods != 0)
		return error_set(error, ERROR_METHOD,
		    "The requested resource does not support http method '%s'.",
		    operation->request->method_name);
	path = shown_path(operation);
	return error_set(error, ERROR_NO_ROUTE,
	    "No HTTP resource was found that matches the request URI '%s" STR_FORMAT "'.",
	    operation->request->base_url, STR_ARGUMENTS(path));
}

static void answer_options(struct operation *operation, unsigned methods)
{
	struct buf allow = { 0 };

	route_allow(methods, &allow);
	response_header(operation->response, "Allow", buf_str(&allow));
	operation->response->status = 204;
	buf_free(&allow);
}

/*
 * Runs what every resource needs, so that a misspelt column stops a worker and not a customer. None
 * of it is prepared: statements are, when they are needed.
 */
static int try_resource(
    struct service *service, const struct resource *resource, struct error *error)
{
	unsigned key = resource_key(resource);
	const struct value any = { .null = true };
	struct result result;
	struct sql sql;

	if (resource->table == NULL)
		return 0;
	sql_init(&sql, service->arena);
	sql_select(&sql, resource, resource_default_mask(resource));
	sql_where_field(&sql, resource, key, &any);
	if (sql.failed)
		return error_out_of_memory(error);
	return database_select_once(service->database, service->arena, sql.text, sql.binds,
	    sql.bind_count, sql.columns, sql.column_count, &result, error);
}

static int try_all(struct service *service, struct error *error)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->family.resource_count; j++) {
			if (try_resource(service, contracts[i]->family.resources[j], error) != 0)
				return -1;
		}
	}
	return 0;
}

/*
 * Makes sure, once per worker, that the database has the schema that the tables are written for: a
 * request must not find out by a statement that fails.
 */
static int prepare(struct service *service, struct error *error)
{
	int version;

	if (service->prepared)
		return 0;
	if (database_ready(service->database, error) != 0)
		return -1;
	if (database_check_schema(service->database, &version, error) != 0)
		return -1;
	if (try_all(service, error) != 0 && error->code == ERROR_INTERNAL)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the schema has version %d, but does not fit this program: %s", version,
		    error->detail != NULL ? error->detail : "out of memory");
	if (error->code != ERROR_NONE)
		return -1;
	if (sealing_fits(service->database, service->settings, service->arena, error) != 0)
		return -1;
	service->prepared = true;
	service->complained = false;
	database_count_reset(service->database);
	return 0;
}

/*
 * What other nodes have revoked, and how far their history has come; one worker of the machine
 * looks, twice a second while there are requests. It is no query of a request.
 */
static int follow_nodes(struct service *service, struct error *error)
{
	if (!database_connected(service->database) ||
	    !epoch_claim_poll(service->epoch, timestamp_monotonic(), POLL_INTERVAL))
		return 0;
	if (revocation_follow(service->epoch, service->database, service->arena, error) != 0)
		return -1;
	return database_follow_history(service->database, error);
}

/* A worker that was quiet may have seen no revocation for seconds. */
static int be_ready(struct service *service, struct error *error)
{
	if (prepare(service, error) != 0)
		return -1;
	if (follow_nodes(service, error) != 0)
		error_clear(error); /* the request will meet it, if it needs the database */
	database_count_reset(service->database);
	return 0;
}

/* All steps from path to answer; stops at the first that fails. */
static int carry_out(struct service *service, struct operation *operation,
    const struct route_match *match, struct principal *principal, struct error *error)
{
	const struct request *request = operation->request;

	if (request->method == METHOD_OPTIONS && match->methods != 0) {
		answer_options(operation, match->methods);
		return 0;
	}
	if (match->route == NULL)
		return refuse_path(operation, match, error);
	operation->route = match->route;
	memcpy(operation->captures, match->captures, sizeof(operation->captures));
	if (operation->contract != &operational_contract && be_ready(service, error) != 0)
		return -1;
	if (admission_check(service->admission, operation, principal, error) != 0 ||
	    read_parameters(operation, error) != 0 || read_body(operation, error) != 0)
		return -1;
	database_require_transactions(operation->context.database, true);
	if (request->method == METHOD_POST && request->idempotency_key.length > 0 &&
	    !(match->route->flags & ROUTE_NO_REPLAY))
		return idempotency_run(operation, error);
	return op_run(operation, error);
}

/* An answer must be whole: what ran out of memory on its way becomes an error. */
static void finish(struct operation *operation, int result, struct error *error)
{
	struct response *response = operation->response;

	if (result == 0 && (response->body.failed || response->headers.failed))
		result = error_out_of_memory(error);
	if (result != 0 && error->code == ERROR_NONE)
		error_set_detail(error, ERROR_INTERNAL, "an operation failed without a reason");
	/* Whoever met it deeper down had no words for it, and perhaps no room for any. */
	if (error->code == ERROR_UNAVAILABLE && error->message == NULL &&
	    arena_exhausted(operation->context.arena))
		error_out_of_memory(error);
	if (error->cause == ERROR_CAUSE_MEMORY)
		gate_count(operation->context.guard->gate, GATE_EVENT_MEMORY);
	else if (error->cause == ERROR_CAUSE_KEY_FILE)
		gate_count(operation->context.guard->gate, GATE_EVENT_KEY_FILE);
	if (result != 0)
		envelope_error(response, &operation->answer, error);
}

static void report(const struct operation *operation, uint64_t computed, const struct error *error,
    struct exchange_outcome *outcome)
{
	bool database = error->code == ERROR_UNAVAILABLE || error->code == ERROR_OUTCOME_UNKNOWN;

	*outcome = (struct exchange_outcome){
		.status = operation->response->status,
		.method = request_method_name(operation->request->method),
		.route = operation->route != NULL ? operation->route->path : "-",
		.route_number = operation->route != NULL
				    ? contracts_route_number(operation->contract, operation->route)
				    : 0,
		.family = operation->contract->family.name,
		.request_id = operation->request->id,
		.error_word = error->code == ERROR_NONE ? NULL
			      : error->word != NULL     ? error->word
							: error_code_word(error->code),
		.detail = error->detail,
		.queries = database_count(operation->context.database),
		.unprepared = database_unprepared(operation->context.database),
		.hashes = (unsigned)(password_computed() - computed),
		.timing = database_timing(operation->context.database),
		.database_error = database && (error->cause == ERROR_CAUSE_CODE ||
						  error->cause == ERROR_CAUSE_HISTORY),
		.sent_before = operation->response->sent,
		.broken = operation->response->broken,
	};
}

/* What an answer in parts needs of its request. */
struct parts {
	struct operation *operation;
	const struct exchange_input *input;
};

static void begin_parts(void *context)
{
	admission_write_rate(((const struct parts *)context)->operation);
}

static bool send_part(void *context, struct str part)
{
	const struct exchange_input *input = ((const struct parts *)context)->input;

	return input->send_part(input->context, part);
}

void service_handle(struct service *service, const struct exchange_input *input, struct buf *out,
    struct exchange_outcome *outcome)
{
	struct principal principal;
	struct route_match match;
	struct request request;
	struct error error;
	unsigned family_count;
	const struct contract *const *contracts = contracts_all(&family_count);
	struct operation operation = {
		.context = { .arena = service->arena,
		    .settings = service->settings,
		    .database = service->database,
		    .guard = service->guard },
		.uses = service->uses,
		.request = &request,
		.response = &service->response,
		.probe = service->probe,
	};
	struct parts parts = { &operation, input };
	const struct response_sink sink = { begin_parts, send_part, &parts };
	uint64_t computed = password_computed();
	int result;

	arena_reset(service->arena);
	error_init(&error, service->arena);
	response_reset(&service->response);
	service->response.sink = input->send_part != NULL ? &sink : NULL;
	buf_reset(&service->body, BODY_KEEP);
	database_count_reset(service->database);
	result = request_read(
	    &request, service->arena, service->settings, input, &service->body, &error);
	gate_begin(service->guard->gate, request.remote_address);
	match = route_find(contracts, family_count, &request);
	operation.contract = match.contract;
	operation.context.audited = match.contract->family.audited;
	operation.context.actor.address = request.remote_address;
	operation.context.actor.request_id = request.id;
	operation.answer = (struct answer){
		.media =
		    match.contract->family.json_only
			? (struct media){ MEDIA_JSON, "application/json" }
			: negotiate_answer(request.accept, request.requested_with,
			      match.contract->family.accept_only ? STR("") : request.content_type),
		.contract = match.contract,
		.route = match.route,
		.request = &request,
		.arena = service->arena,
		.methods = match.methods,
	};
	service->response.media_type = operation.answer.media.type;
	if (result == 0)
		result = carry_out(service, &operation, &match, &principal, &error);
	/* After the commit, and even where its outcome is unknown: no cache may be older than it.
	 */
	revocation_announce(&operation.context.revocations, service->epoch);
	database_require_transactions(service->database, false);
	gate_end(service->guard->gate);
	finish(&operation, result, &error);
	if (service->response.sent == 0)
		admission_write_rate(&operation);
	response_print(&service->response, &request, out);
	report(&operation, computed, &error, outcome);
	service->response.sink = NULL;
}

/* Tells the operator once why requests will fail; each of them tries again. */
static void complain(struct service *service, const struct error *error)
{
	if (!service->complained)
		log_event(LOG_LEVEL_ERROR, "database not usable",
		    LOG_TEXT("detail", error->detail != NULL ? error->detail : ""));
	service->complained = true;
}

/* Sees a migration that is not for this program any more: from then on requests are refused. */
static void follow_schema(struct service *service, struct error *error)
{
	int64_t now = timestamp_monotonic();
	int version;

	if (!service->prepared || now < service->next_schema_check)
		return;
	service->next_schema_check = now + SCHEMA_INTERVAL;
	if (database_check_schema(service->database, &version, error) == 0 || version < 0) {
		error_clear(error);
		return;
	}
	service->prepared = false;
	complain(service, error);
	error_clear(error);
}

bool service_waits(struct service *service)
{
	return database_waits(service->database);
}

bool service_idle(struct service *service, struct error *error)
{
	bool well = true;

	arena_reset(service->arena);
	follow_schema(service, error);
	if (prepare(service, error) != 0) {
		complain(service, error);
		well = false;
	}
	error_clear(error);
	if (follow_nodes(service, error) != 0) {
		error_clear(error);
		well = false;
	}
	if (known_load(service->guard->known, service->database, service->arena, error) != 0)
		error_clear(error);
	if (last_used_write(service->uses, service->database, error) != 0) {
		log_event(LOG_LEVEL_WARNING, "last use of credentials not written",
		    LOG_TEXT("detail", error->detail != NULL ? error->detail : ""));
		error_clear(error);
		well = false;
	}
	if (well)
		database_go_home(service->database);
	return well;
}
