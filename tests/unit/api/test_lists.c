/*
 * Every list of every family takes every member that it should: in filters, orders and selections,
 * and every relation. Nothing is stored; what counts is that the database takes the statements.
 */
#include "../lib/queries.h"
#include "../lib/server.h"

#include <stdio.h>

#include "api/contracts.h"

static struct queries *queries;

static int begin(void **state)
{
	server_make_schema(QUERIES_DATABASE);
	if (queries_begin(state) != 0)
		return -1;
	queries = *state;
	return 0;
}

/* Runs a list's route with a query; a parent that does not exist is no matter here. */
static bool list(const struct contract *contract, const struct route *route, const char *query)
{
	queries_prepare(queries, route->resource, NULL, NULL);
	queries->route = *route;
	queries->route.keys = NULL;
	queries->route.key_count = 0;
	queries->operation.contract = contract;
	queries->operation.context.sight.areas = UINT32_MAX;
	return queries_run(queries, query) != NULL;
}

static void expect_list(
    const struct contract *contract, const struct route *route, const char *query)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", query);
	if (!list(contract, route, copy))
		fail_msg("%s?%s: %s %s", route->path, copy,
		    queries->error.faults != NULL ? queries->error.faults->message : "",
		    queries->error.detail != NULL ? queries->error.detail : "");
}

/* A literal that suits the member, or NULL where it cannot be compared. */
static const char *literal(const struct field *field)
{
	const struct field_type_info *info = field_type_info(field->type);

	if (field->flags &
	    (FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED | FIELD_MASKED))
		return NULL;
	if (field->enumeration != NULL)
		return arena_printf(
		    queries->arena, "'%s'", field->enumeration->enumerators[0].name);
	if (info->compare == NULL || info->bind == BIND_NONE || field->type == FIELD_BINARY)
		return NULL;
	return info->example;
}

static bool takes(const struct route *route, const char *name)
{
	for (unsigned i = 0; i < route->parameter_count; i++) {
		if (strcmp(route->parameters[i].name, name) == 0)
			return true;
	}
	return false;
}

static void check_member(const struct contract *contract, const struct route *route,
    const char *before, const struct field *field)
{
	char query[1024], path[128];
	const char *value = literal(field);

	snprintf(path, sizeof(path), "%s%s", before, field->name);
	if (!(field->flags & FIELD_HIDDEN)) {
		snprintf(query, sizeof(query), "select=%s", path);
		expect_list(contract, route, query);
	}
	if (field->object != NULL) {
		snprintf(path, sizeof(path), "%s%s.", before, field->name);
		for (unsigned i = 0; i < field->object->field_count; i++)
			check_member(contract, route, path, &field->object->fields[i]);
	}
	if (value == NULL)
		return;
	snprintf(query, sizeof(query), "sort=%s", path);
	expect_list(contract, route, query);
	snprintf(query, sizeof(query), "sort=%s+desc&skip=1000", path);
	expect_list(contract, route, query);
	snprintf(query, sizeof(query), "filter=‹%s = %s or %s != null or not (%s in (%s))›", path,
	    literal(field), path, path, literal(field));
	expect_list(contract, route, query);
}

/* One level down the single-valued relations, too. */
static void check_relation(
    const struct contract *contract, const struct route *route, const struct field *field)
{
	const struct resource *target = field->relation->target;
	char query[512];

	snprintf(query, sizeof(query), "select=%s", field->name);
	expect_list(contract, route, query);
	for (unsigned i = 0; field->type == FIELD_ONE && i < target->field_count; i++) {
		const struct field *member = &target->fields[i];

		if (literal(member) == NULL ||
		    (member->column != NULL && strchr(member->column, '.') != NULL))
			continue;
		snprintf(query, sizeof(query), "filter=‹%s.%s = %s›&sort=%s.%s", field->name,
		    member->name, literal(member), field->name, member->name);
		expect_list(contract, route, query);
	}
}

static void check_route(const struct contract *contract, const struct route *route)
{
	const struct resource *resource = route->resource;

	expect_list(contract, route, "");
	expect_list(contract, route, "total=estimate&take=0");
	if (takes(route, "include"))
		expect_list(contract, route, "include=*");
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].relation != NULL)
			check_relation(contract, route, &resource->fields[i]);
		else
			check_member(contract, route, "", &resource->fields[i]);
	}
}

static void test_lists(void **state)
{
	unsigned count, lists = 0;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++) {
			if (contracts[i]->routes[j].shape != SHAPE_QUERY)
				continue;
			check_route(contracts[i], &contracts[i]->routes[j]);
			lists++;
		}
	}
	assert_true(lists >= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lists, begin, queries_end),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	server_end();
	return failed;
}
