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

#endif
