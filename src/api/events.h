/*
 * All events: those of the resources that have some (resource.event), of every family.
 */
#ifndef CLIENTELE_API_EVENTS_H
#define CLIENTELE_API_EVENTS_H

#include "record/event.h"

/*
 * Calls `each` with the name of every event and the resource that it tells of, in the order of the
 * families, until it returns false.
 */
void events_each(
    bool (*each)(void *data, struct str name, const struct resource *resource), void *data);

/* AREA_BITs of what events that a webhook lists tell of; 0 where `listed` stands for no event. */
uint32_t events_areas(struct str listed);

/* The name that somebody may have meant, in the arena; data == NULL = none is near. */
struct str events_nearest(struct arena *arena, struct str listed);

#endif
