/*
 * Lists that are not queried: all rows of a collection, or a page of them.
 */
#include "op/generic.h"
#include "op/list.h"

/* Rows that are held at once, where they fit; else fewer. */
#define PIECE 500
#define PIECE_BLOCK ((size_t)256 * 1024)
#define PIECE_CUT 4 /* a piece that does not fit is tried again with this part of its rows */

const struct parameter op_page_parameters[2] = {
	{ .name = "offset",
	    .kind = PARAMETER_INTEGER,
	    .most = INT32_MAX,
	    .fallback = 0,
	    .doc = "Number of rows to skip." },
	{ .name = "count",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = 1000,
	    .doc = "Most rows to answer with; all of them where it is not sent." },
};

/* A list being answered. */
struct listing {
	struct operation *operation;
	struct row *keys; /* what the captures say */
	struct selection selection;
	struct sort sort;
	struct cursor last; /* row of the piece before */
	struct cursor next; /* the last one of this piece */
	struct query query;
	int64_t left; /* most rows of this piece and the following ones */
	bool more;    /* another piece follows */
	/* Of this piece and of the one before, which has the texts of `last`. */
	struct arena *arenas[2];
};

int op_read_count(struct operation *operation, int64_t *count, struct error *error)
{
	const struct parameter_value *value =
	    parameters_get_if_any(&operation->parameters, "count");
	int64_t most = operation->context.settings->limits.list_rows;

	*count = value != NULL && value->sent ? value->integer : 0;
	if (*count > most)
		return error_add_fault(error, "count",
		    "The parameter count must be an integer from 1 to %lld.", (long long)most);
	return 0;
}

static int begin_listing(struct listing *listing, struct error *error)
{
	struct operation *operation = listing->operation;
	const struct resource *resource = operation->route->resource;
	const struct parameter_value *offset =
	    parameters_get_if_any(&operation->parameters, "offset");
	int64_t count;

	if (operation_read_keys(operation, &listing->keys, error) != 0 ||
	    op_read_count(operation, &count, error) != 0)
		return -1;
	sort_own(resource, listing->keys->present, &listing->sort);
	selection_begin(&listing->selection, resource, operation_mask(operation));
	listing->left = count > 0 ? count : INT64_MAX;
	listing->query = (struct query){
		.resource = resource,
		.selection = &listing->selection,
		.sort = &listing->sort,
		.take = PIECE,
		.skip = offset != NULL ? offset->integer : 0,
	};
	return 0;
}

static int fetch(struct listing *listing, struct row_list *rows, struct error *error)
{
	struct operation *operation = listing->operation;
	struct query *query = &listing->query;
	struct query_sql query_sql;
	struct result result;
	struct sql sql;

	if (query->take > listing->left)
		query->take = listing->left;
	listing->left -= query->take;
	sql_init(&sql, operation->context.arena);
	sql.bounded = listing->selection.bounded;
	if (query_sql_begin_page(&query_sql, &sql, query, error) != 0)
		return -1;
	sql_where_row(&sql, listing->keys);
	record_where_own(&operation->context, &sql, query->resource);
	query_sql_end_page(&query_sql);
	if (list_select(operation, &sql, &result, error) != 0)
		return -1;
	listing->more = listing->left > 0 && result.count > query->take;
	if (result.count > query->take)
		result.count = (unsigned)query->take;
	if (listing->more)
		query_sql_cursor(&query_sql, result.rows[result.count - 1], &listing->next);
	return record_load(&operation->context, &listing->selection, &result, rows, error);
}

/* A piece goes into the memory of the one before the last: it begins behind the last. */
static struct arena *piece_arena(struct listing *listing, unsigned number)
{
	struct arena **arena = &listing->arenas[number % COUNT_OF(listing->arenas)];
	size_t limit = (size_t)listing->operation->context.settings->limits.request_memory;

	if (*arena == NULL)
		*arena = arena_new(limit < PIECE_BLOCK ? limit : PIECE_BLOCK, limit);
	else
		arena_reset(*arena);
	return *arena;
}

/* Whether the rows did not fit, and fewer of them may. */
static bool try_fewer(struct listing *listing, const struct arena *arena)
{
	struct query *query = &listing->query;

	if (!arena_exhausted(arena) || query->take == 1)
		return false;
	query->take = query->take < PIECE_CUT ? 1 : query->take / PIECE_CUT;
	return true;
}

/*
 * Rows may bring any number of others along (the domains of an account), so that only the memory
 * tells how many fit.
 */
static int fetch_piece(
    struct listing *listing, unsigned number, struct row_list *rows, struct error *error)
{
	struct operation *operation = listing->operation;
	struct arena *own = operation->context.arena, *arena;
	struct query *query = &listing->query;
	const int64_t left = listing->left;
	int result;

	do {
		error_clear(error);
		listing->left = left;
		arena = piece_arena(listing, number);
		if (arena == NULL)
			return error_out_of_memory(error);
		operation->context.arena = arena;
		result = fetch(listing, rows, error);
		operation->context.arena = own;
	} while (result != 0 && try_fewer(listing, arena));
	if (result != 0 && arena_exhausted(arena)) {
		error_clear(error);
		return error_out_of_memory(error);
	}
	query->take = query->take < PIECE / 2 ? query->take * 2 : PIECE;
	listing->last = listing->next;
	query->after = &listing->last;
	query->skip = 0;
	return result;
}

/* The first piece, and the following ones while somebody reads them. */
static int answer_pieces(struct listing *listing, struct row_list *rows, struct error *error)
{
	struct operation *operation = listing->operation;
	const struct resource *resource = listing->query.resource;
	struct writer writer;

	operation_begin_list(operation, resource, &writer);
	row_write_items(&writer, resource, rows->rows, rows->count);
	for (unsigned number = 1; listing->more; number++) {
		if (!response_flush(operation->response, operation->request))
			break;
		if (fetch_piece(listing, number, rows, error) != 0)
			return -1;
		row_write_items(&writer, resource, rows->rows, rows->count);
	}
	operation_end_list(operation, &writer);
	return 0;
}

static int list_rows(struct listing *listing, struct error *error)
{
	struct row_list rows;

	if (fetch_piece(listing, 0, &rows, error) != 0 ||
	    (rows.count == 0 && op_check_parent(listing->operation, listing->keys, error) != 0))
		return -1;
	return answer_pieces(listing, &rows, error);
}

int op_list(struct operation *operation, struct error *error)
{
	struct listing listing = { .operation = operation };
	struct gate *gate = operation->context.guard->gate;
	int result;

	if (begin_listing(&listing, error) != 0 ||
	    gate_enter_list(gate, listing.query.skip >= QUERY_DEEP_SKIP, error) != 0)
		return -1;
	result = list_rows(&listing, error);
	gate_leave(gate, GATE_LIST);
	for (unsigned i = 0; i < COUNT_OF(listing.arenas); i++)
		arena_free(listing.arenas[i]);
	return result;
}
