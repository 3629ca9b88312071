/*
 * What of the cached credentials is worthless: memory shared by all processes of the machine.
 *
 * Whoever ends a user, an API client, a session or a key leaves a mark that names it; a cached
 * credential holds until a mark comes that names something of its own. A counter beside the marks
 * makes all of them worthless: for what concerns everybody, and where there are more marks than the
 * memory holds.
 *
 * The memory is a small file in the runtime directory, mapped shared, so that the command line
 * reaches the pool too. Other nodes follow the database within a second: auth/revocation.h. No
 * function waits for another process, and one that dies in the midst of any leaves caches that hold
 * less than they could, never more.
 */
#ifndef CLIENTELE_AUTH_EPOCH_H
#define CLIENTELE_AUTH_EPOCH_H

#include "base/error.h"
#include "base/uuid.h"

/* Marks that the memory holds; a cached credential that was not used for as many is looked up. */
#define EPOCH_MARKS 4096

enum mark_kind {
	MARK_ALL,
	MARK_USER,
	MARK_CLIENT,
	MARK_SESSION,
	MARK_KEY,
	MARK_WEBHOOK,     /* who is told of which changes: record/subscription.h */
	MARK_SIGNING_KEY, /* what licenses are signed with: record/key_ring.h */
	MARK_CERTIFICATE, /* a client certificate */
	MARK_ACCOUNT,     /* what users belong to, and have from it */
	MARK_HOSTING,     /* a hosting account, whose own key it is */
};

/* What has ended or was changed, with all credentials that belong to it. */
struct mark {
	enum mark_kind kind;
	struct uuid subject;
};

/* Of what has an identifier: a user, a client, a session. */
#define MARK(of, identifier) ((struct mark){ .kind = (of), .subject = (identifier) })

/* Keys have numbers. */
struct mark mark_of_key(int64_t key);

/* Hosting accounts have identifiers of a few characters. */
struct mark mark_of_hosting(struct str account);

bool mark_equal(const struct mark *a, const struct mark *b);

struct epoch;

/* A moment in the life of the memory. All zero is none. */
struct epoch_stamp {
	uint64_t content; /* of this memory, and no other that had its place before */
	uint64_t value;   /* of the counter */
	uint64_t marks;   /* that had come */
};

/*
 * Maps the file "clientele.epoch" of `directory`, creating it (mode 0600) if need be. With
 * `directory` NULL or empty the memory is anonymous: shared with children only. NULL with errno set
 * on failure.
 */
struct epoch *epoch_open(const char *directory);
void epoch_close(struct epoch *epoch);

/* How often all credentials became worthless, and how many marks have come. */
uint64_t epoch_value(const struct epoch *epoch);
uint64_t epoch_mark_count(const struct epoch *epoch);

/* Makes every cached credential of the machine worthless, at once. */
void epoch_advance(struct epoch *epoch);

/* Makes those worthless that belong to the mark's subject, at once. */
void epoch_mark(struct epoch *epoch, const struct mark *mark);

/* Now. To be taken before a credential is read from the database. */
struct epoch_stamp epoch_stamp(const struct epoch *epoch);

/* True when nothing at all has come since. */
bool epoch_unchanged(const struct epoch *epoch, const struct epoch_stamp *stamp);

/*
 * True when nothing has come since the stamp that concerns one of `subjects`; moves the stamp to
 * now then, so that no mark is looked at twice.
 */
bool epoch_holds(const struct epoch *epoch, struct epoch_stamp *stamp, const struct mark *subjects,
    unsigned count);

/*
 * What a process has read of the database and holds on to until a mark comes. All zero: nothing
 * has been read.
 */
struct epoch_watch {
	const struct epoch *epoch; /* NULL = none: it is looked at again every second */
	struct epoch_stamp stamp;
	int64_t read_at; /* monotonic; 0 = never, or not whole */
};

/* Whether it still is what the database has, as epoch_holds(). */
bool epoch_watch_holds(struct epoch_watch *watch, const struct mark *subjects, unsigned count);

/* Before it is read, anew or for the first time; and when all of it has been read. */
void epoch_watch_begin(struct epoch_watch *watch);
void epoch_watch_end(struct epoch_watch *watch);

/*
 * True for exactly one caller per interval among all processes: the one that should look at the
 * database now. `now` and `interval` in microseconds of the monotonic clock.
 */
bool epoch_claim_poll(struct epoch *epoch, int64_t now, int64_t interval);

/*
 * Tells what the database's counter is; advances when it differs from what was told before. True
 * when it was told nothing before.
 */
bool epoch_follow(struct epoch *epoch, uint64_t database_counter);

/*
 * Up to which number the marks of an origin (see auth/revocation.h) were read: 0 when nobody has,
 * or nobody knows any more. `tick` tells what was noted lately from what was not.
 */
int64_t epoch_seen(const struct epoch *epoch, int64_t origin);
void epoch_note_seen(struct epoch *epoch, int64_t origin, int64_t number, int64_t tick);

#endif
