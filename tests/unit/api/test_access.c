/*
 * Who may call what: a line for each route in tests/golden/access.txt, so that whoever reads a
 * change sees each change of access. Its last column is made from the roles, as callers meet them.
 */
#include "../lib/golden.h"
#include "../lib/rows.h"
#include "api/contracts.h"
#include "auth/role.h"
#include "op/route.h"

#define GOLDEN_FILE "tests/golden/access.txt"

static void print_roles(struct buf *out, const struct route *route)
{
	unsigned count;
	const struct role *roles = role_table(&count);
	enum permission permission = route_permission(route);
	const char *separator = "";

	for (unsigned i = 0; i < count; i++) {
		bool all = roles[i].permissions[route->area] & permission;

		if (!all &&
		    !(route_admits_owners(route) &&
			(roles[i].permissions[owner_area(route->resource->owner)] & permission)))
			continue;
		buf_printf(out, "%s%s%s", separator, roles[i].name, all ? "" : " (own rows)");
		separator = ", ";
	}
}

static void print_route(struct buf *out, const struct route *route)
{
	bool keyed = route_has_area(route);

	buf_printf(out, "%-6s  %-76s  %-13s  %-11s  %-6s  ", request_method_name(route->method),
	    route->path, access_name(route->access), keyed ? area_name(route->area) : "-",
	    keyed ? permission_name(route_permission(route)) : "-");
	if (keyed)
		print_roles(out, route);
	else
		buf_append_text(out, "-");
	buf_append_char(out, '\n');
}

static void test_golden(void **state)
{
	struct buf made = { 0 };
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	buf_printf(&made, "%-6s  %-76s  %-13s  %-11s  %-6s  %s\n", "METHOD", "PATH", "ACCESS",
	    "AREA", "MAY", "ROLES");
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++)
			print_route(&made, &contracts[i]->routes[j]);
	}
	golden_check(GOLDEN_FILE, &made);
	buf_free(&made);
}

/* A zeroed row is shut: it wants a key, and no role may do anything in the area that it lacks. */
static void test_zero(void **state)
{
	static const struct route zero;

	(void)state;
	assert_int_equal(zero.access, ACCESS_KEY);
	assert_true(route_takes_key(&zero));
	assert_int_equal(zero.area, AREA_NONE);
	assert_int_equal(role_permissions(UINT32_MAX, AREA_NONE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
