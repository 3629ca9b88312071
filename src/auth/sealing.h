/*
 * Which key secrets in the database are sealed under. Its id stands there, so that a wrong key file
 * is found when a pool starts and not by values that do not open, and so that all nodes of a
 * cluster change to a new key at once.
 */
#ifndef CLIENTELE_AUTH_SEALING_H
#define CLIENTELE_AUTH_SEALING_H

#include "base/seal.h"
#include "db/database.h"

#define SEALING_SCHEMA 6 /* the schema that brought secret_key */

/* Id of the active key. Returns 1, 0 when none was chosen yet, -1 with an error. */
int sealing_chosen(
    struct database *database, struct arena *arena, char id[SEAL_ID_TEXT], struct error *error);

/*
 * Whether the key file has the key that was chosen, if any was. Returns 0, or -1 with
 * ERROR_UNAVAILABLE and what to do in the detail, or as database_select(). Changes nothing.
 */
int sealing_fits(struct database *database, const struct settings *settings, struct arena *arena,
    struct error *error) MUST_CHECK;

/*
 * The same; where none was chosen, the newest of the key file is from now on. Sets its id.
 */
int sealing_check(struct database *database, const struct settings *settings, struct arena *arena,
    char id[SEAL_ID_TEXT], struct error *error) MUST_CHECK;

/*
 * The same for the transaction that stores a sealed value: nobody makes another key the active one
 * before it ends.
 */
int sealing_hold(struct database *database, const struct settings *settings, struct arena *arena,
    char id[SEAL_ID_TEXT], struct error *error) MUST_CHECK;

/*
 * Makes a key the active one, once all transactions under the one before have ended. Must run in a
 * transaction. Errors as database_execute().
 */
int sealing_choose(struct database *database, const char *id, struct error *error) MUST_CHECK;

/* Forgets all keys but the active one. Errors as database_execute(). */
int sealing_forget_others(struct database *database, struct error *error) MUST_CHECK;

#endif
