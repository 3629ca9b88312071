/*
 * Revocation: what makes cached credentials worthless on all nodes.
 *
 * Whoever ends or changes a user, an API client, a session or a key writes a mark that names it, in
 * the transaction that does so, and is the only one to write its row: transactions of many nodes do
 * not meet in it. When the transaction is over, the memory of this machine is told; one worker of
 * each other machine reads what has come.
 *
 * A mark has an origin, the connection that has written it, and a number that grows. A connection
 * has one transaction after the other, so that of one origin's marks those with lower numbers are
 * to be seen first: whoever remembers the highest number of each origin misses none, whatever the
 * order in which connections commit, and whatever the clocks of the nodes say.
 *
 * A counter beside the marks is raised for what concerns everybody. Programs of schemas before 11
 * follow it alone: while they may be there, each mark raises it, too, and `marked` beside it, so
 * that those who read the marks can tell.
 */
#ifndef CLIENTELE_AUTH_REVOCATION_H
#define CLIENTELE_AUTH_REVOCATION_H

#include "auth/epoch.h"
#include "db/database.h"

/* Marks of one transaction; with more of them all credentials go. */
#define REVOCATION_MARKS 16

/* What a transaction has revoked. All zero is nothing. */
struct revocations {
	struct mark marks[REVOCATION_MARKS];
	unsigned count;
	bool all;
	uint32_t written;     /* bit i = mark i is in the running attempt of the transaction */
	bool raised, counted; /* so is the counter's rise: for all, and for older programs */
	bool held;            /* they are, as soon as revocation_write() was called */
};

/*
 * To be called at the begin of each attempt of a transaction: nothing of what attempts before have
 * written is stored for sure. What they have revoked stays noted.
 */
void revocation_begin(struct revocations *revocations);

/*
 * Lets what is revoked from now on in this attempt wait for revocation_write(), which writes all of
 * it in one statement. To be called behind revocation_begin().
 */
void revocation_hold(struct revocations *revocations);

/* Writes what waits; to be called before the transaction ends. Errors as database_execute(). */
int revocation_write(
    struct revocations *revocations, struct database *database, struct error *error) MUST_CHECK;

/*
 * Revokes what belongs to the mark's subject (MARK_ALL: everything), in the running transaction.
 * Whoever calls it calls revocation_announce() when the transaction is over, whatever came of it.
 * Errors as database_execute().
 */
int revocation_mark(struct revocations *revocations, struct database *database, struct mark mark,
    struct error *error) MUST_CHECK;

/*
 * Writes a row that all write who call this: of transactions that run at once, one waits for the
 * other, and on two nodes of a cluster one is replayed. Revokes nothing. Errors as
 * database_execute().
 */
int revocation_claim(struct database *database, struct error *error) MUST_CHECK;

/* Tells the memory of this machine. */
void revocation_announce(const struct revocations *revocations, struct epoch *epoch);

/*
 * Reads what other nodes have revoked, and tells the memory of this machine. For one process at a
 * time: epoch_claim_poll(). Errors as database_select().
 */
int revocation_follow(struct epoch *epoch, struct database *database, struct arena *arena,
    struct error *error) MUST_CHECK;

#endif
