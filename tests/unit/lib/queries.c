#include "queries.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/seal.h"
#include "golden.h"
#include "server.h"

#define OPENING "\xE2\x80\xB9"
#define CLOSING "\xE2\x80\xBA"

int queries_server_begin(void **state)
{
	(void)state;
	server_begin();
	server_make_database(QUERIES_DATABASE);
	return 0;
}

int queries_server_end(void **state)
{
	(void)state;
	server_end();
	return 0;
}

/* What changes of rows leave behind. */
static void make_audit_log(void)
{
	struct buf migration = { 0 };

	golden_read("sql/014_audit.sql", &migration);
	server_run(QUERIES_DATABASE, migration.data);
	server_run(QUERIES_DATABASE, "TRUNCATE TABLE audit_entry");
	buf_free(&migration);
}

int queries_begin(void **state)
{
	struct queries *queries = calloc(1, sizeof(*queries));

	queries->settings = server_settings(QUERIES_DATABASE);
	queries->settings.limits.parameters = 100;
	queries->settings.limits.list_rows = 1000;
	queries->settings.limits.request_memory = 64 << 20;
	queries->settings.limits.filter_searches = 20;
	queries->settings.list_timeout = 10;
	queries->guard = guard_open(NULL);
	queries->settings.seal_keys = seal_keys_make();
	queries->database = database_new(&queries->settings);
	queries->arena = arena_new(65536, 64 << 20);
	error_init(&queries->error, queries->arena);
	server_run(QUERIES_DATABASE, catalogue_tables);
	make_audit_log();
	*state = queries;
	return 0;
}

int queries_end(void **state)
{
	struct queries *queries = *state;

	database_free(queries->database);
	guard_close(queries->guard);
	seal_keys_free(queries->settings.seal_keys);
	arena_free(queries->arena);
	response_free(&queries->response);
	free(queries);
	return 0;
}

void queries_prepare(
    struct queries *queries, const struct resource *resource, const char *key, const char *capture)
{
	static const char *keys[1];

	keys[0] = key;
	arena_reset(queries->arena);
	error_init(&queries->error, queries->arena);
	response_reset(&queries->response);
	queries->response.media_type = "application/json";
	queries->request =
	    (struct request){ .method = METHOD_GET, .path = "/catalogue", .id = "1" };
	queries->route = (struct route){ .method = METHOD_GET,
		.path = "/catalogue/{key}",
		.keys = keys,
		.key_count = key != NULL,
		.resource = resource,
		.shape = SHAPE_QUERY,
		PARAMETERS(op_query_parameters) };
	queries->operation = (struct operation){ .context = { .arena = queries->arena,
						     .settings = &queries->settings,
						     .database = queries->database,
						     .guard = queries->guard,
						     .actor = { .principal = &queries->principal },
						     .sight = catalogue_sight },
		.route = &queries->route,
		.contract = &catalogue_contract,
		.request = &queries->request,
		.response = &queries->response,
		.captures = { str_from(capture) },
		.answer = { .contract = &catalogue_contract,
		    .route = &queries->route,
		    .request = &queries->request,
		    .arena = queries->arena } };
}

/* Encodes what stands in ‹…›. */
static struct str encode(struct arena *arena, const char *query)
{
	struct buf text = { 0 };
	struct str copy;
	bool inside = false;

	for (const char *at = query; *at != '\0'; at++) {
		if (strncmp(at, OPENING, 3) == 0 || strncmp(at, CLOSING, 3) == 0) {
			inside = strncmp(at, OPENING, 3) == 0;
			at += 2;
		} else if (inside) {
			buf_printf(&text, "%%%02X", (unsigned char)*at);
		} else {
			buf_append_char(&text, *at);
		}
	}
	copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

const char *queries_run(struct queries *queries, const char *query)
{
	struct operation *operation = &queries->operation;
	int result;

	database_count_reset(queries->database);
	result = parameters_read(queries->arena, &queries->settings.limits,
	    encode(queries->arena, query), queries->route.parameters,
	    queries->route.parameter_count, true, NULL, &operation->parameters, &queries->error);
	if (result == 0)
		result = op_run(operation, &queries->error);
	queries->statements = database_count(queries->database);
	if (result != 0)
		return NULL;
	assert_false(queries->response.body.failed);
	return queries->response.body.data;
}

const char *queries_list(
    struct queries *queries, const struct resource *resource, const char *query)
{
	queries_prepare(queries, resource, NULL, NULL);
	return queries_run(queries, query);
}
