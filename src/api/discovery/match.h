/*
 * Which stored client each item of a synchronisation becomes.
 *
 * The end state decides, not the order of the items: an item is first the client whose Id it names,
 * and only what no item names by its Id can be found by its code. So codes may be swapped, shifted
 * and given to new clients in one call.
 */
#ifndef CLIENTELE_API_DISCOVERY_MATCH_H
#define CLIENTELE_API_DISCOVERY_MATCH_H

#include "api/discovery/discovery.h"

/* A client of the group: one that is stored, or one that the items add. */
struct match_client {
	struct uuid id;
	struct str code; /* as it is stored; of new ones as it will be */
	bool stored;
	bool kept;       /* an item is this client */
	bool in_the_way; /* changes its code, and another item takes the one that it had */
};

struct match {
	struct match_client *clients; /* the stored ones, then the new ones */
	unsigned count;
	unsigned *of_item; /* number of the client that each item is */
};

/*
 * Adds a fault for each item that has the Id or the ClientCode of an earlier one without being the
 * same client. Returns 0, or -1 with an error when memory is out.
 */
int match_check(
    struct operation *operation, const struct row_list *items, struct error *error) MUST_CHECK;

/*
 * Matches the items, which match_check() has passed, with the stored clients. `match->clients`
 * holds the stored ones (with `match->count` of them) and has room for as many more as there are
 * items. New clients get the Id of their item or a random one. Errors as match_check().
 */
int match_items(struct operation *operation, const struct row_list *items, struct match *match,
    struct error *error) MUST_CHECK;

#endif
