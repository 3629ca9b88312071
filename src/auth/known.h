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

#include "db/database.h"

#define KNOWN_DIGEST_LENGTH 32

struct known_set;

/* Maps the filter, as shared_file_map() does. NULL with errno set on failure. */
struct known_set *known_open(const char *directory);
void known_close(struct known_set *set);

/* `digest`: SHA-256 of what is remembered. */
void known_add(struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH]);
bool known_has(const struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH]);

/*
 * Makes the keys of the database known, a portion about once a second by one of all callers, over
 * and over again: those made on other nodes, too. Does nothing without a connection. Errors as
 * database_select().
 */
int known_load(struct known_set *set, struct database *database, struct arena *arena,
    struct error *error) MUST_CHECK;

#endif
