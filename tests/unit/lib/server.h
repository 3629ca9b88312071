/*
 * A private MariaDB for unit tests, made by tests/lib/mariadb.sh. Where MariaDB is not installed
 * the test program ends with status 77 (skipped).
 */
#ifndef CLIENTELE_TESTS_SERVER_H
#define CLIENTELE_TESTS_SERVER_H

#include "base/settings.h"

/* Starts the server in a new directory, to be removed by server_end(). Ends the program when it
 * cannot. */
void server_begin(void);
void server_end(void);

/* Stops the server and keeps its data; kills it outright; starts it again on what is there. */
void server_halt(void);
void server_kill(void);
void server_start(void);

/* Path of the socket, and of the directory that the server's own lies in (for a test's other
 * files). */
const char *server_socket(void);
const char *server_directory(void);

/* Settings for a database of that name on this server, as its administrator. */
struct settings server_settings(const char *database);

/* Runs one or more statements as administrator in `database` (NULL = none). Fails the test on an
 * error. */
void server_run(const char *database, const char *sql);

/* The first column of the first row as text; static until the next call; "" when there is no row.
 */
const char *server_value(const char *database, const char *sql);

/* Makes an empty database, dropping one of that name. */
void server_make_database(const char *database);

/* The same, and applies the migrations of the source tree. */
void server_make_schema(const char *database);

#endif
