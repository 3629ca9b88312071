/*
 * All stored resources of all families, each once: those that a family lists and those that their
 * relations reach.
 */
#ifndef CLIENTELE_TESTS_TABLES_H
#define CLIENTELE_TESTS_TABLES_H

#include "schema/family.h"

#define TABLES_MAX 256

struct table_entry {
	const struct family *family;
	const struct resource *resource;
};

/* Fills `entries` and returns their number. */
unsigned tables_collect(struct table_entry entries[TABLES_MAX]);

#endif
