/*
 * What stands in a database, whoever has made it, and what its user may do there: looked at before
 * anything is removed.
 */
#ifndef CLIENTELE_DB_SURVEY_H
#define CLIENTELE_DB_SURVEY_H

#include "base/error.h"
#include "base/settings.h"
#include "db/connection.h"

#define SURVEY_NAME 65 /* an identifier and a NUL, in ASCII; longer ones are cut */

struct survey_object {
	bool trigger; /* else a view */
	char name[4 * SURVEY_NAME];
};

struct survey {
	uint64_t objects; /* tables, views, sequences, routines, events */
	uint64_t packet;  /* bytes of the longest statement that the server takes */
	char version[64]; /* of the server */
	/* Views and triggers whose definitions this user may not read: no dump of its has them. */
	struct survey_object *unreadable;
	unsigned unreadable_count;
};

/*
 * Looks at the database as the user of `use`. The list belongs to `arena`. Returns 0, or -1 with
 * ERROR_UNAVAILABLE or ERROR_INTERNAL.
 */
int survey_take(const struct settings *settings, enum connection_use use, struct arena *arena,
    struct survey *survey, struct error *error) MUST_CHECK;

/* Connections of others to the database, as the same user: of pools, wherever they run, and of
 * commands. */
struct survey_others {
	uint64_t count;
	char host[SURVEY_NAME]; /* of one; "localhost" for a socket */
};

/*
 * Counts those of the user of `use`. Returns 0, or -1 with ERROR_UNAVAILABLE or ERROR_INTERNAL and
 * nothing counted.
 */
int survey_count_others(const struct settings *settings, enum connection_use use,
    struct survey_others *others, struct error *error) MUST_CHECK;

/*
 * Proves that the migrating user can load a dump with tables (and views and triggers, where they
 * are asked for), by doing so: makes, fills and drops a table, trigger and view with a name of
 * their own. Returns 0, or -1 with the server's words in the detail; nothing is left then, either.
 */
int survey_prove(
    const struct settings *settings, bool views, bool triggers, struct error *error) MUST_CHECK;

#endif
