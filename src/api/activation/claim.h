/*
 * What calls of programs write of a license, or for a machine, so that they follow one another: at
 * all nodes of a cluster, which compare what was written. All must run in a transaction, and are -1
 * with the database's error when they fail.
 */
#ifndef CLIENTELE_API_ACTIVATION_CLAIM_H
#define CLIENTELE_API_ACTIVATION_CLAIM_H

#include "api/activation/call.h"

/*
 * Whether nobody has taken a seat since call.license was read; then nobody else can before COMMIT.
 */
int claim_as_read(struct context *context, const struct call *call, bool *claimed,
    struct error *error) MUST_CHECK;

/* Waits for others who look for seats of the call's machine at other licenses, until they end. */
int claim_machine(struct context *context, const struct call *call, struct error *error) MUST_CHECK;

/* Whether this is the first one to find all seats taken since a seat was taken or freed last. */
int claim_limit(struct context *context, const struct row *license, bool *first,
    struct error *error) MUST_CHECK;

/*
 * Adds to what users have freed in the period that lasts, or begins. call.license was claimed and
 * read since.
 */
int claim_releases(struct context *context, const struct call *call, int64_t count,
    struct error *error) MUST_CHECK;

#endif
