/*
 * What commands share: flags, messages, look-ups, changes that revoke.
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

/*
 * Checks a text that people give: UTF-8, not blank, no control characters, at most `most`
 * characters. `what` names it in the message. Returns false after saying what is wrong.
 */
bool session_check_text(struct session *session, const char *what, const char *text, size_t most);

/* One or more statements that belong together. */
struct session_statement {
	const char *sql;
	const struct bind *parameters;
	unsigned parameter_count;
	struct outcome outcome; /* filled */
	/* Who may be no administrator any more: one must be left afterwards. NULL = nobody. */
	const struct uuid *demotes;
	/* What to say when it hits no row: nothing of all is done then. NULL = that is no fault. */
	const char *missing;
};

/*
 * Runs statements in one transaction. Cached credentials that belong to the subject of `revoked`
 * (NULL = none do) become worthless: at once in the pool of this machine, within a second on
 * others. Returns 0, or -1 with session->error set.
 */
int session_change(struct session *session, struct session_statement *statements, unsigned count,
    const struct mark *revoked);

/*
 * Tells the pool of this machine of a key or token that was made, so that it works at once even
 * from where many wrong ones come. `hash` is that of key_hash().
 */
void session_tell_key(struct session *session, const uint8_t hash[32]);

/* Reads --FLAG as a whole number from `least` on; `fallback` when it was not given. */
bool session_take_number(
    struct session *session, const char *flag, int64_t least, int64_t fallback, int64_t *number);

/* Number of the role called or identified by `text`, -1 after saying which roles there are. */
int session_find_role(struct session *session, const char *text);

#endif
