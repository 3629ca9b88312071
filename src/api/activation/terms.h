/*
 * What a program's call changes of its license itself: terms that begin with it, and its end.
 */
#ifndef CLIENTELE_API_ACTIVATION_TERMS_H
#define CLIENTELE_API_ACTIVATION_TERMS_H

#include "api/activation/call.h"

/*
 * Notes that the license was activated, or validated, for the first time, begins the terms that
 * begin so, and reads license and seat of the call again. Must run in a transaction. Errors as
 * record_update().
 */
int terms_begin(struct context *context, struct call *call, enum policy_basis basis,
    struct error *error) MUST_CHECK;

/* Revokes a license whose term is over. Must run in a transaction. Errors as record_update(). */
int terms_revoke(
    struct context *context, const struct row *license, struct error *error) MUST_CHECK;

#endif
