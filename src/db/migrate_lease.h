/*
 * The lease of a migration: one run at a time in a whole cluster, where a lock of one server says
 * nothing. It is a row with a holder and an end, renewed while a file runs, however long that
 * takes, and given back by its holder only.
 */
#ifndef CLIENTELE_DB_MIGRATE_LEASE_H
#define CLIENTELE_DB_MIGRATE_LEASE_H

#include "base/error.h"
#include "base/settings.h"

struct migrate_lease;

/*
 * Takes it, waiting for a minute, with a connection of its own, and renews it by a thread. The
 * caller holds the named lock of this server, so that a lease taken through the same server belongs
 * to a run that is dead. `worker` is the number of the connection that changes the schema: its
 * statement is ended when the lease is lost to somebody else. NULL with `error` filled.
 */
struct migrate_lease *migrate_lease_take(
    const struct settings *settings, unsigned long worker, int64_t seconds, struct error *error);

/* Returns 0, or -1 with `error` filled when it has been lost: nothing may be changed any more. */
int migrate_lease_check(struct migrate_lease *lease, struct error *error) MUST_CHECK;

/* Ends the renewal, and the lease if it still is this run's. */
void migrate_lease_give_back(struct migrate_lease *lease);

#endif
