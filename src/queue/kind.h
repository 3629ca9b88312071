/*
 * Kinds of what waits to be done outside of a request, as data: how often one is tried, when again,
 * and how long it is kept. How one is done, only its consumer knows.
 */
#ifndef CLIENTELE_QUEUE_KIND_H
#define CLIENTELE_QUEUE_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/settings.h"

enum queue_state {
	QUEUE_WAITING, /* also while somebody is at work on it */
	QUEUE_DONE,
	QUEUE_DEAD, /* given up: a dead letter, which can be replayed */
	QUEUE_STATE__MAX
};

struct queue_kind {
	const char *name;
	/* SQL of what people know an item `q` by; NULL = its payload. */
	const char *title;
	/* What users of the kind call the states. */
	const char *words[QUEUE_STATE__MAX];
	/* The first item of a target holds up all later ones of that target, and none of others. */
	bool in_order;
	/* Microseconds that one attempt may take, with room for clocks that differ. */
	int64_t lease;
	/* Seconds after the first attempt, the second, …; the last one is for all further ones. */
	const int64_t *steps;
	unsigned step_count;
	/* Where there are no steps, offsets in struct settings of the first delay, which is doubled
	 * after each attempt, and of the longest one. */
	size_t delay, delay_most;
	/* Seconds for which the other items of a target are left alone after an attempt that
	 * failed, so that one who does not answer holds up nobody else for long; 0 = they are not.
	 */
	int64_t pause;
	/* Offsets in struct settings: attempts after the first one; how many seconds finished items
	 * are kept, 0 = for ever. */
	size_t retries;
	size_t retention[QUEUE_STATE__MAX];
};

/* Name of a state, as the table and the command line have it. */
const char *queue_state_name(enum queue_state state);

/* How long to wait after `attempts` (>= 1) attempts that failed, in microseconds. */
int64_t queue_delay(
    const struct queue_kind *kind, const struct settings *settings, int64_t attempts);

/* Attempts before an item is given up. */
int64_t queue_most_attempts(const struct queue_kind *kind, const struct settings *settings);

/* Offsets of options in struct settings. */
#define QUEUE_OPTION(member) offsetof(struct settings, member)

#endif
