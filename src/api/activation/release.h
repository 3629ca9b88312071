/*
 * Seats that programs and the users of a license's key free.
 */
#ifndef CLIENTELE_API_ACTIVATION_RELEASE_H
#define CLIENTELE_API_ACTIVATION_RELEASE_H

#include "api/activation/call.h"
#include "api/activation/reason.h"

/* Most seats that one call frees or lists. */
#define RELEASE_MOST 1000

/*
 * Frees what the call names: its seat, another one or all of them. Where the policy counts that,
 * the call is judged once more: *reason tells why nothing was freed. Then `freed` are the seats,
 * and call.license counts them no more. Must run in a transaction. Errors as record_delete().
 */
int release_seats(struct context *context, struct call *call, struct row_list *freed,
    enum reason *reason, struct error *error) MUST_CHECK;

/*
 * Judges and counts a seat that its owner, a customer, is about to delete as if a user of the key
 * freed it; `key` names the license token. Must run in a transaction. Refused as reason_refuse()
 * does.
 */
int release_by_owner(
    struct context *context, const struct row *key, struct error *error) MUST_CHECK;

/*
 * Frees seats of others for the one that the call takes, as many as judge_replaced_seats() says:
 * call.freed. *reason changes where too many of them are used offline; then none is freed. The
 * license is claimed. Must run in a transaction. Errors as record_delete().
 */
int release_replaced(struct context *context, struct call *call, enum reason *reason,
    struct error *error) MUST_CHECK;

#endif
