/*
 * MariaDB's own programs, run on the database of the configuration.
 */
#ifndef CLIENTELE_CLI_DATABASE_TOOL_H
#define CLIENTELE_CLI_DATABASE_TOOL_H

#include "cli/child.h"
#include "cli/session.h"
#include "db/survey.h"

/*
 * Starts mariadb-dump as the user of `use`; the caller reads the dump from child->fd. It is one
 * snapshot of all tables, and two dumps of the same rows are the same bytes. Views and triggers go
 * along but for those that the survey (of the same user) says cannot be read: the program would
 * stop at them. Returns 0, or -1 with session->error filled.
 */
int database_tool_dump(struct session *session, enum connection_use use,
    const struct survey *survey, struct child *child) MUST_CHECK;

/* Starts mariadb as the user who may change the schema; the caller feeds it statements through
 * child->fd. The same otherwise. */
int database_tool_client(struct session *session, struct child *child) MUST_CHECK;

#endif
