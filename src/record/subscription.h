/*
 * Who is told of changes: what a process knows of the enabled webhooks, so that a change of which
 * nobody wants to hear costs no statement.
 */
#ifndef CLIENTELE_RECORD_SUBSCRIPTION_H
#define CLIENTELE_RECORD_SUBSCRIPTION_H

#include "auth/epoch.h"
#include "db/database.h"
#include "schema/access.h"

/* Table of the webhooks, and of what is delivered to them: content of the queue's items. */
#define WEBHOOK_TABLE "webhook"
#define WEBHOOK_DELIVERY_TABLE "webhook_delivery"

/* Longest name of an event, "license.created". */
#define EVENT_NAME_MAX 64

struct subscriptions;

/*
 * `epoch` tells when they have changed, and must outlive it; without one (NULL) they are looked at
 * again every second. NULL without memory.
 */
struct subscriptions *subscriptions_new(const struct epoch *epoch);
void subscriptions_free(struct subscriptions *subscriptions);

/*
 * Reads them anew where something may have changed. Not to be called within a transaction, which
 * may see what was before the change. Errors as database_select().
 */
int subscriptions_refresh(struct subscriptions *subscriptions, struct database *database,
    struct arena *arena, struct error *error) MUST_CHECK;

/*
 * The next webhook behind number `last` (0 = from the first) that wants the event of that name,
 * about what is in the area, and may hear of it. Returns its number, 0 when there is none.
 */
int64_t subscriptions_next(
    const struct subscriptions *subscriptions, struct str event, enum area area, int64_t last);

/* Whether a name of a webhook's list, which may be "*" or end with ".*", stands for the event. */
bool subscription_matches(struct str listed, struct str event);

/* What a change of a webhook, or of what its owner may read, is marked by. */
struct mark subscription_mark(void);

#endif
