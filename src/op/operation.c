#include "op/operation.h"

#include "codec/reader.h"

/* The tree of the body, or an error for a route that cannot do without one. */
static int require_body(struct operation *operation, struct error *error)
{
	if (operation->body.root == NULL)
		return error_set(error, ERROR_MALFORMED, "A non-empty request body is required.");
	return 0;
}

/* "license.name": a member's path in the body of the route. */
static const char *path_of(const struct operation *operation, const char *member)
{
	const char *outer = operation->route->body_member;

	if (outer == NULL)
		return member;
	return member[0] == '\0' ? outer
				 : arena_printf(operation->context.arena, "%s.%s", outer, member);
}

/* The node of the row in the body, or an error. */
static int find_row(struct operation *operation, const struct node **node, struct error *error)
{
	static const struct node nothing = { .kind = NODE_OBJECT };
	const char *member = operation->route->body_member;

	*node = &nothing;
	if (operation->body.root == NULL && (operation->route->flags & ROUTE_BODY_OPTIONAL))
		return 0;
	if (require_body(operation, error) != 0)
		return -1;
	*node = operation->body.root;
	if (member == NULL)
		return 0;
	*node = row_find_member(operation->context.arena, &operation->contract->family,
	    operation->body.format, operation->body.root, member);
	if (*node == NULL || (*node)->kind == NODE_NULL)
		return error_add_fault(error, member, "The %s field is required.", member);
	return 0;
}

void operation_name_faults(
    const struct operation *operation, const struct fault *last, struct error *error)
{
	const struct route *route = operation->route;
	struct fault *fault = last != NULL ? last->next : error->faults;

	for (; fault != NULL && route->body_member != NULL; fault = fault->next) {
		if (route->body_beside == NULL ||
		    resource_field(route->body_beside, fault->path) < 0)
			fault->path = path_of(operation, fault->path);
	}
}

static bool knows_all_names(const struct route *route)
{
	return !(route->flags & ROUTE_OPEN_BODY) && !area_skips_unknown(route->area);
}

/* The row's own members, and where it stands in a member of the body, those beside it. */
static void check_names(
    struct operation *operation, const struct node *node, const char *path, struct error *error)
{
	const struct route *route = operation->route;
	const struct resource *beside = route->body_beside;
	struct field fields[1 + RESOURCE_FIELDS_MAX] = { { .name = route->body_member } };
	const struct resource outer = { .fields = fields,
		.field_count = 1 + (beside != NULL ? beside->field_count : 0) };

	row_check_names(operation->context.arena, &operation->contract->family, route->body,
	    operation->body.format, node, path, error);
	if (route->body_member == NULL || operation->body.root == NULL)
		return;
	for (unsigned i = 1; i < outer.field_count; i++)
		fields[i] = beside->fields[i - 1];
	row_check_names(operation->context.arena, &operation->contract->family, &outer,
	    operation->body.format, operation->body.root, "", error);
}

/*
 * Members of the row that stand beside it in the body. An empty text is none, as typed programs
 * send a member that is not set.
 */
static int read_beside(struct operation *operation, struct row *row, struct error *error)
{
	const struct resource *beside = operation->route->body_beside;
	struct row *found;

	if (beside == NULL)
		return 0;
	if (row_read(operation->context.arena, &operation->contract->family, beside,
		ROW_READ_UPDATE, operation->body.format, operation->body.root, "", &found,
		error) != 0)
		return -1;
	for (unsigned i = 0; i < beside->field_count; i++) {
		unsigned number = resource_member(row->resource, beside->fields[i].name);

		if (row_filled(found, i) && found->values[i].text.length > 0)
			row_set_text(row, number, found->values[i].text);
	}
	return 0;
}

/* Whether a new row may come from elsewhere with its keys. */
static bool may_bring_keys(const struct operation *operation)
{
	const struct principal *caller = operation->context.actor.principal;

	return operation->context.settings->chosen_keys && operation->route->record != NULL &&
	       caller != NULL && (caller->roles & (1u << role_find(STR("Administrator"))));
}

static enum row_read_mode mode_of(const struct operation *operation, enum row_read_mode mode)
{
	return mode == ROW_READ_INSERT && may_bring_keys(operation) ? ROW_READ_BROUGHT : mode;
}

int operation_read_row(
    struct operation *operation, enum row_read_mode mode, struct row **row, struct error *error)
{
	const struct record *record = operation->route->record;
	const char *path = operation->route->body_member;
	const struct fault *last;
	const struct node *node;
	int result;

	*row = NULL;
	if (find_row(operation, &node, error) != 0)
		return -1;
	if (path == NULL)
		path = "";
	if (knows_all_names(operation->route))
		check_names(operation, node, path, error);
	result =
	    row_read(operation->context.arena, &operation->contract->family, operation->route->body,
		mode_of(operation, mode), operation->body.format, node, path, row, error);
	if (result == 0)
		result = read_beside(operation, *row, error);
	last = error->last_fault;
	if (record != NULL && record->resource == operation->route->body)
		record_check(record, *row, mode == ROW_READ_INSERT, error);
	operation_name_faults(operation, last, error);
	return result == 0 && error->fault_count == 0 ? 0 : -1;
}

int operation_read_list(struct operation *operation, enum row_read_mode mode, struct row_list *rows,
    struct error *error)
{
	const struct node *item;
	unsigned number = 0;

	if (require_body(operation, error) != 0)
		return -1;
	item = knows_all_names(operation->route) ? operation->body.root->children : NULL;
	for (; item != NULL; item = item->next)
		check_names(operation, item,
		    arena_printf(operation->context.arena, "[%u]", number++), error);
	if (row_read_list(operation->context.arena, &operation->contract->family,
		operation->route->body, mode, operation->body.format, operation->body.root, "",
		rows, error) != 0)
		return -1;
	return error->fault_count == 0 ? 0 : -1;
}

/* Whoever counts on each of the items must not lose one that is called otherwise. */
static void check_item_names(const struct operation *operation, struct error *error)
{
	const struct body *body = &operation->body;
	const char *type = operation->route->body->type_name;
	unsigned number = 0;

	for (const struct node *item = body->root->children; item != NULL; item = item->next) {
		if (!str_equal(item->name, str_from(type)))
			error_add_fault(error,
			    arena_printf(operation->context.arena, "[%u]", number),
			    "The element <%s> is expected here, not <" STR_FORMAT ">.", type,
			    STR_ARGUMENTS(item->name));
		number++;
	}
	if (body->foreign > 0)
		error_add_fault(error, "",
		    "The elements of the list must be in the namespace of the root; of %u the "
		    "namespace is another.",
		    body->foreign);
}

int operation_read_items(
    struct operation *operation, const struct node ***items, unsigned *count, struct error *error)
{
	const struct node *root = operation->body.root;
	bool xml = operation->body.format == BODY_XML;

	if (require_body(operation, error) != 0)
		return -1;
	if (root->kind != NODE_ARRAY && !xml)
		return error_add_fault(error, "", "A list is expected here.");
	if (xml)
		check_item_names(operation, error);
	if (error->fault_count > 0)
		return -1;
	*count = 0;
	*items = arena_alloc_array(operation->context.arena, root->child_count, sizeof(**items));
	if (*items == NULL && root->child_count > 0)
		return error_out_of_memory(error);
	for (const struct node *item = root->children; item != NULL; item = item->next)
		(*items)[(*count)++] = item;
	return 0;
}

int operation_read_item(struct operation *operation, enum row_read_mode mode,
    const struct node *item, struct row **row, struct error *error)
{
	const struct route *route = operation->route;
	int result;

	if (knows_all_names(route))
		check_names(operation, item, "", error);
	result = row_read(operation->context.arena, &operation->contract->family, route->body,
	    mode_of(operation, mode), operation->body.format, item, "", row, error);
	if (route->record != NULL && route->record->resource == route->body)
		record_check(route->record, *row, mode == ROW_READ_INSERT, error);
	return result == 0 && error->fault_count == 0 ? 0 : -1;
}

/* Name of a capture in the route's path, for messages. */
static const char *capture_name(struct arena *arena, const char *path, unsigned number)
{
	struct str rest = str_from(path);
	struct str part;

	while (str_next(&rest, '/', &part)) {
		if (part.length > 0 && part.data[0] == '{' && number-- == 0)
			return arena_printf(
			    arena, STR_FORMAT, STR_ARGUMENTS(str_slice(part, 1, part.length - 2)));
	}
	return "path";
}

static void fault_capture(
    const struct operation *operation, unsigned number, const char *reason, struct error *error)
{
	const char *name = capture_name(operation->context.arena, operation->route->path, number);

	error_add_fault(error, name, "The path's %s must be %s.", name, reason);
}

/* The members of the key that the path does not tell. */
static int read_body_keys(struct operation *operation, struct row *keys, struct error *error)
{
	const struct resource *resource = keys->resource;
	const struct node *object, *node;

	if (find_row(operation, &object, error) != 0)
		return -1;
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		const char *path = path_of(operation, field->name);
		const char *reason = NULL;

		if (!(field->flags & FIELD_KEY) || row_has(keys, i))
			continue;
		node = row_find_member(operation->context.arena, &operation->contract->family,
		    operation->body.format, object, field->name);
		keys->values[i].null = false;
		if (node == NULL || node->kind == NODE_NULL)
			error_add_fault(error, path, "The %s field is required.", field->name);
		else if (!field_type_info(field->type)
			      ->parse(operation->context.arena, field, operation->body.format, node,
				  &keys->values[i], &reason))
			error_add_fault(
			    error, path, "The %s field must be %s.", field->name, reason);
		else
			keys->present |= FIELD_BIT(i);
	}
	return error->fault_count == 0 ? 0 : -1;
}

int operation_read_keys(struct operation *operation, struct row **keys, struct error *error)
{
	const struct route *route = operation->route;

	*keys = row_new(operation->context.arena, route->resource);
	if (*keys == NULL)
		return error_out_of_memory(error);
	if (route->find != NULL)
		return route->find(operation, *keys, error);
	for (unsigned i = 0; i < route->key_count; i++) {
		int number = resource_field(route->resource, route->keys[i]);
		const struct field *field = &route->resource->fields[number];
		const struct node node = { .kind = NODE_TEXT, .text = operation->captures[i] };
		const char *reason = NULL;

		(*keys)->values[number].null = false;
		if (field_type_info(field->type)
			->parse(operation->context.arena, field, BODY_FORM, &node,
			    &(*keys)->values[number], &reason))
			(*keys)->present |= FIELD_BIT(number);
		else if (field_is_free_text(field))
			return resource_not_found(route->resource, error);
		else
			fault_capture(operation, i, reason, error);
	}
	if (error->fault_count == 0 && (route->flags & ROUTE_KEY_IN_BODY))
		return read_body_keys(operation, *keys, error);
	return error->fault_count == 0 ? 0 : -1;
}

struct transaction {
	struct operation *operation;
	int (*work)(struct operation *operation, void *data, struct error *error);
	void *data;
	struct operation before; /* as it was when the transaction began */
	struct response_mark mark;
};

static int run_work(struct context *context, void *data, struct error *error)
{
	struct transaction *transaction = data;
	struct operation *operation = transaction->operation;
	const struct context now = *context;

	*operation = transaction->before;
	operation->context = now;
	response_go_back(operation->response, &transaction->mark);
	if (transaction->work(operation, transaction->data, error) != 0)
		return -1;
	/* What cannot be answered is not stored. */
	return operation->response->body.failed || operation->response->headers.failed
		   ? error_out_of_memory(error)
		   : 0;
}

/* Within a transaction, the work is part of that one, which sets back all that there is. */
static int run_transaction(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    int (*run)(struct context *context,
	int (*work)(struct context *context, void *data, struct error *error), void *data,
	struct error *error),
    struct error *error)
{
	struct transaction transaction = { .operation = operation,
		.work = work,
		.data = data,
		.before = *operation,
		.mark = response_mark(operation->response) };

	if (operation->context.in_transaction)
		return work(operation, data, error);
	return run(&operation->context, run_work, &transaction, error);
}

bool operation_is_trial(const struct operation *operation)
{
	const struct parameter_value *value =
	    parameters_get_if_any(&operation->parameters, OP_PARAMETER_DRY_RUN_NAME);

	return value != NULL && value->integer != 0;
}

int operation_transaction(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    struct error *error)
{
	if (!operation_is_trial(operation))
		return run_transaction(operation, work, data, record_transaction, error);
	operation->answer.message = language_text("This was a dry run: nothing was stored.");
	return run_transaction(operation, work, data, record_trial, error);
}

int operation_transaction_once(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(operation, work, data, record_transaction_once, error);
}

int operation_snapshot(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(operation, work, data, record_snapshot, error);
}
