/*
 * Every list comes in its default order along an index: the database sorts no table for it. The
 * statements are those that the routes send, on tables that are large enough for it to matter.
 */
#include "../lib/queries.h"
#include "../lib/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/contracts.h"
#include "op/generic.h"

#define ROWS_OF_TABLE "2000"
#define ROWS_OF_PARENT "100"

/* Statements that sort what they have found, by the table that they read, each with its reason. */
static const struct {
	const char *path, *table, *reason;
	bool
	    whole; /* may read all of the table, too: a piece of the list has most of the parents */
} sorted[] = {
	{ .path = "/api/v1/admin/registrations",
	    .table = "api_client",
	    .reason = "an index finds those that registered" },
	{ .path = "/api/v1/admin/users",
	    .table = "user",
	    .reason = "administrators of other accounts are left out" },
	{ .path = "/api/v1/admin/accounts/{id}/accounts",
	    .table = "account",
	    .reason = "an account and those below it" },
	{ .path = "/api/delegategroups/{delegateGroupId}/clients",
	    .table = "delegate_association",
	    .reason = "names stand in another table than groups" },
	{ .path = "/api/delegategroups/{delegateGroupId}/dynamicclients",
	    .table = "delegate_association",
	    .reason = "names stand in another table than groups" },
	{ .path = "/hosting/api/client",
	    .table = "hosting_domain",
	    .reason = "domains of the accounts of one piece",
	    .whole = true },
	{ .path = "/hosting/api/client_all",
	    .table = "hosting_domain",
	    .reason = "domains of the accounts of one piece",
	    .whole = true },
	{ .path = "/hosting/api/client/{clientId}/domain",
	    .table = "hosting_domain",
	    .reason = "domains of one account" },
	{ .path = "/hosting/api/client/{clientId}/domain/{domainId}/consents/{ucid}",
	    .table = "hosting_consent",
	    .reason = "consents of one visitor" },
	{ .path = "/api/domains/{domainId}/consents/{ucid}",
	    .table = "hosting_consent",
	    .reason = "consents of one visitor" },
	{ .path = "/v1/sessions", .table = "oauth_session", .reason = "sessions of one user" },
	{ .path = "/v1/users/{userId}/settings",
	    .table = "user_setting",
	    .reason = "settings of one user" },
	{ .path = "/v1/users/{userId}/roles", .table = "user_role", .reason = "roles of one user" },
};

static bool seen[ROWS(sorted)];

static struct queries *queries;

/* Number n of a column's values; parents have numbers as their keys, so that rows find theirs. */
#define NUMBER_OF_COLUMN                                                                     \
	"IF(EXISTS (SELECT 1 FROM information_schema.KEY_COLUMN_USAGE k WHERE "              \
	"k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME " \
	"= c.COLUMN_NAME AND k.REFERENCED_TABLE_NAME IS NOT NULL) AND NOT EXISTS (SELECT 1 " \
	"FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = c.TABLE_SCHEMA AND "    \
	"s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME AND s.NON_UNIQUE = "  \
	"0 AND s.SEQ_IN_INDEX > 1), '(1 + seq DIV " ROWS_OF_PARENT ")', 'seq')"

/* What fills a table: what must have a value, and what an index is of. */
#define FILL_OF_TABLE                                                                             \
	"SELECT CONCAT('INSERT IGNORE INTO ', t.TABLE_NAME, ' (', GROUP_CONCAT(t.COLUMN_NAME), "  \
	"') SELECT ', GROUP_CONCAT(CASE WHEN t.DATA_TYPE IN ('varchar', 'char', 'text', "         \
	"'mediumtext', 'longtext') THEN CONCAT('LEFT(LPAD(', n, ', 7, 0), ', "                    \
	"LEAST(t.CHARACTER_MAXIMUM_LENGTH, 7), ')') WHEN t.DATA_TYPE = 'uuid' THEN "              \
	"CONCAT('LPAD(HEX(', n, '), 32, 0)') WHEN t.DATA_TYPE IN ('datetime', 'date') THEN "      \
	"CONCAT('TIMESTAMP(''2099-01-01'') + INTERVAL ', n, ' SECOND') WHEN t.DATA_TYPE IN "      \
	"('binary', 'varbinary') THEN CONCAT('UNHEX(SHA2(', n, ', 256))') WHEN t.DATA_TYPE = "    \
	"'tinyint' THEN CONCAT(n, ' %% 2') ELSE n END), ' FROM seq_1_to_" ROWS_OF_TABLE           \
	"') FROM (SELECT c.*, " NUMBER_OF_COLUMN " AS n FROM information_schema.COLUMNS c WHERE " \
	"c.TABLE_SCHEMA = '" QUERIES_DATABASE "' AND c.TABLE_NAME = '%s' AND "                    \
	"c.GENERATION_EXPRESSION IS NULL AND (c.COLUMN_KEY <> '' OR (c.IS_NULLABLE = 'NO' AND "   \
	"c.COLUMN_DEFAULT IS NULL))) t"

static void fill(const char *table)
{
	struct buf text = { 0 };

	buf_printf(&text, FILL_OF_TABLE, table);
	buf_append_char(&text, '\0');
	char *insert = strdup(server_value(QUERIES_DATABASE, text.data));
	buf_truncate(&text, 0);
	buf_printf(&text, "SET foreign_key_checks = 0; %s; ANALYZE TABLE %s", insert, table);
	buf_append_char(&text, '\0');
	server_run(QUERIES_DATABASE, text.data);
	free(insert);
	buf_free(&text);
}

static void fill_all(void)
{
	static const char tables[] =
	    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
	    "'" QUERIES_DATABASE "' AND TABLE_NAME NOT LIKE 'schema%%' AND TABLE_NAME NOT IN "
	    "('license_tally', 'row_count', 'row_tally', 'revocation') ORDER BY TABLE_NAME LIMIT 1 "
	    "OFFSET %u";
	char query[512], table[65];

	for (unsigned i = 0;; i++) {
		snprintf(query, sizeof(query), tables, i);
		snprintf(table, sizeof(table), "%s", server_value(NULL, query));
		if (table[0] == '\0')
			break;
		fill(table);
	}
	/* Paths name a row's parent and its parent: the second of each is the other's. */
	server_run(QUERIES_DATABASE,
	    "SET foreign_key_checks = 0;"
	    "UPDATE hosting_domain SET client_id = '0000002' WHERE id = '0000002';"
	    "UPDATE hosting_consent SET client_id = '0000002' WHERE domain_id = '0000002'");
}

/* Lets the database plan for tables that are a hundred times as large: a short one it just sorts.
 */
static void enlarge_all(void)
{
	server_run(NULL,
	    "UPDATE mysql.innodb_table_stats SET n_rows = n_rows * 100, clustered_index_size = "
	    "clustered_index_size * 100, sum_of_other_index_sizes = sum_of_other_index_sizes * 100 "
	    "WHERE database_name = '" QUERIES_DATABASE "';"
	    "UPDATE mysql.innodb_index_stats SET stat_value = stat_value * 100 WHERE "
	    "database_name = '" QUERIES_DATABASE "'");
	/* The server reads what it knows of a table when it opens it first. */
	server_halt();
	server_start();
}

static int begin(void **state)
{
	server_make_schema(QUERIES_DATABASE);
	fill_all();
	enlarge_all();
	if (queries_begin(state) != 0)
		return -1;
	queries = *state;
	return 0;
}

#define SECOND "00000000-0000-0000-0000-000000000002"

/* The second parent, as its key's column was filled. */
static struct str capture(const struct field *field)
{
	switch (field_type_info(field->type)->bind) {
	case BIND_UUID:
		return STR(SECOND);
	case BIND_TEXT:
		return STR("0000002");
	default:
		return STR("2");
	}
}

static void run_route(const struct contract *contract, const struct route *route)
{
	struct operation *operation = &queries->operation;

	queries_prepare(queries, route->resource, NULL, NULL);
	queries->route = *route;
	operation->contract = operation->answer.contract = contract;
	operation->context.sight.areas = UINT32_MAX;
	/* Whom nothing binds: the second user, and the second row where a handler reads the path.
	 */
	queries->principal =
	    (struct principal){ .roles = UINT32_MAX, .permissions = PERMISSION_ALL };
	assert_true(uuid_parse(STR(SECOND), &queries->principal.user));
	operation->captures[0] = STR(SECOND);
	for (unsigned i = 0; i < route->key_count; i++)
		operation->captures[i] = capture(
		    &route->resource->fields[resource_field(route->resource, route->keys[i])]);
	server_run(NULL, "TRUNCATE mysql.general_log; SET GLOBAL general_log = 1");
	if (queries_run(queries, "") == NULL)
		fail_msg("%s: %s", route->path,
		    queries->error.detail != NULL ? queries->error.detail : "refused");
	server_run(NULL, "SET GLOBAL general_log = 0");
}

/* Statement `number` of the route that asks for an order; "" behind the last. */
static const char *statement(unsigned number)
{
	char query[512];

	snprintf(query, sizeof(query),
	    "SELECT REGEXP_REPLACE(argument, '^SET STATEMENT .*? FOR ', '') FROM "
	    "mysql.general_log WHERE command_type = 'Execute' AND argument LIKE '%%ORDER BY%%' "
	    "ORDER BY event_time LIMIT 1 OFFSET %u",
	    number);
	return server_value(NULL, query);
}

/* Number of the exception of the route for the table that the statement reads, or -1. */
static int find_exception(const struct route *route, const char *text)
{
	char from[128];

	for (size_t i = 0; i < ROWS(sorted); i++) {
		snprintf(from, sizeof(from), " FROM %s t ", sorted[i].table);
		if (strcmp(route->path, sorted[i].path) != 0 || strstr(text, from) == NULL)
			continue;
		seen[i] = true;
		return (int)i;
	}
	return -1;
}

/* Of a deep page, what finds the keys: the few rows behind them are looked up and sorted again. */
static void cut_to_keys(char *text)
{
	static const char begin[] = " FROM (SELECT ", end[] = ") k JOIN ";
	char *first = strstr(text, begin), *last = first != NULL ? strstr(first, end) : NULL;

	if (last == NULL)
		return;
	*last = '\0';
	first += strlen(" FROM (");
	memmove(text, first, strlen(first) + 1);
}

static void check_statement(const struct route *route, char *text)
{
	struct buf explain = { 0 };
	const char *plan;
	bool sorts, scans;
	int exception;

	cut_to_keys(text);
	buf_printf(&explain, "EXPLAIN FORMAT=JSON %s", text);
	buf_append_char(&explain, '\0');
	plan = server_value(QUERIES_DATABASE, explain.data);
	sorts = strstr(plan, "\"filesort\"") != NULL;
	scans = strstr(plan, "\"access_type\": \"ALL\"") != NULL;
	exception = scans || sorts ? find_exception(route, explain.data) : -1;
	if ((sorts && exception < 0) || (scans && (exception < 0 || !sorted[exception].whole)))
		fail_msg("%s %s:\n%s\n%s", route->path, scans ? "reads a whole table" : "sorts",
		    explain.data, plan);
	buf_free(&explain);
}

static void check_route(const struct contract *contract, const struct route *route)
{
	unsigned number = 0;

	run_route(contract, route);
	for (;; number++) {
		char *text = strdup(statement(number));
		bool found = text[0] != '\0';

		if (found)
			check_statement(route, text);
		free(text);
		if (!found)
			break;
	}
	if (number == 0)
		fail_msg("%s sends no statement with an order", route->path);
}

static bool is_list(const struct route *route)
{
	return route->shape == SHAPE_LIST || route->shape == SHAPE_QUERY;
}

static void test_orders(void **state)
{
	unsigned count, lists = 0;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	server_run(NULL, "SET GLOBAL log_output = 'TABLE'");
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++) {
			if (!is_list(&contracts[i]->routes[j]))
				continue;
			check_route(contracts[i], &contracts[i]->routes[j]);
			lists++;
		}
	}
	assert_true(lists >= 30);
	for (size_t i = 0; i < ROWS(sorted); i++) {
		if (!seen[i])
			fail_msg("%s sorts no %s any more", sorted[i].path, sorted[i].table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_orders, begin, queries_end),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	server_end();
	return failed;
}
