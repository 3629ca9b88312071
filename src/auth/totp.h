/*
 * Time-based one-time passwords (RFC 6238): SHA-1, six digits, steps of 30 seconds, which is what
 * every authenticator app takes.
 */
#ifndef CLIENTELE_AUTH_TOTP_H
#define CLIENTELE_AUTH_TOTP_H

#include "base/buf.h"
#include "base/error.h"

#define TOTP_STEP 30          /* seconds */
#define TOTP_DIGITS 6         /* of a code */
#define TOTP_SECRET_LENGTH 20 /* bytes */
#define TOTP_SECRET_TEXT 33   /* the same in base32, with its NUL */
#define TOTP_CODE_MAX 9       /* eight digits and a NUL */

/* Makes a random secret as base32 text. The caller wipes it. 0, or -1 with ERROR_INTERNAL. */
int totp_make_secret(char secret[TOTP_SECRET_TEXT], struct error *error) MUST_CHECK;

/*
 * Writes the code of a step, of 6 to 8 digits. 0, or -1 with ERROR_INTERNAL when the secret is no
 * base32.
 */
int totp_code(struct str secret, int64_t step, unsigned digits, char code[TOTP_CODE_MAX],
    struct error *error) MUST_CHECK;

/*
 * Looks for a code among those of the step at `moment` (microseconds), the one before and the one
 * behind, in constant time. Steps up to `last` do not count: a code is good for one use. Blanks in
 * the code are skipped. Returns 1 with *step, 0 when it is none of them, or -1 with an error.
 */
int totp_find(struct str secret, struct str code, int64_t moment, int64_t last, int64_t *step,
    struct error *error) MUST_CHECK;

/* Appends the address that an authenticator app reads: otpauth://totp/ISSUER:ACCOUNT?… */
void totp_print_address(struct str issuer, struct str account, struct str secret, struct buf *out);

#endif
