/*
 * The inside of SQLite sources.
 */
#ifndef CLIENTELE_CLI_MOVE_SOURCE_FILE_H
#define CLIENTELE_CLI_MOVE_SOURCE_FILE_H

#include <sqlite3.h>

#include "base/buf.h"
#include "cli/move_source.h"

#define MOVE_CELLS_MAX 64 /* of one row */

struct move_source_file {
	struct move_source source;
	sqlite3 *database;
};

/*
 * Opens a file; an empty `uri` makes one of its own, which nobody else sees and which goes with it.
 * NULL with an error.
 */
struct move_source_file *move_source_new_file(
    struct arena *arena, const char *uri, const char *label, int flags, struct error *error);

/* The same in memory of the caller's. Returns 0, or -1 with an error. */
int move_source_begin_file(struct move_source_file *source, struct arena *arena, const char *uri,
    const char *label, int flags, struct error *error) MUST_CHECK;

/* Appends a name between backquotes, and a blank. */
void move_source_append_name(struct buf *out, struct str name);

#endif
