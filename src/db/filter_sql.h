/*
 * The condition of a list query: a filter as SQL. What it needs of the query's own SQL stands here,
 * too; callers outside of the two files use db/query_sql.h.
 */
#ifndef CLIENTELE_DB_FILTER_SQL_H
#define CLIENTELE_DB_FILTER_SQL_H

#include "db/query_sql.h"

/* Appends the condition. The relations that it looks into must be joined already. */
void filter_sql(struct query_sql *query_sql, const struct filter *filter);

/* Appends the column of a path, and a parameter with a value to compare it with. */
void query_sql_path(struct query_sql *query_sql, const struct path *path);
void query_sql_value(
    struct query_sql *query_sql, const struct field *field, const struct value *value);

#endif
