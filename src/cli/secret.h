/*
 * The key file of the secrets in the database, and those secrets, for the commands that need them.
 */
#ifndef CLIENTELE_CLI_SECRET_H
#define CLIENTELE_CLI_SECRET_H

#include "cli/command.h"
#include "record/sealed.h"

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

/* Reads the key file again. Says what failed. */
enum command_status secret_read_file(struct session *session);

/* Writes the key file, for the pool's user where root asks. Says what failed. */
enum command_status secret_write_file(
    struct session *session, const struct seal_keys *keys, bool replace);

/*
 * Calls `each` for every encrypted member of every resource, until it returns something else than
 * 0, which is returned; -1 with session->error filled also when there is no memory. `work` brings
 * what `each` is to find in it besides.
 */
int secret_each(struct session *session, struct sealed_work work,
    int (*each)(struct session *session, struct sealed_work *work));

/*
 * Seals what stands in clear: what was stored before there was a key, and what older programs have
 * stored since. Tells how many values it were. Says what failed.
 */
enum command_status secret_convert(struct session *session);

/* How many values stand in clear; -1 with session->error filled. */
int64_t secret_count_clear(struct session *session);

/*
 * How many values are sealed under keys that the key file has not, or are not under `id` where that
 * is not NULL; -1 with session->error filled.
 */
int64_t secret_count_others(struct session *session, const char *id);

/*
 * After a backup was restored: whether the key file opens what it has brought. Where it does not,
 * says what is lost and how to go on.
 */
enum command_status secret_look_after_restore(struct session *session);

/* The commands that change keys. */
enum command_status secret_rotate(struct session *session);
enum command_status secret_forget(struct session *session);

#endif
