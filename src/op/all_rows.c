/*
 * Lists that are not queried: all rows of a collection, or a page of them.
 */
#include "op/generic.h"
#include "op/stream.h"

const struct parameter op_page_parameters[2] = { OP_PAGE_PARAMETERS };

/*
 * The most rows: of a page that is asked for, which is cut without a word to nobody; of one that
 * the route has by default, unless all rows are wanted.
 */
static int64_t find_take(struct operation *operation)
{
	const struct parameter_value *count =
	    parameters_get_if_any(&operation->parameters, "count");
	int64_t most = operation->context.settings->limits.list_rows;

	if (count != NULL && count->sent)
		return count->integer;
	if (count == NULL || count->integer == 0 || operation_lists_whole(operation))
		return STREAM_ALL;
	return count->integer < most ? count->integer : most;
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

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	sort_own(resource, keys->present, &sort);
	selection_begin(&selection, resource, operation_mask(operation));
	stream.rows_of.set.keys = keys;
	stream.rows_of.query = (struct query){
		.resource = resource,
		.selection = &selection,
		.sort = &sort,
		.take = find_take(operation),
		.skip = offset != NULL ? offset->integer : 0,
	};
	stream.heavy = stream.rows_of.query.skip >= QUERY_DEEP_SKIP ||
		       parameters_are_heavy(&operation->parameters);
	return stream_answer(&stream, error);
}
