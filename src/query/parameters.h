/*
 * Query parameters: each route names the ones that it takes in a table; one function reads them
 * all.
 */
#ifndef CLIENTELE_QUERY_PARAMETERS_H
#define CLIENTELE_QUERY_PARAMETERS_H

#include "base/error.h"
#include "base/settings.h"

struct resource;

enum parameter_kind {
	PARAMETER_TEXT,
	PARAMETER_INTEGER,
	PARAMETER_BOOLEAN,
	PARAMETER_TEXT_LIST, /* name, name[] or name[0], name[1], … */
	PARAMETER_WORD,      /* one of some words */
};

struct parameter {
	const char *name;
	enum parameter_kind kind;
	int64_t least,
	    most;         /* integers: range; texts and list items: most = longest, in characters */
	int64_t fallback; /* integer, boolean or number of the word when it is not sent */
	bool required;
	bool heavy;               /* a text of it makes the database look at many rows */
	bool page;                /* rows of a page: limits.list_rows is the most, as it is */
	const char *const *words; /* that can be sent; NULL-terminated */
	const char *doc;
	/* For the documentation: what could be sent; NULL = nothing that somebody could know. */
	const char *example;
	/* The same where it depends on the rows that are asked for; in the arena or static. */
	const char *(*sample)(struct arena *arena, const struct resource *resource);
};

#define PARAMETERS_MAX 12     /* of one route */
#define PARAMETER_LIST_MAX 64 /* items of one list */

struct parameter_value {
	bool sent;
	int64_t integer; /* integers, booleans, and the number of a word */
	struct str text;
	struct str *items; /* of a list that was sent */
	unsigned item_count;
};

struct parameters {
	const struct parameter *table;
	unsigned count;
	struct parameter_value *values; /* one per row of the table */
};

/*
 * Reads a query string by a table. Names fold case. `ignored` (may be NULL) is one more name that
 * is allowed anywhere (a credential). When `strict` is set, unknown and repeated parameters are
 * faults, else they are skipped. Every fault is reported with the parameter's name. 0, or -1 with
 * ERROR_INVALID.
 */
int parameters_read(struct arena *arena, const struct limits *limits, struct str query,
    const struct parameter *table, unsigned count, bool strict, const char *ignored,
    struct parameters *parameters, struct error *error) MUST_CHECK;

/* The value of a parameter; NULL where the route does not take it. */
const struct parameter_value *parameters_get_if_any(
    const struct parameters *parameters, const char *name);

/* The value of a parameter of the route's table; asking for another name is a programming error. */
const struct parameter_value *parameters_get(const struct parameters *parameters, const char *name);

/* Whether a text was sent of a parameter that is heavy. */
bool parameters_are_heavy(const struct parameters *parameters);

/* The first value of `name` in a query string, decoded; data == NULL when it is not there. */
struct str parameters_find(struct arena *arena, struct str query, const char *name);

#endif
