/*
 * SHA-256, by an implementation that is looked for once, and not for each digest. For one thread.
 */
#ifndef CLIENTELE_BASE_DIGEST_H
#define CLIENTELE_BASE_DIGEST_H

#include <stdint.h>

#include "base/str.h"

#define DIGEST_LENGTH 32

/*
 * Of the parts, one behind the other. Ends the process where the library fails: without its digest
 * no credential, counter or state can be told from another.
 */
void digest_parts(const struct str *parts, unsigned count, uint8_t digest[DIGEST_LENGTH]);

/* Of one text. */
void digest_text(struct str text, uint8_t digest[DIGEST_LENGTH]);

/* Writes the first `length` bytes of a digest as hexadecimal digits, with a NUL. */
void digest_print(const uint8_t digest[DIGEST_LENGTH], size_t length, char *text);

#endif
