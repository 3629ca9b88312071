/*
 * What commands share that bring the schema up to date.
 */
#ifndef CLIENTELE_CLI_MIGRATE_H
#define CLIENTELE_CLI_MIGRATE_H

#include "cli/command.h"
#include "db/migrate.h"

/* Where an installed program has the files of the schema. */
#define MIGRATE_DIRECTORY PKGDATADIR "/sql"

/* Applies the files of a directory that the database has not seen, and prints a line for each. */
enum command_status migrate_schema(
    struct session *session, const char *directory, int64_t lease_seconds);

/* Takes over what programs of older schemas have written since; says how many rows. */
enum command_status migrate_adopt(struct session *session);

#endif
