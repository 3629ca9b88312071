/*
 * Request rates of API keys: so many a minute, counted by all processes of the machine together. A
 * key that was quiet may send a whole minute's requests at once, and then as fast as they come back
 * (the generic cell rate algorithm).
 */
#ifndef CLIENTELE_AUTH_RATE_H
#define CLIENTELE_AUTH_RATE_H

#include "base/error.h"

#define RATE_WINDOW 60 /* seconds */

/* Number of a key that there is none of: entries of the audit log of sign-ins that were refused. */
#define RATE_OF_REFUSED_SIGN_INS INT64_MIN

struct rates;

/* What a caller is told of its rate. */
struct rate_state {
	int64_t limit;     /* requests in RATE_WINDOW seconds; 0 = not limited */
	int64_t remaining; /* at once, from now on */
	int64_t reset;     /* seconds until all of them are there again */
};

/* Maps the counters, as shared_file_map() does. NULL with errno set on failure. */
struct rates *rates_open(const char *directory);
void rates_close(struct rates *rates);

/*
 * Counts one request of key number `key` (not 0). `*state` is filled in any case. Returns 0, or -1
 * with ERROR_TOO_MANY and the time to wait.
 */
int rates_count(struct rates *rates, int64_t key, int64_t limit, struct rate_state *state,
    struct error *error) MUST_CHECK;

#endif
