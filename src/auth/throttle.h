/*
 * Failed credentials, counted by all workers together: after so many within a window, what they
 * were counted by is refused for as long as the window.
 *
 * Nothing is counted by a text that a caller sends. A counter is of an address, of whom the
 * credential would be (a user, an API client, a key: by the identifier that the database has), or
 * of both; failures that are nobody's count for their address.
 *
 * The counters are in a file of the runtime directory: they survive restarts of workers and of the
 * server, not of the machine. Nothing is locked. The table has a fixed size; a counter is found by
 * a hash under a random key of the file, so that nobody can choose addresses that push others out.
 * Of those that share a place, those that are refused go last.
 */
#ifndef CLIENTELE_AUTH_THROTTLE_H
#define CLIENTELE_AUTH_THROTTLE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/uuid.h"

/* Whose a credential is. */
enum throttle_owner_kind {
	THROTTLE_NOBODY,
	THROTTLE_USER,
	THROTTLE_CLIENT,
	THROTTLE_KEY,
	THROTTLE_DELEGATE, /* a user who looks for clients: not counted among passwords */
	THROTTLE_OWNER__MAX
};

struct throttle_owner {
	enum throttle_owner_kind kind;
	struct uuid id; /* of a key: its number, big-endian, in the last eight bytes */
};

struct throttle_owner throttle_user(const struct uuid *id);
struct throttle_owner throttle_client(const struct uuid *id);
struct throttle_owner throttle_delegate(const struct uuid *user);
struct throttle_owner throttle_key(int64_t number);
int64_t throttle_key_number(const struct throttle_owner *owner);

/* "user", "client", "key" or "delegate"; "" of nobody. */
const char *throttle_owner_word(enum throttle_owner_kind kind);

/* IPv4 address, the /64 network of an IPv6 address, or the digest of anything else (no address). */
struct throttle_address {
	uint8_t length; /* 4, 8 or 16; 0 = of no address */
	uint8_t bytes[16];
};

struct throttle_address throttle_address(struct str text);

/* Appends "192.0.2.1", "2001:db8:1:2::/64" or "local"; nothing for none. */
void throttle_address_print(const struct throttle_address *address, struct buf *out);

/* What failures are counted by. */
enum throttle_scope {
	THROTTLE_BY_LOOKUP,  /* an address: keys and tokens that are nobody's */
	THROTTLE_BY_ADDRESS, /* an address: passwords and secrets, whosever they would be */
	THROTTLE_BY_OWNER,   /* whose it would be, from anywhere */
	THROTTLE_BY_BOTH,    /* both */
	THROTTLE_SCOPE__MAX
};

struct throttle_counter {
	enum throttle_scope scope;
	struct throttle_address address; /* not of THROTTLE_BY_OWNER */
	struct throttle_owner owner;     /* of THROTTLE_BY_OWNER and THROTTLE_BY_BOTH */
};

struct throttle;

/* Maps the counters, as shared_file_map() does. NULL with errno set on failure. */
struct throttle *throttle_open(const char *directory);
void throttle_close(struct throttle *throttle);

/* From now on: so many failures (0 = throttle nobody) within so many seconds. */
void throttle_configure(struct throttle *throttle, int64_t failures, int64_t window);

/* Seconds for which it is still refused; 0 = it is not. */
int64_t throttle_wait(const struct throttle *throttle, const struct throttle_counter *counter);

/* Refuses: ERROR_TOO_MANY with the time to wait, which the message says too. Always -1. */
int throttle_refuse(enum throttle_scope scope, int64_t seconds, struct error *error);

/* Returns 0, or throttle_refuse() when it is refused. */
int throttle_check(struct throttle *throttle, const struct throttle_counter *counter,
    struct error *error) MUST_CHECK;

/* Counts a failure. True when it is the one from which on it is refused. */
bool throttle_fail(struct throttle *throttle, const struct throttle_counter *counter);

/* Forgets the failures: the right credential came. One that is refused stays so. */
void throttle_clear(struct throttle *throttle, const struct throttle_counter *counter);

/* True for some callers in a second: one that is refused may have one more look. */
bool throttle_spare(struct throttle *throttle, const struct throttle_counter *counter);

/* A counter that counts or refuses at this moment. */
struct throttle_entry {
	struct throttle_counter counter;
	int64_t failures; /* 0 where it is refused */
	int64_t seconds;  /* until it is forgotten, or let in again */
	bool refused;
};

/* Calls `see` for each, in no order. */
void throttle_list(const struct throttle *throttle,
    void (*see)(void *context, const struct throttle_entry *entry), void *context);

/*
 * Forgets, refused or not, all counters of an address (length 0 = of any) and of an owner
 * (THROTTLE_NOBODY = of anybody). Returns how many there were.
 */
unsigned throttle_forget(struct throttle *throttle, const struct throttle_address *address,
    const struct throttle_owner *owner);

#endif
