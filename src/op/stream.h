/*
 * Lists of any length, answered in bounded memory.
 *
 * Rows are read and written in pieces, of as many rows as fit into the memory of the request. What
 * one piece holds is answered as a whole. More of them are read from one state of the database and
 * sent while they come: a fault behind the first bytes breaks the answer off, so that nobody takes
 * it for whole. A list is behind the gate (auth/gate) as long as it is answered, and a long one is
 * a heavy one; who does not read on is given up (server/fastcgi.h).
 */
#ifndef CLIENTELE_OP_STREAM_H
#define CLIENTELE_OP_STREAM_H

#include "db/query_sql.h"
#include "op/operation.h"

#define STREAM_ALL INT64_MAX

struct stream {
	struct operation *operation;
	/* Members that the rows have: what the captures say. */
	const struct row *keys;
	/* What is asked for; `take` is the most rows of all pieces together, or STREAM_ALL. */
	struct query query;
	bool heavy; /* looks at many rows for each that it answers with */
	/* What the envelope says; NULL = nothing. Its count is kept here. */
	struct list_answer *list;
	/*
	 * Called before the answer begins, when `more`, `last` and `whole` tell how the page ends;
	 * again where the answer is begun anew. NULL = nothing to do.
	 */
	int (*begin)(struct stream *stream, void *data, struct error *error);
	void *data;

	bool more;          /* rows stand behind the page; never behind all rows */
	bool whole;         /* the first piece is all of it: it is in `rows` */
	struct cursor last; /* where the page ends, where `more` */
	struct row_list rows;

	/* The loop's own. */
	struct cursor_texts texts; /* of `last` */
	struct arena_mark mark;    /* where the memory of a piece begins */
	int64_t piece;             /* most rows of the next one */
	int64_t done;              /* rows of this answer */
};

/*
 * Answers with the rows of a prepared stream: those whose members equal the keys, that are the
 * actor's own where that one sees no others, that route->narrow allows, and that the query finds.
 * Errors: ERROR_NOT_FOUND when there are none and what the captures name does not exist; ERROR_BUSY
 * as list_select() and by the gate; ERROR_TOO_LARGE or ERROR_BUSY where one row does not fit.
 */
int stream_answer(struct stream *stream, struct error *error) MUST_CHECK;

/* Adds the conditions above, but for the query's, to a statement on the resource. */
int stream_where(const struct stream *stream, struct sql *sql, struct error *error) MUST_CHECK;

#endif
