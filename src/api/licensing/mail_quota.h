/*
 * How many recipients a user may send mail to within an hour (option mail_quota), whatever the
 * credential: the generic cell rate algorithm.
 */
#ifndef CLIENTELE_API_LICENSING_MAIL_QUOTA_H
#define CLIENTELE_API_LICENSING_MAIL_QUOTA_H

#include "op/operation.h"

/*
 * Takes recipients off the quota of the caller's user. Must run in the transaction that stores the
 * mail. ERROR_TOO_MANY with the time to wait; ERROR_INVALID for more than the quota ever has.
 */
int mail_quota_take(
    struct operation *operation, unsigned recipients, struct error *error) MUST_CHECK;

#endif
