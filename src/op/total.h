/*
 * How many rows a list has on all its pages.
 */
#ifndef CLIENTELE_OP_TOTAL_H
#define CLIENTELE_OP_TOTAL_H

#include "op/stream.h"

enum total_mode { TOTAL_EXACT, TOTAL_ESTIMATE, TOTAL_NONE };

/*
 * The number of rows that the query of a stream finds, whatever its page: from the page, where that
 * is read and shows them all; from the number that is kept of the table; else by counting, or with
 * TOTAL_ESTIMATE by what the database expects. Errors as list_select().
 */
int total_find(const struct stream *stream, enum total_mode mode, int64_t *total,
    struct error *error) MUST_CHECK;

#endif
