/*
 * Failed credentials, counted per address and per user by all workers together: after so many
 * within a window, the address or the user is refused for as long as the window.
 *
 * The counters are in a file of the runtime directory: they survive restarts of workers and of the
 * server, not of the machine. Nothing is locked. The table has a fixed size; a name is found by a
 * hash under a random key of the file, so that nobody can choose names that push others out. Of the
 * names that share a place, those that are refused go last.
 */
#ifndef CLIENTELE_AUTH_THROTTLE_H
#define CLIENTELE_AUTH_THROTTLE_H

#include "base/error.h"

enum throttle_kind {
	THROTTLE_ADDRESS, /* IPv4 address, or the /64 network of an IPv6 address */
	THROTTLE_USER,    /* user name or client_id, ASCII letters folded */
	THROTTLE_KIND__MAX
};

struct throttle;

/* Maps the counters, as shared_file_map() does. NULL with errno set on failure. */
struct throttle *throttle_open(const char *directory);
void throttle_close(struct throttle *throttle);

/* From now on: so many failures (0 = throttle nobody) within so many seconds. */
void throttle_configure(struct throttle *throttle, int64_t failures, int64_t window);

/* Returns 0, or -1 with ERROR_TOO_MANY and the time to wait when the name is refused. */
int throttle_check(struct throttle *throttle, enum throttle_kind kind, struct str name,
    struct error *error) MUST_CHECK;

/* Counts a failure. True when it is the one that shuts the door. */
bool throttle_fail(struct throttle *throttle, enum throttle_kind kind, struct str name);

/* Forgets the failures of a name: the right credential came. One that is refused stays so. */
void throttle_clear(struct throttle *throttle, enum throttle_kind kind, struct str name);

#endif
