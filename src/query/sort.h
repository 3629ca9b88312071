/*
 * Orders: what a list is sorted by, always total.
 */
#ifndef CLIENTELE_QUERY_SORT_H
#define CLIENTELE_QUERY_SORT_H

#include "query/path.h"

#define SORT_NAMED_MAX 8 /* members that a caller may name */
#define SORT_KEYS_MAX 16 /* with those that make it total */

/* Most bytes that the values of all keys take in a cursor. */
#define SORT_BYTES_MAX 3024

/*
 * Most characters that a text is compared by. Of longer ones the database makes blobs where it
 * sorts with a temporary table, and of a blob's weights only those of the first level reach the
 * sort: rows that differ in an accent would be equal there, and different when they are compared
 * with a cursor.
 */
#define SORT_TEXT_MAX 512

/*
 * Most bytes of a key that the database sorts by: a character of a text has at most eight weights
 * of two bytes on each of two levels. It must not cut them shorter, since it compares texts with
 * those of a cursor by all of their weights: rows that are equal here and different there would be
 * on no page.
 */
#define SORT_DATABASE_BYTES (SORT_TEXT_MAX * 32)

struct sort_key {
	struct path path;
	bool descending;
	/* Of a text that may be longer: how many of its first characters it is compared by, so that
	 * a cursor can hold what the row is compared by. 0 = by all of it. */
	unsigned text_max;
};

struct sort {
	struct sort_key keys[SORT_KEYS_MAX];
	unsigned count;
};

/*
 * Reads "path [asc|ascending|desc|descending], …", asked for by somebody with that sight; an empty
 * text is the resource's own order. The key is added at the end, in the direction of what stands
 * before it, so that one index can serve both. Nulls come first in ascending order. Long texts are
 * compared by a beginning that is chosen so that all values fit into a cursor. Returns 0, or -1
 * with a fault of the parameter "sort" that tells the position.
 */
int sort_read(struct arena *arena, const struct sight *sight, const struct resource *resource,
    struct str text, struct sort *sort, struct error *error) MUST_CHECK;

/*
 * The resource's own order, of rows that are alike in the members of `same`: total, as sort_read()
 * makes it.
 */
void sort_own(const struct resource *resource, uint64_t same, struct sort *sort);

#endif
