/*
 * Filters: from text to a tree whose types were checked. The only parser of conditions.
 *
 *	or      = and { ("||" | "or" | "orelse") and }
 *	and     = not { ("&&" | "and" | "andalso") not }
 *	not     = [ "!" | "not" ] ( "(" or ")" | compare | in | match )
 *	compare = path operator literal
 *	in      = path [ "not" ] "in" "(" literal { "," literal } ")"
 *	match   = path "." ( "contains" | "startswith" | "endswith" ) "(" text ")"
 *	literal = text | number | "true" | "false" | "null"
 *	        | "datetime" "(" year "," month "," day [ "," hour "," minute "," second ] ")"
 */
#ifndef CLIENTELE_QUERY_FILTER_H
#define CLIENTELE_QUERY_FILTER_H

#include "base/settings.h"
#include "query/path.h"

#define FILTER_NESTING_MAX 32
#define FILTER_ITEMS_MAX 1000   /* of one `in` */
#define FILTER_VALUES_MAX 10000 /* of a whole filter */

enum filter_kind {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,     /* of its one child */
	FILTER_COMPARE, /* with one value; a null value is compared by EQUAL or NOT_EQUAL only */
	FILTER_IN,      /* one of its values, none of them null */
	FILTER_MATCH,   /* with one text */
};

enum filter_operator {
	FILTER_EQUAL,
	FILTER_NOT_EQUAL,
	FILTER_LESS,
	FILTER_LESS_EQUAL,
	FILTER_GREATER,
	FILTER_GREATER_EQUAL,
	FILTER_CONTAINS,
	FILTER_STARTS_WITH,
	FILTER_ENDS_WITH,
};

/*
 * A condition. It is true or false for every row: a member that is null equals null and nothing
 * else, and is neither less nor greater than anything.
 */
struct filter {
	enum filter_kind kind;
	enum filter_operator comparison;
	struct filter *children; /* of AND, OR and NOT, in order */
	struct filter *next;
	struct path path;
	struct value *values;
	unsigned value_count;
};

/*
 * Reads a filter on rows of `resource` by somebody with that sight. *filter is NULL for an empty
 * text: all rows match. `limits` bounds how often it may search texts; NULL = as often as it likes.
 * Returns 0, or -1 with a fault of the parameter "filter" that tells the position.
 */
int filter_read(struct arena *arena, const struct sight *sight, const struct limits *limits,
    const struct resource *resource, struct str text, struct filter **filter,
    struct error *error) MUST_CHECK;

/* How often it searches texts: each looks at the text of every row that nothing else excludes. */
unsigned filter_searches(const struct filter *filter);

/*
 * Appends a filter as it was understood, in one form whatever way it was written: for logs that
 * must say what was carried out. Reading it again gives the same filter.
 */
void filter_print(struct buf *out, const struct filter *filter);

#endif
