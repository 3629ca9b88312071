#include "op/route.h"

#include "op/contract.h"

#define SHOWN_LONGEST 1000 /* bytes of a path in an error */

bool route_is_capture(struct str part)
{
	return part.length > 0 && part.data[0] == '{';
}

/* The literal segment before the last capture of a pattern. */
static struct str literal_before_secret(const char *pattern)
{
	struct str rest = str_from(pattern), part, last = STR("");

	while (str_next(&rest, '/', &part)) {
		if (!route_is_capture(part))
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
	return route->access == ACCESS_KEY || route->access == ACCESS_SIGHT ||
	       route->access == ACCESS_GROUP || route->access == ACCESS_KEY_OR_CLIENT ||
	       route->access == ACCESS_USER_KEY || route->access == ACCESS_ACCOUNT;
}

bool route_has_area(const struct route *route)
{
	return route_takes_key(route) && route->access != ACCESS_SIGHT &&
	       route->access != ACCESS_ACCOUNT;
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

enum permission route_permission(const struct route *route)
{
	if (route->permission != 0)
		return route->permission;
	switch (route->method) {
	case METHOD_POST:
		return PERMISSION_CREATE;
	case METHOD_PUT:
	case METHOD_PATCH:
		return PERMISSION_UPDATE;
	case METHOD_DELETE:
		return PERMISSION_DELETE;
	default:
		return PERMISSION_READ;
	}
}

bool route_admits_owners(const struct route *route)
{
	const struct resource *resource = route->resource;

	return resource != NULL && owner_area(resource->owner) != AREA_NONE &&
	       ((PERMISSION_READ | resource->owner_may) & route_permission(route)) != 0;
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
