/*
 * Owned lists: rows of other tables that are written with their owner, in its transaction.
 */
#ifndef CLIENTELE_RECORD_OWNED_H
#define CLIENTELE_RECORD_OWNED_H

#include "record/context.h"

/* Mask of the members of a resource that are owned lists. */
uint64_t owned_members(const struct resource *resource);

/*
 * Stores the owned lists that are present in `row`, each as a whole. Of an owner that is not new,
 * an item whose key is that of one of its rows changes that row, where the key is shown; the other
 * rows go, the other items are added. The end state counts: rows may take each other's unique
 * texts. `key` names the owner. Errors as record_execute(); ERROR_INVALID for a key that comes
 * twice.
 */
int owned_write(struct context *context, const struct row *row, const struct row *key, bool insert,
    struct error *error) MUST_CHECK;

/*
 * The same of several new owners of one resource, in a few statements for each list: `rows` are
 * theirs, `keys` name them. Faults do not tell which item it was.
 */
int owned_insert_all(struct context *context, struct row *const *rows, struct row *const *keys,
    unsigned count, struct error *error) MUST_CHECK;

#endif
