/*
 * Selections: which members of a resource a list reads and answers, and which relations it follows,
 * as a tree over the relations.
 */
#ifndef CLIENTELE_QUERY_SELECT_H
#define CLIENTELE_QUERY_SELECT_H

#include "query/path.h"

#define SELECT_RELATIONS_MAX 32 /* followed by one request */

struct selection {
	const struct resource *resource;
	uint64_t fetched; /* members that are read, and relations that are followed */
	uint64_t shown;   /* members that are answered */
	uint64_t named;   /* members whose values the caller named, however large they are */
	uint64_t bounded; /* members that are read up to FIELD_LISTED_MAX, and left out beyond */
	bool narrowed;    /* the caller named the members: no others are answered */
	/* Of parts and relations, by field number; NULL = their ordinary members. */
	struct selection *parts[RESOURCE_FIELDS_MAX];
};

/* What an ordinary read of the members in `mask` fetches and shows. */
void selection_begin(struct selection *selection, const struct resource *resource, uint64_t mask);

/* The same of many rows: large texts are left out. */
void selection_begin_list(
    struct selection *selection, const struct resource *resource, uint64_t mask);

/*
 * Reads the parameters `select` (members to keep; the key is always kept; a relation that is named
 * is included) and `include` (relations; "*" is every one of a level that is seen). Empty texts
 * mean: not sent. Returns 0, or -1 with faults of either parameter that tell the position.
 */
int selection_read(struct arena *arena, const struct sight *sight, const struct resource *resource,
    struct str select, struct str include, struct selection **selection,
    struct error *error) MUST_CHECK;

#endif
