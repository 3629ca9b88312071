/*
 * Rows for people (aligned columns) and for programs (JSON).
 */
#ifndef CLIENTELE_CLI_PRINT_H
#define CLIENTELE_CLI_PRINT_H

#include "cli/command.h"
#include "codec/writer.h"
#include "record/rows.h"

enum print_kind {
	PRINT_TEXT,
	PRINT_INTEGER,
	PRINT_BOOLEAN,
	PRINT_UUID,
	PRINT_MOMENT,
	PRINT_PERMISSIONS, /* bits of enum permission, as words */
	PRINT_NUMBERS,     /* text: numbers separated by commas */
	PRINT_LIST,        /* text: a JSON list of texts */
};

struct print_column {
	const char *member; /* JSON name */
	const char *title;  /* heading for people */
	enum print_kind kind;
};

/*
 * A column of rows of a resource. For people all of them are printed; as JSON, the object that the
 * API shows, and behind its members the columns that have other names.
 */
struct print_member {
	struct print_column column;
	const char *of; /* member of the row; hidden ones will do */
};

/* Members that such a row must have. */
uint64_t print_mask(const struct session *session, const struct resource *resource,
    const struct print_member *members, unsigned count);

/* Prints the rows of a set in the order of the resource. Returns the command's status. */
enum command_status print_set(struct session *session, const struct record_set *set,
    const struct print_member *members, unsigned count);

/* Prints one row, a line per column. Returns the command's status. */
enum command_status print_record(struct session *session, const struct row *row,
    const struct print_member *members, unsigned count);

#define PRINT_COLUMNS_MAX 16

/* A table for people while its rows come; its columns are as wide as the widest cell. */
struct print_table {
	const struct print_column *columns;
	unsigned count;
	size_t widths[PRINT_COLUMNS_MAX];
	struct buf cells; /* each ended by a line feed, which none has */
};

/* Begins a table; at most PRINT_COLUMNS_MAX columns. */
void print_table_begin(
    struct print_table *table, const struct print_column *columns, unsigned count);

/* Adds a row: a value for each column. */
void print_table_add(struct print_table *table, const struct bind *values);

/* Prints the table and frees it. Returns the command's status. */
enum command_status print_table_end(struct session *session, struct print_table *table);

/* Prints rows, as JSON when --json was given. Returns the command's status. */
enum command_status print_rows(struct session *session, const struct print_column *columns,
    unsigned count, const struct result *result);

/* Prints one row as a JSON object on a line of its own. */
void print_object(struct session *session, const struct print_column *columns, unsigned count,
    const struct bind *values);

/* What --json prints: a document of `writer`, which comes out as a whole. It must not be moved. */
struct print_json {
	struct buf text;
	struct writer writer;
};

/* Begins a document; a list will have a line for each item. */
void print_json_begin(struct print_json *json);

/* Prints the document and frees it. Returns the command's status. */
enum command_status print_json_end(struct session *session, struct print_json *json);

/* A text; null where it is NULL. */
void print_add_text(struct writer *writer, const char *name, const char *text);

/* Permission bits as a list of words. */
void print_add_permissions(struct writer *writer, const char *name, unsigned permissions);

/* Prints values, a line per column, for people. Returns the command's status. */
enum command_status print_lines(struct session *session, const struct print_column *columns,
    unsigned count, const struct bind *values);

/* One value, by its column. */
void print_add_column(
    struct writer *writer, const struct print_column *column, const struct bind *value);

/* A row as the root, or as an item of the list that is open. */
void print_add_row(struct writer *writer, const struct print_column *columns, unsigned count,
    const struct bind *values);

/* Prints a text, which may be empty, and frees it. Returns the command's status. */
enum command_status print_buffer(struct session *session, struct buf *text);

/* Appends permission bits as words: "read,update", or "none". */
void print_permissions(struct buf *out, unsigned permissions, const char *separator);

#endif
