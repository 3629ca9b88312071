#include "op/router.h"

#include <stdlib.h>

#include "op/contract.h"

/* A route, with the hashes of its segments; 0 = a capture. */
struct candidate {
	const struct contract *contract;
	const struct route *route;
	uint32_t hashes[SEGMENTS_MAX];
};

struct router {
	const struct contract *const *contracts;
	unsigned contract_count;
	struct candidate
	    *candidates; /* by their number of segments, else in the order of the tables */
	unsigned begins[SEGMENTS_MAX + 2]; /* of paths of so many segments, and of longer ones */
};

/* FNV-1a over lower case; never 0. */
static uint32_t hash_literal(struct str text)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)str_lower(text.data[i])) * 16777619u;
	return hash | 1;
}

static unsigned count_segments(const char *pattern)
{
	struct str rest = str_from(pattern + 1), part;
	unsigned count = 0;

	while (str_next(&rest, '/', &part))
		count++;
	return count;
}

static void take_route(
    struct candidate *candidate, const struct contract *contract, const struct route *route)
{
	struct str rest = str_from(route->path + 1), part;
	unsigned segment = 0;

	candidate->contract = contract;
	candidate->route = route;
	while (str_next(&rest, '/', &part))
		candidate->hashes[segment++] = route_is_capture(part) ? 0 : hash_literal(part);
}

static void sort_routes(struct router *router)
{
	unsigned placed = 0;

	for (unsigned length = 0; length <= SEGMENTS_MAX; length++) {
		router->begins[length] = placed;
		for (unsigned i = 0; i < router->contract_count; i++) {
			const struct contract *contract = router->contracts[i];

			for (unsigned j = 0; j < contract->route_count; j++) {
				if (count_segments(contract->routes[j].path) == length)
					take_route(&router->candidates[placed++], contract,
					    &contract->routes[j]);
			}
		}
	}
	router->begins[SEGMENTS_MAX + 1] = placed;
}

struct router *router_new(const struct contract *const *contracts, unsigned count)
{
	struct router *router = calloc(1, sizeof(*router));
	size_t routes = 0;

	for (unsigned i = 0; i < count; i++)
		routes += contracts[i]->route_count;
	if (router == NULL ||
	    (router->candidates = calloc(routes, sizeof(*router->candidates))) == NULL) {
		free(router);
		return NULL;
	}
	router->contracts = contracts;
	router->contract_count = count;
	sort_routes(router);
	return router;
}

void router_free(struct router *router)
{
	if (router == NULL)
		return;
	free(router->candidates);
	free(router);
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
		if (route_is_capture(part))
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
		if (route_is_capture(part_a) != route_is_capture(part_b))
			return route_is_capture(part_b);
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

/* Whether all literals are the request's, as far as hashes tell. */
static bool may_match(
    const struct candidate *candidate, const uint32_t hashes[SEGMENTS_MAX], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (candidate->hashes[i] != 0 && candidate->hashes[i] != hashes[i])
			return false;
	}
	return true;
}

struct route_match router_find(const struct router *router, const struct request *request)
{
	struct route_match match = { 0 };
	unsigned count = request->segment_count;
	uint32_t hashes[SEGMENTS_MAX];
	const char *pattern = NULL;

	match.contract = find_contract(router->contracts, router->contract_count, request);
	if (!request->path_valid)
		return match;
	for (unsigned i = 0; i < count; i++)
		hashes[i] = hash_literal(request->segments[i]);
	for (unsigned i = router->begins[count]; i < router->begins[count + 1]; i++) {
		const struct candidate *candidate = &router->candidates[i];

		if (may_match(candidate, hashes, count))
			consider(&match, &pattern, candidate->contract, candidate->route, request);
	}
	return match;
}
