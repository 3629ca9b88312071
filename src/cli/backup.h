/*
 * Making a backup, for the commands that do.
 */
#ifndef CLIENTELE_CLI_BACKUP_H
#define CLIENTELE_CLI_BACKUP_H

#include "cli/session.h"
#include "db/connection.h"

/* Which files of secrets (enum option_file) go along. */
enum backup_secrets {
	BACKUP_NO_SECRETS,
	BACKUP_PASSWORDS,   /* all but the key file */
	BACKUP_ALL_SECRETS, /* with it the secrets in the dump can be read */
};

/* How a backup is made. */
struct backup_plan {
	enum backup_secrets secrets;
	enum connection_use use; /* who reads the database */
	bool any_schema;         /* also a database without our schema */
	int64_t keep;            /* so many backups of this database stay; 0 = all */
};

/*
 * Backs the database and the configuration up into a new folder of `directory`, whose path is put
 * into *made; nothing is left of one that fails. Views and triggers that the user may not read are
 * left out, and named. Older backups are removed when the new one has been read again and is
 * whole. Returns 0, or -1 with session->error filled.
 */
int backup_make(struct session *session, const char *directory, const struct backup_plan *plan,
    const char **made) MUST_CHECK;

#endif
