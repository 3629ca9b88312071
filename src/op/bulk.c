#include "op/bulk.h"

#include "op/generic.h"
#include "record/batch.h"

/* From so many rows on it is heavy. */
#define HEAVY_ROWS 101

/* Order of the words of `return`. */
enum shown { SHOWN_KEY, SHOWN_FULL };

/* The words' places are those of enum batch_mode and enum shown. */
static const char *const modes[] = { "all", "each", NULL };
static const char *const shown_words[] = { "key", "full", NULL };

const struct parameter op_bulk_parameters[3] = {
	{ .name = "mode",
	    .kind = PARAMETER_WORD,
	    .words = modes,
	    .fallback = BATCH_ALL,
	    .doc = "all: nothing is stored where one row cannot be; each: every row is stored that "
		   "can be." },
	{ .name = "return",
	    .kind = PARAMETER_WORD,
	    .words = shown_words,
	    .fallback = SHOWN_KEY,
	    .doc = "What is shown of each stored row: key, its identifiers; full, all of it." },
	OP_PARAMETER_DRY_RUN,
};

static const char *result_type(struct arena *arena, const struct resource *resource)
{
	return arena_printf(arena, "%sResult", resource->type_name);
}

struct bulk {
	struct operation *operation;
	const struct row *keys; /* what the path names */
	struct batch *batch;
	enum shown shown;
	struct writer writer;
	struct bulk_answer answer;
};

/* --- the body --- */

static int read_rows(struct bulk *bulk, enum batch_mode mode, struct error *error)
{
	struct operation *operation = bulk->operation;
	const struct node **items;
	unsigned count;

	if (operation_read_items(operation, &items, &count, error) != 0)
		return -1;
	if (count == 0 || count > BULK_ROWS_MOST)
		return error_add_fault(error, "", "The list must have 1 to %d rows, but has %u.",
		    BULK_ROWS_MOST, count);
	bulk->batch = record_batch_new(&operation->context, operation->route->record, mode, count);
	if (bulk->batch == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++) {
		struct batch_row *row = &bulk->batch->rows[i];

		row->change.keys = bulk->keys;
		if (operation_read_item(operation, ROW_READ_INSERT, items[i], &row->change.sent,
			&row->before) != 0 &&
		    !error_is_refusal(row->before.code)) {
			*error = row->before;
			return -1;
		}
	}
	return 0;
}

/* --- the answer --- */

/* What a caller needs to find the row again: its key, unique values, and what is shown only once.
 */
static uint64_t identifying_members(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & (FIELD_KEY | FIELD_ECHO))
			mask |= FIELD_BIT(i);
	}
	for (unsigned i = 0; i < resource->unique_count; i++) {
		int member = resource_field(resource, resource->uniques[i].member);

		if (member >= 0)
			mask |= FIELD_BIT(member);
	}
	return mask;
}

/* NULL when memory is out. */
static const struct row *choose_shown(struct bulk *bulk, const struct record_change *change)
{
	struct arena *arena = bulk->operation->context.arena;
	const struct row *row = operation_shown(bulk->operation, change->stored, change->row);

	if (row == NULL || bulk->shown == SHOWN_FULL)
		return row;
	return row_narrow(arena, row, identifying_members(row->resource));
}

/* One result; its members are written in the order that the family has. */
struct result_text {
	struct bulk *bulk;
	unsigned number;
	const struct error *refusal; /* NULL = it is stored */
	const struct row *row;
	struct error error; /* the refusal, with paths that begin with the row's number */
};

static void write_errors(struct writer *writer, const struct result_text *result)
{
	if (result->refusal != NULL && result->refusal->faults != NULL)
		envelope_write_faults(
		    writer, &result->bulk->operation->answer, "errors", &result->error);
}

static void write_index(struct writer *writer, const struct result_text *result)
{
	writer_integer(writer, "index", result->number);
}

static void write_message(struct writer *writer, const struct result_text *result)
{
	const struct error *refusal = result->refusal;

	if (refusal != NULL)
		writer_text(writer, "message",
		    str_from(refusal->message != NULL ? refusal->message
						      : error_code_message(refusal->code)));
}

static void write_stored(struct writer *writer, const struct result_text *result)
{
	if (result->row != NULL)
		row_write(writer, "row", result->row);
}

static void write_status(struct writer *writer, const struct result_text *result)
{
	writer_integer(writer, "status",
	    result->refusal == NULL ? BULK_STATUS_ALL : response_status(result->refusal->code));
}

static void write_result(const struct result_text *result)
{
	typedef void write_member(struct writer *, const struct result_text *);
	static write_member *const told[] = { write_index, write_status, write_stored,
		write_message, write_errors };
	static write_member *const sorted[] = { write_errors, write_index, write_message,
		write_stored, write_status };
	struct writer *writer = &result->bulk->writer;
	write_member *const *members = writer_sorts(writer) ? sorted : told;

	writer_object_begin(writer, NULL);
	for (size_t i = 0; i < COUNT_OF(told); i++)
		members[i](writer, result);
	writer_object_end(writer);
}

static void begin_results(struct bulk *bulk)
{
	struct operation *operation = bulk->operation;
	const struct route *route = operation->route;
	const char *name;

	bulk->answer = (struct bulk_answer){ 0 };
	operation->answer.bulk = &bulk->answer;
	operation->answer.payload_type = route->answer_type;
	/* Results may tell why a row was refused. */
	response_speak(operation->response);
	name = envelope_begin(operation->response, &operation->answer, &bulk->writer);
	if (!operation->contract->family.change_answers)
		writer_object_begin(&bulk->writer, name != NULL ? name : route->answer_type);
	writer_array_begin(
	    &bulk->writer, BULK_RESULTS, result_type(operation->context.arena, route->resource));
}

static void end_results(struct bulk *bulk)
{
	struct operation *operation = bulk->operation;

	bulk->answer.stored = bulk->batch->stored;
	bulk->answer.refused = bulk->batch->refused;
	writer_array_end(&bulk->writer);
	if (!operation->contract->family.change_answers) {
		writer_integer(&bulk->writer, BULK_REFUSED, bulk->answer.refused);
		writer_integer(&bulk->writer, BULK_STORED, bulk->answer.stored);
		writer_object_end(&bulk->writer);
	}
	envelope_end(operation->response, &operation->answer, &bulk->writer);
	operation->answer.bulk = NULL;
	operation->response->status =
	    bulk->answer.refused == 0 ? BULK_STATUS_ALL : BULK_STATUS_SOME;
}

/* --- the transaction --- */

/* What the path names and is not there is missing for all rows. */
static int check_path(const struct bulk *bulk, const struct batch_row *row, struct error *error)
{
	struct error refusal = row->error;

	if (row->before.code != ERROR_NONE)
		return 0;
	(void)op_refine_missing(bulk->operation, bulk->keys, &refusal);
	if (refusal.code == row->error.code)
		return 0;
	*error = refusal;
	return -1;
}

static int tell_row(struct context *context, void *data, const struct batch *batch, unsigned number,
    struct error *error)
{
	struct bulk *bulk = data;
	const struct batch_row *row = &batch->rows[number];
	struct result_text result = { .bulk = bulk, .number = number };

	error_init(&result.error, context->arena);
	if (row->error.code == ERROR_NONE) {
		result.row = choose_shown(bulk, &row->change);
		if (result.row == NULL)
			return error_out_of_memory(error);
	} else {
		if (check_path(bulk, row, error) != 0)
			return -1;
		result.refusal = &row->error;
		record_batch_name_faults(&row->error, number, &result.error);
	}
	/* An error takes the place of this answer. */
	if (batch->mode == BATCH_EACH || batch->refused == 0)
		write_result(&result);
	return 0;
}

static int store_rows(struct operation *operation, void *data, struct error *error)
{
	struct bulk *bulk = data;

	begin_results(bulk);
	if (record_batch_store(&operation->context, bulk->batch, error) != 0)
		return -1;
	end_results(bulk);
	return 0;
}

static int run_bulk(struct operation *operation, struct error *error)
{
	const struct parameters *parameters = &operation->parameters;
	struct bulk bulk = { .operation = operation,
		.shown = (enum shown)parameters_get(parameters, "return")->integer };
	enum batch_mode mode = (enum batch_mode)parameters_get(parameters, "mode")->integer;
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	bulk.keys = keys;
	if (read_rows(&bulk, mode, error) != 0 ||
	    (bulk.batch->count >= HEAVY_ROWS &&
		gate_enter(operation->context.guard->gate, GATE_BULK, error) != 0))
		return -1;
	bulk.batch->tell = tell_row;
	bulk.batch->data = &bulk;
	if (record_batch_prepare(&operation->context, bulk.batch, error) != 0)
		return -1;
	return operation_transaction(operation, store_rows, &bulk, error);
}

int op_bulk(struct operation *operation, struct error *error)
{
	if (run_bulk(operation, error) == 0)
		return 0;
	if (error->cause != ERROR_CAUSE_MEMORY && !arena_exhausted(operation->context.arena))
		return -1;
	/* Nobody is helped by waiting. */
	error_clear(error);
	return error_set(error, ERROR_TOO_LARGE,
	    "The rows need more memory than one request may use (option limit_request_memory). "
	    "Send fewer of them at a time.");
}

/* --- the documentation --- */

const struct resource *op_bulk_describe(
    struct arena *arena, const struct route *route, const struct resource *faults)
{
	const struct field described[] = {
		{ INT32("index", NULL), .flags = FIELD_NOT_NULL,
		    .doc = "Number of the row in the request, from 0 on.", .example = "0" },
		{ INT32("status", NULL), .flags = FIELD_NOT_NULL,
		    .doc = "201, or the status of the error that it would be alone.",
		    .example = "201" },
		{ OBJECT("row", route->resource), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
		    .doc = "The stored row, or its identifiers." },
		{ STRING("message", NULL, 0), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
		    .doc = "Why it was not stored, in a sentence." },
		{ OBJECT("errors", faults), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
		    .doc = "What is wrong with which members; each begins with [index]." },
	};
	struct field *fields = arena_alloc_array(arena, COUNT_OF(described), sizeof(fields[0]));
	struct resource *result = arena_alloc(arena, sizeof(*result));

	if (fields == NULL || result == NULL)
		return NULL;
	memcpy(fields, described, sizeof(described));
	*result = (struct resource){ .name = "result",
		.type_name = result_type(arena, route->resource),
		.fields = fields,
		.field_count = COUNT_OF(described),
		.doc = "What became of one row of a bulk." };
	return result;
}
