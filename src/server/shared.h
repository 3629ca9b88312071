/*
 * What the supervisor shares with its workers and shows to 'clientele status': who does what (the
 * scoreboard), and counters for the metrics. It is a file of the runtime directory, so that it can
 * be read while all workers are busy or stuck. Every member is written without locks; readers see
 * each number whole, not all at one instant.
 */
#ifndef CLIENTELE_SERVER_SHARED_H
#define CLIENTELE_SERVER_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/shared_file.h"
#include "db/host_board.h"
#include "http/exchange.h"
#include "queue/kinds.h"
#include "server/child.h"

enum worker_state {
	WORKER_NONE, /* the slot is free */
	WORKER_STARTING,
	WORKER_IDLE,
	WORKER_BUSY,
	WORKER_DRAINING,      /* leaves when its connections are done */
	WORKER_DRAINING_BUSY, /* the same, with a request in hand */
	WORKER_CONNECTING, /* idle or busy, and waiting for a database host; see shared_slot_work()
			    */
	WORKER_STATE__MAX
};

enum method_class { METHOD_CLASS_READ, METHOD_CLASS_WRITE, METHOD_CLASS_OTHER, METHOD_CLASS__MAX };

#define SHARED_SLOTS CHILD_SLOTS
#define SHARED_FAMILIES 16 /* the last one: all others */
#define SHARED_STATUS_CLASSES 5
#define SHARED_BUCKETS 14
#define SHARED_ROUTES 256 /* those beyond are counted, but not each */
#define SHARED_ROUTE_NAME 128
#define SHARED_SOCKET 108

/* Upper bounds of the latency histogram in microseconds; the last bucket has none. */
extern const int64_t shared_bucket_bounds[SHARED_BUCKETS - 1];

/*
 * What the metrics call a contract, by its place in contracts_all(). "other" is what has no place
 * of its own, and what is for the operator alone.
 */
const char *shared_family_name(unsigned number);

/* One worker, on a cache line of its own. */
struct shared_slot {
	_Alignas(64) _Atomic int64_t pid;
	/* State, and start of the request in hand, in one: a worker that takes one is never seen
	 * busy with the one before. By shared_slot_set() and shared_slot_work(). */
	_Atomic uint64_t work;
	_Atomic int64_t progress; /* when a part of an answer was last sent; as `started` */
	_Atomic uint64_t served;  /* requests of this process */
	struct host_use host;     /* of the database */
};

/* What a worker does. */
struct shared_work {
	enum worker_state state;
	int64_t started; /* of the request in hand, monotonic microseconds; 0 = none is in hand */
};

/* One route, by its number. */
struct shared_route {
	char name[SHARED_ROUTE_NAME];        /* "GET /v1/users"; empty = there is none */
	_Atomic uint64_t requests, failures; /* failures: 5xx */
	_Atomic uint64_t microseconds, longest;
};

/* One kind of child processes. */
struct shared_child {
	_Atomic int64_t wanted, running, leaving; /* how many; those that leave run, too */
	_Atomic int64_t drain;                    /* microseconds that one may take to leave */
	_Atomic uint64_t restarts[LEAVE_REASON__MAX];
};

/* One kind of the queue. */
struct shared_queue {
	_Atomic uint64_t ended[QUEUE_STATE__MAX]; /* attempts, by what became of the item */
	_Atomic uint64_t waiting, dead;           /* items that there are */
};

struct shared {
	struct shared_file_header header;
	char version[16];           /* of the program */
	char socket[SHARED_SOCKET]; /* path that the pool listens on; empty = none */
	_Atomic bool stopping;      /* workers that leave have no successors */
	_Atomic bool empty_backlog; /* draining workers take what still waits in the listener */
	_Atomic int64_t start_time; /* of the pool, real-time microseconds */
	struct shared_child children[CHILD__MAX];
	_Atomic uint64_t requests[METHOD_CLASS__MAX][SHARED_STATUS_CLASSES][SHARED_FAMILIES];
	_Atomic uint64_t latency[SHARED_BUCKETS]; /* not cumulative */
	_Atomic uint64_t latency_sum;             /* microseconds */
	_Atomic uint64_t queries, unprepared;
	_Atomic uint64_t password_hashes;
	_Atomic uint64_t response_bytes;
	_Atomic uint64_t database_errors;
	_Atomic uint64_t responses_lost; /* the web server had gone */
	_Atomic uint64_t
	    connections_refused; /* silent, malformed or broken off before a request was there */
	_Atomic uint64_t reloads;
	_Atomic uint64_t reloads_failed;
	struct shared_queue queues[QUEUE_KIND__MAX];
	struct host_board hosts; /* of the database */
	struct shared_route routes[SHARED_ROUTES];
	struct shared_slot slots[SHARED_SLOTS];
};

/*
 * Makes it anew in the runtime directory, for this process (whose lock tells that it lives) and its
 * children. NULL with `error` filled when it cannot be made, or another pool has it.
 */
struct shared *shared_new(const char *directory, struct error *error);
void shared_free(struct shared *shared);

/* Writes what does not change: version, names of all routes. Anew when the file was mended. */
void shared_describe(struct shared *shared);

/* What is known of a pool, seen from outside. */
struct shared_view {
	const struct shared *shared; /* for reading only; NULL = none runs, or it cannot be seen */
	int64_t supervisor;          /* its process; 0 = not known */
	bool runs;                   /* also where its file is gone, or is of another version */
};

/*
 * Looks at the pool that runs with that directory. True when its memory can be read, which
 * shared_view_drop() gives back; else `error` says why not.
 */
bool shared_look(const char *directory, struct shared_view *view, struct error *error);
void shared_view_drop(struct shared_view *view);

/* Adds one finished request. */
void shared_count_request(struct shared *shared, const struct exchange_outcome *outcome,
    int64_t microseconds, uint64_t bytes);

/* `started`: 0 unless it is busy. WORKER_CONNECTING is told by slot->host alone. */
void shared_slot_set(struct shared_slot *slot, enum worker_state state, int64_t started);
struct shared_work shared_slot_work(const struct shared_slot *slot);

/* Workers connected to the host of that number on the board. */
unsigned shared_connections(const struct shared *shared, unsigned entry);

/* Number of workers in a state. */
unsigned shared_workers(const struct shared *shared, enum worker_state state);

#endif
