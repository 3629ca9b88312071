/*
 * What commands share: flags, messages, and what they work with. Rows are read and changed by
 * cli/records.h.
 */
#ifndef CLIENTELE_CLI_SESSION_H
#define CLIENTELE_CLI_SESSION_H

#include "cli/command.h"

/* Value of a flag (the last one given), NULL when it was not given; "" for a switch. */
const char *session_flag(const struct session *session, const char *name);

/* Tells people something on the error stream, as a line. */
void session_note(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says what failed, and returns COMMAND_FAILED. */
enum command_status session_fail(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says what is wrong with the command line and how it should be, and returns COMMAND_USAGE. */
enum command_status session_usage(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says what session->error holds, with its detail, and returns COMMAND_FAILED. */
enum command_status session_error(struct session *session);

/* Notes who calls the command: to be called before the process becomes somebody else. */
void session_find_caller(struct session *session);

/*
 * How the audit log calls what is done from now on: "import of FILE" makes it "import of FILE as
 * root"; "command line" until then. session_context() must have been called.
 */
void session_act_as(struct session *session, const char *what);

/*
 * What changes and reads of rows work with: the operator may do everything, sees everything, and
 * leaves entries in the log. NULL with session->error set when memory runs out.
 */
struct context *session_context(struct session *session);

/*
 * Tells the pool of this machine what the context has revoked; other machines look at the database.
 * To be called when a transaction is over, whatever came of it.
 */
void session_announce(struct session *session);

/*
 * Root becomes the user that the options name, for good: the database knows that one by its socket,
 * and what a command leaves in the runtime directory must be the pool's own. False after saying why
 * that cannot be.
 */
bool session_become_pool(struct session *session);

/* Reads --FLAG as a whole number from `least` on; `fallback` when it was not given. */
bool session_take_number(
    struct session *session, const char *flag, int64_t least, int64_t fallback, int64_t *number);

/* Reads --FLAG as a moment; null when it was not given. False after saying that it is none. */
bool session_take_moment(struct session *session, const char *flag, struct value *moment);

/* Number of the role called or identified by `text`, -1 after saying which roles there are. */
int session_find_role(struct session *session, const char *text);

#endif
