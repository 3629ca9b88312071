/*
 * Lines of an import on their way into the database: each may be refused alone.
 */
#ifndef CLIENTELE_CLI_IMPORT_STORE_H
#define CLIENTELE_CLI_IMPORT_STORE_H

#include "cli/import_wait.h"
#include "record/batch.h"

struct import_store {
	/* Its memory is given back behind each line: what is noted in lines has memory of its own.
	 */
	struct context *context;
	const struct import_header *header;
};

/* The rules of the rows, and the member that names them. */
const struct record *import_record(const struct import_store *store);
unsigned import_key(const struct import_store *store);

/* Members whose value only one row may have, and which a row may be without: they can go round. */
uint64_t import_exchangeable(const struct resource *resource);

/* The key of the line's row alone. NULL when memory runs out. */
struct row *import_copy_key(const struct import_store *store, const struct import_line *line);

/* A batch that changes the rows that are there and adds the others. NULL with an error. */
struct batch *import_make_batch(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct error *error);

/* Notes in the lines what came of their batch, with faults in `arena`. */
void import_note_results(const struct import_store *store, const struct batch *batch,
    struct import_line *const *lines, struct arena *arena);

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
