/*
 * Secrets of API clients, on the command line.
 */
#ifndef CLIENTELE_CLI_CLIENT_SECRET_H
#define CLIENTELE_CLI_CLIENT_SECRET_H

#include "cli/print.h"

/*
 * Reads a secret that was chosen (--secret-stdin), into the arena; NULL where one is to be made.
 * False after saying why not.
 */
bool client_secret_take(struct session *session, const char **secret);

/*
 * Prints identifier and secret, which is shown only now: the member `secret` of the row. As JSON,
 * the row with the columns of `shown`. Returns the command's status.
 */
enum command_status client_secret_show(struct session *session, struct uuid client,
    const struct row *row, unsigned secret, const struct print_member *shown, unsigned count);

/* The commands client secrets, client rotate and client revoke. */
enum command_status client_secret_list(struct session *session);
enum command_status client_secret_rotate(struct session *session);
enum command_status client_secret_revoke(struct session *session);

#endif
