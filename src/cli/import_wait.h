/*
 * Lines of an import that want a text which another row still has: they wait for the end of the
 * file, because that row may leave it in a later line.
 */
#ifndef CLIENTELE_CLI_IMPORT_WAIT_H
#define CLIENTELE_CLI_IMPORT_WAIT_H

#include "cli/import_line.h"

struct import_wait {
	struct arena *arena; /* of the copies, and of their faults */
	struct import_line **lines;
	unsigned count, capacity;
	uint32_t *places; /* hash table by key: number of the row's latest line + 1, 0 = free */
	uint32_t place_count;
};

/* Returns false when there is no memory. Release with import_wait_end(), in either case. */
bool import_wait_begin(struct import_wait *wait);
void import_wait_end(struct import_wait *wait);

/* Copies a line. One of the same row that waits already is superseded. False without memory. */
bool import_wait_add(struct import_wait *wait, const struct import_line *line);

/* A later line of the row has been stored: one that waits is superseded. */
void import_wait_drop(struct import_wait *wait, const struct import_line *line);

#endif
