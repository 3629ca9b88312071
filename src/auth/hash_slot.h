/*
 * How many processes may hash a password at once: hashing is slow on purpose, and must not take all
 * workers. A slot is a record lock on one byte of a file of the runtime directory, so that one
 * whose process was killed is free at once.
 */
#ifndef CLIENTELE_AUTH_HASH_SLOT_H
#define CLIENTELE_AUTH_HASH_SLOT_H

#include "base/error.h"

struct hash_slots;

/* Opens the file, as shared_file_open() does. NULL with errno set on failure. */
struct hash_slots *hash_slots_open(const char *directory);
void hash_slots_close(struct hash_slots *slots);

/* From now on: so many at once; 0 = no limit. */
void hash_slots_configure(struct hash_slots *slots, unsigned count);

/*
 * Takes a slot, once per process at a time; never waits. Returns 0, or -1 with ERROR_UNAVAILABLE
 * and the time to wait when all are taken.
 */
int hash_slot_take(struct hash_slots *slots, struct error *error) MUST_CHECK;
void hash_slot_give(struct hash_slots *slots);

#endif
