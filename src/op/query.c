#include "op/query.h"

#include "op/generic.h"
#include "op/stream.h"

const struct parameter op_query_parameters[8] = { OP_QUERY_PARAMETERS };

enum total_mode { TOTAL_EXACT, TOTAL_ESTIMATE, TOTAL_NONE };

/* One list being answered. */
struct list {
	struct operation *operation;
	struct stream stream;
	struct selection *selection;
	struct filter *filter;
	struct sort sort;
	struct cursor after;
	uint64_t identity; /* of the list, for its cursors */
	enum total_mode total_mode;
	bool count_only;
	struct list_answer answer;
};

static struct str find_text(const struct operation *operation, const char *name)
{
	const struct parameter_value *value = parameters_get_if_any(&operation->parameters, name);

	return value != NULL ? value->text : (struct str){ NULL, 0 };
}

static int64_t find_integer(const struct operation *operation, const char *name, int64_t fallback)
{
	const struct parameter_value *value = parameters_get_if_any(&operation->parameters, name);

	return value != NULL ? value->integer : fallback;
}

static void read_total_mode(struct list *list, struct error *error)
{
	static const char *const words[] = { "exact", "estimate", "none" };
	struct str text = str_trim(find_text(list->operation, "total"));

	if (operation_lists_rows_only(list->operation))
		list->total_mode = TOTAL_NONE;
	for (unsigned i = 0; i < COUNT_OF(words); i++) {
		if (str_equal_ignore_case(text, str_from(words[i]))) {
			list->total_mode = (enum total_mode)i;
			return;
		}
	}
	if (text.length > 0)
		error_add_fault(
		    error, "total", "The parameter total must be exact, estimate or none.");
}

/* Pages belong together when they are of the same path, filter and order. */
static uint64_t identify(const struct operation *operation)
{
	uint64_t identity = cursor_identify(0, str_from(operation->route->path));

	for (unsigned i = 0; i < operation->route->key_count; i++)
		identity = cursor_identify(identity, operation->captures[i]);
	identity = cursor_identify(identity, str_trim(find_text(operation, "filter")));
	return cursor_identify(identity, str_trim(find_text(operation, "sort")));
}

static int64_t find_take(const struct operation *operation)
{
	int64_t most = operation->context.settings->limits.list_rows;
	const struct parameter_value *take = parameters_get_if_any(&operation->parameters, "take");

	if (operation_lists_whole(operation) && (take == NULL || !take->sent))
		return STREAM_ALL;
	if (take != NULL && take->sent)
		return take->integer;
	return most < QUERY_TAKE_DEFAULT ? most : QUERY_TAKE_DEFAULT;
}

/* What the path names is the same in all rows: they are not ordered by it. */
static int read_order(struct list *list, struct error *error)
{
	struct operation *operation = list->operation;
	struct str text = find_text(operation, "sort");

	if (str_trim(text).length > 0)
		return sort_read(operation->context.arena, &operation->context.sight,
		    operation->route->resource, text, &list->sort, error);
	sort_own(operation->route->resource, list->stream.rows_of.set.keys->present, &list->sort);
	return 0;
}

/* Reads all parameters; their faults are reported together. */
static int read_query(struct list *list, struct error *error)
{
	struct operation *operation = list->operation;
	const struct resource *resource = operation->route->resource;
	const struct sight *sight = &operation->context.sight;
	const struct parameter_value *after =
	    parameters_get_if_any(&operation->parameters, "after");
	bool failed = false, sorted;

	failed |= filter_read(operation->context.arena, sight, &operation->context.settings->limits,
		      resource, find_text(operation, "filter"), &list->filter, error) != 0;
	sorted = read_order(list, error) == 0;
	failed |= !sorted;
	failed |= selection_read(operation->context.arena, sight, resource,
		      find_text(operation, "select"), find_text(operation, "include"),
		      &list->selection, error) != 0;
	list->identity = identify(operation);
	if (after != NULL && after->sent && sorted)
		failed |=
		    cursor_read(operation->context.settings->seal_keys, operation->context.arena,
			after->text, list->identity, &list->sort, &list->after, error) != 0;
	read_total_mode(list, error);
	list->count_only = find_integer(operation, "countOnly", false) != 0;
	list->stream.rows_of.query = (struct query){
		.resource = resource,
		.selection = list->selection,
		.filter = list->filter,
		.sort = &list->sort,
		.after = after != NULL && after->sent ? &list->after : NULL,
		.take = list->count_only ? 0 : find_take(operation),
		.skip = find_integer(operation, "skip", 0),
	};
	return failed || error->fault_count > 0 ? -1 : 0;
}

const char *op_query_total_name(struct arena *arena, const struct resource *resource)
{
	const char *plural = resource->plural;

	if (resource->total_name != NULL || plural == NULL)
		return resource->total_name;
	return arena_printf(arena, "total%c%sCount", str_upper(plural[0]), plural + 1);
}

/* True when the page shows the number of all rows by itself. */
static bool page_tells_total(const struct stream *stream)
{
	const struct query *query = &stream->rows_of.query;

	if (!stream->whole || stream->page.more || query->after != NULL)
		return false;
	return stream->page.rows.count > 0 || (query->skip == 0 && query->take > 0);
}

static int find_total(
    struct stream *stream, enum total_mode mode, int64_t *total, struct error *error)
{
	if (page_tells_total(stream))
		*total = stream->rows_of.query.skip + stream->page.rows.count;
	else if (stream->page.has_total)
		*total = stream->page.total;
	else if (stream_weigh_total(stream, error) != 0)
		return -1;
	else
		return record_count_list(&stream->operation->context, &stream->rows_of,
		    mode == TOTAL_ESTIMATE, total, error);
	return 0;
}

/* What the envelope says of the page. */
static int begin_page(struct stream *stream, void *data, struct error *error)
{
	struct operation *operation = stream->operation;
	struct list *list = data;
	struct list_answer *answer = &list->answer;

	answer->next_cursor = NULL;
	if (stream->page.more) {
		answer->next_cursor = cursor_print(operation->context.settings->seal_keys,
		    operation->context.arena, list->identity, &list->sort, &stream->page.last)
					  .data;
		if (answer->next_cursor == NULL)
			return error_out_of_memory(error);
	}
	answer->has_total = list->total_mode != TOTAL_NONE || list->count_only;
	if (answer->has_total && find_total(stream, list->total_mode, &answer->total, error) != 0)
		return -1;
	if (list->count_only)
		answer->count = answer->total;
	return 0;
}

/* What looks at many rows for each that it answers with, however few there are. */
static bool is_heavy(const struct list *list)
{
	return filter_searches(list->filter) > 0 ||
	       list->stream.rows_of.query.skip >= QUERY_DEEP_SKIP;
}

int op_query(struct operation *operation, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	struct list list = { .operation = operation };
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	list.stream.rows_of.set.keys = keys;
	if (read_query(&list, error) != 0)
		return error->code == ERROR_NONE ? error_out_of_memory(error) : -1;
	list.answer.plural = resource->plural;
	list.answer.total_name = op_query_total_name(operation->context.arena, resource);
	list.stream.operation = operation;
	list.stream.rows_of.counted = list.total_mode != TOTAL_NONE;
	list.stream.heavy = is_heavy(&list);
	list.stream.queried = true;
	list.stream.counted = list.total_mode == TOTAL_EXACT || list.count_only;
	list.stream.list = &list.answer;
	list.stream.begin = begin_page;
	list.stream.data = &list;
	return stream_answer(&list.stream, error);
}
