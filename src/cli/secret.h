/*
 * The key file of the secrets in the database, for the commands that need it.
 */
#ifndef CLIENTELE_CLI_SECRET_H
#define CLIENTELE_CLI_SECRET_H

#include "cli/command.h"

/*
 * Makes the key file that the options name unless it is there, for the pool's user where root asks,
 * and reads it. Says what failed.
 */
enum command_status secret_make_file(struct session *session);

/*
 * The same before the schema is brought up to date. Fails only where the database's secrets are
 * sealed under another key already; what else goes wrong is told.
 */
enum command_status secret_make_first(struct session *session);

#endif
