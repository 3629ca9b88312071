/*
 * Lists: their statements run behind the gate (auth/gate), and end in time.
 */
#ifndef CLIENTELE_OP_LIST_H
#define CLIENTELE_OP_LIST_H

#include "db/query_sql.h"
#include "op/operation.h"

/*
 * Runs a finished SELECT of a list. Errors as database_select(), and ERROR_BUSY when it takes
 * longer than option list_timeout.
 */
int list_select(struct operation *operation, const struct sql *sql, struct result *result,
    struct error *error) MUST_CHECK;

/*
 * record_fetch() of a list: through the gate, as a heavy one where it searches texts or skips
 * QUERY_DEEP_SKIP rows; bounded as list_select(). ERROR_BUSY where the gate does not let it in.
 */
int list_fetch(struct operation *operation, struct sql *sql, const struct resource *resource,
    uint64_t mask, bool heavy, struct row_list *rows, struct error *error) MUST_CHECK;

#endif
