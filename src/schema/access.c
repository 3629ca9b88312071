#include "schema/access.h"

#include <stddef.h>

/* AREA_NONE has no row: it has no name, and everything unknown is a fault there. */
enum unknown_members { FAULTS, SKIPPED };

#define AREA_ROW(id, name, unknown) [AREA_##id] = { name, unknown },

static const struct {
	const char *name;
	enum unknown_members unknown;
} areas[AREA__MAX] = { AREAS(AREA_ROW) };

const char *area_name(enum area area)
{
	return areas[area].name;
}

bool area_skips_unknown(enum area area)
{
	return areas[area].unknown == SKIPPED;
}
