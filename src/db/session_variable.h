/*
 * What a session of the database server sets for itself, in one table: no statement may depend on a
 * default that an administrator of the server may have chosen otherwise.
 */
#ifndef CLIENTELE_DB_SESSION_VARIABLE_H
#define CLIENTELE_DB_SESSION_VARIABLE_H

#include "base/buf.h"

/* Limits of a session, which depend on its use. */
struct session_limits {
	double lock_wait;      /* seconds a statement waits for a row or a table */
	double statement_time; /* seconds a statement may take, 0 = unlimited */
	double sync_wait;      /* wsrep_sync_wait */
	double sort_length;    /* bytes of a text's weights that rows are sorted by */
};

/*
 * Appends the statement of that number, from 0 on. Returns false when there are no more. *optional
 * tells that the server may not know the variable, and needs none then.
 */
bool session_variable_print(
    unsigned number, const struct session_limits *limits, struct buf *out, bool *optional);

#endif
