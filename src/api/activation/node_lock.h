/*
 * Licenses of one machine each, which check-outs make: what a license says, with the machine and
 * the end of the file as restrictions, signed as all licenses are. The seat has their numbers.
 */
#ifndef CLIENTELE_API_ACTIVATION_NODE_LOCK_H
#define CLIENTELE_API_ACTIVATION_NODE_LOCK_H

#include "api/activation/call.h"
#include "api/activation/reason.h"

struct node_lock {
	const struct call *call; /* its seat has the license that was made before, if any */
	struct str machine_key;
	int64_t until; /* end of the file */
};

/*
 * Makes the license, or makes it again for a seat that has one; *made is the row as it is stored.
 * -1 with *reason REASON_NOT_BINDABLE where its format has no room for a machine or nothing signs
 * it, and with REASON_REVOKED or REASON_SUSPENDED where the vendor has done that to the one that
 * was made before. Must run in a transaction. Errors as record_insert().
 */
int node_lock_make(struct context *context, const struct node_lock *lock, enum reason *reason,
    struct row **made, struct error *error) MUST_CHECK;

/* Revokes what was made for a seat, if anything was. Must run in a transaction. */
int node_lock_revoke(
    struct context *context, const struct row *seat, struct error *error) MUST_CHECK;

#endif
