#include "op/router.h"

#include <stdlib.h>

#include "op/contract.h"

/* A route, with the hashes of its segments; 0 = a capture. */
struct candidate {
	const struct contract *contract;
	const struct route *route;
	uint32_t hashes[SEGMENTS_MAX];
	/* Bit per segment that is a literal, the first one highest: of two patterns of one length
	 * that fit a path, the greater number is the more specific one. */
	uint32_t literals;
};

/* Prefix of a contract, as hashes of its segments. */
struct prefix {
	unsigned count;
	uint32_t hashes[SEGMENTS_MAX];
};

struct router {
	const struct contract *const *contracts;
	unsigned contract_count;
	struct candidate
	    *candidates; /* by their number of segments, else in the order of the tables */
	unsigned begins[SEGMENTS_MAX + 2]; /* of paths of so many segments, and of longer ones */
	struct prefix *prefixes;           /* of the contracts */
};

_Static_assert(SEGMENTS_MAX <= 32, "literals have a bit for each segment");

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
	while (str_next(&rest, '/', &part)) {
		candidate->literals |= (uint32_t)!route_is_capture(part) << (31 - segment);
		candidate->hashes[segment++] = route_is_capture(part) ? 0 : hash_literal(part);
	}
}

static void take_prefix(struct prefix *prefix, const char *text)
{
	struct str rest = str_from(text + 1), part;

	while (rest.length > 0 && str_next(&rest, '/', &part))
		prefix->hashes[prefix->count++] = hash_literal(part);
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
	    (router->candidates = calloc(routes, sizeof(*router->candidates))) == NULL ||
	    (router->prefixes = calloc(count, sizeof(*router->prefixes))) == NULL) {
		router_free(router);
		return NULL;
	}
	router->contracts = contracts;
	router->contract_count = count;
	sort_routes(router);
	for (unsigned i = 0; i < count; i++)
		take_prefix(&router->prefixes[i], contracts[i]->family.prefix);
	return router;
}

void router_free(struct router *router)
{
	if (router == NULL)
		return;
	free(router->candidates);
	free(router->prefixes);
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

/* Whether a path begins with a contract's prefix. */
static bool begins_with(const char *prefix, const struct request *request)
{
	struct str rest = str_from(prefix + 1), part;
	unsigned segment = 0;

	while (rest.length > 0 && str_next(&rest, '/', &part)) {
		if (!str_equal_ignore_case(part, request->segments[segment++]))
			return false;
	}
	return true;
}

static const struct contract *find_contract(
    const struct router *router, const struct request *request, const uint32_t hashes[SEGMENTS_MAX])
{
	const struct contract *best = NULL;
	unsigned longest = 0;

	for (unsigned i = 0; i < router->contract_count; i++) {
		const struct contract *contract = router->contracts[i];
		const struct prefix *prefix = &router->prefixes[i];

		if (prefix->count > request->segment_count ||
		    (best != NULL && prefix->count <= longest) ||
		    memcmp(prefix->hashes, hashes, prefix->count * sizeof(hashes[0])) != 0 ||
		    !begins_with(contract->family.prefix, request))
			continue;
		longest = prefix->count;
		best = contract;
	}
	return best != NULL ? best : router->contracts[0];
}

/* All routes of a path are of its most specific pattern: it alone tells the methods. */
static void consider(struct route_match *match, uint32_t *literals,
    const struct candidate *candidate, const struct request *request)
{
	const struct route *route = candidate->route;
	struct str captures[CAPTURES_MAX] = { { NULL, 0 } };
	enum method wanted = request->method == METHOD_HEAD ? METHOD_GET : request->method;

	if ((match->methods != 0 && candidate->literals < *literals) ||
	    !match_path(route->path, request, captures))
		return;
	if (match->methods == 0 || candidate->literals > *literals) {
		*literals = candidate->literals;
		match->route = NULL;
		match->methods = 0;
	}
	match->contract = candidate->contract;
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
	uint32_t literals = 0;

	for (unsigned i = 0; i < count; i++)
		hashes[i] = hash_literal(request->segments[i]);
	match.contract = find_contract(router, request, hashes);
	if (!request->path_valid)
		return match;
	for (unsigned i = router->begins[count]; i < router->begins[count + 1]; i++) {
		const struct candidate *candidate = &router->candidates[i];

		if (may_match(candidate, hashes, count))
			consider(&match, &literals, candidate, request);
	}
	return match;
}
