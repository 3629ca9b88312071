/*
 * Rows for people (aligned columns) and for programs (JSON).
 */
#ifndef CLIENTELE_CLI_PRINT_H
#define CLIENTELE_CLI_PRINT_H

#include "cli/command.h"

struct json_object;

enum print_kind {
	PRINT_TEXT,
	PRINT_INTEGER,
	PRINT_BOOLEAN,
	PRINT_UUID,
	PRINT_MOMENT,
	PRINT_PERMISSIONS, /* bits of enum permission, as words */
	PRINT_ROLES,       /* text: identifiers of roles separated by commas, as names */
	PRINT_NUMBERS,     /* text: numbers separated by commas */
	PRINT_LIST,        /* text: a JSON list of texts */
};

struct print_column {
	const char *member; /* JSON name */
	const char *title;  /* heading for people */
	enum print_kind kind;
};

/*
 * Runs a SELECT whose columns are `columns` and prints all of its rows, as JSON when --json was
 * given. Returns the command's status.
 */
enum command_status print_list(struct session *session, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const struct print_column *columns,
    unsigned count);

/*
 * Runs a SELECT that finds one row and prints it, a line per column, as a JSON object when --json
 * was given. `what` names it where there is none. Returns the command's status.
 */
enum command_status print_one(struct session *session, const char *sql, struct bind parameter,
    const struct print_column *columns, unsigned count, const char *what);

/* Prints rows, as JSON when --json was given. Returns the command's status. */
enum command_status print_rows(struct session *session, const struct print_column *columns,
    unsigned count, const struct result *result);

/* Prints one row as a JSON object on a line of its own. */
void print_object(struct session *session, const struct print_column *columns, unsigned count,
    const struct bind *values);

/* Members of a JSON object that is put together; a text that is NULL becomes null. */
void print_add_text(struct json_object *object, const char *name, const char *text);
void print_add_integer(struct json_object *object, const char *name, int64_t value);
void print_add_boolean(struct json_object *object, const char *name, bool value);

/* A row as a JSON object, permission bits as a list of words, and the JSON value that a text is
 * (NULL where it is none); the caller owns them. */
struct json_object *print_row(
    const struct print_column *columns, unsigned count, const struct bind *values);
struct json_object *print_permission_list(unsigned permissions);
struct json_object *print_parsed(struct str text);

/* Prints a JSON value, a list with a line for each item, and frees it. All output of --json goes
 * through this. */
void print_value(struct session *session, struct json_object *value);

/* Name of the role with that identifier, or the identifier of one that another version knows. */
struct str print_role_name(struct str id);

/* Appends permission bits as words: "read,update", or "none". */
void print_permissions(struct buf *out, unsigned permissions, const char *separator);

#endif
