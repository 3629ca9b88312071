/*
 * Lanes: the memory through which values travel between struct bind and the client library, one
 * cell per parameter or column. One connection runs one statement at a time, so its statements
 * share two lanes.
 */
#ifndef CLIENTELE_DB_LANE_H
#define CLIENTELE_DB_LANE_H

#include "db/database.h"

struct st_mysql_bind; /* MYSQL_BIND and MYSQL_STMT; their header stays in the .c files */
struct st_mysql_stmt;
struct lane_cell;

struct lane {
	struct st_mysql_bind *binds; /* to be handed to the library, which copies them */
	struct lane_cell *cells;     /* the library keeps pointing to these */
	unsigned count;
	unsigned moves; /* how often the cells were moved: what was bound before points elsewhere */
};

/* Makes room for `count` values; what was bound before must be bound again. False without memory.
 */
bool lane_reserve(struct lane *lane, unsigned count);
void lane_free(struct lane *lane);

/* Prepares one parameter. The bytes of text are not copied and must live until the execution. */
void lane_put(struct lane *lane, unsigned number, const struct bind *value);

/* Prepares one column to receive values of a kind, for all executions to come. */
void lane_expect(struct lane *lane, unsigned number, enum bind_kind kind);

/* To be called before each execution: forgets what came before, of so many columns. */
void lane_begin(struct lane *lane, unsigned count);

enum lane_result {
	LANE_OK,
	LANE_NO_MEMORY, /* the arena is exhausted */
	LANE_UNFIT,     /* the column's value is none of the kind, or out of its range */
	LANE_REFUSED,   /* see the statement's error */
};

/*
 * Copies the columns of the row that `statement` has just fetched into `row`; text goes into the
 * arena.
 */
enum lane_result lane_take(const struct lane *lane, struct st_mysql_stmt *statement,
    struct arena *arena, const enum bind_kind *kinds, unsigned count, struct bind *row);

#endif
