/*
 * Whether indexes bound what the database reads for a list, whatever the size of its table. It is
 * told from the tables of resources alone; what a list costs that is not bounded, the number of
 * rows tells (record/list.h).
 */
#ifndef CLIENTELE_DB_QUERY_BOUNDS_H
#define CLIENTELE_DB_QUERY_BOUNDS_H

#include "db/query_sql.h"

struct query_bounds {
	bool page;  /* for a page no more rows are read than it has, or than one value has */
	bool total; /* for the number of all rows nothing is counted, or as little as that */
	bool order; /* an index has the order: nothing is sorted but what was found by few values */
};

/*
 * `keys` (NULL = none): members whose values the list has been given besides its filter. `others`:
 * there are other conditions, of which nothing is known.
 */
struct query_bounds query_bounds(const struct query *query, const struct row *keys, bool others);

/* Appends the members that a list of the resource may be found and sorted by: "id, code, name". */
void query_bounds_print_members(struct buf *out, const struct resource *resource);

#endif
