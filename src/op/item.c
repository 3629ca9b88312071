/*
 * One row by its key, as a list shows it: with the members and relations that the caller chooses.
 */
#include "op/generic.h"
#include "op/query.h"
#include "op/tag.h"
#include "record/fetch.h"
#include "record/rows.h"

const struct parameter op_item_parameters[2] = { OP_QUERY_PARAMETER_SELECT,
	OP_QUERY_PARAMETER_INCLUDE };

static struct str sent_text(const struct operation *operation, const char *name)
{
	const struct parameter_value *value = parameters_get_if_any(&operation->parameters, name);

	return value != NULL ? str_trim(value->text) : STR("");
}

/* What the caller chose to see; NULL = what is ordinary. */
static int read_choice(struct operation *operation, struct selection **chosen, struct error *error)
{
	struct str select = sent_text(operation, "select");
	struct str include = sent_text(operation, "include");

	*chosen = NULL;
	if (select.length == 0 && include.length == 0)
		return 0;
	if (selection_read(operation->context.arena, &operation->context.sight,
		operation->route->resource, select, include, chosen, error) != 0)
		return -1;
	/* Lists leave large texts out; who asks for one row gets all of it. */
	(*chosen)->bounded = 0;
	return 0;
}

static int find_item(struct operation *operation, const struct record_set *set,
    const struct selection *selection, struct row **row, struct error *error)
{
	if (record_find_selected(&operation->context, set, selection, row, error) != 0)
		return -1;
	return *row != NULL ? 0 : resource_not_found(set->resource, error);
}

/* What no column holds is no part of the state; what was not chosen goes again. */
static int complete_item(struct operation *operation, const struct row *row, struct row **shown,
    const struct selection *chosen, struct error *error)
{
	const struct route *route = operation->route;

	if (route->complete == NULL)
		return 0;
	if (*shown == NULL)
		*shown = tag_copy_members(
		    operation->context.arena, row, resource_default_mask(row->resource));
	if (*shown == NULL)
		return error_out_of_memory(error);
	route->complete(operation, row, *shown);
	if (chosen != NULL)
		record_narrow(*shown, chosen);
	return 0;
}

/*
 * The state is read first: a tag may be older than what stands beside it, which a change then
 * refuses, but never newer.
 */
static int answer_item(struct operation *operation, const struct record_set *set,
    const struct selection *chosen, struct error *error)
{
	struct row *row, *shown = NULL;
	struct selection whole;

	selection_begin(
	    &whole, set->resource, operation_mask(operation) | operation_state(operation->route));
	if (find_item(operation, set, &whole, &row, error) != 0 ||
	    (chosen != NULL && find_item(operation, set, chosen, &shown, error) != 0) ||
	    complete_item(operation, row, &shown, chosen, error) != 0)
		return -1;
	operation_answer_item(operation, row, shown);
	return 0;
}

int op_get(struct operation *operation, struct error *error)
{
	const struct route *route = operation->route;
	struct record_set set = { .resource = route->resource };
	struct selection *chosen;
	struct row *keys;
	struct sql where;

	sql_init(&where, operation->context.arena);
	if (operation_read_keys(operation, &keys, error) != 0 ||
	    read_choice(operation, &chosen, error) != 0 ||
	    (route->narrow != NULL && route->narrow(operation, &where, error) != 0))
		return -1;
	set.keys = keys;
	set.where = &where;
	return answer_item(operation, &set, chosen, error);
}
