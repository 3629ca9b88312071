/*
 * Making the database and its users, as an administrator of the server.
 */
#ifndef CLIENTELE_DB_PROVISION_H
#define CLIENTELE_DB_PROVISION_H

#include "base/error.h"
#include "base/settings.h"

#define DATABASE_NAME_MAX 64 /* characters, of the server's names */

struct provision_user {
	const char *name;
	const char *password; /* NULL: the server knows the user by the socket (unix_socket) */
};

struct provision {
	const char *database;
	const char *from; /* host that the users may come from: localhost, %, an address */
	struct provision_user serving;
	struct provision_user migrating; /* name NULL: one user does both */
	int64_t connections; /* most of the serving user at a time, 0 = as many as the server takes;
				-1 leaves it */
};

enum privilege_use {
	PRIVILEGE_SERVING,  /* needed to serve */
	PRIVILEGE_CHANGING, /* needed to migrate, back up and restore too */
	PRIVILEGE_NEEDLESS, /* part of ALL PRIVILEGES, and never needed */
};

/* A privilege on the database, called as the server calls it. */
struct privilege {
	const char *name;
	enum privilege_use use;
};

/* All privileges that are granted, looked for or taken away. */
const struct privilege *provision_privileges(unsigned *count);

/*
 * Checks the names: up to 64 letters, digits, "_", "-" and "$" for the database and up to 80 of
 * them and "." for a user. Returns NULL, or what is wrong with which.
 */
const char *provision_check(const struct provision *provision);

/*
 * The statements, one after the other, each repeatable: the database in our character set, the
 * users with their way of proving themselves, and the privileges that each needs on that database
 * alone; a serving user that could change tables before cannot any more. NULL ends the list. With
 * `show`, a password is written as '***'. Texts are in the arena; a password's copy is wiped by
 * whoever empties that.
 */
#define PROVISION_STATEMENTS 9
void provision_statements(const struct provision *provision, bool show, struct arena *arena,
    const char *statements[PROVISION_STATEMENTS]);

/*
 * Runs them. `administrator` holds how to reach the server and as whom. Returns 0, or -1 with
 * ERROR_UNAVAILABLE (no connection) or ERROR_INTERNAL (refused) and the server's words as detail.
 */
int provision_run(const struct settings *administrator, const struct provision *provision,
    struct error *error) MUST_CHECK;

#endif
