/*
 * The place of one worker before the gate (auth/gate): what it has entered or waits for, and what
 * is asked of it. Nothing here locks: places are looked at under the lock of the gate.
 */
#ifndef CLIENTELE_AUTH_PLACE_H
#define CLIENTELE_AUTH_PLACE_H

#include "auth/gate.h"
#include "base/timestamp.h"

#define PLACE_NOTHING GATE__MAX
/* What takes so long is heavy, whatever it is. */
#define PLACE_LONG MICROSECONDS_PER_SECOND
/* What makes a request heavy: all rows in bulk, and of lists those that are heavy or take long. */
#define PLACE_HEAVY_KINDS (1u << GATE_LIST | 1u << GATE_BULK)

struct place {
	_Alignas(64) uint64_t caller, address; /* hashes; 0 = nobody */
	uint64_t ticket;                       /* order of those who wait */
	int64_t since;                         /* of what is held or waited for; monotonic */
	uint32_t held;                         /* bit per kind */
	uint8_t waiting;                       /* kind, or PLACE_NOTHING */
	uint8_t weight;                        /* of the list, where it holds or waits for one */
	bool attached, put_out;
};

/* What a place calls a caller or an address: never 0. Two that met would only share a share. */
uint64_t place_hash_caller(const void *bytes, size_t length);

/* Neither holds nor waits for anything. */
void place_empty(struct place *place);

void place_hold(struct place *place, enum gate_kind kind, int64_t now);
bool place_holds(const struct place *place, enum gate_kind kind);

/* Holds it or waits for it. */
bool place_is_in(const struct place *place, enum gate_kind kind);

/* Whether one of that kind may be heavy; those limits are of all such kinds together. */
bool place_is_heavy_kind(enum gate_kind kind);

/* Holds or waits for what makes a request heavy. */
bool place_is_heavy(const struct place *place, int64_t now);

/*
 * The same without lists that have become heavy: nobody has counted those when they came, and who
 * comes now waits for them rather than being refused.
 */
bool place_came_heavy(const struct place *place);

/* Waits, and has not been told to give way. */
bool place_is_queued(const struct place *place);

/* Whether the worker is taken by heavy work, or waits for it. */
bool place_is_taken(const struct place *place, int64_t now);

/*
 * Whether what it holds counts for the limits of a kind, or of all heavy kinds. Lists that are
 * light and short do not: they come and go as other requests do.
 */
bool place_counts(const struct place *place, enum gate_kind kind, int64_t now);

/* Who is known by more than an address is told from others who come from there. */
bool place_same_caller(const struct place *a, const struct place *b);

/* Of `count` places: those of this caller that are taken; those beside `own` that are not empty. */
unsigned place_count_same(
    const struct place *places, unsigned count, const struct place *of, int64_t now);
unsigned place_count_others(const struct place *places, unsigned count, const struct place *own);

#endif
