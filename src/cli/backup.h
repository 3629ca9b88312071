/*
 * Making a back-up, for the commands that do.
 */
#ifndef CLIENTELE_CLI_BACKUP_H
#define CLIENTELE_CLI_BACKUP_H

#include "cli/session.h"

/*
 * Backs the database and the configuration up into a new folder of `directory`, whose path is put
 * into *made; nothing is left of one that fails. Keeps `keep` back-ups of this database there, all
 * if that is 0. Returns 0, or -1 with session->error filled.
 */
int backup_make(struct session *session, const char *directory, bool secrets, int64_t keep,
    const char **made) MUST_CHECK;

#endif
