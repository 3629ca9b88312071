/*
 * The OpenAPI document is the one that is kept in docs/, and it has every route.
 *
 * After a change of the tables: GOLDEN_UPDATE=1 make check
 */
#include "../lib/golden.h"
#include "../lib/rows.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "api/families.h"
#include "api/openapi/openapi.h"
#include "base/timestamp.h"
#include "base/zone.h"

static void test_golden(void **state)
{
	struct buf made = { 0 };

	(void)state;
	openapi_print_indented("/", &made);
	golden_check("docs/openapi.json", &made);
	buf_free(&made);
}

static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("%s is missing", name);
	return value;
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
	struct buf text = { 0 };
	struct json_object *document, *seen = json_object_new_object();
	unsigned count;
	const struct family *const *families = families_table(&count);

	(void)state;
	openapi_print("/registry", &text);
	assert_false(text.failed);
	document = json_tokener_parse(text.data);
	assert_non_null(document);
	assert_string_equal(json_object_get_string(member(
				json_object_array_get_idx(member(document, "servers"), 0), "url")),
	    "/registry");
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < families[i]->route_count; j++) {
			const struct route *route = &families[i]->routes[j];
			struct json_object *path = member(member(document, "paths"), route->path);
			const char *id = json_object_get_string(
			    member(member(path, methods[route->method]), "operationId"));

			assert_false(json_object_object_get_ex(seen, id, NULL));
			json_object_object_add(seen, id, NULL);
		}
	}
	json_object_put(seen);
	json_object_put(document);
	buf_free(&text);
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
