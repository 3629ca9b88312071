/*
 * That somebody is left who may do everything: without an enabled administrator nobody could give
 * the role to anybody again, except on the command line.
 */
#ifndef CLIENTELE_AUTH_ADMINISTRATOR_H
#define CLIENTELE_AUTH_ADMINISTRATOR_H

#include "db/database.h"

/*
 * To be called first in a transaction that disables, deletes or demotes a user, with
 * administrator_check_left() after it where *is_one says so. Locks the user; an enabled
 * administrator brings a row that all such transactions write, so that two of them wait for each
 * other, and on two nodes of a cluster one is replayed. Whoever makes somebody an administrator
 * writes that user's row, too. Errors as database_execute().
 */
int administrator_claim(struct database *database, struct arena *arena, const struct uuid *user,
    bool *is_one, struct error *error) MUST_CHECK;

/*
 * Refuses with ERROR_CONFLICT and the word LAST_ADMINISTRATOR when there is no enabled user with
 * the role Administrator, `besides` (NULL = nobody) left aside.
 */
int administrator_check_left(struct database *database, struct arena *arena,
    const struct uuid *besides, struct error *error) MUST_CHECK;

#endif
