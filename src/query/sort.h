/*
 * Orders: what a list is sorted by, always total.
 */
#ifndef CLIENTELE_QUERY_SORT_H
#define CLIENTELE_QUERY_SORT_H

#include "query/path.h"

#define SORT_NAMED_MAX 8 /* members that a caller may name */
#define SORT_KEYS_MAX 16 /* with those that make it total */

struct sort_key {
	struct path path;
	bool descending;
};

struct sort {
	struct sort_key keys[SORT_KEYS_MAX];
	unsigned count;
};

/*
 * Reads "path [asc|ascending|desc|descending], …", asked for by somebody with that sight; an empty
 * text is the resource's own order. The
 * key is added at the end, in the direction of what stands before it, so that one index can serve
 * both. Nulls come first in ascending order. Returns 0, or -1 with a fault of the parameter "sort"
 * that tells the position.
 */
int sort_read(struct arena *arena, const struct sight *sight, const struct resource *resource,
    struct str text, struct sort *sort, struct error *error) MUST_CHECK;

#endif
