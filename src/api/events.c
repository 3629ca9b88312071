#include "api/events.h"

#include <stdio.h>

#include "api/contracts.h"
#include "base/nearest.h"
#include "op/contract.h"

static bool each_of_resource(bool (*each)(void *data, struct str name, const struct resource *),
    void *data, const struct resource *resource)
{
	char text[EVENT_NAME_MAX + 1];

	for (unsigned verb = 0; verb < EVENT_VERB__MAX; verb++) {
		if (!each(data, event_name(resource, (enum event_verb)verb, text), resource))
			return false;
	}
	for (const char *const *other = resource->happenings; other != NULL && *other != NULL;
	     other++) {
		(void)snprintf(text, sizeof(text), "%s.%s", resource->event, *other);
		if (!each(data, str_from(text), resource))
			return false;
	}
	return true;
}

static bool each_of_list(bool (*each)(void *data, struct str name, const struct resource *),
    void *data, const struct resource *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (list[i]->event != NULL && !each_of_resource(each, data, list[i]))
			return false;
	}
	return true;
}

void events_each(
    bool (*each)(void *data, struct str name, const struct resource *resource), void *data)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		if (!each_of_list(each, data, family->resources, family->resource_count) ||
		    !each_of_list(each, data, family->views, family->view_count))
			return;
	}
}

struct search {
	struct str listed;
	uint32_t areas;
};

static bool add_area(void *data, struct str name, const struct resource *resource)
{
	struct search *search = data;

	if (subscription_matches(search->listed, name))
		search->areas |= AREA_BIT(resource->area);
	return true;
}

uint32_t events_areas(struct str listed)
{
	struct search search = { .listed = listed };

	events_each(add_area, &search);
	return search.areas;
}

/* A name on its way out of the buffer that it was made in. */
struct offer {
	struct nearest nearest;
	struct arena *arena;
};

static bool offer_name(void *data, struct str name, const struct resource *resource)
{
	struct offer *offer = data;

	(void)resource;
	nearest_offer(&offer->nearest, arena_str(offer->arena, name));
	return true;
}

struct str events_nearest(struct arena *arena, struct str listed)
{
	struct offer offer = { .nearest = { .word = listed }, .arena = arena };

	events_each(offer_name, &offer);
	return nearest_is_likely(&offer.nearest) ? offer.nearest.best : (struct str){ NULL, 0 };
}
