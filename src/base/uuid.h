/*
 * Universally unique identifiers (RFC 9562), and random bytes.
 */
#ifndef CLIENTELE_BASE_UUID_H
#define CLIENTELE_BASE_UUID_H

#include "base/str.h"

#define UUID_TEXT_LENGTH 36

struct uuid {
	uint8_t bytes[16];
};

/* Reads the forms D, N, B and P ({…} and (…)), any case, blanks around. False for anything else,
 * which leaves *uuid as it was. */
bool uuid_parse(struct str text, struct uuid *uuid);

/* Writes the lower-case D form: 36 bytes, no NUL. */
void uuid_print(const struct uuid *uuid, char text[UUID_TEXT_LENGTH]);

/*
 * Makes the identifier of a new row (version 7): it begins with the time, to about a
 * microsecond, so that rows that are made together stand together in the primary key, which a
 * random one would scatter. The last 62 bits are random. It tells when the row was made; what must
 * not be guessed is made by uuid_random().
 */
struct uuid uuid_new(void);

/* Makes a random (version 4) identifier. */
struct uuid uuid_random(void);

bool uuid_equal(const struct uuid *a, const struct uuid *b);
bool uuid_is_zero(const struct uuid *uuid);

/* Fills with bytes from the kernel's generator; aborts the process when there are none. */
void random_bytes(void *out, size_t length);

/* Fills with characters of `alphabet`, each equally likely; adds a NUL. `out` holds length + 1. */
void random_text(char *out, size_t length, const char *alphabet);

#define RANDOM_HEX_LOWER "0123456789abcdef"
#define RANDOM_ALPHANUMERIC_LOWER "0123456789abcdefghijklmnopqrstuvwxyz"
#define RANDOM_BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

#endif
