/*
 * Schema migrations: sql/NNN_name.sql, applied in order, each recorded in schema_version with its
 * checksum and time.
 */
#ifndef CLIENTELE_DB_MIGRATE_H
#define CLIENTELE_DB_MIGRATE_H

#include "base/error.h"
#include "base/settings.h"

/* Made by the build: SCHEMA_VERSION, the version of the schema that this program needs. */
#include "db/schema_version.h"

/* For `lease_seconds`, where nobody says otherwise. */
#define MIGRATE_LEASE_SECONDS 600

struct migrate_report {
	void (*line)(
	    void *context, const char *text); /* one line per file: applied or already there */
	void *context;
};

/*
 * Applies what is missing from `directory`. Takes a named lock and a lease row, so that two runs on
 * one database (or cluster) wait for each other. Every statement of a file is repeatable: a run
 * that failed anywhere is run again. A recorded file whose checksum differs is an error that names
 * it; so is a database that holds tables of others and none of ours. Returns 0, or -1 with
 * ERROR_UNAVAILABLE or ERROR_INTERNAL and the file and statement in the detail. `lease_seconds`:
 * how long a run that dies holds up those of other servers.
 */
int migrate_run(const struct settings *settings, const char *directory, int64_t lease_seconds,
    const struct migrate_report *report, struct error *error) MUST_CHECK;

#endif
