/*
 * Using up what counters allow, adding to it, and undoing both. Never is more used than the policy
 * of a counter allows, however many ask at once and at how many nodes of a cluster: whoever changes
 * what was used compares it with what was read, or reads it again under its row. Each change has
 * one entry in the ledger.
 */
#ifndef CLIENTELE_API_LICENSING_CONSUMPTION_H
#define CLIENTELE_API_LICENSING_CONSUMPTION_H

#include "api/licensing/counter.h"
#include "record/context.h"

/* Events of licenses that tell of a counter, each once until there is more again. */
#define CONSUMPTION_EVENT_LOW "consumption_low"
#define CONSUMPTION_EVENT_EXHAUSTED "consumption_exhausted"

/* A counter at a moment. */
struct counter {
	const struct row *row; /* of licensing_consumption_resource; NULL = there is none */
	int64_t now;
	int64_t used; /* since `start` */
	int64_t added;
	bool periodic;
	int64_t start, end; /* of the period that `now` is in, where there are any */
};

/* One change of it. */
struct consumption {
	enum consumption_action action;
	int64_t amount;
	const struct row *reversed; /* the entry that is undone, of CONSUMPTION_REVERSE */
	/* More of the entry's members: who has called, a note. Stays as it is. */
	const struct row *said; /* of licensing_consumption_entry_resource */
};

/*
 * Finds the counter of a license for a feature, as it is at the moment `now`. Errors as
 * database_select().
 */
int consumption_find(struct context *context, const struct value *license, struct str feature,
    int64_t now, struct counter *counter, struct error *error) MUST_CHECK;

/* Whether the counter, which there is, allows the change as it was read. */
bool consumption_is_allowed(const struct counter *counter, const struct consumption *change);

/*
 * Changes the counter and puts an entry into the ledger; then `counter` is what it is now, and
 * *entry the entry. *entry is NULL where the counter, which others have changed meanwhile, does not
 * allow it any more. Must run in a transaction. ERROR_CONFLICT with the word
 * "CONSUMPTION_ID_REUSED" where the license has an entry of that identifier, and "ALREADY_REVERSED"
 * where the entry was undone before; else errors as record_execute().
 */
int consumption_store(struct context *context, const struct consumption *change,
    struct counter *counter, const struct row **entry, struct error *error) MUST_CHECK;

/*
 * Tells, once until there is more again, that a counter has not allowed a program what it asked
 * for. Must run in a transaction. Errors as record_execute().
 */
int consumption_tell_refused(struct context *context, const struct consumption *change,
    struct counter *counter, struct error *error) MUST_CHECK;

/* The program's own entry of that identifier; *entry is NULL where there is none. */
int consumption_find_entry(struct context *context, const struct value *license,
    struct str consumption_id, struct row **entry, struct error *error) MUST_CHECK;

#endif
