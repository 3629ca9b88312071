/*
 * Beginnings of SELECTs, kept by what they are made of: the text and the kinds of the columns of a
 * resource's members are put together once in a process, and copied from then on. For one thread.
 */
#ifndef CLIENTELE_DB_SELECT_SHAPE_H
#define CLIENTELE_DB_SELECT_SHAPE_H

#include "db/database.h"
#include "schema/resource.h"

struct select_shape {
	/* What it is found by. */
	const struct resource *resource;
	const struct field *fields; /* of the resource */
	uint64_t mask, bounded;     /* members, and those of which a beginning is read */

	struct str text; /* "SELECT …" */
	const enum bind_kind *columns;
	unsigned column_count;
};

/* The shape of that resource and those members; NULL where it is not there. */
const struct select_shape *select_shape_find(const struct select_shape *key);

/*
 * Keeps a copy of a text and its columns under a key, in the place of another one if need be.
 * Without memory nothing is kept.
 */
void select_shape_keep(const struct select_shape *key, struct str text,
    const enum bind_kind *columns, unsigned column_count);

#endif
