/*
 * Counters: how much of a feature a license may use. What may be used is a part of the license or
 * its template; what was used stands apart, so that it stays when that list is written again, and
 * every change of it is an entry of a ledger.
 */
#ifndef CLIENTELE_API_LICENSING_COUNTER_H
#define CLIENTELE_API_LICENSING_COUNTER_H

#include "schema/resource.h"

/* Amounts fit the integers of JSON's doubles; a single one is far below, so that sums fit, too. */
#define COUNTER_MOST INT64_C(1000000000000000)
#define COUNTER_AMOUNT_MOST INT64_C(1000000000000)
#define COUNTER_FEATURE_LONGEST 64
#define COUNTER_ID_LONGEST 64
#define COUNTER_NOTE_LONGEST 1000

enum counter_kind { COUNTER_PREPAID, COUNTER_METERED };

/* What a counter starts again with, by the calendar in UTC. The zero is what an absent one means.
 */
enum counter_period {
	COUNTER_PERIOD_NONE,
	COUNTER_PERIOD_DAY,
	COUNTER_PERIOD_MONTH,
	COUNTER_PERIOD_YEAR,
};

/* Members of a counter with what it stands at. */
enum consumption_member {
	CONSUMPTION_ID,
	CONSUMPTION_LICENSE_ID,
	CONSUMPTION_FEATURE,
	CONSUMPTION_KIND,
	CONSUMPTION_ALLOWANCE,
	CONSUMPTION_PERIOD,
	CONSUMPTION_OVERAGE,
	CONSUMPTION_LOW_BALANCE,
	CONSUMPTION_ADDED,
	CONSUMPTION_USED,
	CONSUMPTION_BALANCE,
	CONSUMPTION_RESET_AT,
	CONSUMPTION_CHANGED_AT,   /* null = nothing is stored yet */
	CONSUMPTION_STATE_ID,     /* the same */
	CONSUMPTION_STATE_USED,   /* in the period that began then */
	CONSUMPTION_PERIOD_START, /* null = in none */
	CONSUMPTION_TOLD,         /* enum counter_level that was told of */
	CONSUMPTION__MAX
};

/* Members of what is stored of it. */
enum consumption_state_member {
	STATE_ID,
	STATE_LICENSE_ID,
	STATE_FEATURE,
	STATE_USED,
	STATE_ADDED,
	STATE_PERIOD_START,
	STATE_TOLD,
	STATE_CHANGED_AT,
	STATE__MAX
};

/* Members of an entry of the ledger. */
enum consumption_entry_member {
	ENTRY_ID,
	ENTRY_LICENSE_ID,
	ENTRY_LICENSE,
	ENTRY_FEATURE,
	ENTRY_ACTION,
	ENTRY_AMOUNT,
	ENTRY_USED,
	ENTRY_BALANCE,
	ENTRY_PERIOD_START,
	ENTRY_RESET_AT,
	ENTRY_CONSUMPTION_ID,
	ENTRY_REVERSED_ID,
	ENTRY_MACHINE_ID,
	ENTRY_CLIENT_ID,
	ENTRY_CLIENT_NAME,
	ENTRY_ADDRESS,
	ENTRY_NOTE,
	ENTRY_CREATED_AT,
	ENTRY__MAX
};

enum consumption_action { CONSUMPTION_CONSUME, CONSUMPTION_TOP_UP, CONSUMPTION_REVERSE };

extern const struct resource licensing_consumption_resource;
extern const struct resource licensing_consumption_state_view;
extern const struct resource licensing_consumption_entry_resource;

/*
 * The period that a moment is in: *start is its first moment, *end that of the next one. False
 * where there are no periods.
 */
bool counter_period(enum counter_period period, int64_t moment, int64_t *start, int64_t *end);

/* The word of an action, as the ledger has it. */
struct str consumption_action_name(enum consumption_action action);

/* The rules between members of the counters of a license or a template; faults name them. */
void counter_check(const struct row *owner, struct error *error);

#endif
