/*
 * One request's way from its path to its answer.
 */
#include "api/activation/alias.h"
#include "api/contracts.h"
#include "api/service_state.h"
#include "http/cross_origin.h"
#include "op/generic.h"
#include "op/idempotency.h"
#include "record/later.h"

static int refuse_path(
    const struct operation *operation, const struct route_match *match, struct error *error)
{
	const struct contract *const *contracts;
	struct str path;
	unsigned count;

	if (match->methods != 0)
		return error_set(error, ERROR_METHOD,
		    "The requested resource does not support http method '%s'.",
		    operation->request->method_name);
	contracts = contracts_all(&count);
	path = route_shown_path(contracts, count, operation->request, operation->context.arena);
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
	if (!operation->contract->family.without_database && readiness_ensure(service, error) != 0)
		return -1;
	if (admission_check(service->admission, operation, principal, error) != 0 ||
	    operation_read_parameters(operation, error) != 0 ||
	    operation_read_body(operation, error) != 0)
		return -1;
	database_require_transactions(operation->context.database, true);
	/* What is only tried is to be done for the first time afterwards. */
	if (request->method == METHOD_POST && request->idempotency_key.length > 0 &&
	    !(match->route->flags & ROUTE_NO_REPLAY) && !operation_is_trial(operation))
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

/* What an answer in parts needs of its request. */
struct parts {
	struct operation *operation;
	const struct exchange_input *input;
};

/* Headers that every answer has, whatever it became. */
static void write_last_headers(struct operation *operation)
{
	const struct settings *settings = operation->context.settings;
	struct buf allow = { 0 };

	admission_write_rate(operation);
	if (settings->cors_origins[0] == '\0')
		return;
	if (operation->request->method == METHOD_OPTIONS && operation->answer.methods != 0)
		route_allow(operation->answer.methods, &allow);
	cross_origin_write(operation->response, settings, operation->request, buf_str(&allow));
	buf_free(&allow);
}

static void begin_parts(void *context)
{
	write_last_headers(((const struct parts *)context)->operation);
}

static bool send_part(void *context, struct str part)
{
	const struct exchange_input *input = ((const struct parts *)context)->input;

	return input->send_part(input->context, part);
}

static struct media find_media(const struct settings *settings, const struct request *request,
    const struct route_match *match, bool list)
{
	const struct family *family = &match->contract->family;
	bool by_accept;
	struct media media;

	if (family->json_only)
		return (struct media){ MEDIA_JSON, "application/json" };
	by_accept = family_speaks(family, settings, DIALECT_XML_BY_ACCEPT);
	media = negotiate_answer(request->accept, request->requested_with,
	    by_accept ? STR("") : request->content_type, list);
	if (family_speaks(family, settings, DIALECT_OMIT_ZEROS))
		media.format = writer_format_sparse(media.format);
	return media;
}

/*
 * From here on messages are in the language of the caller, or in the words of the original where
 * the family speaks so: whoever compares those knows them in English.
 */
static void begin_language(
    const struct settings *settings, const struct request *request, const struct family *family)
{
	if (family->originals != NULL && family_speaks(family, settings, DIALECT_ORIGINAL_TEXTS))
		language_begin(LANGUAGE_ENGLISH, family->originals);
	else if (!family->english_only)
		language_begin_later(negotiate_language, request->accept_language);
}

void service_forget_request(struct service *service)
{
	arena_reset(service->arena);
	response_reset(&service->response);
	buf_reset(&service->body, BODY_KEEP);
}

void service_handle(struct service *service, const struct exchange_input *input, struct buf *out,
    struct exchange_outcome *outcome)
{
	struct principal principal;
	struct route_match match;
	struct request request;
	struct error error;
	struct operation operation = {
		.context = { .arena = service->arena,
		    .settings = service->settings,
		    .database = service->database,
		    .guard = service->guard,
		    .subscriptions = service->subscriptions,
		    .key_ring = service->key_ring,
		    .later = service->later },
		.uses = service->uses,
		.request = &request,
		.response = &service->response,
		.probe = service->probe,
	};
	struct parts parts = { &operation, input };
	const struct response_sink sink = {
		.begin = begin_parts, .send = send_part, .context = &parts
	};
	uint64_t computed = password_computed();
	int result;

	service_forget_request(service);
	error_init(&error, service->arena);
	service->response.sink = input->send_part != NULL ? &sink : NULL;
	database_count_reset(service->database);
	result = request_read(
	    &request, service->arena, service->settings, input, &service->body, &error);
	gate_begin(service->guard->gate, request.remote_address);
	match = router_find(service->router, &request);
	/* A way of the operator's own, which no table has. */
	if (match.methods == 0 && alias_follow(service->settings, service->arena, &request))
		match = router_find(service->router, &request);
	operation.contract = match.contract;
	operation.context.logged = match.contract->family.logged;
	operation.context.actor.address = request.remote_address;
	operation.context.actor.request_id = request.id;
	operation.answer = (struct answer){
		.media = find_media(service->settings, &request, &match, false),
		.contract = match.contract,
		.route = match.route,
		.request = &request,
		.arena = service->arena,
		.methods = match.methods,
	};
	operation.answer.list_media = match.route != NULL && route_lists(match.route)
					  ? find_media(service->settings, &request, &match, true)
					  : operation.answer.media;
	service->response.media_type = operation.answer.media.type;
	begin_language(service->settings, &request, &match.contract->family);
	if (result != 0)
		result = request_check(&request, service->settings, &error);
	if (result == 0)
		result = carry_out(service, &operation, &match, &principal, &error);
	/* After the commit, and even where its outcome is unknown: no cache may be older than it.
	 */
	revocation_announce(&operation.context.revocations, service->epoch);
	database_require_transactions(service->database, false);
	gate_end(service->guard->gate);
	finish(&operation, result, &error);
	if (service->response.sent == 0)
		write_last_headers(&operation);
	response_print(&service->response, &request, out);
	language_end();
	zone_end();
	report_outcome(&operation, computed, &error, outcome);
	/* A worker that is never idle has some time now. */
	if (later_is_full(service->later))
		(void)service_write_later(service);
	service->response.sink = NULL;
}
