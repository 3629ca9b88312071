/*
 * Parts that are stored after the answer: rows without rules of their own, such as traces, that
 * nobody waits for. They are kept in a worker's memory and written in a few statements when it is
 * idle, and when it ends; what a worker that is killed had not written yet is lost.
 */
#ifndef CLIENTELE_RECORD_LATER_H
#define CLIENTELE_RECORD_LATER_H

#include "record/context.h"

struct later;

/* NULL when there is no memory. */
struct later *later_new(void);
void later_free(struct later *later);

/*
 * Keeps a copy of a row, texts too; all rows have the same members. Where no more can be kept,
 * since the database has been away for long, the row is lost and a line of the log says so. `later`
 * may be NULL: then nothing is kept.
 */
void later_add(struct later *later, const struct row *row);

/* Whether they should be written soon, even where the worker is never idle. */
bool later_is_full(const struct later *later);

/*
 * Writes all of them. A row whose parent is gone is dropped. `context` is that of a process.
 * Returns 0, or -1 with the database's error; they stay then.
 */
int later_write(struct later *later, struct context *context, struct error *error) MUST_CHECK;

#endif
