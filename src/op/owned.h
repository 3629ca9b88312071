/*
 * Owned lists: rows of other tables that are written with their owner, in its transaction.
 */
#ifndef CLIENTELE_OP_OWNED_H
#define CLIENTELE_OP_OWNED_H

#include "op/operation.h"

/* Mask of the members of a resource that are owned lists. */
uint64_t owned_members(const struct resource *resource);

/*
 * Stores the owned lists that are present in `row`, each as a whole: what was there before goes,
 * unless the owner is new. `key` names the owner. Errors as operation_execute().
 */
int owned_write(struct operation *operation, const struct row *row, const struct row *key,
    bool insert, struct error *error) MUST_CHECK;

#endif
