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
	    .doc = "Most rows to answer with; all of them where it is not sent." },
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

int op_list(struct operation *operation, struct error *error)
{
	const struct resource *resource = operation->route->resource;
	const struct parameter_value *offset =
	    parameters_get_if_any(&operation->parameters, "offset");
	struct stream stream = { .operation = operation };
	struct selection selection;
	struct sort sort;
	struct row *keys;
	int64_t count;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    op_read_count(operation, &count, error) != 0)
		return -1;
	sort_own(resource, keys->present, &sort);
	selection_begin(&selection, resource, operation_mask(operation));
	stream.keys = keys;
	stream.query = (struct query){
		.resource = resource,
		.selection = &selection,
		.sort = &sort,
		.take = count > 0 ? count : STREAM_ALL,
		.skip = offset != NULL ? offset->integer : 0,
	};
	stream.heavy = stream.query.skip >= QUERY_DEEP_SKIP;
	return stream_answer(&stream, error);
}
