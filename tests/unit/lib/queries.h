/*
 * Lists of the catalogue's resources, asked for as a caller does: a query string in, an answer's
 * body out.
 */
#ifndef CLIENTELE_TESTS_QUERIES_H
#define CLIENTELE_TESTS_QUERIES_H

#include "catalogue.h"
#include "op/generic.h"
#include "op/query.h"
#include "rows.h"

#define QUERIES_DATABASE "unit"

/* What each test gets. */
struct queries {
	struct settings settings;
	struct database *database;
	struct guard *guard;
	struct arena *arena; /* emptied by each request */
	struct error error;
	struct response response;
	struct request request;
	struct route route;
	struct principal principal;
	struct operation operation;
	unsigned statements; /* sent by the last request */
};

/* For cmocka: a server with an empty database, for all tests of a program. */
int queries_server_begin(void **state);
int queries_server_end(void **state);

/* For cmocka: a connection to the catalogue's tables, made anew and empty. */
int queries_begin(void **state);
int queries_end(void **state);

/* Prepares an operation on a resource; `capture` (NULL = none) is the value of member `key`. */
void queries_prepare(
    struct queries *queries, const struct resource *resource, const char *key, const char *capture);

/*
 * Runs what was prepared, op_query unless the route has been changed. `query` is the query string;
 * parts in ‹…› are encoded. Returns the body of the answer, or NULL with the error in
 * queries->error.
 */
const char *queries_run(struct queries *queries, const char *query);

/* The same of one resource without captures. */
const char *queries_list(
    struct queries *queries, const struct resource *resource, const char *query);

#endif
