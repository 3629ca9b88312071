/*
 * Databases of other programs, as far as an import needs them: the names of tables and columns, and
 * rows of a SELECT, one after the other. A MariaDB or MySQL server, an SQLite file, or a dump of
 * mysqldump's kind, which becomes an SQLite file of its own first.
 */
#ifndef CLIENTELE_CLI_MOVE_SOURCE_H
#define CLIENTELE_CLI_MOVE_SOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct move_source;

/* A cell of a row; data is NULL where it is null. Lives until `take` returns. */
typedef int move_take(void *data, const struct str *cells, struct error *error);

/* What differs between kinds of databases. */
struct move_source_kind {
	const char *schema; /* SELECT of table and column, of all that there are */
	const char
	    *exact; /* around an expression whose bytes are to be compared: "CAST(%s AS BLOB)" */
	int (*select)(struct move_source *source, const char *sql, unsigned columns,
	    move_take *take, void *data, struct error *error);
	void (*close)(struct move_source *source);
};

/* What each begins with. */
struct move_source {
	const struct move_source_kind *kind;
	const char *label;   /* what it is called in reports; no secret is in it */
	struct arena *arena; /* of names */
	struct move_name {
		struct str table, column;
	} * names;
	unsigned name_count;
	bool clear; /* what it says crosses a network in the clear */
};

/* How to get there. */
struct move_place {
	const char *from; /* mysql://USER@HOST[:PORT]/DATABASE[?socket=FILE|?ca=FILE], or a file */
	const char *password; /* of a server; NULL = none */
};

/*
 * Opens it and reads its names. `arena` must outlive it. NULL with ERROR_INVALID or
 * ERROR_UNAVAILABLE and a detail that says why not.
 */
struct move_source *move_source_open(
    struct arena *arena, const struct move_place *place, struct error *error);

/* Reads the names of tables and columns. Returns 0, or -1 with an error. */
int move_source_read_names(struct move_source *source, struct error *error) MUST_CHECK;

void move_source_close(struct move_source *source);

/* Whether there is such a table, or column of it (NULL = the table); letters are folded. */
bool move_source_has(const struct move_source *source, const char *table, const char *column);

/*
 * Runs a SELECT and hands its rows over one by one; `take` returns 0, or -1 with an error to stop.
 * Nothing else may be asked of the source meanwhile. Returns 0, or -1 with ERROR_UNAVAILABLE or
 * what `take` has set.
 */
int move_source_select(struct move_source *source, const char *sql, unsigned columns,
    move_take *take, void *data, struct error *error) MUST_CHECK;

/* The same of one number. */
int move_source_count(
    struct move_source *source, const char *sql, int64_t *count, struct error *error) MUST_CHECK;

/* --- the kinds --- */

struct move_source *move_source_open_server(
    struct arena *arena, const struct move_place *place, struct error *error);
struct move_source *move_source_open_file(
    struct arena *arena, const char *file, struct error *error);
struct move_source *move_source_open_dump(
    struct arena *arena, const char *file, struct error *error);

#endif
