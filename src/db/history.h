/*
 * How far the history of a Galera cluster has been seen: a mark that only grows, in a file that
 * outlives pool and machine, and which all processes of the machine share.
 *
 * A cluster can come back with old data: a node that was cut off, or a copy of the disk, makes a
 * component of its own, and the others take its state. The server says nothing of it. So each
 * connection is compared with the mark (position_check()), and refused where it shows less than was
 * seen before, or another history altogether.
 *
 * Histories of the same name (state UUID) cannot be told apart once the other has grown past the
 * mark. That is why the first refusal of that kind holds (the latch): no node of any cluster is
 * used until a person has looked and accepted what there is. One of another name is refused for as
 * long as it has that name, and the others are used on.
 */
#ifndef CLIENTELE_DB_HISTORY_H
#define CLIENTELE_DB_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "db/galera.h"

#define HISTORY_POSITION_TEXT (UUID_TEXT_LENGTH + 24)

/* "UUID:SEQNO", as Galera writes it. */
void history_print(const struct galera_position *position, char text[HISTORY_POSITION_TEXT]);

/* How the file was found. */
enum history_file {
	HISTORY_FOUND,
	HISTORY_NEW,     /* there was none */
	HISTORY_DAMAGED, /* it could not be read: begun anew */
	HISTORY_UNKEPT,  /* it cannot be had: only this process and its children know the mark */
};

/*
 * Maps "clientele.history" of `directory`, making it if need be. Of HISTORY_UNKEPT, errno tells
 * why. Who does not call it has the file at its first use, and only a missing directory is a reason
 * to go on without it.
 */
enum history_file history_open(const char *directory);

/* What is known. */
struct history_view {
	struct galera_position mark;    /* the farthest seen */
	bool latched;                   /* nothing is used */
	struct galera_position refused; /* the position that set the latch, */
	char host[128];                 /* where it was seen */
	int64_t since;                  /* and when, microseconds since 1970 */
};

/* Returns 0, or -1 with errno set when the file cannot be had. */
int history_look(const char *directory, struct history_view *view);

/* Whether the latch of the file in use is set; false before the first use. No lock, no system call.
 */
bool history_refused(void);

enum history_verdict {
	HISTORY_FITS,    /* the mark is where this node is now, if it was behind */
	HISTORY_BEHIND,  /* the node lags, or has lost something: let it catch up, and ask again */
	HISTORY_REFUSED, /* `view` tells why */
	HISTORY_UNREADABLE, /* errno tells why the mark cannot be had */
};

/*
 * Compares a node with the mark. NULL for `before` while the node may lag; then let it catch up
 * with its component, read its position again, and give the mark as it was before that: others may
 * have moved it since. Sets the latch, and logs once, where it must.
 */
enum history_verdict history_judge(const char *directory, const struct galera_position *position,
    const char *host, const struct galera_position *before, struct history_view *view);

/*
 * Makes a position the mark, whatever was before, and takes the latch away; on the disk when it
 * returns. Returns 0, or -1 with errno set when the file cannot be had.
 */
int history_accept(const char *directory, const struct galera_position *position);

/*
 * A number that changes whenever standing connections must be compared again before they are used:
 * one that was idle may have passed through a failure without a word. 0 before the first use.
 */
uint64_t history_news(void);

/* Changes it: a server was lost, or is outside of its cluster. */
void history_doubt(void);

#endif
