/*
 * Moving in: the tables of another program's database, or of documents that it has written (JSON,
 * XML, CSV), as rows of resources here. What differs between programs is a table of tables;
 * reading, converting, storing and telling is the same for all.
 */
#ifndef CLIENTELE_CLI_MOVE_H
#define CLIENTELE_CLI_MOVE_H

#include "cli/move_source.h"
#include "cli/session.h"
#include "record/record.h"

/* What a cell becomes on its way. */
struct move_cell {
	struct arena *arena;
	struct str text;  /* data NULL = null */
	const char *note; /* a clause that people should read; NULL = nothing */
};

struct move_line;

/* Rows that no import brings: a cell may name one by any of these members. */
struct move_finding {
	const struct resource *resource;
	const char *members[2];
};

struct move_column {
	/* A column, or an expression in which `t` is the table, and names stand in backquotes. */
	const char *sql;
	const char *member; /* NULL = nothing but the rule of the table looks at it */
	void (*convert)(struct move_cell *cell); /* NULL = it is as it was */
	const char *refers; /* the cell is a key of that table, and becomes the one here */
	/* The cell names a row here, and becomes its key; null, and told, where there is none. */
	const struct move_finding *finds;
	/* "Table" or "Table.Column" that an expression needs; null where it is not there. */
	const char *needs;
	bool required; /* without a value, there is no row */
	/* Nothing of it is cut, replaced or left out: a row with another value would do harm. */
	bool strict;
};

struct move_table {
	const char *name;
	const struct record *record; /* NULL = it has no place here */
	const char *reason;          /* why that is, or why rows that `more` leaves out have none */
	const char *more;            /* what follows the table in FROM: joins and conditions */
	const char *keys[2];         /* columns that name a row, the second one NULL as a rule */
	const struct move_column *columns;
	unsigned column_count;
	/*
	 * Looks at the whole row when its members are set. Returns NULL, or why it is refused: the
	 * end of a sentence about it. What people should know it adds by move_note().
	 */
	const char *(*complete)(struct move_line *line);
	/*
	 * Stores a row that has no table of its own, and its audit entry, in a transaction. Its key
	 * is that of the row that it stands in. A refusal leaves nothing behind. NULL = the record
	 * says how.
	 */
	int (*store)(struct context *context, const struct row *row, struct error *error);
	bool by_rows; /* each row leaves an audit entry and events of its own */
	/* A row that has the key here is the same one, and is changed. For keys that are unique
	 * everywhere, and mean something to others. */
	bool adopts;

	/*
	 * Of documents: where its rows stand, paths with blanks between. A path is names of members
	 * with "/" between, letters folded; "[]" is each item of a list, "." the document itself:
	 * "[] ResponseData/Detail[]". With `within`, it begins at a row of that table.
	 */
	const char *paths;
	const char *within; /* its rows stand in rows of that table, whose key is MOVE_PARENT */
	const char *const *renames; /* pairs: another name of a member, and its column; NULL ends */
	const char *from; /* a SELECT that makes its rows of what documents have; NULL = they do */
	bool apart;       /* no row of documents is another one again, whatever its keys */
	const char *flag; /* names a file that has its rows alone; NULL = there is none */
	/*
	 * Where several rows have one key, those with the latest text in this column count. NULL =
	 * the last one counts, and people are told where they differ.
	 */
	const char *newest;
};

/*
 * In documents, a column is the path of a member from the row on ("features/canUseScripts"). What
 * is a list, or an object that has a column of its own, is its JSON. Columns besides:
 */
#define MOVE_PARENT "/parent" /* key of the row that the row stands in */
#define MOVE_ROW "/row"       /* its number in the documents, from 1 */

/* How documents of a program are read. */
struct move_documents {
	const char *holds;   /* "a list of accounts": what people read where there is none */
	const char *ignored; /* paths outside of rows that are not told of, with blanks between */
	const struct xml_root *roots; /* of XML; none = it has none */
	unsigned root_count;
};

/* Another program. */
struct move_kind {
	const char *name;                       /* what it is called: "Babel Licensing" */
	const char *label;                      /* default name of the source: "babel" */
	const struct move_documents *documents; /* NULL = it is a database */
	/* Table that has its migrations, and the column of their names; NULL = it has none. */
	const char *history, *migration;
	const char *const *migrations; /* those that the table of tables knows; NULL ends it */
	/* Table without which it is no such database; CSV that no flag names holds its rows. */
	const char *first;
	/* SELECT of a text that differs between installations; NULL = nothing does. */
	const char *identity, *identity_needs;
	const struct move_table *tables; /* in the order in which they refer to each other */
	unsigned table_count;
};

/* One old row. */
struct move_line {
	const struct move_table *table;
	struct arena *arena; /* of what belongs to it */
	struct str key;      /* as text; of two columns with "|" between */
	struct str *cells;   /* by the number of the column; data NULL = null */
	struct str target;   /* key here; empty = none yet */
	uint8_t digest[32];
	bool known;      /* it was stored before */
	bool unresolved; /* a row that it must have is not here */
	struct row *row, *keys;
	const char *refused; /* why; the end of a sentence */
	struct move_note {
		const char *member; /* "" = the whole row */
		const char *text;
		struct move_note *next;
	} * notes, *last_note;
};

/* Adds what people should know of a row; texts must live as long as it does. */
void move_note(struct move_line *line, const char *member, const char *text);

/* The cell of a column with that SQL. */
struct str move_cell_of(const struct move_line *line, const char *sql);

/* Runs the import that the flags of the command say. */
enum command_status move_run(struct session *session, const struct move_kind *kind);

/* Whether the SQL of a column is its name, and no expression. */
bool move_is_name(const char *sql);

/* What people call a key of the table: the member that names the row that its rows stand in. */
const char *move_key_name(const struct move_table *table, unsigned number);

/* Number of the table of that name; the kind must have it. */
unsigned move_table_number(const struct move_kind *kind, const char *name);

/* --- the programs --- */

extern const struct move_kind move_babel;
extern const struct move_kind move_credentials;
extern const struct move_kind move_delegates;
extern const struct move_kind move_discovery;
extern const struct move_kind move_hosting;

/* All of them, each with a command `import LABEL`; NULL ends. */
extern const struct move_kind *const move_kinds[];

/* --- flags of their commands --- */

#define MOVE_FLAG_NAME(preset)                                                                   \
	{                                                                                        \
		.name = "name", .value = "NAME",                                                 \
		.doc =                                                                           \
		    "Tell this installation from others that are imported; default: " preset "." \
	}
#define MOVE_FLAG_KEEP_IDS                                                             \
	{                                                                              \
		.name = "keep-ids", .doc = "Keep numbers wherever they are free here." \
	}
#define MOVE_FLAG_MAP                                                                              \
	{                                                                                          \
		.name = "map", .value = "FILE", .doc = "Write the keys that have changed, as CSV." \
	}
#define MOVE_FLAG_DRY_RUN                                                                 \
	{                                                                                 \
		.name = "dry-run", .doc = "Report what would be done, and store nothing." \
	}

#endif
