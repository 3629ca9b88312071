/*
 * Seats: license tokens that programs take, keep and free. A license never has more seats in use
 * than its policy allows, however many ask at once and at how many nodes of a cluster: whoever
 * takes one writes the license as it was when the seats were counted, or counts again.
 *
 * A seat whose lease ends may be kept at that moment by a call that is not stored yet. It counts as
 * taken until whoever needs it has waited for such calls, and has unset judged_at: after that, its
 * machine has to take it again.
 */
#ifndef CLIENTELE_API_ACTIVATION_SEAT_H
#define CLIENTELE_API_ACTIVATION_SEAT_H

#include "api/activation/call.h"
#include "api/activation/reason.h"

/*
 * Finds license and seat of a call by what its request names, in one statement, and by further ones
 * where the policy asks for more: a seat of a machine that has changed, seats of other licenses.
 * call.license is NULL where there is none. Errors as database_select().
 */
int seat_find(struct context *context, struct call *call, struct error *error) MUST_CHECK;

/*
 * The same for who knows the seat by its identifier, whatever the request names: call.seat and
 * call.license, in one statement, and nothing else.
 */
int seat_find_named(struct context *context, struct call *call, const struct value *seat,
    struct error *error) MUST_CHECK;

/*
 * Keeps a seat whose license was looked at before and has not changed since, in one statement.
 * *kept is false where that is not so. *end is the end of its lease; INT64_MAX = never. Must run in
 * a transaction.
 */
int seat_keep(struct context *context, const struct call *call, bool *kept, int64_t *end,
    struct error *error) MUST_CHECK;

/*
 * Takes a seat for the call, or again the one that it has, and judges the call once more where
 * others were quicker: *reason tells why there is none. Then call.seat is the seat, call.license
 * counts it, and call.freed are those that were replaced by it. Must run in a transaction. Errors
 * as record_insert().
 */
int seat_take(struct context *context, struct call *call, enum reason *reason,
    struct error *error) MUST_CHECK;

/*
 * Waits for those who take or free seats of the license now, reads license and seat of the call
 * again, and judges it once more. Must run in a transaction. Errors as record_claim() and
 * seat_find().
 */
int seat_judge_again(struct context *context, struct call *call, enum reason *reason,
    struct error *error) MUST_CHECK;

/* Frees a seat of the license. Must run in a transaction. Errors as record_delete(). */
int seat_free(struct context *context, const struct row *seat, struct error *error) MUST_CHECK;

#endif
