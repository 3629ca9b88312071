/*
 * What commands of licenses share: files that they are given.
 */
#ifndef CLIENTELE_CLI_LICENSE_H
#define CLIENTELE_CLI_LICENSE_H

#include <clientele_verify.h>

#include "base/buf.h"
#include "cli/session.h"

/* Reads the file of an operand or a flag. False after saying why it cannot be. */
bool license_read_file(struct session *session, const char *path, size_t limit, struct buf *text);

/*
 * The text of the file that a flag names, without its line end; NULL where the flag was not given.
 * False after saying why it cannot be read.
 */
bool license_take_secret(struct session *session, const char *flag, const char **secret);

/*
 * The public keys of every --key, for clientele_keys_free(). NULL after saying what is wrong; where
 * there is none, that is a matter of usage, which *status tells.
 */
struct clientele_keys *license_take_keys(struct session *session, enum command_status *status);

#endif
