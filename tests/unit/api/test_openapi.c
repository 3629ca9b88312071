/*
 * The OpenAPI document is the one that is kept in docs/, and it has every route.
 *
 * After a change of the tables: GOLDEN_UPDATE=1 make check
 */
#include "../lib/golden.h"
#include "../lib/rows.h"

#include <stdlib.h>

#include "api/contracts.h"
#include "api/openapi/openapi.h"
#include "base/timestamp.h"
#include "base/zone.h"
#include "codec/reader.h"

static void test_golden(void **state)
{
	static const char *const files[OPENAPI_VERSION__MAX] = {
		[OPENAPI_3_1] = "docs/openapi.json",
		[OPENAPI_3_0] = "docs/openapi-3.0.json",
	};

	(void)state;
	for (unsigned i = 0; i < OPENAPI_VERSION__MAX; i++) {
		struct buf made = { 0 };

		openapi_print_indented((enum openapi_version)i, "/", &made);
		golden_check(files[i], &made);
		buf_free(&made);
	}
}

static const struct node *member(const struct node *object, const char *name)
{
	const struct node *found = node_find(object, name);

	if (found == NULL)
		fail_msg("%s is missing", name);
	return found;
}

static const char *const methods[] = {
	[METHOD_GET] = "get",
	[METHOD_POST] = "post",
	[METHOD_PUT] = "put",
	[METHOD_PATCH] = "patch",
	[METHOD_DELETE] = "delete",
};

/* A name that every language can call a function by. */
static bool is_name(struct str id)
{
	for (size_t i = 0; i < id.length; i++) {
		char byte = id.data[i];
		bool letter = str_lower(byte) >= 'a' && str_lower(byte) <= 'z';

		if (!letter && (i == 0 || byte < '0' || byte > '9'))
			return false;
	}
	return id.length > 0 && id.data[0] == str_lower(id.data[0]);
}

/* Each route is an operation with a name of its own. */
static void test_routes(void **state)
{
	struct arena *arena = arena_new(65536, 64 << 20);
	struct node *seen = node_new(arena, NULL, NODE_OBJECT, STR(""));
	struct buf text = { 0 };
	const struct node *document;
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	openapi_print(OPENAPI_3_1, "/registry", &text);
	assert_false(text.failed);
	document = json_read_stored(arena, buf_str(&text));
	assert_non_null(document);
	assert_true(str_equal(
	    node_find_text(member(document, "servers")->children, "url"), STR("/registry")));
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++) {
			const struct route *route = &contracts[i]->routes[j];
			const struct node *path = member(member(document, "paths"), route->path);
			struct str id =
			    member(member(path, methods[route->method]), "operationId")->text;

			if (!is_name(id) || node_member(seen, BODY_XML, id) != NULL)
				fail_msg("%s %s: " STR_FORMAT, methods[route->method], route->path,
				    STR_ARGUMENTS(id));
			node_new(arena, seen, NODE_NULL, id);
		}
	}
	buf_free(&text);
	arena_free(arena);
}

static void print_operation(struct buf *out, const struct node *path, const struct route *route)
{
	const struct node *operation = member(path, methods[route->method]);
	struct str id = node_find_text(operation, "operationId");
	struct str kind = node_find_text(operation, "x-kind");
	struct str rows = node_find_text(operation, "x-resource");
	struct str tag = member(operation, "tags")->children->text;

	if (rows.length == 0)
		rows = STR("-");
	buf_printf(out, "%-32.*s  %-6.*s  %-20.*s  %-22.*s  %s %s\n", (int)id.length, id.data,
	    (int)kind.length, kind.data, (int)rows.length, rows.data, (int)tag.length, tag.data,
	    request_method_name(route->method), route->path);
}

/* Programs that generators have made call operations by name: a name that has changed is seen. */
static void test_names(void **state)
{
	struct arena *arena = arena_new(65536, 64 << 20);
	struct buf text = { 0 }, made = { 0 };
	const struct node *paths;
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	openapi_print(OPENAPI_3_1, "/", &text);
	paths = member(json_read_stored(arena, buf_str(&text)), "paths");
	buf_printf(&made, "%-32s  %-6s  %-20s  %-22s  %s\n", "NAME", "KIND", "ROWS", "TAG",
	    "METHOD AND PATH");
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++)
			print_operation(&made, member(paths, contracts[i]->routes[j].path),
			    &contracts[i]->routes[j]);
	}
	golden_check("tests/golden/operations.txt", &made);
	buf_free(&made);
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_names),
	};

	/* Examples of times are in the local zone. */
	if (!zone_set("UTC"))
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
