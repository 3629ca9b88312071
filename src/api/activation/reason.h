/*
 * Why a program's call is refused: numbers and names that programs can rely on. One table makes the
 * answers, the document and the manual.
 */
#ifndef CLIENTELE_API_ACTIVATION_REASON_H
#define CLIENTELE_API_ACTIVATION_REASON_H

#include "base/error.h"

/* In the order in which they are looked at, where several would do. */
enum reason {
	REASON_VALID,
	REASON_NOT_FOUND,
	REASON_REVOKED,
	REASON_SUSPENDED,
	REASON_NETWORK_REFUSED,
	REASON_MODE_MISMATCH,
	REASON_NOT_YET_VALID,
	REASON_EXPIRED,
	REASON_PRODUCT_MISMATCH,
	REASON_VERSION_MISMATCH,
	REASON_SUPPORT_ENDED,
	REASON_TRIAL_DAYS,
	REASON_TRIAL_RUNS,
	REASON_HARDWARE,
	REASON_DOMAIN,
	REASON_USAGE,
	REASON_BETA,
	REASON_RESTRICTION_OTHER,
	REASON_NOT_ACTIVATED,
	REASON_CLIENT_MISMATCH,
	REASON_MACHINE_MISMATCH,
	REASON_LEASE_EXPIRED,
	REASON_MACHINE_IN_USE,
	REASON_SEAT_LIMIT_REACHED,
	REASON_SELF_RELEASE_REFUSED,
	REASON_SELF_RELEASES_USED_UP,
	REASON_COUNTER_NOT_FOUND,
	REASON_CONSUMPTION_ID_REUSED,
	REASON_BALANCE_TOO_LOW,
	REASON_OFFLINE_NOT_ALLOWED,
	REASON_CHECKOUT_LIMIT_REACHED,
	REASON_SEAT_OFFLINE,
	REASON_NOT_BINDABLE,
	REASON_RECEIPT_REFUSED,
	REASON__MAX
};

struct reason_info {
	int number;       /* stable: no number is ever used for another reason */
	const char *name; /* stable, too: "SEAT_LIMIT_REACHED" */
	enum error_code code;
	const char *message; /* a sentence for the caller */
};

const struct reason_info *reason_info(enum reason reason);

/* The reason of that name; REASON__MAX where there is none. */
enum reason reason_find(const char *name);

/* Fills an error with the reason of a refusal. Returns -1. */
int reason_refuse(enum reason reason, struct error *error);

#endif
