#include "api/lists.h"

#include "api/contracts.h"
#include "base/url.h"
#include "op/generic.h"
#include "op/router.h"

/* What an account asks for by its own key is no list of the operator's. */
static bool is_list(const struct route *route)
{
	return route_lists(route) && route->access != ACCESS_ACCOUNT;
}

const struct route *lists_route(unsigned number)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++) {
			if (is_list(&contracts[i]->routes[j]) && number-- == 0)
				return &contracts[i]->routes[j];
		}
	}
	return NULL;
}

static const struct contract *contract_of(const struct route *route)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		if (route >= contracts[i]->routes &&
		    route < contracts[i]->routes + contracts[i]->route_count)
			return contracts[i];
	}
	return NULL;
}

const struct family *lists_family(const struct route *route)
{
	return &contract_of(route)->family;
}

const char *lists_name(const struct route *route)
{
	const char *name = route->path + strlen(lists_family(route)->prefix);

	/* What stands at the family's own address is told by that. */
	if (name[0] == '\0' || (route->flags & ROUTE_BY_PATH))
		return route->path;
	return name[0] == '/' ? name + 1 : name;
}

/* A list being written. */
struct written {
	const struct lists_request *request;
	struct operation operation;
};

static void begin_parts(void *context)
{
	(void)context; /* there is no head */
}

static bool take_part(void *context, struct str part)
{
	const struct written *written = context;

	return written->request->take(written->request->data, part, written->operation.listed);
}

/* The path by which the list is reached: as it is given, or below a prefix. */
static const char *make_path(struct arena *arena, const char *prefix, const char *list)
{
	return list[0] == '/' ? list : arena_printf(arena, "%s/%s", prefix, list);
}

static const char *make_query(struct arena *arena, const struct lists_request *request)
{
	struct buf text = { 0 };
	const char *query;

	for (unsigned i = 0; i < request->parameter_count; i++) {
		buf_append_text(&text, i == 0 ? "" : "&");
		url_append_encoded(&text, str_from(request->parameters[i].name));
		buf_append_char(&text, '=');
		url_append_encoded(&text, str_from(request->parameters[i].value));
	}
	query = text.failed ? NULL : arena_printf(arena, STR_FORMAT, STR_ARGUMENTS(buf_str(&text)));
	buf_free(&text);
	return query;
}

/* The request that a web server would hand over. */
static int read_request(struct written *written, struct request *request, const char *prefix,
    const char *query, struct error *error)
{
	struct context *context = &written->operation.context;
	struct arena *arena = context->arena;
	const char *const environment[] = {
		"REQUEST_METHOD=GET",
		arena_printf(arena, "PATH_INFO=%s%s", context->settings->base_path,
		    make_path(arena, prefix, written->request->list)),
		arena_printf(arena, "QUERY_STRING=%s", query),
		NULL,
	};
	const struct exchange_input input = { .environment =
						  (char *const *)(uintptr_t)environment };
	struct buf body = { 0 };

	return request_read(request, arena, context->settings, &input, &body, error);
}

/* Looks the list up below each family's prefix; the first that has it. */
static int look_up(struct written *written, const struct router *router, struct request *request,
    struct route_match *match, struct error *error)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);
	const char *query = make_query(written->operation.context.arena, written->request);

	if (query == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++) {
		if (read_request(written, request, contracts[i]->family.prefix, query, error) != 0)
			return -1;
		*match = router_find(router, request);
		if (match->route != NULL && is_list(match->route) &&
		    (written->request->list[0] == '/' || !(match->route->flags & ROUTE_BY_PATH)))
			return 0;
	}
	return error_set(
	    error, ERROR_NO_ROUTE, "The list \"%s\" does not exist.", written->request->list);
}

static int find_list(struct written *written, struct request *request, struct route_match *match,
    struct error *error)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);
	struct router *router = router_new(contracts, count);
	int result = router != NULL ? look_up(written, router, request, match, error)
				    : error_out_of_memory(error);

	router_free(router);
	return result;
}

static int run_list(struct written *written, struct response *response, struct error *error)
{
	struct operation *operation = &written->operation;

	if (operation_read_parameters(operation, error) != 0 || op_run(operation, error) != 0)
		return -1;
	if (response->body.failed || response->headers.failed)
		return error_out_of_memory(error);
	if (response_finish(response))
		return 0;
	return error_set_detail(error, ERROR_INTERNAL, "the output was not taken");
}

int lists_write(struct context *context, const struct lists_request *list, struct error *error)
{
	struct written written = { .request = list, .operation = { .context = *context } };
	struct operation *operation = &written.operation;
	const struct response_sink sink = {
		.begin = begin_parts, .send = take_part, .context = &written, .body_only = true
	};
	struct response response = { .sink = &sink, .media_type = "" };
	struct route_match match = { 0 };
	struct request request;
	int result;

	if (find_list(&written, &request, &match, error) != 0)
		return -1;
	operation->request = &request;
	operation->response = &response;
	operation->route = match.route;
	operation->contract = match.contract;
	operation->whole_lists = true;
	memcpy(operation->captures, match.captures, sizeof(operation->captures));
	operation->answer = (struct answer){
		.media = { list->format, "" },
		.list_media = { list->format, "" },
		.contract = match.contract,
		.route = match.route,
		.request = &request,
		.arena = context->arena,
	};
	result = run_list(&written, &response, error);
	response_free(&response);
	return result;
}
