/*
 * Who may come in: the one place that lets a request go on to its handler, by what the route's row
 * says (.access, .area, .permission) and by what the caller's credential brings.
 */
#ifndef CLIENTELE_API_ADMISSION_H
#define CLIENTELE_API_ADMISSION_H

#include "auth/principal.h"
#include "op/operation.h"

/* What one worker knows of the credentials that it has seen. */
struct admission;

/* `settings`, `epoch` and `guard` must outlive it. NULL when there is no memory. */
struct admission *admission_new(
    const struct settings *settings, struct epoch *epoch, struct guard *guard);
void admission_free(struct admission *admission);

/*
 * Returns 0 when the operation, whose route is set and whose body is read but not looked at, may go
 * on; `principal` then holds the caller, and operation.context.actor.principal points to it or is
 * NULL where the route needs none. Sets what the caller may see, too. Errors:
 * ERROR_UNAUTHENTICATED, ERROR_FORBIDDEN, ERROR_TOO_MANY (guesses, or the rate of the key),
 * ERROR_BUSY, the database's.
 */
int admission_check(struct admission *admission, struct operation *operation,
    struct principal *principal, struct error *error) MUST_CHECK;

/* The headers RateLimit-…, as the IETF's draft and most others have them: requests and seconds. */
void admission_write_rate(struct operation *operation);

#endif
