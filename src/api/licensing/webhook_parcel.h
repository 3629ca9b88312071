/*
 * What goes out to a webhook, for the process that delivers it, and what that tells of it.
 */
#ifndef CLIENTELE_API_LICENSING_WEBHOOK_PARCEL_H
#define CLIENTELE_API_LICENSING_WEBHOOK_PARCEL_H

#include "record/context.h"

struct webhook_parcel {
	struct uuid delivery;
	int64_t webhook;
	bool enabled; /* the webhook, and whoever owns it */
	struct str url, body;
	struct str secrets[2]; /* the current one, and the former one while it signs, too */
	unsigned secret_count;
};

/*
 * Reads what is to be delivered, into the context's arena. Returns 1, 0 when it is not there (any
 * more), -1 with an error; ERROR_UNAVAILABLE when a secret cannot be opened.
 */
int webhook_parcel_read(struct context *context, struct uuid delivery,
    struct webhook_parcel *parcel, struct error *error);

/* Longest text of an answer that is kept, in characters. */
#define WEBHOOK_RESPONSE_MAX 2000

/* What an attempt has met. */
struct webhook_outcome {
	int64_t status; /* of HTTP; 0 = there was no answer */
	bool delivered;
	const char *reason; /* why not, in one line */
	struct str body;    /* of the answer, to be kept; data == NULL = none */
};

/* Notes it with the delivery and the webhook. Errors as database_execute(). */
int webhook_parcel_note(struct context *context, const struct webhook_parcel *parcel,
    const struct webhook_outcome *outcome, struct error *error) MUST_CHECK;

/*
 * Disables the webhook, by the rules of its record: its receiver is gone for good. The caller
 * announces context.revocations. Errors as record_update().
 */
int webhook_parcel_disable(struct context *context, const struct webhook_parcel *parcel,
    const char *reason, struct error *error) MUST_CHECK;

#endif
