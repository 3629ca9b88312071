/*
 * Which key signs a license, and its document when the license is stored.
 */
#ifndef CLIENTELE_API_LICENSING_SIGN_H
#define CLIENTELE_API_LICENSING_SIGN_H

#include "document/format.h"
#include "record/context.h"

/*
 * Gives a row that is to be inserted its document: licenseKey, hash and signedById, unless it
 * brings a licenseKey of its own or no key signs it. Must run in the transaction. Errors as
 * document_make().
 */
int license_sign_new(struct context *context, struct row *row, struct error *error) MUST_CHECK;

/*
 * The same of a row of changes to the license that `key` names, where they touch what is signed. A
 * document that somebody has sent stays until it is sent as null; one that the server has made
 * follows the license, and goes where no key signs it any more.
 */
int license_sign_change(struct context *context, const struct row *key, struct row *row,
    struct error *error) MUST_CHECK;

/*
 * The key of that number, or what has taken its place, opened; it lives until the transaction ends.
 * ERROR_INVALID with a fault of signingKeyId where it is retired without a successor.
 */
int license_signing_key(struct context *context, int64_t id, const struct signing_key **key,
    bool *is_legacy, struct error *error) MUST_CHECK;

#endif
