#include "auth/place.h"

/* FNV-1a. */
uint64_t place_hash_caller(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash != 0 ? hash : 1;
}

void place_empty(struct place *place)
{
	place->held = 0;
	place->waiting = PLACE_NOTHING;
	place->weight = GATE_UNKNOWN;
	place->put_out = false;
}

void place_hold(struct place *place, enum gate_kind kind, int64_t now)
{
	if (place->held == 0)
		place->since = now;
	place->held |= 1u << kind;
}

bool place_holds(const struct place *place, enum gate_kind kind)
{
	return (place->held >> kind & 1) != 0;
}

bool place_is_in(const struct place *place, enum gate_kind kind)
{
	return place_holds(place, kind) || place->waiting == kind;
}

bool place_is_queued(const struct place *place)
{
	return place->attached && place->waiting != PLACE_NOTHING && !place->put_out;
}

bool place_is_heavy_kind(enum gate_kind kind)
{
	return (PLACE_HEAVY_KINDS >> kind & 1) != 0;
}

bool place_came_heavy(const struct place *place)
{
	return place->attached &&
	       (place_is_in(place, GATE_BULK) ||
		   (place_is_in(place, GATE_LIST) && place->weight == GATE_HEAVY));
}

bool place_is_heavy(const struct place *place, int64_t now)
{
	return place_came_heavy(place) ||
	       (place->attached && place_is_in(place, GATE_LIST) && place->weight == GATE_UNKNOWN &&
		   now - place->since >= PLACE_LONG);
}

bool place_is_taken(const struct place *place, int64_t now)
{
	if (!place->attached || (place->held == 0 && place->waiting == PLACE_NOTHING))
		return false;
	return place_is_in(place, GATE_HASH) || place_is_heavy(place, now) ||
	       now - place->since >= PLACE_LONG;
}

bool place_counts(const struct place *place, enum gate_kind kind, int64_t now)
{
	if (place_is_heavy_kind(kind))
		return (place->held & PLACE_HEAVY_KINDS) != 0 && place_is_heavy(place, now);
	return place->attached && place_holds(place, kind);
}

bool place_same_caller(const struct place *a, const struct place *b)
{
	if (a->caller != 0 && b->caller != 0)
		return a->caller == b->caller;
	return a->address != 0 && a->address == b->address;
}

unsigned place_count_same(
    const struct place *places, unsigned count, const struct place *of, int64_t now)
{
	unsigned same = 0;

	for (unsigned i = 0; i < count; i++)
		same += place_is_taken(&places[i], now) && place_same_caller(&places[i], of);
	return same;
}

unsigned place_count_others(const struct place *places, unsigned count, const struct place *own)
{
	unsigned others = 0;

	for (unsigned i = 0; i < count; i++)
		others += &places[i] != own && places[i].attached &&
			  (places[i].held != 0 || places[i].waiting != PLACE_NOTHING);
	return others;
}
