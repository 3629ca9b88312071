/*
 * Paths: lines with REQUEST_URI, SCRIPT_NAME, PATH_INFO, the method and the base prefix. What comes
 * out is looked up among all routes.
 */
#include "api/contracts.h"
#include "op/router.h"

#include "fuzz.h"
#include "rule.h"

static void check_segments(const struct request *request)
{
	RULE(request->segment_count <= SEGMENTS_MAX);
	for (unsigned i = 0; request->path_valid && i < request->segment_count; i++) {
		struct str segment = request->segments[i];

		RULE(segment.length > 0 && rule_is_text(segment));
		for (size_t j = 0; j < segment.length; j++)
			RULE((unsigned char)segment.data[j] >= 0x20 && segment.data[j] != 0x7F);
	}
}

/* Literals of the pattern and captures together are the path. */
static void check_match(const struct request *request, const struct route_match *match)
{
	struct str rest = str_from(match->route->path + 1), part;
	unsigned segment = 0, captured = 0;

	while (str_next(&rest, '/', &part)) {
		RULE(segment < request->segment_count);
		if (part.data[0] == '{')
			RULE(str_equal(match->captures[captured++], request->segments[segment]));
		else
			RULE(str_equal_ignore_case(part, request->segments[segment]));
		segment++;
	}
	RULE(segment == request->segment_count);
	RULE(match->methods & (1u << match->route->method));
}

static void look_up(const struct request *request)
{
	static struct router *router; /* for all inputs */
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);
	struct route_match match;
	struct buf allow = { 0 };

	if (router == NULL)
		router = router_new(contracts, count);
	RULE(router != NULL);
	match = router_find(router, request);
	RULE(match.contract != NULL);
	RULE(request->path_valid || match.methods == 0);
	RULE(match.methods != 0 || match.route == NULL);
	if (match.route != NULL)
		check_match(request, &match);
	route_allow(match.methods, &allow);
	RULE(str_ends_with(buf_str(&allow), STR("OPTIONS")));
	buf_free(&allow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "REQUEST_URI", "SCRIPT_NAME", "PATH_INFO",
		"REQUEST_METHOD" };
	struct str rest = { (const char *)data, size };
	struct arena *arena = arena_new(65536, 1 << 24);
	struct settings settings = { .limits = { .query_bytes = 100, .body_bytes = 100 } };
	char *environment[sizeof(names) / sizeof(names[0]) + 1] = { NULL };
	const struct exchange_input input = { .environment = environment };
	struct buf body = { 0 };
	struct request request;
	struct error error;

	RULE(arena != NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str line = rule_line(&rest);
		const char *variable =
		    arena_printf(arena, "%s=" STR_FORMAT, names[i], STR_ARGUMENTS(line));

		environment[i] = arena_copy(arena, variable, strlen(variable));
	}
	settings.base_path = arena_printf(arena, STR_FORMAT, STR_ARGUMENTS(rule_line(&rest)));
	error_init(&error, arena);
	RULE(request_read(&request, arena, &settings, &input, &body, &error) == 0);
	RULE(request.path != NULL && request.id != NULL && strlen(request.method_name) <= 16);
	check_segments(&request);
	look_up(&request);
	buf_free(&body);
	arena_free(arena);
	return 0;
}
