/*
 * Credentials that were right before, or were made here: remembered by all processes of the machine
 * together, as bits of a filter. A filter forgets nothing that it was told, and takes few for known
 * that are not (about one in a thousand); who asks it never lets anybody in by it, but only decides
 * whether a look into the database is worth while. What it is told can neither be read back nor be
 * tried against it without its file; secrets that people choose are not told.
 *
 * It is a file of the runtime directory, of two halves: when one is full, the older is emptied.
 */
#ifndef CLIENTELE_AUTH_KNOWN_H
#define CLIENTELE_AUTH_KNOWN_H

#include "base/error.h"

#define KNOWN_DIGEST_LENGTH 32

struct known_set;

/* Maps the filter, as shared_file_map_current() does. NULL with errno set on failure. */
struct known_set *known_open(const char *directory);
void known_close(struct known_set *set);

/* `digest`: SHA-256 of what is remembered. */
void known_add(struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH]);
bool known_has(const struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH]);

/*
 * The keys of the database become known a portion at a time, beginning again every few minutes and
 * with each new half. True for one caller at a time, about once a second in all: it shall read the
 * keys that follow number *after and call known_loaded() with the last number that it got (*after
 * again when it got none). `now` in microseconds of the monotonic clock.
 */
bool known_claim_load(struct known_set *set, int64_t now, int64_t *after);
void known_loaded(struct known_set *set, int64_t last);

#endif
