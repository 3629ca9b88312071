/*
 * Statements that are not prepared: their values are written into the text, and rows come as text.
 *
 * For a server that takes no more prepared statements, and for what runs once. No value can end its
 * literal: numbers and moments are printed from integers, and bytes in hexadecimal digits.
 */
#ifndef CLIENTELE_DB_PLAIN_H
#define CLIENTELE_DB_PLAIN_H

#include "db/connection.h"
#include "db/database.h"

/*
 * Appends the statement with a literal in place of each '?' outside of quotes. Returns false when
 * their number is not `count`.
 */
bool plain_print(struct buf *out, const char *sql, const struct bind *parameters, unsigned count);

/* Runs a SELECT; as database_select(). Returns 0, or -1 with `failure` filled. */
int plain_select(struct connection *connection, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct arena *arena, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct failure *failure) MUST_CHECK;

/* Runs a change; as database_execute(). Returns 0, or -1 with `failure` filled. */
int plain_execute(struct connection *connection, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct outcome *outcome, struct failure *failure) MUST_CHECK;

#endif
