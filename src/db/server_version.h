/*
 * Which servers of a database the schema can live in. Looked at by everything that connects: the
 * pool, setup-db, migrate, doctor and all other commands.
 */
#ifndef CLIENTELE_DB_SERVER_VERSION_H
#define CLIENTELE_DB_SERVER_VERSION_H

#include <stdbool.h>
#include <stddef.h>

/* What the schema needs: its collations came with 10.10. */
#define SERVER_VERSION_LEAST "MariaDB 10.10"

/*
 * Whether a server that names itself so ("10.11.6-MariaDB-0+deb12u1", "8.0.36") can be used. If
 * not, `reason` says why, in one sentence without its end.
 */
bool server_version_check(const char *version, char *reason, size_t size);

#endif
