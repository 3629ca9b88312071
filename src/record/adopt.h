/*
 * Taking over what programs of an older schema have written where it is not read any more. While a
 * pool is upgraded, some of them are still at work after a migration has moved their rows.
 */
#ifndef CLIENTELE_RECORD_ADOPT_H
#define CLIENTELE_RECORD_ADOPT_H

#include "db/database.h"

/*
 * Moves all of it; costs next to nothing where there is none. `*rows` is the number of rows taken
 * over. Errors as database_transaction().
 */
int adopt_all(struct database *database, int64_t *rows, struct error *error) MUST_CHECK;

/* The same for what belongs into the queue, which should not wait for long. */
int adopt_queue(struct database *database, int64_t *rows, struct error *error) MUST_CHECK;

#endif
