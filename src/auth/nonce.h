/*
 * Nonces that were used, remembered by all processes of the machine until the moment that they were
 * signed with cannot be accepted any more. The table has a fixed size (131,072 nonces); nothing is
 * forgotten before its time: who comes when its place is full is told to wait.
 */
#ifndef CLIENTELE_AUTH_NONCE_H
#define CLIENTELE_AUTH_NONCE_H

#include "base/error.h"

struct nonces;

/* Maps the table, as shared_file_map() does. NULL with errno set on failure. */
struct nonces *nonces_open(const char *directory);
void nonces_close(struct nonces *nonces);

/*
 * Uses a nonce, told by the digest of all that makes it unique, until `until` (seconds since 1970,
 * at most some hours ahead of `now`). Returns 1 the first time, 0 when it was used before, -1 with
 * ERROR_BUSY when there is no room.
 */
int nonces_use(struct nonces *nonces, const uint8_t digest[32], int64_t now, int64_t until,
    struct error *error) MUST_CHECK;

#endif
