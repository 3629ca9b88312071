/*
 * Paths: dotted names of members, through the parts and the single-valued relations of a resource.
 */
#ifndef CLIENTELE_QUERY_PATH_H
#define CLIENTELE_QUERY_PATH_H

#include "query/lexer.h"
#include "schema/sight.h"

#define PATH_STEPS_MAX 4

/* A member that has one value for each row. steps[step_count - 1] is the member itself. */
struct path {
	const struct field *steps[PATH_STEPS_MAX];
	unsigned step_count;
};

/* The member at the path's end. */
const struct field *path_field(const struct path *path);

/* False when the member has a value in every row, as the tables tell it. */
bool path_may_be_null(const struct path *path);

/* True when both lead to the same member. */
bool path_equal(const struct path *a, const struct path *b);

/* Resource that a part or relation leads to; NULL for members that lead nowhere. */
const struct resource *path_target(const struct field *field);

/*
 * The member that the lexer's token names, in any case; hidden ones are not found, and those that
 * lead to fewer rows than `least` of what is seen are refused. NULL with a fault.
 */
const struct field *path_read_member(struct lexer *lexer, const struct sight *sight,
    enum sight_rows least, const struct resource *resource);

/* Whether rows can be filtered and sorted by a member of theirs. */
bool path_compares(const struct field *field);

/*
 * Reads a path to a member that rows can be compared by: no list, no map, nothing secret, and
 * nothing of rows that are not seen, since a comparison tells about them, too. Stops
 * behind the last name. When `call` is not NULL, a path may be followed by a dot and a function's
 * name: then *call is set and the lexer stands on that name. Returns 0, or -1 with a fault.
 */
int path_read(struct lexer *lexer, const struct sight *sight, const struct resource *resource,
    struct path *path, bool *call) MUST_CHECK;

#endif
