/*
 * The gate before what is scarce: who may hash a password, run a heavy list, submit mail or make a
 * session, of all workers together. A worker that must wait for it stands in a queue for a bounded
 * time and then is refused; nobody waits behind the caller who came before with more requests.
 *
 * Each worker has a place in shared memory. Of all workers, one is always left to answer what is
 * light (and whether the server is alive): what is scarce, waiting included, takes the others at
 * most, and of one caller or address no more than its share. Where all are taken, a caller who has
 * none puts out one that waits of a caller who has several.
 *
 * Heavy requests (long lists, rows in bulk) take so many workers at most as there may be of them,
 * waiting included; what comes beside is refused at once.
 *
 * The memory belongs to one supervisor and its children. A lock that a killed process held is taken
 * over, and its place is emptied by gate_forget().
 */
#ifndef CLIENTELE_AUTH_GATE_H
#define CLIENTELE_AUTH_GATE_H

#include "base/buf.h"
#include "base/error.h"

enum gate_kind {
	GATE_HASH,    /* of a password or a chosen secret */
	GATE_LIST,    /* rows found by conditions of the caller's */
	GATE_BULK,    /* many rows stored by one request */
	GATE_MAIL,    /* put into the outbox */
	GATE_SESSION, /* made at the token endpoint */
	GATE__MAX
};

/* Other refusals that are nobody's fault, for the metrics. */
enum gate_event {
	GATE_EVENT_THROTTLED,    /* auth/throttle */
	GATE_EVENT_RATE,         /* auth/rate */
	GATE_EVENT_NONCES_FULL,  /* auth/nonce */
	GATE_EVENT_REPEATED,     /* an Idempotency-Key whose first request is under way */
	GATE_EVENT_MEMORY,       /* a request needs more than one may use */
	GATE_EVENT_KEY_FILE,     /* secrets of the database under a key that is not here */
	GATE_EVENT_LIST_TIMEOUT, /* a list that the database gave up */
	GATE_EVENT_HEAVY,        /* a heavy request while there were as many as may be */
	GATE_EVENT__MAX
};

/* People who sign in with a browser, for the metrics: what they show. */
enum gate_sign_in_way {
	GATE_SIGN_IN_PASSWORD,
	GATE_SIGN_IN_LINK,
	GATE_SIGN_IN_KEY,
	GATE_SIGN_IN_WAY__MAX
};

/* What becomes of it. */
enum gate_sign_in_result {
	GATE_SIGN_IN_OPENED,    /* a session was opened */
	GATE_SIGN_IN_WRONG,     /* no such user, password, link or key */
	GATE_SIGN_IN_CODE,      /* right, but for a code that is missing or wrong */
	GATE_SIGN_IN_THROTTLED, /* not looked at: auth/throttle */
	GATE_SIGN_IN_FAILED,    /* anything else, such as a database that is away */
	GATE_SIGN_IN_RESULT__MAX
};

/* What is known of a list before it is run. */
enum gate_weight {
	GATE_UNKNOWN, /* heavy once it has taken long: then the caller's next ones are so at once */
	GATE_LIGHT,   /* of few rows that an index finds: what takes long is not the list */
	GATE_HEAVY,
};

struct gate_limits {
	unsigned workers;          /* of the pool */
	unsigned hashes;           /* at once */
	unsigned heavy;            /* requests at once, those that wait among them; at least 1 */
	unsigned share;            /* of one caller or address, at least 1 */
	unsigned heavy_share;      /* of the heavy ones that are in; at least 1 */
	int64_t wait_milliseconds; /* longest */
};

struct gate;

/* Makes the memory. NULL with errno set on failure. */
struct gate *gate_open(void);
void gate_close(struct gate *gate);

/* From now on, for this process. */
void gate_configure(struct gate *gate, const struct gate_limits *limits);

/* This process is worker number `number`. Without it, as in a command, nothing is limited. */
void gate_attach(struct gate *gate, unsigned number);

/* The worker of that number has ended. */
void gate_forget(struct gate *gate, unsigned number);

/* A request of this worker begins: from an address, of nobody yet. */
void gate_begin(struct gate *gate, struct str address);

/* It is over: what it still holds is given back. */
void gate_end(struct gate *gate);

/* The request is of this caller: `identity` bytes that are the same for all of the caller's. */
void gate_set_caller(struct gate *gate, const void *identity, size_t length);

/*
 * Enters, waiting if need be; nothing is limited where there is no gate (NULL). Returns 0, or -1
 * with ERROR_BUSY and the time to wait. A list that is not expected to be heavy does not wait: it
 * is refused only where others of the caller's, or all others, run for long already. One that is in
 * and turns out to be heavy enters once more. Where there are as many heavy requests as may be, one
 * more is refused at once, with a word of its own.
 */
int gate_enter(struct gate *gate, enum gate_kind kind, struct error *error) MUST_CHECK;
int gate_enter_list(struct gate *gate, enum gate_weight weight, struct error *error) MUST_CHECK;

/* Whether the request in hand has come as a heavy one, let in or not. */
bool gate_is_heavy(const struct gate *gate);

/* Leaves; nothing where it is not in, or there is no gate. A list of unknown weight that took long
 * makes the caller's next ones heavy. */
void gate_leave(struct gate *gate, enum gate_kind kind);

/* Counts it; nothing where there is no gate. */
void gate_count(struct gate *gate, enum gate_event event);

void gate_count_sign_in(
    struct gate *gate, enum gate_sign_in_way way, enum gate_sign_in_result result);

/* Appends waits, refusals and sign-ins in Prometheus text format. */
void gate_print_metrics(const struct gate *gate, struct buf *out);

#endif
