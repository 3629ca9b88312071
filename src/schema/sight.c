#include "schema/sight.h"

#define AREAS_ALL ((AREA_BIT(AREA__MAX - 1) << 1) - AREA_BIT(AREA_NONE + 1))

enum sight_rows sight_may_see(const struct sight *sight, const struct resource *resource)
{
	if (resource->area != AREA_NONE && (sight->areas & AREA_BIT(resource->area)))
		return SIGHT_ALL;
	return resource->owner != OWNER_NOBODY && (sight->own & OWNER_BIT(resource->owner))
		   ? SIGHT_OWN
		   : SIGHT_NONE;
}

enum sight_rows sight_may_follow(const struct sight *sight, const struct field *field)
{
	if (field->relation == NULL || (field->flags & FIELD_OWNED))
		return SIGHT_ALL;
	return sight_may_see(sight, field->relation->target);
}

struct sight sight_of_everything(void)
{
	return (struct sight){ .areas = AREAS_ALL };
}

bool sight_is_whole(const struct sight *sight)
{
	return (sight->areas & AREAS_ALL) == AREAS_ALL;
}
