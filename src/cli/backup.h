/*
 * Making a back-up, for the commands that do.
 */
#ifndef CLIENTELE_CLI_BACKUP_H
#define CLIENTELE_CLI_BACKUP_H

#include "cli/session.h"

/* Which files of secrets (enum option_file) go along. */
enum backup_secrets {
	BACKUP_NO_SECRETS,
	BACKUP_PASSWORDS,   /* all but the key file */
	BACKUP_ALL_SECRETS, /* with it the secrets in the dump can be read */
};

/*
 * Backs the database and the configuration up into a new folder of `directory`, whose path is put
 * into *made; nothing is left of one that fails. Keeps `keep` back-ups of this database there, all
 * if that is 0. Returns 0, or -1 with session->error filled.
 */
int backup_make(struct session *session, const char *directory, enum backup_secrets secrets,
    int64_t keep, const char **made) MUST_CHECK;

#endif
