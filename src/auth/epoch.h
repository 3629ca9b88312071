/*
 * The revocation counter: a number in memory shared by all processes of the machine. Whoever
 * revokes a key, a token, a user or a role adds one; caches of credentials are valid for one value
 * only.
 *
 * The memory is a small file in the runtime directory, mapped shared, so that the command line
 * reaches the pool too. Other nodes follow a counter row in the database within a second.
 */
#ifndef CLIENTELE_AUTH_EPOCH_H
#define CLIENTELE_AUTH_EPOCH_H

#include <stdint.h>

#include "base/error.h"

struct epoch;

/*
 * Maps the counter file "clientele.epoch" of `directory`, creating it (mode 0600) if need be. With
 * `directory` NULL or empty the memory is anonymous: shared with children only. NULL with errno set
 * on failure.
 */
struct epoch *epoch_open(const char *directory);
void epoch_close(struct epoch *epoch);

uint64_t epoch_value(const struct epoch *epoch);

/* Makes every cached credential of the machine worthless, at once. */
void epoch_advance(struct epoch *epoch);

/*
 * True for exactly one caller per interval among all processes: the one that should look at the
 * database's counter now. `now` and `interval` in microseconds of the monotonic clock.
 */
bool epoch_claim_poll(struct epoch *epoch, int64_t now, int64_t interval);

/* Tells what the database's counter is; advances when it differs from what was told before. */
void epoch_follow(struct epoch *epoch, uint64_t database_counter);

#endif
