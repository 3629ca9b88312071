#include "../lib/rows.h"
#include "../lib/tables.h"
#include "api/contracts.h"
#include "auth/role.h"
#include "op/bulk.h"
#include "op/contract.h"
#include "op/router.h"
#include "schema/check.h"

static const struct contract *const *contracts;
static unsigned family_count;

#define ROUTES_MOST 256

static struct router *router;

static int begin(void **state)
{
	(void)state;
	contracts = contracts_all(&family_count);
	router = router_new(contracts, family_count);
	return router != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	router_free(router);
	return 0;
}

/* Calls `check` for every route of every family. */
static void each_route(void (*check)(const struct contract *contract, const struct route *route))
{
	for (unsigned i = 0; i < family_count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++)
			check(contracts[i], &contracts[i]->routes[j]);
	}
}

static void fail_route(const struct contract *contract, const struct route *route, const char *what)
{
	fail_msg("%s: %s %s %s", contract->family.name, request_method_name(route->method),
	    route->path, what);
}

static void test_schema(void **state)
{
	(void)state;
	assert_true(family_count >= 5);
	for (unsigned i = 0; i < family_count; i++) {
		struct buf report = { 0 };

		if (schema_check(&contracts[i]->family, &report) != 0)
			fail_msg("%s:\n%s", contracts[i]->family.name, report.data);
		buf_free(&report);
		for (unsigned j = 0; j < i; j++) {
			assert_string_not_equal(
			    contracts[i]->family.name, contracts[j]->family.name);
			assert_string_not_equal(
			    contracts[i]->family.prefix, contracts[j]->family.prefix);
		}
	}
	assert_string_equal(contracts[0]->family.prefix, "/");
}

/* Paths outside their family's prefix, each for a reason. */
static bool is_excepted(const struct route *route)
{
	static const char *const paths[] = {
		/* Beside /healthz: what probes ask for by their usual names. */
		"/readyz",
		"/metrics",
		/* Where tools look for it. */
		"/openapi.json",
		"/openapi-3.0.json",
	};

	for (size_t i = 0; i < ROWS(paths); i++) {
		if (strcmp(paths[i], route->path) == 0)
			return true;
	}
	return false;
}

static void check_path(const struct contract *contract, const struct route *route)
{
	struct str path = str_from(route->path), prefix = str_from(contract->family.prefix);
	struct str rest = str_slice(path, 1, path.length), part;
	unsigned captures = 0, segments = 0;

	if (path.length < 2 || path.data[0] != '/' || str_ends_with(path, STR("/")))
		fail_route(contract, route, "is no path");
	if (!is_excepted(route) && !contract->family.beyond_prefix && prefix.length > 1 &&
	    (!str_starts_with(path, prefix) ||
		(path.length > prefix.length && path.data[prefix.length] != '/')))
		fail_route(contract, route, "is not below the family's prefix");
	while (str_next(&rest, '/', &part)) {
		bool capture = str_starts_with(part, STR("{"));

		if (part.length == 0 || capture != str_ends_with(part, STR("}")) ||
		    (!capture && str_find(part, '{') < part.length))
			fail_route(contract, route, "has a bad segment");
		captures += capture;
		segments++;
	}
	if (captures > CAPTURES_MAX || segments > SEGMENTS_MAX)
		fail_route(contract, route, "has too many segments");
	if (route->keys != NULL && captures != route->key_count)
		fail_route(contract, route, "has another number of captures than of keys");
}

static void check_keys(const struct contract *contract, const struct route *route)
{
	for (unsigned i = 0; i < route->key_count; i++) {
		if (route->resource == NULL || resource_field(route->resource, route->keys[i]) < 0)
			fail_route(contract, route, "has a key that is no member");
	}
	for (unsigned i = 0; route->include != NULL && route->include[i] != NULL; i++) {
		int number = resource_field(route->resource, route->include[i]);

		if (number < 0 || !(route->resource->fields[number].flags & FIELD_ON_DEMAND))
			fail_route(contract, route, "includes what is no member on demand");
	}
}

static bool is_listed(const struct family *family, const struct resource *resource)
{
	for (unsigned i = 0; i < family->resource_count; i++) {
		if (family->resources[i] == resource)
			return true;
	}
	return resource == NULL;
}

static void check_resources(const struct contract *contract, const struct route *route)
{
	/* A family without resources answers with documents of its own. */
	if (contract->family.resource_count > 0 &&
	    (!is_listed(&contract->family, route->resource) ||
		!is_listed(&contract->family, route->body)))
		fail_route(contract, route, "has a resource that the family does not list");
	if (route->body != NULL && contract->family.error.fault_prefix && route->body_name == NULL)
		fail_route(contract, route, "has a body without a name for faults");
	if (route->body != NULL && route->method != METHOD_POST && route->method != METHOD_PUT &&
	    !(route->method == METHOD_DELETE &&
		(contract == &licensing_contract || contract == &credentials_contract)))
		fail_route(contract, route, "has a method without body");
	for (unsigned i = 0; route->body_beside != NULL && i < route->body_beside->field_count;
	     i++) {
		if (resource_field(route->body, route->body_beside->fields[i].name) < 0)
			fail_route(
			    contract, route, "reads beside its body what is no member of it");
	}
	if (route->body == NULL && (route->flags & ROUTE_BODY_LIST))
		fail_route(contract, route, "has a list of nothing as body");
}

/* Where a caller is known, its permission counts; without one, nothing generic is done. */
static void check_access(const struct contract *contract, const struct route *route)
{
	bool keyed = route_takes_key(route);

	if (route->access >= ACCESS__MAX)
		fail_route(contract, route, "has no such access");
	if (route_has_area(route) != (route->area > AREA_NONE && route->area < AREA__MAX))
		fail_route(
		    contract, route, keyed ? "has no area" : "has an area that does not count");
	if (route->permission > PERMISSION_ALL || (!keyed && route->permission != 0))
		fail_route(contract, route, "has no such permission, or one that does not count");
	if (!keyed && route->access != ACCESS_SESSION &&
	    (route->narrow != NULL || route->keys != NULL || route->id_member != NULL ||
		route->include != NULL))
		fail_route(contract, route, "is generic, which needs a caller");
	/* Answers are kept by caller. */
	if (route->access != ACCESS_KEY && route->access != ACCESS_ACCOUNT &&
	    route->method == METHOD_POST && !(route->flags & ROUTE_NO_REPLAY))
		fail_route(contract, route, "is repeated for a caller that nobody knows");
}

static void check_rest(const struct contract *contract, const struct route *route)
{
	if ((route->run == NULL && route->shape < SHAPE_LIST) || route->shape >= SHAPE__MAX)
		fail_route(contract, route, "has no function");
	if (route->doc == NULL || route->doc[0] == '\0')
		fail_route(contract, route, "has no documentation");
	if (route->method == METHOD_HEAD || route->method >= METHOD_OPTIONS)
		fail_route(contract, route, "has a method that is answered by itself");
	if (route->status != 0 && (route->status < 200 || route->status > 299))
		fail_route(contract, route, "has a status that is no success");
}

/* What a route answers is of the area that its caller was let into. */
static void check_area(const struct contract *contract, const struct route *route)
{
	const struct resource *resource = route->resource;

	if (route->area == AREA_NONE || resource == NULL ||
	    !is_listed(&contract->family, resource) || contract->family.resource_count == 0 ||
	    resource->area == AREA_NONE)
		return;
	if (resource->area != route->area)
		fail_route(contract, route, "answers with rows of another area");
}

static void check_parameters(const struct contract *contract, const struct route *route)
{
	if (route->parameter_count > PARAMETERS_MAX)
		fail_route(contract, route, "has too many parameters");
	for (unsigned i = 0; i < route->parameter_count; i++) {
		const struct parameter *row = &route->parameters[i];
		bool text = row->kind == PARAMETER_TEXT || row->kind == PARAMETER_TEXT_LIST;

		if (row->name == NULL || row->doc == NULL)
			fail_route(
			    contract, route, "has a parameter without name or documentation");
		if (text && row->most <= 0)
			fail_route(contract, route, "has a text parameter without a length");
		if (row->kind == PARAMETER_INTEGER &&
		    (row->least > row->most ||
			(row->fallback != 0 &&
			    (row->fallback < row->least || row->fallback > row->most))))
			fail_route(contract, route, "has a default outside its range");
		if ((row->kind == PARAMETER_WORD) != (row->words != NULL))
			fail_route(contract, route, "has words that nobody can send, or none");
		for (unsigned j = 0; j < i; j++) {
			if (str_equal_ignore_case(
				str_from(row->name), str_from(route->parameters[j].name)))
				fail_route(contract, route, "has a parameter twice");
		}
	}
}

static void test_routes(void **state)
{
	(void)state;
	each_route(check_path);
	each_route(check_keys);
	each_route(check_access);
	each_route(check_resources);
	each_route(check_rest);
	each_route(check_area);
	each_route(check_parameters);
}

/* Two paths that differ in nothing but case and the names of their captures are the same. */
static bool same_path(const char *a, const char *b)
{
	struct str rest_a = str_from(a), rest_b = str_from(b), part_a, part_b;

	for (;;) {
		bool more_a = str_next(&rest_a, '/', &part_a);
		bool more_b = str_next(&rest_b, '/', &part_b);
		bool captures = more_a && more_b && str_starts_with(part_a, STR("{")) &&
				str_starts_with(part_b, STR("{"));

		if (!more_a || !more_b)
			return more_a == more_b;
		if (!captures && !str_equal_ignore_case(part_a, part_b))
			return false;
	}
}

static const struct route *seen[1024];
static unsigned seen_count;

static void check_unique(const struct contract *contract, const struct route *route)
{
	for (unsigned i = 0; i < seen_count; i++) {
		if (seen[i]->method == route->method && same_path(seen[i]->path, route->path))
			fail_route(contract, route, "is there twice");
	}
	assert_true(seen_count < ROWS(seen));
	seen[seen_count++] = route;
}

static void test_unique(void **state)
{
	(void)state;
	each_route(check_unique);
}

/* Every route is found by a request of its own path. */
static void check_found(const struct contract *contract, const struct route *route)
{
	struct request request = { .method = route->method, .path_valid = true };
	struct str rest = str_from(route->path + 1), part;
	struct route_match match;

	while (str_next(&rest, '/', &part))
		request.segments[request.segment_count++] = part;
	match = router_find(router, &request);
	if (match.route != route || match.contract != contract)
		fail_route(contract, route, "is not found");
}

/* By the generic operations. */
static bool changes_rows(const struct route *route)
{
	return route_changes_row(route) || route->shape == SHAPE_BULK;
}

/* What lets somebody in is written by callers only who still count: grant_confirm_caller(). */
static void check_mints(const struct contract *contract, const struct route *route)
{
	static const char *const tables[] = { "api_client", "api_client_secret", "api_key",
		"oauth_registration_token", "user", "user_role" };
	bool writes = changes_rows(route) && route->shape != SHAPE_DELETE;

	for (unsigned i = 0; writes && i < ROWS(tables); i++) {
		if (strcmp(route->resource->table, tables[i]) == 0 && !route->resource->mints)
			fail_route(
			    contract, route, "writes a credential that is not marked as one");
	}
}

static void test_mints(void **state)
{
	(void)state;
	each_route(check_mints);
}

static const struct route *recorded[ROUTES_MOST];
static unsigned recorded_count;

/*
 * What changes a row by the generic operations says by which rules, and all that change the rows of
 * a resource say the same: rules are not forgotten by leaving them out of a row.
 */
static void check_record(const struct contract *contract, const struct route *route)
{
	if (changes_rows(route) != (route->record != NULL))
		fail_route(contract, route, "changes a row without rules, or has rules for none");
	if (route->record == NULL)
		return;
	if (route->record->resource != route->resource)
		fail_route(contract, route, "has the rules of another resource");
	if (route->shape != SHAPE_DELETE && route->body != route->resource)
		fail_route(contract, route, "reads another resource than it writes");
	for (unsigned i = 0; i < recorded_count; i++) {
		if (recorded[i]->resource == route->resource &&
		    recorded[i]->record != route->record)
			fail_route(contract, route, "has other rules than another route");
	}
	assert_true(recorded_count < ROWS(recorded));
	recorded[recorded_count++] = route;
}

/* What the operation of bulks asks for without looking whether it is there. */
static void check_bulk(const struct contract *contract, const struct route *route)
{
	bool list = (route->flags & ROUTE_BODY_LIST) != 0;

	if (route->shape != SHAPE_BULK)
		return;
	if (route->method != METHOD_POST || !list || route->body_member != NULL ||
	    route->body_beside != NULL || (route->flags & ROUTE_ETAG))
		fail_route(contract, route, "does not read a list of new rows");
	if (route->parameters != op_bulk_parameters)
		fail_route(contract, route, "is a bulk without its parameters");
	if (route->answer_type == NULL)
		fail_route(contract, route, "has no type of its answer");
	/* Web servers know by that whose bodies may be long. */
	if (!str_starts_with(str_from(route->path), str_from(contract->family.prefix)) ||
	    !str_ends_with(str_from(route->path), STR("/bulk")))
		fail_route(contract, route, "is a bulk that is not called so");
}

static void check_answer(const struct contract *contract, const struct route *route)
{
	if ((contract->begin_answer == NULL) != (contract->end_answer == NULL) ||
	    (contract->write_error != NULL) != (contract->family.error.message == NULL))
		fail_route(contract, route, "is of a contract that is incomplete");
}

static void test_records(void **state)
{
	(void)state;
	each_route(check_record);
	each_route(check_answer);
	each_route(check_bulk);
	assert_true(recorded_count > 40);
}

static void check_audit_names(const struct resource *one, const struct resource *other)
{
	const char *name = resource_audit_name(one);

	if (strcmp(one->table, other->table) == 0)
		return;
	if (strcmp(name, resource_audit_name(other)) == 0)
		fail_msg("the audit log calls rows of %s and of %s \"%s\"", one->table,
		    other->table, name);
	for (unsigned i = 1; one->audited_as != NULL && one->audited_as[i] != NULL; i++) {
		if (strcmp(one->audited_as[i], resource_audit_name(other)) == 0)
			fail_msg("older entries of %s are called as those of %s are", one->table,
			    other->table);
	}
}

/* An entry of the audit log tells by its name of what table the row was. */
static void test_audit_names(void **state)
{
	static struct table_entry entries[TABLES_MAX];
	unsigned count = tables_collect(entries), named = 0;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		const struct resource *one = entries[i].resource;

		if (one->unaudited != NULL)
			continue;
		named += one->audited_as != NULL;
		for (unsigned j = 0; j < count; j++) {
			if (entries[j].resource->unaudited == NULL)
				check_audit_names(one, entries[j].resource);
		}
	}
	assert_true(named > 5);
}

/* Rows of one table have one name, whichever route changes them. */
static void test_audit_names_of_routes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < recorded_count; i++) {
		const struct resource *one = recorded[i]->resource;

		for (unsigned j = 0; j < i; j++) {
			const struct resource *other = recorded[j]->resource;

			if (strcmp(one->table, other->table) == 0)
				assert_string_equal(
				    resource_audit_name(one), resource_audit_name(other));
		}
	}
}

static void test_found(void **state)
{
	(void)state;
	each_route(check_found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_unique),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_mints),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_audit_names),
		cmocka_unit_test(test_audit_names_of_routes),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
