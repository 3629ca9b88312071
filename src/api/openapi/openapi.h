/*
 * The OpenAPI document: everything in it comes from the tables of families, routes, resources,
 * fields, parameters and roles.
 */
#ifndef CLIENTELE_API_OPENAPI_OPENAPI_H
#define CLIENTELE_API_OPENAPI_OPENAPI_H

#include "op/route.h"

/* The address, or the path alone, of the place below which callers find the paths of the document.
 */
const char *openapi_server(const struct settings *settings);

/* Versions of OpenAPI in which the document can be written. */
enum openapi_version {
	OPENAPI_3_1,
	OPENAPI_3_0, /* for generators that do not read 3.1 */
	OPENAPI_VERSION__MAX
};

/*
 * Appends the document as JSON without white space. `server` is that of openapi_server(). When it
 * cannot be made (no memory, two types of one name) the buffer is marked as failed.
 */
void openapi_print(enum openapi_version version, const char *server, struct buf *out);

/* The same with line breaks and tabs, for people and for version control. */
void openapi_print_indented(enum openapi_version version, const char *server, struct buf *out);

/* What stands in the body of a route's success, inside the family's envelope if there is one. */
enum openapi_payload {
	OPENAPI_NOTHING,
	OPENAPI_ROW,
	OPENAPI_LIST,
	OPENAPI_COUNT,
	OPENAPI_TEXT,
	OPENAPI_BULK,
};

enum openapi_payload openapi_payload(const struct route *route);

/* Whether callers choose the members of the answer's rows. */
bool openapi_selects(const struct route *route);

/*
 * For describe_answer(): makes `field` hold the route's payload under its name: a row, a list of
 * rows, a number, a text, what a bulk answers, or an empty object. 0, or -1 without memory.
 */
int openapi_payload_field(
    struct arena *arena, const struct route *route, const char *name, struct field *field);

/*
 * What a bulk answers, as a resource in the arena: its results, and how many rows were stored and
 * how many not. NULL without memory.
 */
const struct resource *openapi_bulk(struct arena *arena, const struct route *route);

/* For error bodies: an object whose members are lists of messages, by the path of their member. */
extern const struct resource openapi_faults;

/* For parts of bodies that hold anything. */
extern const struct resource openapi_anything;

#endif
