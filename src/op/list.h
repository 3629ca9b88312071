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

#endif
