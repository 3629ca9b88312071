/*
 * Lists that are not queried: all rows of a collection, or a page of them.
 */
#include "op/generic.h"
#include "op/stream.h"

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
	    .doc = "Most rows to answer with; all of them where it is not sent.",
	    .example = "100" },
};

/*
 * The most rows: of a page that is asked for, which is cut without a word to nobody; of one that
 * the route has by default, unless all rows are wanted.
 */
static int read_take(struct operation *operation, int64_t *take, struct error *error)
{
	const struct parameter_value *count =
	    parameters_get_if_any(&operation->parameters, "count");
	int64_t most = operation->context.settings->limits.list_rows;

	*take = STREAM_ALL;
	if (count == NULL)
		return 0;
	if (count->sent && count->integer > most)
		return error_add_fault(error, "count",
		    "The parameter count must be an integer from 1 to %lld.", (long long)most);
	if (count->sent || (count->integer > 0 && !operation_lists_whole(operation)))
		*take = count->integer < most ? count->integer : most;
	return 0;
}

int op_list(struct operation *operation, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	const struct parameter_value *offset =
	    parameters_get_if_any(&operation->parameters, "offset");
	struct stream stream = { .operation = operation };
	struct selection selection;
	struct sort sort;
	struct row *keys;
	int64_t take;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    read_take(operation, &take, error) != 0)
		return -1;
	sort_own(resource, keys->present, &sort);
	selection_begin(&selection, resource, operation_mask(operation));
	stream.rows_of.set.keys = keys;
	stream.rows_of.query = (struct query){
		.resource = resource,
		.selection = &selection,
		.sort = &sort,
		.take = take,
		.skip = offset != NULL ? offset->integer : 0,
	};
	stream.heavy = stream.rows_of.query.skip >= QUERY_DEEP_SKIP ||
		       parameters_are_heavy(&operation->parameters);
	return stream_answer(&stream, error);
}
