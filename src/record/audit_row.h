/*
 * Rows as the audit log keeps them: JSON without secrets, and with long texts cut short.
 */
#ifndef CLIENTELE_RECORD_AUDIT_ROW_H
#define CLIENTELE_RECORD_AUDIT_ROW_H

#include "schema/row.h"

/* Members of `after` that are others than in `before`, or that `before` has not. */
uint64_t audit_row_changed(const struct row *before, const struct row *after);

/*
 * The members of the row that are in the mask, as a JSON object in the arena; `data` is NULL when
 * memory is out.
 */
struct str audit_row_text(struct arena *arena, const struct row *row, uint64_t mask);

/* The row's key; the parts of one that has several, between slashes. Empty when memory is out. */
struct str audit_row_key(struct arena *arena, const struct row *row);

/*
 * `stored` with the secrets that were stored with it, which no read brings back, so that the log
 * tells that they were set, or taken away; `stored` itself where none was. NULL when memory is out.
 */
const struct row *audit_row_with_secrets(
    struct arena *arena, const struct row *stored, const struct row *sent);

#endif
