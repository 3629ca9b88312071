/*
 * Examples of what lists are asked for, for the documentation: each is right for the resource.
 */
#ifndef CLIENTELE_QUERY_SAMPLE_H
#define CLIENTELE_QUERY_SAMPLE_H

#include "base/arena.h"
#include "schema/resource.h"

/*
 * What stands in the parameter of that name; in the arena or static, NULL where the resource has no
 * member for it.
 */
const char *sample_filter(struct arena *arena, const struct resource *resource);
const char *sample_sort(struct arena *arena, const struct resource *resource);
const char *sample_select(struct arena *arena, const struct resource *resource);

#endif
