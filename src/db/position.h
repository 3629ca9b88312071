/*
 * Where a node of a Galera cluster stands, and whether that fits what was seen before.
 */
#ifndef CLIENTELE_DB_POSITION_H
#define CLIENTELE_DB_POSITION_H

#include "db/connection.h"
#include "db/history.h"

/*
 * Compares a connection with the mark of the machine (db/history.h), and moves that. A server
 * without a cluster is not judged. Returns 0, or -1 with `failure` filled: FAILURE_HISTORY when it
 * must not be used.
 */
int position_check(const struct settings *settings, struct connection *connection,
    struct failure *failure) MUST_CHECK;

/*
 * Whether the server is giving its state to another node now, in which time it may take no changes
 * and answer no reads that wait for others' changes. False too where it cannot be asked.
 */
bool position_is_donor(struct connection *connection);

/* Fills `failure` with why no node is used, where that is known (history_refused()). */
void position_explain(const struct settings *settings, struct failure *failure);

/* Whether it must be compared again before it is used. No network. */
bool position_is_doubtful(const struct connection *connection);

#endif
