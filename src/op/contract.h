/*
 * Contracts: what callers of a family may call, and how its answers are put together.
 */
#ifndef CLIENTELE_OP_CONTRACT_H
#define CLIENTELE_OP_CONTRACT_H

#include "codec/writer.h"
#include "op/route.h"
#include "schema/family.h"

struct answer;

struct contract {
	struct family family;

	/*
	 * Called around the payload of a success (NULL = bare). `begin` opens what stands before
	 * the payload and returns the payload's member name; `end` closes it.
	 */
	const char *(*begin_answer)(struct writer *writer, const struct answer *answer);
	void (*end_answer)(struct writer *writer, const struct answer *answer);

	/* Writes a whole error body; NULL = by the family's error shape. */
	void (*write_error)(
	    struct writer *writer, const struct answer *answer, const struct error *error);

	/*
	 * For the documentation: the body of the route's success as a resource whose fields are
	 * the members that `begin_answer` and `end_answer` put together, the payload's among them.
	 * Made in the arena, or a table. NULL (either) = the payload alone.
	 */
	const struct resource *(*describe_answer)(struct arena *arena, const struct route *route);

	const struct route *routes;
	unsigned route_count;
};

#endif
