/*
 * Webhooks: who is told of which changes, and what goes out to them.
 */
#ifndef CLIENTELE_API_LICENSING_WEBHOOK_H
#define CLIENTELE_API_LICENSING_WEBHOOK_H

#include "op/operation.h"
#include "record/event.h"

/* Most webhooks; every change is compared with what all of them want. */
#define WEBHOOKS_MOST 200

enum webhook_member {
	WEBHOOK_ID,
	WEBHOOK_URL,
	WEBHOOK_EVENTS,
	WEBHOOK_ENABLED,
	WEBHOOK_DESCRIPTION,
	WEBHOOK_SECRET,
	WEBHOOK_AREAS,
	WEBHOOK_OWNER_ID,
	WEBHOOK_DISABLED_REASON,
	WEBHOOK_FORMER_UNTIL,
	WEBHOOK_CREATED_AT,
	WEBHOOK_UPDATED_AT,
	WEBHOOK_LAST_SUCCESS,
	WEBHOOK_LAST_FAILURE,
	WEBHOOK_LAST_ERROR,
	WEBHOOK_FIRST_SECRET,
	WEBHOOK_SECOND_SECRET,
	WEBHOOK_SECOND_IS_CURRENT,
	WEBHOOK__MAX
};

enum webhook_delivery_member {
	DELIVERY_ID,
	DELIVERY_WEBHOOK_ID,
	DELIVERY_EVENT,
	DELIVERY_STATUS,
	DELIVERY_ATTEMPTS,
	DELIVERY_RESPONSE_STATUS,
	DELIVERY_ERROR,
	DELIVERY_CREATED_AT,
	DELIVERY_NEXT_ATTEMPT,
	DELIVERY_ENDED_AT,
	DELIVERY_PAYLOAD,
	DELIVERY_RESPONSE_BODY,
	DELIVERY_STORED_PAYLOAD,
	DELIVERY_STORED_BODY,
	DELIVERY__MAX
};

extern const struct resource licensing_webhook_resource;
extern const struct record licensing_webhook_record;

/* Rule of a text that is a secret, or stands for the stored one (FIELD_MASK). */
const char *webhook_check_secret(struct str text);

/* Draws a secret for a row that brings none. */
int webhook_draw_secret(struct context *context, struct row *row, struct error *error) MUST_CHECK;

/*
 * Operations; each is the `run` of a route:
 *
 *	run				answers (resource)		reads (body)
 *	licensing_webhook_test		webhook_test_resource		-
 *	licensing_webhook_rotate	webhook_rotated_resource	webhook_rotation_resource
 *	licensing_webhook_replay	licensing_result_resource	-
 */
int licensing_webhook_test(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_webhook_rotate(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_webhook_replay(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * `complete` and `include` of one delivery: what was sent and what came back, to who may read what
 * the event tells of; null to others.
 */
void webhook_delivery_complete(
    const struct operation *operation, const struct row *row, struct row *shown);
extern const char *const webhook_delivery_included[];

extern const struct resource licensing_webhook_delivery_resource;
extern const struct resource webhook_test_resource;
extern const struct resource webhook_rotated_resource;
extern const struct resource webhook_rotation_resource;

#endif
