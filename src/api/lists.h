/*
 * The lists of all families, for who runs on the machine: found by name, and written as the API
 * answers them, by the same routes and operations, without a web server and a request.
 */
#ifndef CLIENTELE_API_LISTS_H
#define CLIENTELE_API_LISTS_H

#include "codec/writer.h"
#include "record/context.h"

struct family;
struct route;

/* Number `number` of the routes that answer a list; NULL behind the last. */
const struct route *lists_route(unsigned number);

/* The family that the list belongs to. */
const struct family *lists_family(const struct route *route);

/*
 * How a list is called: its path without its family's prefix, "customers/{customerId}/contacts";
 * the whole path where it stands at that prefix, or has ROUTE_BY_PATH. Lives in the table of
 * routes.
 */
const char *lists_name(const struct route *route);

/* What a list is asked for. */
struct lists_parameter {
	const char *name, *value;
};

struct lists_request {
	/* Its name with values instead of braces, "customers/12/contacts", or its whole path. */
	const char *list;
	enum media_format format;
	const struct lists_parameter *parameters; /* of the query; without a page: all rows */
	unsigned parameter_count;
	/*
	 * Takes a part of the answer, of which `rows` rows were written so far. False when nothing
	 * more can be taken.
	 */
	bool (*take)(void *data, struct str part, int64_t rows);
	void *data;
};

/*
 * Writes a list as the actor of the context sees it, part by part, in bounded memory. Errors:
 * ERROR_NO_ROUTE where there is no such list; those of the list; ERROR_INTERNAL where `take` has
 * refused a part. What was taken until then is not the whole list.
 */
int lists_write(
    struct context *context, const struct lists_request *request, struct error *error) MUST_CHECK;

#endif
