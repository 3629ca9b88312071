/*
 * Base64 with the standard alphabet (RFC 4648 §4).
 */
#ifndef CLIENTELE_BASE_BASE64_H
#define CLIENTELE_BASE_BASE64_H

#include "base/buf.h"

/* Appends the digits of `length` bytes, padded. */
void base64_append(struct buf *out, const void *data, size_t length);

/* Bytes that base64_decode() may need for a text. */
#define BASE64_DECODED_MAX(length) ((length) / 4 * 3 + 3)

/*
 * Decodes into `out`, which holds BASE64_DECODED_MAX(text.length) bytes, and sets *length. Blanks
 * and line breaks are passed over; padding must be right. False on anything else.
 */
bool base64_decode(struct str text, char *out, size_t *length);

#endif
