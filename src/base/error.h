/*
 * Errors. One is filled once, where the fault is found, and becomes a status and a body once, in
 * http/response. Nothing above that layer knows HTTP numbers.
 */
#ifndef CLIENTELE_BASE_ERROR_H
#define CLIENTELE_BASE_ERROR_H

#include <stdarg.h>

#include "base/arena.h"

enum error_code {
	ERROR_NONE,
	ERROR_MALFORMED,       /* the body cannot be read at all */
	ERROR_INVALID,         /* members or parameters break a rule; see the faults */
	ERROR_UNAUTHENTICATED, /* no credential, or one that does not count */
	ERROR_FORBIDDEN,       /* known caller, not allowed */
	ERROR_NO_ROUTE,        /* no such path */
	ERROR_METHOD,          /* the path exists, the method does not */
	ERROR_NOT_FOUND,       /* no such row */
	ERROR_CONFLICT,        /* a unique value is taken */
	ERROR_IN_USE,          /* others depend on the row */
	ERROR_STALE,           /* If-Match does not match any more */
	ERROR_TOO_LARGE,       /* body or page over its limit */
	ERROR_URI_TOO_LONG,    /* query string over its limit */
	ERROR_MEDIA_TYPE,      /* body of a type that is not read */
	ERROR_MISMATCH,        /* Idempotency-Key used again for another request */
	ERROR_TOO_MANY,        /* throttled */
	ERROR_BUSY,            /* the server is out of a resource of its own; try later */
	ERROR_UNAVAILABLE,     /* the database is away or cannot do it; try later */
	ERROR_OUTCOME_UNKNOWN, /* the database did not say whether the change is stored */
	ERROR_INTERNAL,        /* our fault */
	ERROR__MAX
};

/* What an error that says "later" comes from, where its code does not tell. */
enum error_cause {
	ERROR_CAUSE_CODE,
	ERROR_CAUSE_MEMORY,   /* of one request */
	ERROR_CAUSE_KEY_FILE, /* it does not fit the database */
	ERROR_CAUSE_HISTORY,  /* that of the database is not the one seen before */
};

/* One fault of a request: where, and what is wrong. */
struct fault {
	const char *path;    /* member path or parameter name, "" for the whole body */
	const char *message; /* a sentence for the caller */
	struct fault *next;
};

struct error {
	struct arena *arena; /* owns message and faults; must be set before use (error_init) */
	enum error_code code;
	enum error_cause cause;
	const char *word; /* stable word for the caller, such as "UNKNOWN_USER"; NULL = by code */
	const char *message; /* a sentence for the caller; NULL = by code */
	struct fault *faults;
	struct fault *last_fault;
	unsigned fault_count;
	unsigned fault_most;   /* faults that are kept; 0 = ERROR_FAULTS_MAX */
	int64_t retry_after;   /* seconds to wait, of the codes that one waits for; 0 = by code */
	const char *detail;    /* for the log only, never sent */
	const char *challenge; /* WWW-Authenticate of ERROR_UNAUTHENTICATED; NULL = Bearer */
};

/* Prepares an error that allocates from `arena`. */
void error_init(struct error *error, struct arena *arena);

/* Forgets what it holds; the arena stays. */
void error_clear(struct error *error);

/*
 * Makes `to` the same error in memory of its own arena. Where that has no more, texts and faults
 * are left out.
 */
void error_copy(struct error *to, const struct error *from);

/*
 * arena_go_back() for errors that lie behind the mark: they are what they were, in front of what
 * comes next. Where there is no memory for the way, nothing is given back.
 */
void error_outlive(struct arena *arena, const struct arena_mark *mark, struct error *const *errors,
    unsigned count);

/* Fills an error; `format` is the sentence for the caller. Always returns -1. */
int error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a stable word. */
int error_set_word(struct error *error, enum error_code code, const char *word, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* Fills an error whose text only the log may see. Always returns -1. */
int error_set_detail(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ERROR_BUSY for an exhausted arena. Always -1. */
int error_out_of_memory(struct error *error);

/*
 * Fills an error that says how long to wait: ERROR_TOO_MANY, ERROR_BUSY or ERROR_UNAVAILABLE.
 * Always returns -1.
 */
int error_set_wait(struct error *error, enum error_code code, int64_t seconds, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/*
 * Adds a fault and makes the error one of ERROR_INVALID unless it already has a code. At most
 * `fault_most` of the error are kept. Always returns -1. `path` is copied.
 */
int error_add_fault(struct error *error, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define ERROR_FAULTS_MAX 100

/* Stable word of a code, for logs and for families that print one: "VALIDATION_FAILED", … */
const char *error_code_word(enum error_code code);

/* Sentence for the caller when the error has none of its own. */
const char *error_code_message(enum error_code code);

/*
 * Whether it tells of what was sent: the same would fail at any time and anywhere, and something
 * else beside it need not. All other errors are those of the whole work.
 */
bool error_is_refusal(enum error_code code);

/* Makes every ignored result of a function that fills an error a compiler warning. */
#define MUST_CHECK __attribute__((warn_unused_result))

#endif
