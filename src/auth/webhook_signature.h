/*
 * Secrets and signatures of webhooks, as Standard Webhooks 1.0.0 has them: HMAC-SHA256 over
 * identifier, time and body.
 */
#ifndef CLIENTELE_AUTH_WEBHOOK_SIGNATURE_H
#define CLIENTELE_AUTH_WEBHOOK_SIGNATURE_H

#include "base/buf.h"

/* "whsec_" and base64 of 24 to 64 bytes. */
#define WEBHOOK_SECRET_PREFIX "whsec_"
#define WEBHOOK_SECRET_MAX 94
#define WEBHOOK_KEY_LEAST 24
#define WEBHOOK_KEY_MOST 64

/* Makes a secret of 32 random bytes, NUL-terminated. */
void webhook_secret_make(char secret[WEBHOOK_SECRET_MAX + 1]);

bool webhook_secret_is_good(struct str secret);

/*
 * Appends "v1," and the signature of a message sent at `seconds` of Unix time; with a blank before
 * it where something stands in `out` already, as a list of signatures has it. False, and nothing
 * appended, for a text that is no secret.
 */
bool webhook_sign(
    struct str secret, struct str id, int64_t seconds, struct str body, struct buf *out);

#endif
