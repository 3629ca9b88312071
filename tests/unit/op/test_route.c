#include "../lib/rows.h"
#include "op/contract.h"
#include "op/router.h"

static const struct route root_routes[] = {
	{ .method = METHOD_POST, .path = "/api/Hello" },
};
static const struct route group_routes[] = {
	{ .method = METHOD_GET, .path = "/api/groups/{id}" },
	{ .method = METHOD_DELETE, .path = "/api/groups/{group}" },
	{ .method = METHOD_POST, .path = "/api/groups" },
	{ .method = METHOD_DELETE, .path = "/api/groups/{group}/clients/{client}" },
	{ .method = METHOD_GET, .path = "/api/groups/{group}/clients/count" },
	{ .method = METHOD_GET, .path = "/api/groups/{group}/{kind}/{a}/{b}" },
	{ .method = METHOD_PUT, .path = "/api/groups/first/{kind}/{a}/{b}" },
};
static const struct route hosting_routes[] = {
	{ .method = METHOD_GET, .path = "/hosting/api/client/{id}" },
	{ .method = METHOD_PUT, .path = "/hosting/api/client/{id}" },
	{ .method = METHOD_GET, .path = "/hosting/api/client/by-username/{name}" },
	{ .method = METHOD_POST, .path = "/hosting/api/client/{id}/apiKey" },
};

#define ROUTES(table) .routes = (table), .route_count = COUNT_OF(table)

static const struct contract root = { .family = { .name = "root", .prefix = "/" },
	ROUTES(root_routes) };
static const struct contract groups = { .family = { .name = "groups", .prefix = "/api/groups" },
	ROUTES(group_routes) };
static const struct contract hosting = { .family = { .name = "hosting", .prefix = "/hosting" },
	ROUTES(hosting_routes) };
static const struct contract empty = { .family = { .name = "empty", .prefix = "/v1" } };
static const struct contract *const contracts[] = { &root, &groups, &hosting, &empty };

#define G (1u << METHOD_GET)
#define O (1u << METHOD_POST)
#define P (1u << METHOD_PUT)
#define D (1u << METHOD_DELETE)

static const struct {
	enum method method;
	const char *path;
	const char *family;
	const char *pattern; /* NULL = no route */
	const char *captures;
	unsigned methods;
} rows[] = {
	{ METHOD_POST, "api/Hello", "root", "/api/Hello", "", O },
	{ METHOD_POST, "API/hello", "root", "/api/Hello", "", O },
	{ METHOD_GET, "api/Hello", "root", NULL, "", O },
	{ METHOD_HEAD, "api/Hello", "root", NULL, "", O },
	{ METHOD_OPTIONS, "api/Hello", "root", NULL, "", O },
	{ METHOD_POST, "api", "root", NULL, "", 0 },
	{ METHOD_POST, "api/Hello/x", "root", NULL, "", 0 },
	{ METHOD_GET, "", "root", NULL, "", 0 },
	{ METHOD_GET, "nowhere", "root", NULL, "", 0 },
	/* Captures, as they were sent. */
	{ METHOD_GET, "api/groups/7", "groups", "/api/groups/{id}", "[7]", G | D },
	{ METHOD_DELETE, "API/GROUPS/aBc", "groups", "/api/groups/{group}", "[aBc]", G | D },
	{ METHOD_PUT, "api/groups/7", "groups", NULL, "", G | D },
	{ METHOD_OTHER, "api/groups/7", "groups", NULL, "", G | D },
	{ METHOD_OPTIONS, "api/groups/7", "groups", NULL, "", G | D },
	{ METHOD_GET, "api/groups", "groups", NULL, "", O },
	{ METHOD_GET, "api/groupsx", "root", NULL, "", 0 },
	{ METHOD_GET, "api/groups/7/x", "groups", NULL, "", 0 },
	/* HEAD is GET. */
	{ METHOD_HEAD, "api/groups/7", "groups", "/api/groups/{id}", "[7]", G | D },
	/* A literal beats a capture: its path has its own methods only. */
	{ METHOD_GET, "api/groups/7/clients/count", "groups", "/api/groups/{group}/clients/count",
	    "[7]", G },
	{ METHOD_GET, "api/groups/7/clients/COUNT", "groups", "/api/groups/{group}/clients/count",
	    "[7]", G },
	{ METHOD_DELETE, "api/groups/7/clients/count", "groups", NULL, "", G },
	{ METHOD_DELETE, "api/groups/7/clients/8", "groups", "/api/groups/{group}/clients/{client}",
	    "[7][8]", D },
	{ METHOD_GET, "api/groups/7/clients/8", "groups", NULL, "", D },
	{ METHOD_GET, "api/groups/1/2/3/4", "groups", "/api/groups/{group}/{kind}/{a}/{b}",
	    "[1][2][3][4]", G },
	{ METHOD_PUT, "api/groups/first/2/3/4", "groups", "/api/groups/first/{kind}/{a}/{b}",
	    "[2][3][4]", P },
	{ METHOD_GET, "api/groups/first/2/3/4", "groups", NULL, "", P },
	{ METHOD_GET, "hosting/api/client/by-username/x", "hosting",
	    "/hosting/api/client/by-username/{name}", "[x]", G },
	{ METHOD_GET, "hosting/api/client/by-username", "hosting", "/hosting/api/client/{id}",
	    "[by-username]", G | P },
	/* Before apiKey there may be anything but the literal of the other path. */
	{ METHOD_POST, "hosting/api/client/1/apikey", "hosting", "/hosting/api/client/{id}/apiKey",
	    "[1]", O },
	{ METHOD_GET, "hosting/api/client/by-username/apiKey", "hosting",
	    "/hosting/api/client/by-username/{name}", "[apiKey]", G },
	{ METHOD_POST, "hosting/api/client/by-username/apiKey", "hosting", NULL, "", G },
	/* Unknown paths belong to the family with the longest prefix. */
	{ METHOD_GET, "hosting", "hosting", NULL, "", 0 },
	{ METHOD_GET, "HOSTING/x/y", "hosting", NULL, "", 0 },
	{ METHOD_GET, "v1/x", "empty", NULL, "", 0 },
	{ METHOD_GET, "v1x", "root", NULL, "", 0 },
	{ METHOD_GET, "v2/v1", "root", NULL, "", 0 },
	/* A capture takes braces as they are. */
	{ METHOD_GET, "api/groups/{id}", "groups", "/api/groups/{id}", "[{id}]", G | D },
};

static void split(struct request *request, const char *path)
{
	struct str rest = str_from(path), part;

	request->path_valid = true;
	request->segment_count = 0;
	while (path[0] != '\0' && str_next(&rest, '/', &part))
		request->segments[request->segment_count++] = part;
}

static void test_find(void **state)
{
	struct router *router = router_new(contracts, COUNT_OF(contracts));

	(void)state;
	assert_non_null(router);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct request request = { .method = rows[i].method };
		struct route_match match;
		struct buf captures = { 0 };

		split(&request, rows[i].path);
		match = router_find(router, &request);
		expect_str(i, str_from(match.contract->family.name), rows[i].family);
		expect_int(i, match.methods, rows[i].methods);
		expect_str(
		    i, str_from(match.route != NULL ? match.route->path : NULL), rows[i].pattern);
		buf_append_text(&captures, "");
		for (unsigned j = 0;
		     match.route != NULL && j < CAPTURES_MAX && match.captures[j].data != NULL; j++)
			buf_printf(&captures, "[" STR_FORMAT "]", STR_ARGUMENTS(match.captures[j]));
		expect_str(i, buf_str(&captures), rows[i].captures);
		buf_free(&captures);
	}
	router_free(router);
}

/* A path that is none matches nothing, but has a family for its answer. */
static void test_invalid(void **state)
{
	struct router *router = router_new(contracts, COUNT_OF(contracts));
	struct request request = { .method = METHOD_POST };
	struct route_match match;

	(void)state;
	split(&request, "api/groups");
	request.path_valid = false;
	match = router_find(router, &request);
	assert_ptr_equal(match.contract, &groups);
	assert_null(match.route);
	assert_int_equal(match.methods, 0);
	router_free(router);
}

static void test_allow(void **state)
{
	static const struct {
		unsigned methods;
		const char *allow;
	} allows[] = {
		{ 0, "OPTIONS" },
		{ O, "POST, OPTIONS" },
		{ G, "GET, HEAD, OPTIONS" },
		{ G | O | P | D, "GET, HEAD, POST, PUT, DELETE, OPTIONS" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(allows); i++) {
		struct buf out = { 0 };

		route_allow(allows[i].methods, &out);
		expect_str(i, buf_str(&out), allows[i].allow);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_allow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
