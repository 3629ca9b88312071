/*
 * What a reader may see: one answer for everything that shows rows, compares them, or tells of them
 * (lists, paths of filter and sort, select, include, placeholders of mails, log entries, answers to
 * writes). It is made once for each request, from the reader's roles and credential.
 */
#ifndef CLIENTELE_SCHEMA_SIGHT_H
#define CLIENTELE_SCHEMA_SIGHT_H

#include "schema/resource.h"

#define AREA_BIT(area) (UINT32_C(1) << (area))
#define OWNER_BIT(owner) (UINT32_C(1) << (owner))

_Static_assert(AREA__MAX <= 32, "a mask has a bit for each area");

/* Zeroed: nothing. */
struct sight {
	uint32_t areas; /* AREA_BITs whose resources are seen with all their rows */
	uint32_t own; /* OWNER_BITs: of resources that have such an owner, the reader's own rows */
};

/* How many rows of a resource are seen; in this order, each more than the one before. */
enum sight_rows {
	SIGHT_NONE,
	SIGHT_OWN, /* those that resource.owner_condition names */
	SIGHT_ALL,
};

/* The one place that decides it. A resource without an area is never seen. */
enum sight_rows sight_may_see(const struct sight *sight, const struct resource *resource);

/*
 * The same of what a member of a row leads to, where that row is seen: what is written with a row
 * is seen with it; another row is seen when its own resource is.
 */
enum sight_rows sight_may_follow(const struct sight *sight, const struct field *field);

/* Every area, with all its rows. */
struct sight sight_of_everything(void);

/* True when every area is seen. */
bool sight_is_whole(const struct sight *sight);

#endif
