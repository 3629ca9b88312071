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
	struct buf made = { 0 };

	(void)state;
	openapi_print_indented("/", &made);
	golden_check("docs/openapi.json", &made);
	buf_free(&made);
}

static const struct node *member(const struct node *object, const char *name)
{
	const struct node *found = node_find(object, name);

	if (found == NULL)
		fail_msg("%s is missing", name);
	return found;
}

/* Each route is an operation with an identifier of its own. */
static void test_routes(void **state)
{
	static const char *const methods[] = {
		[METHOD_GET] = "get",
		[METHOD_POST] = "post",
		[METHOD_PUT] = "put",
		[METHOD_DELETE] = "delete",
	};
	struct arena *arena = arena_new(65536, 64 << 20);
	struct node *seen = node_new(arena, NULL, NODE_OBJECT, STR(""));
	struct buf text = { 0 };
	const struct node *document;
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	openapi_print("/registry", &text);
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

			assert_null(node_member(seen, BODY_XML, id));
			node_new(arena, seen, NODE_NULL, id);
		}
	}
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_routes),
	};

	/* Examples of times are in the local zone. */
	if (!zone_set("UTC"))
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
