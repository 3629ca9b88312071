/*
 * Idempotency-Key: a POST that is sent again with its key answers what it answered first.
 */
#ifndef CLIENTELE_OP_IDEMPOTENCY_H
#define CLIENTELE_OP_IDEMPOTENCY_H

#include "op/operation.h"

/*
 * Runs the operation's route under the request's Idempotency-Key: key, effect and answer are stored
 * in one transaction, so a repetition finds all or nothing; two at once wait for each other.
 * Failures are not stored. Answers are kept 24 hours, sealed, since they may show a secret once. A
 * caller is a key, or a user through a client: whichever text proves it this time. Returns 0, or
 * -1: ERROR_INVALID (no such key is possible), ERROR_MISMATCH (the key was used for another
 * request, or with other rights), ERROR_CONFLICT (done, but the stored answer does not open), or
 * what the operation gave.
 */
int idempotency_run(struct operation *operation, struct error *error) MUST_CHECK;

#endif
