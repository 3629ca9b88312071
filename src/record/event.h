/*
 * Events: a change of a row, told to those who have subscribed. An event is put down in the
 * transaction of its change, as a delivery for each webhook that wants it, and goes with it when it
 * is rolled back. Where nobody wants it, nothing is done.
 */
#ifndef CLIENTELE_RECORD_EVENT_H
#define CLIENTELE_RECORD_EVENT_H

#include "record/context.h"
#include "record/subscription.h"

/* Version of what is delivered; members may be added without a new one. */
#define EVENT_VERSION 1

/* What happens to rows, as the second part of an event's name has it. */
enum event_verb { EVENT_CREATED, EVENT_UPDATED, EVENT_DELETED, EVENT_VERB__MAX };

/* Name of an event of a resource that has some, "license.created", in `name`. */
struct str event_name(
    const struct resource *resource, enum event_verb verb, char name[EVENT_NAME_MAX + 1]);

/*
 * Puts down the event of a changed row, where its resource has events (resource.event). `before`
 * is NULL for an insert, `after` for a deletion. An update that has changed no member that is shown
 * is none. Must run in the transaction that changes the row. Errors as database_execute().
 */
int event_put(struct context *context, const struct resource *resource, const struct row *before,
    const struct row *after, struct error *error) MUST_CHECK;

/*
 * Puts down another event of a resource, one of its `happenings`; `row`, which is told, may be of
 * another resource of the same area. Must run in a transaction. Errors as database_execute().
 */
int event_put_happening(struct context *context, const struct resource *resource,
    const char *happening, const struct row *row, struct error *error) MUST_CHECK;

/* Whether anybody wants that event. */
bool event_is_wanted(
    const struct context *context, const struct resource *resource, const char *happening);

/* What a test of a webhook delivers. */
#define EVENT_TEST "webhook.test"

/*
 * Puts a test into the queue for one webhook, whatever it has subscribed to. Sets the delivery's
 * identifier. Must run in a transaction. Errors as database_execute().
 */
int event_put_test(struct context *context, int64_t webhook, struct uuid *delivery,
    struct error *error) MUST_CHECK;

#endif
