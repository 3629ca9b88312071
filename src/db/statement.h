/*
 * Prepared statements, kept by their text: the least recently used gives way to a new one.
 */
#ifndef CLIENTELE_DB_STATEMENT_H
#define CLIENTELE_DB_STATEMENT_H

#include "db/connection.h"
#include "db/database.h"

/* The server takes no more statements, of all connections together (max_prepared_stmt_count). */
#define STATEMENT_TOO_MANY 1461

struct statement;
struct statement_cache;

/*
 * Makes a cache of at most `size` statements (at least one). Parameters and columns are bound to
 * memory of the cache, since one connection runs one statement at a time. NULL when there is no
 * memory.
 */
struct statement_cache *statement_cache_new(unsigned size);
void statement_cache_free(struct statement_cache *cache);

/* Forgets all statements. Their connection may be closed already (and costs no traffic then). */
void statement_cache_clear(struct statement_cache *cache);

/* How many statements were prepared since the cache was made. */
uint64_t statement_cache_prepared(const struct statement_cache *cache);

/* What the last call below that returned NULL or -1 was told. */
const struct failure *statement_cache_failure(const struct statement_cache *cache);

/*
 * The statement with this text, prepared now if it is not there. Where the server takes no more
 * statements, older ones of this cache give way. NULL on failure.
 */
struct statement *statement_cache_get(
    struct statement_cache *cache, const struct connection *connection, const char *sql);

/* Closes one statement. */
void statement_cache_drop(struct statement_cache *cache, struct statement *statement);

/* Runs a statement that gives rows; as database_select(). -1: see statement_cache_failure(). */
int statement_select(struct statement_cache *cache, struct statement *statement,
    struct arena *arena, const struct bind *parameters, unsigned parameter_count,
    const enum bind_kind *kinds, unsigned column_count, struct result *result);

/* Runs a statement that gives none. -1: see statement_cache_failure(). */
int statement_execute(struct statement_cache *cache, struct statement *statement,
    const struct bind *parameters, unsigned parameter_count, struct outcome *outcome);

#endif
