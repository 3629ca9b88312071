#include "op/stream.h"

#include "op/generic.h"

/* Rows that are held at once, where they fit: an ordinary page takes one statement. */
#define PIECE 1000
#define PIECE_CUT 4 /* a piece that does not fit is tried again with this part of its rows */
/* Rows that are written before the answer is looked at: it may be sent on. */
#define WRITTEN 16
/* From so many rows on a list takes long. */
#define LONG_ROWS (10 * PIECE)

/* Moments in them are those of the beginning, for all pieces. */
static int begin_conditions(struct stream *stream, struct error *error)
{
	struct operation *operation = stream->operation;

	sql_init(&stream->where, operation->context.arena);
	stream->rows_of.set.resource = stream->rows_of.query.resource;
	stream->rows_of.set.where = &stream->where;
	if (operation->route->narrow == NULL)
		return 0;
	return operation->route->narrow(operation, &stream->where, error);
}

static void rewind_stream(struct stream *stream)
{
	stream->done = 0;
	stream->whole = stream->page.more = stream->page.has_total = false;
	stream->page.rows = (struct row_list){ NULL, 0 };
	if (stream->list != NULL)
		stream->list->count = 0;
}

/* The list of what follows, as far as one piece goes. */
static struct record_list next_piece(const struct stream *stream)
{
	struct record_list piece = stream->rows_of;
	struct query *query = &piece.query;

	if (stream->done > 0) {
		query->after = &stream->page.last;
		query->skip = 0;
		piece.counted = false;
	}
	query->take -= stream->done;
	if (query->take > stream->piece)
		query->take = stream->piece;
	return piece;
}

static int fetch(struct stream *stream, struct error *error)
{
	const struct record_list piece = next_piece(stream);

	if (record_fetch_page(&stream->operation->context, &piece, &stream->page, error) != 0)
		return -1;
	stream->done += stream->page.rows.count;
	return 0;
}

/* Nobody is helped by waiting. */
static int refuse_row(const struct stream *stream, struct error *error)
{
	error_clear(error);
	if (parameters_get_if_any(&stream->operation->parameters, "select") == NULL)
		return error_out_of_memory(error);
	return error_set(error, ERROR_TOO_LARGE,
	    "A row of the list is larger than one answer may be (option limit_request_memory). Ask "
	    "for fewer members with select.");
}

/*
 * Rows may bring any number of others along (the domains of an account), so that only the memory
 * tells how many fit. Each piece takes the memory of the one before.
 */
static int fetch_piece(struct stream *stream, struct error *error)
{
	struct arena *arena = stream->operation->context.arena;

	for (;;) {
		arena_go_back(arena, &stream->mark);
		if (fetch(stream, error) == 0)
			break;
		if (!arena_exhausted(arena))
			return -1;
		if (stream->piece == 1)
			return refuse_row(stream, error);
		error_clear(error);
		stream->piece = stream->piece < PIECE_CUT ? 1 : stream->piece / PIECE_CUT;
	}
	stream->piece = stream->piece < PIECE / 2 ? stream->piece * 2 : PIECE;
	return 0;
}

static bool is_finished(const struct stream *stream)
{
	return !stream->page.more || stream->done == stream->rows_of.query.take;
}

/* Writes the piece. False when no more is wanted. */
static bool write_piece(struct stream *stream, struct writer *writer)
{
	struct operation *operation = stream->operation;
	const struct row_list *rows = &stream->page.rows;

	if (operation->route->change_rows != NULL)
		operation->route->change_rows(operation, rows);

	for (unsigned i = 0; i < rows->count; i += WRITTEN) {
		unsigned left = rows->count - i;

		operation_write_rows(operation, writer, stream->rows_of.query.resource,
		    rows->rows + i, left < WRITTEN ? left : WRITTEN);
		if (!stream->whole && !response_flush(operation->response, operation->request))
			return false;
	}
	if (operation->response->sent > 0)
		database_run_no_more(operation->context.database);
	if (stream->list != NULL)
		stream->list->count += rows->count;
	return true;
}

static int begin_answer(struct stream *stream, struct writer *writer, struct error *error)
{
	if (stream->begin != NULL && stream->begin(stream, stream->data, error) != 0)
		return -1;
	stream->operation->answer.list = stream->list;
	operation_begin_list(stream->operation, stream->rows_of.query.selection, writer);
	return 0;
}

static void end_answer(struct stream *stream, struct writer *writer)
{
	operation_end_list(stream->operation, writer);
	stream->operation->answer.list = NULL; /* it ends with this call */
}

static int answer_whole(struct stream *stream, struct error *error)
{
	struct writer writer;

	if (begin_answer(stream, &writer, error) != 0)
		return -1;
	(void)write_piece(stream, &writer);
	end_answer(stream, &writer);
	return 0;
}

/* The row at a place of the list, of which nothing but its place is wanted. */
static int look_at(
    struct stream *stream, int64_t place, struct record_page *page, struct error *error)
{
	struct record_list list = stream->rows_of;
	struct query *query = &list.query;
	struct selection keys;

	selection_begin(&keys, query->resource, FIELD_BIT(resource_key(query->resource)));
	query->selection = &keys;
	query->skip += place;
	query->take = 1;
	return record_fetch_page(&stream->operation->context, &list, page, error);
}

/* Where a page ends that comes in pieces: envelopes may say so before the rows. */
static int find_end(struct stream *stream, struct error *error)
{
	if (stream->list == NULL || stream->rows_of.query.take == STREAM_ALL)
		return 0;
	return look_at(stream, stream->rows_of.query.take - 1, &stream->page, error);
}

static int answer_pieces(struct operation *operation, void *data, struct error *error)
{
	struct stream *stream = data;
	struct writer writer;
	bool wanted;

	rewind_stream(stream);
	if (find_end(stream, error) != 0 || begin_answer(stream, &writer, error) != 0)
		return -1;
	stream->mark = arena_mark(operation->context.arena);
	do {
		if (fetch_piece(stream, error) != 0)
			return -1;
		wanted = write_piece(stream, &writer);
	} while (wanted && !is_finished(stream));
	end_answer(stream, &writer);
	return 0;
}

/* A list of many rows is long by itself, whatever finds them. */
static enum gate_weight find_weight(const struct stream *stream)
{
	if (stream->heavy)
		return GATE_HEAVY;
	if (stream->rows_of.weight == GATE_LIGHT && stream->rows_of.query.take > LONG_ROWS)
		return GATE_UNKNOWN;
	return stream->rows_of.weight;
}

/* A list that goes on for long takes the place of a heavy one, before anything of it is sent. */
static int enter_if_long(struct stream *stream, struct error *error)
{
	struct record_page page;

	if (find_weight(stream) == GATE_HEAVY || stream->rows_of.query.take <= LONG_ROWS)
		return 0;
	if (look_at(stream, LONG_ROWS, &page, error) != 0)
		return -1;
	return page.rows.count == 0
		   ? 0
		   : gate_enter_list(stream->operation->context.guard->gate, GATE_HEAVY, error);
}

/*
 * What the caller asks for tells how heavy the list is, and so how long a statement may take. A
 * command, which has no gate before it, may take as long as any list.
 */
static int weigh(struct stream *stream, struct error *error)
{
	struct record_list *list = &stream->rows_of;

	if (!stream->queried || stream->operation->context.guard->gate == NULL)
		return 0;
	return record_weigh_page(
	    &stream->operation->context, list, stream->counted, &list->weight, error);
}

int stream_weigh_total(struct stream *stream, struct error *error)
{
	struct record_list *list = &stream->rows_of;
	struct gate *gate = stream->operation->context.guard->gate;

	if (!stream->counted || gate == NULL)
		return 0;
	if (record_weigh_total(&stream->operation->context, list, &list->weight, error) != 0)
		return -1;
	return list->weight == GATE_HEAVY ? gate_enter_list(gate, GATE_HEAVY, error) : 0;
}

int stream_answer(struct stream *stream, struct error *error)
{
	struct operation *operation = stream->operation;
	struct gate *gate = operation->context.guard->gate;
	int result;

	if (begin_conditions(stream, error) != 0 || weigh(stream, error) != 0 ||
	    gate_enter_list(gate, find_weight(stream), error) != 0)
		return -1;
	rewind_stream(stream);
	stream->piece = PIECE;
	stream->mark = arena_mark(operation->context.arena);
	if (stream->rows_of.query.take > 0 && fetch_piece(stream, error) != 0)
		return -1;
	if (stream->page.rows.count == 0 &&
	    op_check_parent(operation, stream->rows_of.set.keys, error) != 0)
		return -1;
	stream->whole = is_finished(stream);
	if (stream->whole) {
		result = answer_whole(stream, error);
	} else {
		arena_go_back(operation->context.arena, &stream->mark);
		result = enter_if_long(stream, error) == 0
			     ? operation_snapshot(operation, answer_pieces, stream, error)
			     : -1;
	}
	gate_leave(gate, GATE_LIST);
	return result;
}
