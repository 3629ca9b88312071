#include "api/activation/alias.h"

#include <stddef.h>
#include <string.h>

#include "base/url.h"
#include "schema/resource.h"

#define FOLDER "license"
#define ALIAS(operation)                                               \
	.name = #operation, .option_name = "client_route_" #operation, \
	.option = offsetof(struct settings, client_route_##operation)

/* An operation, and the option that names another way to it. */
static const struct {
	const char *name; /* last segment of its own path */
	const char *option_name;
	size_t option;
	enum method method;
} aliases[] = {
	{ ALIAS(activate), .method = METHOD_POST },
	{ ALIAS(activations), .method = METHOD_GET },
	{ ALIAS(consume), .method = METHOD_POST },
	{ ALIAS(deactivate), .method = METHOD_POST },
	{ ALIAS(heartbeat), .method = METHOD_POST },
	{ ALIAS(release), .method = METHOD_POST },
	{ ALIAS(report), .method = METHOD_POST },
	{ ALIAS(request), .method = METHOD_POST },
	{ ALIAS(validate), .method = METHOD_POST },
};

static struct str option_value(const struct settings *settings, size_t option)
{
	const char *value;

	memcpy(&value, (const char *)settings + option, sizeof(value));
	return str_from(value);
}

/* Methods that ask for an operation: a body comes with them, or none does. */
static bool is_method(struct str name)
{
	static const enum method methods[] = { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_DELETE };

	for (unsigned i = 0; i < COUNT_OF(methods); i++) {
		if (str_equal_ignore_case(name, str_from(request_method_name(methods[i]))))
			return true;
	}
	return false;
}

const char *alias_next_fault(const struct settings *settings, unsigned *position)
{
	while (*position < COUNT_OF(aliases)) {
		unsigned i = (*position)++;
		struct str way = option_value(settings, aliases[i].option), method;

		if (way.length > 0 && !(str_next(&way, ' ', &method) && is_method(method) &&
					  url_path_is_good(str_trim(way))))
			return aliases[i].option_name;
	}
	return NULL;
}

/* "POST /v2/activate", segment by segment. */
static bool is_way(struct str way, const struct request *request)
{
	struct str method, part;
	unsigned segment = 0;

	if (!str_next(&way, ' ', &method) ||
	    !str_equal_ignore_case(method, str_from(request->method_name)))
		return false;
	way = str_trim(way);
	if (!str_starts_with(way, STR("/")))
		return false;
	way = str_slice(way, 1, way.length);
	while (str_next(&way, '/', &part)) {
		if (segment == request->segment_count ||
		    !str_equal_ignore_case(part, request->segments[segment]))
			return false;
		segment++;
	}
	return segment == request->segment_count;
}

bool alias_follow(const struct settings *settings, struct arena *arena, struct request *request)
{
	for (unsigned i = 0; i < COUNT_OF(aliases) && request->path_valid; i++) {
		struct str way = option_value(settings, aliases[i].option);

		if (way.length == 0 || !is_way(way, request))
			continue;
		request->method = aliases[i].method;
		request->path = arena_printf(arena, "/v1/" FOLDER "/%s", aliases[i].name);
		request->segments[0] = STR("v1");
		request->segments[1] = STR(FOLDER);
		request->segments[2] = str_from(aliases[i].name);
		request->segment_count = 3;
		return true;
	}
	return false;
}
