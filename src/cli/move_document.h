/*
 * Documents of other programs as sources of an import: their rows go into an SQLite file of the
 * import's own, so that they are read, counted and ordered as those of a database are.
 */
#ifndef CLIENTELE_CLI_MOVE_DOCUMENT_H
#define CLIENTELE_CLI_MOVE_DOCUMENT_H

#include "cli/move.h"
#include "cli/move_source_file.h"
#include "schema/node.h"

#define MOVE_DOCUMENT_FILES_MAX 64

/* A file, or a folder of them, that is to be read; "-" is standard input. */
struct move_document_file {
	const char *name;
	const struct move_table *table; /* all that it has are rows of this one; NULL = whole */
};

/* What stands in documents and has no place in a table of the kind. */
struct move_document_left {
	const char *path;
	struct move_document_left *next;
};

/*
 * Reads all files. `arena` must outlive the source. NULL with ERROR_INVALID or ERROR_UNAVAILABLE
 * and a detail that names file, position and reason.
 */
struct move_source *move_document_open(struct arena *arena, const struct move_kind *kind,
    const struct move_document_file *files, unsigned count, struct error *error);

/* What was left out beyond the rows, the first one first; NULL = nothing. */
const struct move_document_left *move_document_left(const struct move_source *source);

/*
 * Columns that each table of documents has: where the row stands ("accounts.json:12"), why it
 * cannot be read, how often its key was there, and whether it had other values then.
 */
#define MOVE_DOCUMENT_PLACE "/place"
#define MOVE_DOCUMENT_FAULT "/fault"
#define MOVE_DOCUMENT_TIMES "/times"
#define MOVE_DOCUMENT_DIFFERS "/differs"

/* --- inside --- */

struct move_document_cell {
	struct str column, text; /* text is never null */
};

struct move_document_row {
	unsigned table; /* of the kind */
	struct move_document_cell *cells;
	unsigned count, capacity;
	struct str parent; /* key of the row that it stands in; NULL = in none */
	unsigned line;     /* where it stands; 0 = unknown */
	const char *fault; /* NULL = it can be read */
};

/* What is known of a table's columns, and the statement that was last run. */
struct move_document_table {
	struct str *columns;
	unsigned column_count, column_capacity;
	struct buf sql;
	sqlite3_stmt *statement;
};

struct move_document {
	struct move_source_file source; /* first: what others see */
	const struct move_kind *kind;
	const struct move_document_file *file; /* that is read */
	const char *name;                      /* what it is called in reports */
	struct arena *names;                   /* as long as the source */
	struct arena *arena;                   /* of one row */
	struct move_document_table *tables;    /* as in the kind */
	struct move_document_left *left, *last_left;
	unsigned left_count;
	bool matched; /* the file has a list or row that the kind knows */
	struct error *error;
};

/* Fails with the file's name before the reason. Always -1. */
int move_document_fail(struct move_document *document, const char *reason) MUST_CHECK;

/* Adds a cell, which must live as long as the row. False when memory runs out. */
bool move_document_add_cell(struct move_document *document, struct move_document_row *row,
    struct str column, struct str text);

/* Stores a row; one of the same key is changed. Returns 0, or -1 with the error set. */
int move_document_put(
    struct move_document *document, const struct move_document_row *row) MUST_CHECK;

/* Makes the tables of the kind. Returns 0, or -1 with the error set. */
int move_document_make_tables(struct move_document *document) MUST_CHECK;

/* Ends the statements of all tables. */
void move_document_end_tables(struct move_document *document);

/* Notes what has no place. */
void move_document_note_left(struct move_document *document, const char *path);

/* Whether the table has a column that is that member as a whole. */
bool move_document_has_column(const struct move_table *table, struct str name);

/* The column that a member of that name is. */
struct str move_document_column(const struct move_table *table, struct str name);

/* The same where the file cannot be opened, or read, by errno. */
int move_document_fail_file(struct move_document *document, const char *what);

/* Read a text of JSON, or of XML, or a stream of CSV, and store the rows. */
int move_document_read_csv(struct move_document *document, FILE *stream) MUST_CHECK;
int move_document_read_json(struct move_document *document, struct str text) MUST_CHECK;
int move_document_read_xml(struct move_document *document, struct str text) MUST_CHECK;

/* Stores the row that the node is, and those that stand in it. */
int move_document_put_node(struct move_document *document, unsigned table, const struct node *node,
    struct str parent, unsigned line) MUST_CHECK;

#endif
