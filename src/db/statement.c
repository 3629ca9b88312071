#include <mysql.h>

#include <stdio.h>
#include <stdlib.h>

#include "db/lane.h"
#include "db/statement.h"

#define FIRST_ROWS 16

struct statement {
	MYSQL_STMT *handle;
	MYSQL *connection;
	size_t packet_max;
	char *sql;
	size_t length;
	uint64_t hash;
	enum bind_kind *kinds;   /* of the columns, as they are bound; NULL = they are not */
	unsigned moves;          /* of the lane that they are bound to */
	bool lasts;              /* columns stay bound: they were known when it was prepared */
	struct statement *chain; /* next in the same bucket */
	struct statement *newer, *older; /* order of use */
};

struct statement_cache {
	struct statement **buckets;
	size_t bucket_mask;
	struct statement *newest, *oldest;
	unsigned count;
	unsigned size, room; /* most statements, and how many of them the server has let us have */
	uint64_t prepared;
	struct lane parameters, columns;
	struct failure failure;
};

/* Eight bytes a step: statements are long, and this is done for each execution. */
static uint64_t hash_text(const char *text, size_t length)
{
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) ^ length;
	uint64_t word = 0;

	for (; length >= sizeof(word); text += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = (hash << 23 | hash >> 41) ^ word;
		hash *= UINT64_C(0xff51afd7ed558ccd);
	}
	word = 0;
	memcpy(&word, text, length);
	hash = (hash ^ hash >> 32 ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 32;
}

static int fail_here(struct statement_cache *cache, unsigned number, const char *message)
{
	return failure_set(&cache->failure, number, message);
}

static int fail_statement(struct statement_cache *cache, const struct statement *statement)
{
	MYSQL_STMT *handle = statement->handle;

	if (mysql_stmt_errno(handle) != 0) {
		fail_here(cache, mysql_stmt_errno(handle), mysql_stmt_error(handle));
		snprintf(cache->failure.sqlstate, sizeof(cache->failure.sqlstate), "%s",
		    mysql_stmt_sqlstate(handle));
		return -1;
	}
	/* A result that breaks off is noted at the connection only. */
	fail_here(cache, mysql_errno(statement->connection), mysql_error(statement->connection));
	snprintf(cache->failure.sqlstate, sizeof(cache->failure.sqlstate), "%s",
	    mysql_sqlstate(statement->connection));
	return -1;
}

struct statement_cache *statement_cache_new(unsigned size)
{
	struct statement_cache *cache = calloc(1, sizeof(*cache));
	size_t buckets = 16;

	if (cache == NULL)
		return NULL;
	cache->size = cache->room = size > 0 ? size : 1;
	while (buckets < 2 * (size_t)cache->size)
		buckets *= 2;
	cache->bucket_mask = buckets - 1;
	cache->buckets = calloc(buckets, sizeof(*cache->buckets));
	if (cache->buckets == NULL) {
		free(cache);
		return NULL;
	}
	return cache;
}

void statement_cache_free(struct statement_cache *cache)
{
	if (cache == NULL)
		return;
	statement_cache_clear(cache);
	lane_free(&cache->parameters);
	lane_free(&cache->columns);
	free(cache->buckets);
	free(cache);
}

void statement_cache_clear(struct statement_cache *cache)
{
	while (cache->oldest != NULL)
		statement_cache_drop(cache, cache->oldest);
	cache->room = cache->size;
}

uint64_t statement_cache_prepared(const struct statement_cache *cache)
{
	return cache->prepared;
}

const struct failure *statement_cache_failure(const struct statement_cache *cache)
{
	return &cache->failure;
}

static void unlink_use(struct statement_cache *cache, struct statement *statement)
{
	if (statement->newer != NULL)
		statement->newer->older = statement->older;
	else
		cache->newest = statement->older;
	if (statement->older != NULL)
		statement->older->newer = statement->newer;
	else
		cache->oldest = statement->newer;
}

static void link_newest(struct statement_cache *cache, struct statement *statement)
{
	statement->newer = NULL;
	statement->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = statement;
	else
		cache->oldest = statement;
	cache->newest = statement;
}

static void statement_free(struct statement *statement)
{
	if (statement->handle != NULL)
		mysql_stmt_close(statement->handle);
	free(statement->kinds);
	free(statement->sql);
	free(statement);
}

void statement_cache_drop(struct statement_cache *cache, struct statement *statement)
{
	struct statement **at = &cache->buckets[statement->hash & cache->bucket_mask];

	while (*at != statement)
		at = &(*at)->chain;
	*at = statement->chain;
	unlink_use(cache, statement);
	cache->count--;
	statement_free(statement);
}

/*
 * The library copies what it knows of the columns for each execution, seven texts of each, for
 * those who ask for them behind it. Nobody does here: columns are known by their place.
 */
static void forget_names(MYSQL_STMT *handle)
{
	MYSQL_RES *columns = mysql_stmt_result_metadata(handle);
	unsigned count = columns != NULL ? mysql_num_fields(columns) : 0;

	for (unsigned i = 0; i < count; i++) {
		MYSQL_FIELD *column = mysql_fetch_field_direct(columns, i);

		column->name = column->org_name = column->table = column->org_table = NULL;
		column->db = column->catalog = column->def = NULL;
		column->name_length = column->org_name_length = column->table_length = 0;
		column->org_table_length = column->db_length = column->catalog_length = 0;
		column->def_length = 0;
	}
	mysql_free_result(columns);
}

static struct statement *prepare_statement(struct statement_cache *cache,
    const struct connection *connection, const char *sql, size_t length)
{
	struct statement *statement = calloc(1, sizeof(*statement));

	if (statement == NULL || (statement->sql = malloc(length + 1)) == NULL ||
	    (statement->handle = mysql_stmt_init(connection->handle)) == NULL) {
		if (statement != NULL)
			statement_free(statement);
		fail_here(cache, FAILURE_NO_MEMORY, "no memory for a statement");
		return NULL;
	}
	memcpy(statement->sql, sql, length + 1);
	statement->length = length;
	statement->connection = connection->handle;
	statement->packet_max = connection->packet_max;
	cache->prepared++;
	if (mysql_stmt_prepare(statement->handle, sql, length) != 0) {
		fail_statement(cache, statement);
		statement_free(statement);
		return NULL;
	}
	forget_names(statement->handle);
	statement->lasts = mysql_stmt_field_count(statement->handle) > 0;
	return statement;
}

/*
 * Where the server takes no more, half of our statements go, for us and for our neighbours, and no
 * more are kept as long as the connection stands. False where that was not what is wrong, or there
 * are none.
 */
static bool give_way(struct statement_cache *cache)
{
	if (cache->failure.number != STATEMENT_TOO_MANY || cache->count == 0)
		return false;
	cache->room = cache->count > 1 ? cache->count / 2 : 1;
	while (cache->count >= cache->room)
		statement_cache_drop(cache, cache->oldest);
	return true;
}

struct statement *statement_cache_get(
    struct statement_cache *cache, const struct connection *connection, const char *sql)
{
	size_t length = strlen(sql);
	uint64_t hash = hash_text(sql, length);
	struct statement **bucket = &cache->buckets[hash & cache->bucket_mask];
	struct statement *statement;

	for (statement = *bucket; statement != NULL; statement = statement->chain) {
		if (statement->hash == hash && statement->length == length &&
		    memcmp(statement->sql, sql, length) == 0)
			break;
	}
	if (statement != NULL) {
		unlink_use(cache, statement);
		link_newest(cache, statement);
		return statement;
	}
	if (cache->count == cache->room)
		statement_cache_drop(cache, cache->oldest);
	statement = prepare_statement(cache, connection, sql, length);
	if (statement == NULL && give_way(cache))
		statement = prepare_statement(cache, connection, sql, length);
	if (statement == NULL)
		return NULL;
	statement->hash = hash;
	statement->chain = *bucket;
	*bucket = statement;
	link_newest(cache, statement);
	cache->count++;
	return statement;
}

/* The packet of an execution, or a little more: head, nulls, types, and values with lengths. */
static size_t packet_bytes(const struct bind *parameters, unsigned count)
{
	size_t bytes = 16 + 3 * (size_t)count;

	for (unsigned i = 0; i < count; i++) {
		bool text = parameters[i].kind == BIND_TEXT || parameters[i].kind == BIND_BINARY;

		bytes += 48 + (text && !parameters[i].null ? parameters[i].text.length : 0);
	}
	return bytes;
}

static int bind_and_run(struct statement_cache *cache, struct statement *statement,
    const struct bind *parameters, unsigned count)
{
	struct lane *lane = &cache->parameters;

	if (mysql_stmt_param_count(statement->handle) != count)
		return fail_here(cache, FAILURE_WRONG_PARAMETERS, "wrong number of parameters");
	/* The server would close the connection, most often before it could say why. */
	if (packet_bytes(parameters, count) > statement->packet_max)
		return fail_here(cache, FAILURE_PACKET_TOO_LARGE,
		    "the statement is longer than max_allowed_packet of the server");
	if (!lane_reserve(lane, count))
		return fail_here(cache, FAILURE_NO_MEMORY, "no memory for parameters");
	for (unsigned i = 0; i < count; i++)
		lane_put(lane, i, &parameters[i]);
	if ((count > 0 && mysql_stmt_bind_param(statement->handle, lane->binds) != 0) ||
	    mysql_stmt_execute(statement->handle) != 0)
		return fail_statement(cache, statement);
	return 0;
}

/*
 * Whether the columns are bound already: the library keeps that from one execution to the next, and
 * all statements share the memory.
 */
static bool are_bound(const struct statement_cache *cache, const struct statement *statement,
    const enum bind_kind *kinds, unsigned count)
{
	return statement->lasts && statement->kinds != NULL &&
	       statement->moves == cache->columns.moves &&
	       memcmp(statement->kinds, kinds, count * sizeof(kinds[0])) == 0;
}

static int bind_columns(struct statement_cache *cache, struct statement *statement,
    const enum bind_kind *kinds, unsigned count)
{
	struct lane *lane = &cache->columns;
	enum bind_kind *kept = malloc(count * sizeof(kept[0]));

	free(statement->kinds);
	statement->kinds = NULL;
	if (kept == NULL || !lane_reserve(lane, count)) {
		free(kept);
		return fail_here(cache, FAILURE_NO_MEMORY, "no memory for columns");
	}
	for (unsigned i = 0; i < count; i++)
		lane_expect(lane, i, kinds[i]);
	if (mysql_stmt_bind_result(statement->handle, lane->binds) != 0) {
		free(kept);
		return fail_statement(cache, statement);
	}
	memcpy(kept, kinds, count * sizeof(kept[0]));
	statement->kinds = kept;
	statement->moves = lane->moves;
	return 0;
}

static int expect_columns(struct statement_cache *cache, struct statement *statement,
    const enum bind_kind *kinds, unsigned count)
{
	if (count == 0 || mysql_stmt_field_count(statement->handle) != count)
		return fail_here(cache, FAILURE_WRONG_COLUMNS, "wrong number of columns");
	if (!are_bound(cache, statement, kinds, count) &&
	    bind_columns(cache, statement, kinds, count) < 0)
		return -1;
	lane_begin(&cache->columns, count);
	return 0;
}

static int fail_memory(struct statement_cache *cache)
{
	return fail_here(
	    cache, FAILURE_NO_MEMORY, "the result does not fit in the request's memory");
}

static int take_row(struct statement_cache *cache, struct statement *statement, struct arena *arena,
    const enum bind_kind *kinds, unsigned count, struct bind **row)
{
	*row = arena_alloc_array(arena, count, sizeof(**row));
	if (*row == NULL)
		return fail_memory(cache);
	switch (lane_take(&cache->columns, statement->handle, arena, kinds, count, *row)) {
	case LANE_OK:
		break;
	case LANE_NO_MEMORY:
		return fail_memory(cache);
	case LANE_UNFIT:
		return fail_here(cache, FAILURE_WRONG_COLUMNS, "a column does not match its type");
	case LANE_REFUSED:
		return fail_statement(cache, statement);
	}
	return 0;
}

/* Makes room for one more row; what was there is copied, since an arena cannot grow in place. */
static bool result_reserve(struct arena *arena, struct result *result, unsigned *room)
{
	struct bind **rows;

	if (result->count < *room)
		return true;
	rows = arena_alloc_array(
	    arena, *room == 0 ? FIRST_ROWS : 2 * (size_t)*room, sizeof(struct bind *));
	if (rows == NULL)
		return false;
	if (result->count > 0)
		memcpy(rows, result->rows, result->count * sizeof(struct bind *));
	*room = *room == 0 ? FIRST_ROWS : 2 * *room;
	result->rows = rows;
	return true;
}

static int fetch_rows(struct statement_cache *cache, struct statement *statement,
    struct arena *arena, const enum bind_kind *kinds, unsigned count, struct result *result)
{
	unsigned room = 0;
	int status;

	while (
	    (status = mysql_stmt_fetch(statement->handle)) == 0 || status == MYSQL_DATA_TRUNCATED) {
		if (!result_reserve(arena, result, &room))
			return fail_memory(cache);
		if (take_row(cache, statement, arena, kinds, count, &result->rows[result->count]) <
		    0)
			return -1;
		result->count++;
	}
	return status == MYSQL_NO_DATA ? 0 : fail_statement(cache, statement);
}

int statement_select(struct statement_cache *cache, struct statement *statement,
    struct arena *arena, const struct bind *parameters, unsigned parameter_count,
    const enum bind_kind *kinds, unsigned column_count, struct result *result)
{
	int status;

	*result = (struct result){ NULL, 0 };
	if (bind_and_run(cache, statement, parameters, parameter_count) < 0)
		return -1;
	/* The columns of a change that returns rows are known since it runs, not when prepared. */
	status = expect_columns(cache, statement, kinds, column_count);
	if (status == 0)
		status = fetch_rows(cache, statement, arena, kinds, column_count, result);
	/* Rows that were not read would stand in the way of the next statement. */
	mysql_stmt_free_result(statement->handle);
	return status;
}

int statement_execute(struct statement_cache *cache, struct statement *statement,
    const struct bind *parameters, unsigned parameter_count, struct outcome *outcome)
{
	if (bind_and_run(cache, statement, parameters, parameter_count) < 0)
		return -1;
	if (mysql_stmt_field_count(statement->handle) > 0)
		mysql_stmt_free_result(statement->handle);
	if (outcome != NULL) {
		outcome->affected = mysql_stmt_affected_rows(statement->handle);
		outcome->insert_id = mysql_stmt_insert_id(statement->handle);
	}
	return 0;
}
