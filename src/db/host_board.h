/*
 * What the processes of a pool know together of their database hosts: which are good, which are bad
 * since when and why, and who may go back to the one that it prefers.
 *
 * The board is a part of the pool's shared memory. Who finds that a host does not serve says so
 * once, and no worker connects to it any more; one process for each such host, which the supervisor
 * starts, tries it until it serves again. All members are written without locks.
 */
#ifndef CLIENTELE_DB_HOST_BOARD_H
#define CLIENTELE_DB_HOST_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "db/hosts.h"

/* Twice what a list may have: after a reload, workers that leave still use the hosts before. */
#define HOST_BOARD_MAX (2 * HOSTS_MAX)

enum host_state {
	HOST_UNPROVEN, /* nobody has tried it yet */
	HOST_GOOD,
	HOST_BAD,
	HOST_STATE__MAX
};

/* Why a host is bad. */
enum host_why {
	HOST_WHY_NONE,
	HOST_WHY_SILENT,    /* a connect or a statement was not answered */
	HOST_WHY_REFUSED,   /* nobody listens there */
	HOST_WHY_UNKNOWN,   /* its name has no address */
	HOST_WHY_ACCESS,    /* user, password or database are refused */
	HOST_WHY_FULL,      /* it takes no more connections */
	HOST_WHY_TLS,       /* no encryption, or not its certificate */
	HOST_WHY_VERSION,   /* the server is too old */
	HOST_WHY_CLUSTER,   /* not in the primary component of its cluster */
	HOST_WHY_READ_ONLY, /* it takes no changes */
	HOST_WHY_DONOR,     /* it gives its state to another node, and nothing else meanwhile */
	HOST_WHY_STOPPING,  /* the server shuts down */
	HOST_WHY_HISTORY,   /* its history is not the one that was seen before */
	HOST_WHY_OTHER,
	HOST_WHY__MAX
};

struct host_verdict {
	enum host_state state;
	enum host_why why;
	bool tried;    /* bad: a connect has failed since, so that nobody needs to wait for one */
	int64_t since; /* monotonic microseconds */
};

/* One host, on cache lines of its own. */
struct host_entry {
	_Alignas(64) _Atomic uint64_t verdict; /* all of a verdict in one */
	_Atomic bool listed;                   /* the configuration of now names it */
	_Atomic bool connecting;               /* its prober is in a connect */
	_Atomic uint64_t failures;             /* how often it became bad */
	char name[HOST_TEXT];                  /* as host_print() has it; empty = free */
};

struct host_board {
	_Atomic int64_t watcher;   /* process that is told (SIGUSR2) of a host that became bad */
	_Atomic int64_t next_move; /* no worker changes its host before; monotonic */
	struct host_entry entries[HOST_BOARD_MAX];
};

/* What one worker does with hosts, in its slot of the shared memory. */
struct host_use {
	_Atomic uint32_t
	    entry; /* number of the entry that it is connected to, from 1 on; 0 = none */
	_Atomic bool connecting; /* it connects, or waits for a verdict */
};

/* What a process that takes part is given; `use` may be NULL. */
struct host_seat {
	struct host_board *board;
	struct host_use *use;
	unsigned number; /* of the worker: which host it prefers */
};

/*
 * The supervisor's: enters the hosts of the configuration, unproven unless they were there before.
 * Entries of others stay for those who still use them.
 */
void host_board_list(
    struct host_board *board, const struct hosts *hosts, pid_t watcher, int64_t now);

/* The entry of that name, NULL when there is none. */
struct host_entry *host_board_find(const struct host_board *board, const char *name);

struct host_verdict host_entry_verdict(const struct host_entry *entry);

/* A host that is not known to be good, but will be tried any moment: until when to wait for that.
 * 0 = there is nothing to wait for. */
int64_t host_entry_pending(const struct host_entry *entry);

/* Called by whoever has just connected and proved it. True when it was not good before. */
bool host_entry_praise(struct host_entry *entry, int64_t now);

/*
 * Called by whoever could not connect to it (`tried`), or lost a connection by its fault that was
 * made at `opened`: of a host that was found good later, that says nothing. Returns whether it was
 * not bad before.
 */
bool host_board_blame(struct host_board *board, struct host_entry *entry, enum host_why why,
    bool tried, int64_t opened, int64_t now);

/*
 * Whether a worker may go to the host that it prefers now; then no other may for a second or two.
 */
bool host_board_claim_move(struct host_board *board, int64_t now);

/*
 * Why a host is to blame for the error of that number, which came after `silent` (nobody had
 * answered for a while) or at once. HOST_WHY_NONE: it is not, the connection alone is lost.
 */
enum host_why host_why_of_loss(unsigned number, bool silent);

/* The same for a connect that has failed: never HOST_WHY_NONE. */
enum host_why host_why_of_connect(unsigned number, bool silent);

/* Whether connections that stand are of no use either. */
bool host_why_ends_connections(enum host_why why);

/* "no answer" */
const char *host_why_text(enum host_why why);

#endif
