#include "op/route.h"

#include "op/contract.h"

#define SHOWN_LONGEST 1000 /* bytes of a path in an error */

static bool is_capture(struct str part)
{
	return part.length > 0 && part.data[0] == '{';
}

static bool match_path(
    const char *pattern, const struct request *request, struct str captures[CAPTURES_MAX])
{
	struct str rest = str_from(pattern + 1);
	struct str part;
	unsigned segment = 0, captured = 0;

	while (str_next(&rest, '/', &part)) {
		if (segment == request->segment_count)
			return false;
		if (is_capture(part))
			captures[captured++] = request->segments[segment];
		else if (!str_equal_ignore_case(part, request->segments[segment]))
			return false;
		segment++;
	}
	return segment == request->segment_count;
}

/* True when, at the first place where only one of them has a literal, that one is `a`. */
static bool is_more_specific(const char *a, const char *b)
{
	struct str rest_a = str_from(a), rest_b = str_from(b);
	struct str part_a, part_b;

	while (str_next(&rest_a, '/', &part_a) && str_next(&rest_b, '/', &part_b)) {
		if (is_capture(part_a) != is_capture(part_b))
			return is_capture(part_b);
	}
	return false;
}

/* Number of segments of a family's prefix that the path begins with; -1 when it does not. */
static int match_prefix(const char *prefix, const struct request *request)
{
	struct str rest = str_from(prefix + 1);
	struct str part;
	unsigned segment = 0;

	if (rest.length == 0)
		return 0;
	while (str_next(&rest, '/', &part)) {
		if (segment == request->segment_count ||
		    !str_equal_ignore_case(part, request->segments[segment]))
			return -1;
		segment++;
	}
	return (int)segment;
}

static const struct contract *find_contract(
    const struct contract *const *contracts, unsigned count, const struct request *request)
{
	const struct contract *best = contracts[0];
	int longest = -1;

	for (unsigned i = 0; i < count; i++) {
		int length = match_prefix(contracts[i]->family.prefix, request);

		if (length > longest) {
			longest = length;
			best = contracts[i];
		}
	}
	return best;
}

/* All routes of a path are of its most specific pattern: it alone tells the methods. */
static void consider(struct route_match *match, const char **pattern,
    const struct contract *contract, const struct route *route, const struct request *request)
{
	struct str captures[CAPTURES_MAX] = { { NULL, 0 } };
	enum method wanted = request->method == METHOD_HEAD ? METHOD_GET : request->method;

	if (!match_path(route->path, request, captures))
		return;
	if (*pattern == NULL || is_more_specific(route->path, *pattern)) {
		*pattern = route->path;
		match->route = NULL;
		match->methods = 0;
	} else if (is_more_specific(*pattern, route->path)) {
		return;
	}
	match->contract = contract;
	match->methods |= 1u << route->method;
	if (route->method == wanted) {
		match->route = route;
		memcpy(match->captures, captures, sizeof(captures));
	}
}

struct route_match route_find(
    const struct contract *const *contracts, unsigned count, const struct request *request)
{
	struct route_match match = { 0 };
	const char *pattern = NULL;

	match.contract = find_contract(contracts, count, request);
	if (!request->path_valid)
		return match;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++)
			consider(&match, &pattern, contracts[i], &contracts[i]->routes[j], request);
	}
	return match;
}

/* The literal segment before the last capture of a pattern. */
static struct str literal_before_secret(const char *pattern)
{
	struct str rest = str_from(pattern), part, last = STR("");

	while (str_next(&rest, '/', &part)) {
		if (!is_capture(part))
			last = part;
	}
	return last;
}

/* The part of the path up to the literal and its '/'; the whole of it where it has none. */
static struct str up_to(struct str path, struct str literal)
{
	struct str rest = path, segment;

	while (str_next(&rest, '/', &segment)) {
		if (rest.length > 0 && str_equal_ignore_case(segment, literal))
			return str_slice(path, 0, (size_t)(rest.data - path.data));
	}
	return path;
}

struct str route_shown_path(const struct contract *const *contracts, unsigned count,
    const struct request *request, struct arena *arena)
{
	struct str path = str_from(request->path), shown = path;

	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++) {
			const struct route *route = &contracts[i]->routes[j];

			if (route->flags & ROUTE_SECRET_PATH)
				shown = up_to(shown, literal_before_secret(route->path));
		}
	}
	if (shown.length < path.length)
		shown = str_from(arena_printf(arena, STR_FORMAT "***", STR_ARGUMENTS(shown)));
	shown.length = str_utf8_valid(str_slice(shown, 0, SHOWN_LONGEST));
	return shown;
}

bool route_takes_key(const struct route *route)
{
	return route->access == ACCESS_KEY || route->access == ACCESS_GROUP ||
	       route->access == ACCESS_KEY_OR_CLIENT;
}

bool route_lists(const struct route *route)
{
	return route->shape == SHAPE_LIST || route->shape == SHAPE_QUERY ||
	       route->list_member != NULL;
}

bool route_changes_row(const struct route *route)
{
	return route->shape == SHAPE_INSERT || route->shape == SHAPE_UPDATE ||
	       route->shape == SHAPE_DELETE;
}

bool route_changes_rows(const struct route *route)
{
	return route_changes_row(route) || route->shape == SHAPE_BULK;
}

enum permission route_permission(const struct route *route)
{
	if (route->permission != 0)
		return route->permission;
	switch (route->method) {
	case METHOD_POST:
		return PERMISSION_CREATE;
	case METHOD_PUT:
		return PERMISSION_UPDATE;
	case METHOD_DELETE:
		return PERMISSION_DELETE;
	default:
		return PERMISSION_READ;
	}
}

void route_allow(unsigned methods, struct buf *out)
{
	if (methods & (1u << METHOD_GET))
		methods |= 1u << METHOD_HEAD;
	methods |= 1u << METHOD_OPTIONS;
	for (unsigned i = 0; i < METHOD_OTHER; i++) {
		if (!(methods & (1u << i)))
			continue;
		if (out->length > 0)
			buf_append_text(out, ", ");
		buf_append_text(out, request_method_name((enum method)i));
	}
}
