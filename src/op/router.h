/*
 * Finding the route of a request: the tables of all contracts, put in order once, so that a request
 * is held only against paths of as many segments, by the hashes of their literals.
 */
#ifndef CLIENTELE_OP_ROUTER_H
#define CLIENTELE_OP_ROUTER_H

#include "op/route.h"

/* Result of looking a path up. */
struct route_match {
	const struct route *route;         /* NULL: none with this method */
	const struct contract *contract;   /* of the path, even where no route matches */
	struct str captures[CAPTURES_MAX]; /* decoded path segments, in order */
	unsigned methods;                  /* bit per method that the path has; 0 = unknown path */
};

struct router;

/* Of contracts that stay where they are; NULL without memory. */
struct router *router_new(const struct contract *const *contracts, unsigned count);
void router_free(struct router *router);

/*
 * Finds the route of a request among all contracts. Literals fold case; a literal beats a capture.
 * HEAD is served by GET. The contract is the one whose prefix the path has, else the first one.
 */
struct route_match router_find(const struct router *router, const struct request *request);

#endif
