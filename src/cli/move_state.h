/*
 * An import that runs: what its sources share.
 */
#ifndef CLIENTELE_CLI_MOVE_STATE_H
#define CLIENTELE_CLI_MOVE_STATE_H

#include "cli/move.h"
#include "cli/print.h"
#include "record/batch.h"

#define MOVE_BATCH 500

/* What came of a table. */
struct move_count {
	int64_t total; /* rows that there are to be read */
	int64_t read, added, changed, unchanged, refused, left;
	int64_t noted; /* rows of which there is something to be known */
};

/* Texts that several rows of a table have, and only one can have here. */
struct move_duplicates {
	unsigned member;
	struct move_duplicate {
		struct str text, keeper; /* the newest row's key */
	} * items;
	unsigned count;
};

struct move {
	struct session *session;
	struct context *context;
	const struct move_kind *kind;
	struct move_source *source;
	struct str name; /* of the source, in the map */
	bool dry_run, keep_ids, has_progress;
	struct arena *arena; /* of one batch */
	struct move_count *counts;
	struct print_json notes; /* with --json, a list of them */
	int64_t notes_written, notes_left;

	/* Of the table that is read: */
	const struct move_table *table;
	struct move_count *count;
	struct move_duplicates *duplicates; /* by unique key of the resource */
	int64_t next_key; /* for rows whose own number is taken, where the others keep theirs */
	struct move_line *lines;
	unsigned line_count;
	int64_t progress_at; /* monotonic; when it was shown last */
	int64_t began_at;
};

/* --- move_open --- */

/* Whether the command line names a source. */
bool move_open_has_source(const struct session *session, const struct move_kind *kind);

/* Opens it; asks for what it needs. NULL after saying why not. */
struct move_source *move_open(struct session *session, const struct move_kind *kind);

/* --- move_report --- */

bool move_report_begin(struct move *move);

/* Tells what is to be known of a row. */
void move_report_line(struct move *move, const struct move_line *line);

/* The same of a table, or of all ("" as its name). */
void move_report_note(struct move *move, const char *table, const char *text);

/* How far it is, on a terminal. `over` ends the line. */
void move_report_progress(struct move *move, bool over);

/* Prints what came of all. */
enum command_status move_report_end(struct move *move);

/* Gives back what it has, whether or not it came to its end. */
void move_report_free(struct move *move);

/* --- move_map --- */

/*
 * Finds what is known of the lines: the keys that they have here, by the source's map. Returns 0,
 * or -1 with an error.
 */
int move_map_find_lines(struct move *move, struct error *error) MUST_CHECK;

/* Puts the keys that rows of another table have here in the place of those that cells have. */
int move_map_resolve(struct move *move, unsigned column, struct error *error) MUST_CHECK;

/* Remembers the lines of a batch that were stored. Must run in their transaction. */
int move_map_store(struct move *move, const struct batch *batch, struct move_line *const *lines,
    struct error *error) MUST_CHECK;

/* Compares the installation that the source is with the one that the name is known for. */
int move_map_check_identity(struct move *move, struct error *error) MUST_CHECK;

/* Writes the map as CSV: rows whose key has changed. */
enum command_status move_map_write(struct move *move, const char *file);

/* --- move_document_tell --- */

/*
 * Tells what documents have and no table takes, and rows that are there several times. Returns 0,
 * or -1 with an error.
 */
int move_document_tell(struct move *move, struct error *error) MUST_CHECK;

/* --- move_find --- */

/* Puts the keys of rows here in the place of cells that name them. */
int move_find_cells(struct move *move, unsigned column, struct error *error) MUST_CHECK;

/* --- move_line --- */

/* Makes a row of the line's cells; faults become notes, or refuse the line. */
int move_line_build(struct move *move, struct move_line *line, struct error *error) MUST_CHECK;

/* Digest of what the row was, with what it refers to here. */
void move_line_digest(struct move_line *line);

/* --- move_store --- */

/* The key of a row as the map has it: its members with "|" between. NULL when memory runs out. */
struct str move_store_key(struct move *move, const struct row *key);

/*
 * Stores lines in one transaction, new ones and changed ones, and remembers them in the map; those
 * that are refused say why. Returns 0, or -1 with an error that is no line's.
 */
int move_store_lines(
    struct move *move, struct move_line **lines, unsigned count, struct error *error) MUST_CHECK;

/* --- move_unique --- */

/* Reads which texts several rows of the table have. */
int move_unique_begin(struct move *move, struct error *error) MUST_CHECK;

/* Changes texts of lines that other rows have, and decides about keys that are kept. */
int move_unique_settle(struct move *move, struct error *error) MUST_CHECK;

#endif
