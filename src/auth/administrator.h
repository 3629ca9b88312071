/*
 * That somebody is left who may do everything: without an enabled administrator nobody could give
 * the role to anybody again, except on the command line.
 */
#ifndef CLIENTELE_AUTH_ADMINISTRATOR_H
#define CLIENTELE_AUTH_ADMINISTRATOR_H

#include "db/database.h"

/*
 * Refuses with ERROR_CONFLICT and the word LAST_ADMINISTRATOR when there is no enabled user with
 * the role Administrator, `besides` (NULL = nobody) left aside.
 *
 * To be called in the transaction that disables, deletes or demotes, after revocation_raise(): that
 * writes a row which all such transactions write, so that two of them wait for each other, and on
 * two nodes of a cluster one is replayed.
 */
int administrator_check_left(struct database *database, struct arena *arena,
    const struct uuid *besides, struct error *error) MUST_CHECK;

#endif
