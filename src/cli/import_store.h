/*
 * Lines of an import on their way into the database: each may be refused alone.
 */
#ifndef CLIENTELE_CLI_IMPORT_STORE_H
#define CLIENTELE_CLI_IMPORT_STORE_H

#include "cli/import_wait.h"

struct import_store {
	/* Its memory is given back behind each line: what is noted in lines has memory of its own.
	 */
	struct context *context;
	const struct import_header *header;
};

/*
 * Stores the lines that are not refused, in one transaction, and notes in each what became of it,
 * with faults in `arena`. Returns 0, or -1 with an error that is no line's.
 */
int import_store_batch(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct arena *arena, struct error *error) MUST_CHECK;

/*
 * Stores all that has waited, in one transaction, and refuses what cannot be stored even so; of a
 * trial, nothing stays. The same errors.
 */
int import_store_waiting(const struct import_store *store, const struct import_wait *wait,
    bool trial, struct error *error) MUST_CHECK;

#endif
