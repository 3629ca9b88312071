/*
 * Revocation: what makes cached credentials worthless on all nodes. The database's counter is
 * raised in the transaction that revokes; the pool of this machine is told by epoch_advance()
 * afterwards.
 */
#ifndef CLIENTELE_AUTH_REVOCATION_H
#define CLIENTELE_AUTH_REVOCATION_H

#include "db/database.h"

/*
 * Raises the counter that all nodes follow. To be called in the transaction that changes a key, a
 * user or a user's roles; whoever calls it advances the epoch when the transaction is over,
 * whatever came of it. Errors as database_execute().
 */
int revocation_raise(struct database *database, struct error *error) MUST_CHECK;

#endif
