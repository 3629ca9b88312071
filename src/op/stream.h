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

#include "op/operation.h"
#include "record/list.h"

#define STREAM_ALL INT64_MAX

struct stream {
	struct operation *operation;
	/*
	 * What is asked for: the members that the captures name, and a query, whose `take` is the
	 * most rows of all pieces together, or STREAM_ALL. Resource and conditions of the set are
	 * added here.
	 */
	struct record_list rows_of;
	bool heavy;   /* looks at many rows for each that it answers with */
	bool queried; /* filter and order are the caller's: no index may serve them */
	bool counted; /* the caller wants to know exactly how many rows there are */
	/* What the envelope says; NULL = nothing. Its count is kept here. */
	struct list_answer *list;
	/*
	 * Called before the answer begins, when `page` and `whole` tell how the page ends;
	 * again where the answer is begun anew. NULL = nothing to do.
	 */
	int (*begin)(struct stream *stream, void *data, struct error *error);
	void *data;

	/*
	 * The rows that were read last. When an answer begins, those of a page that comes as a
	 * `whole`, or none; `more` and `last` are of all of the page, and rows stand never behind
	 * a list of all rows.
	 */
	struct record_page page;
	bool whole; /* the first piece is all of it */

	/* The loop's own. */
	struct sql where;       /* what route->narrow adds */
	struct arena_mark mark; /* where the memory of a piece begins */
	int64_t piece;          /* most rows of the next one */
	int64_t done;           /* rows of this answer */
};

/*
 * Answers with the rows of a prepared stream: those whose members equal the keys, that are the
 * actor's own where that one sees no others, that route->narrow allows, and that the query finds.
 * Errors: ERROR_NOT_FOUND when there are none and what the captures name does not exist; ERROR_BUSY
 * as record_fetch_page() and by the gate; ERROR_TOO_LARGE or ERROR_BUSY where one row does not fit.
 */
int stream_answer(struct stream *stream, struct error *error) MUST_CHECK;

/*
 * For `begin` of a queried stream, before it has all rows counted: where the caller waits for their
 * number, the list is heavy from now on if counting is. Errors: ERROR_BUSY by the gate.
 */
int stream_weigh_total(struct stream *stream, struct error *error) MUST_CHECK;

#endif
