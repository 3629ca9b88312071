/*
 * Examples of values, for people who read the documentation and for programs that try it.
 */
#ifndef CLIENTELE_SCHEMA_EXAMPLE_H
#define CLIENTELE_SCHEMA_EXAMPLE_H

#include "base/arena.h"
#include "schema/resource.h"

/*
 * JSON text of a value that the member could have: the one of its row, else by what it refers to,
 * by its words, or by its type; times are written in `style`. `resource` may be NULL: then it
 * refers to nothing. In the arena or static; NULL where no value is known to be right, or without
 * memory.
 */
const char *field_example(struct arena *arena, const struct resource *resource,
    const struct field *field, const struct print_style *style);

#endif
