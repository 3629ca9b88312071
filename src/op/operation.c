#include "op/operation.h"

#include "codec/reader.h"

int operation_out_of_memory(struct error *error)
{
	error_set(error, ERROR_BUSY, "The request needs more memory than one request may use.");
	error->cause = ERROR_CAUSE_MEMORY;
	return -1;
}

/* The tree of the body, or an error for a route that cannot do without one. */
static int require_body(struct operation *operation, struct error *error)
{
	if (operation->body.root == NULL)
		return error_set(error, ERROR_MALFORMED, "A non-empty request body is required.");
	return 0;
}

const char *operation_path(const struct operation *operation, const char *member)
{
	const char *outer = operation->route->body_member;

	return outer == NULL ? member : arena_printf(operation->arena, "%s.%s", outer, member);
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
	*node = row_find_member(operation->arena, operation->family, operation->body.format,
	    operation->body.root, member);
	if (*node == NULL || (*node)->kind == NODE_NULL)
		return error_add_fault(error, member, "The %s field is required.", member);
	return 0;
}

/* Rules between members name them as the row does; callers know them by the whole body. */
static void check_members(
    struct operation *operation, const struct row *row, bool insert, struct error *error)
{
	struct fault *last = error->last_fault;

	if (row == NULL || row->resource->hooks.check == NULL)
		return;
	row->resource->hooks.check(row, insert, error);
	for (struct fault *fault = last != NULL ? last->next : error->faults; fault != NULL;
	     fault = fault->next)
		fault->path = operation_path(operation, fault->path);
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

	row_check_names(operation->arena, operation->family, route->body, operation->body.format,
	    node, path, error);
	if (route->body_member == NULL || operation->body.root == NULL)
		return;
	for (unsigned i = 1; i < outer.field_count; i++)
		fields[i] = beside->fields[i - 1];
	row_check_names(operation->arena, operation->family, &outer, operation->body.format,
	    operation->body.root, "", error);
}

int operation_read_row(
    struct operation *operation, enum row_read_mode mode, struct row **row, struct error *error)
{
	const char *path = operation->route->body_member;
	const struct node *node;
	int result;

	*row = NULL;
	if (find_row(operation, &node, error) != 0)
		return -1;
	if (path == NULL)
		path = "";
	if (knows_all_names(operation->route))
		check_names(operation, node, path, error);
	result = row_read(operation->arena, operation->family, operation->route->body, mode,
	    operation->body.format, node, path, row, error);
	check_members(operation, *row, mode == ROW_READ_INSERT, error);
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
		check_names(
		    operation, item, arena_printf(operation->arena, "[%u]", number++), error);
	if (row_read_list(operation->arena, operation->family, operation->route->body, mode,
		operation->body.format, operation->body.root, "", rows, error) != 0)
		return -1;
	return error->fault_count == 0 ? 0 : -1;
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

/* The members of the key that the path does not tell. */
static int read_body_keys(struct operation *operation, struct row *keys, struct error *error)
{
	const struct resource *resource = keys->resource;
	const struct node *object, *node;

	if (find_row(operation, &object, error) != 0)
		return -1;
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		const char *path = operation_path(operation, field->name);
		const char *reason = NULL;

		if (!(field->flags & FIELD_KEY) || row_has(keys, i))
			continue;
		node = row_find_member(operation->arena, operation->family, operation->body.format,
		    object, field->name);
		keys->values[i].null = false;
		if (node == NULL || node->kind == NODE_NULL)
			error_add_fault(error, path, "The %s field is required.", field->name);
		else if (!field_type_info(field->type)
			      ->parse(operation->arena, field, operation->body.format, node,
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

	*keys = row_new(operation->arena, route->resource);
	if (*keys == NULL)
		return operation_out_of_memory(error);
	for (unsigned i = 0; i < route->key_count; i++) {
		int number = resource_field(route->resource, route->keys[i]);
		const struct field *field = &route->resource->fields[number];
		const struct node node = { .kind = NODE_TEXT, .text = operation->captures[i] };
		const char *name = capture_name(operation->arena, route->path, i);
		const char *reason = NULL;

		(*keys)->values[number].null = false;
		if (field_type_info(field->type)
			->parse(operation->arena, field, BODY_FORM, &node, &(*keys)->values[number],
			    &reason))
			(*keys)->present |= FIELD_BIT(number);
		else if (field_is_free_text(field))
			return error_set(
			    error, ERROR_NOT_FOUND, "The %s was not found.", route->resource->name);
		else
			error_add_fault(error, name, "The path's %s must be %s.", name, reason);
	}
	if (error->fault_count == 0 && (route->flags & ROUTE_KEY_IN_BODY))
		return read_body_keys(operation, *keys, error);
	return error->fault_count == 0 ? 0 : -1;
}

/* Names the member or the dependants behind a constraint that the database has upheld. */
static void explain(const struct operation *operation, const struct resource *resource,
    enum database_fault fault, const char *key, struct error *error)
{
	for (unsigned i = 0; fault == DATABASE_FAULT_DUPLICATE && i < resource->unique_count; i++) {
		const struct unique_key *unique = &resource->uniques[i];

		if (strcmp(unique->index, key) != 0)
			continue;
		error->word = unique->word;
		error->message =
		    unique->message != NULL
			? unique->message
			: arena_printf(error->arena, "The %s is already in use.", unique->member);
		error_add_fault(
		    error, operation_path(operation, unique->member), "%s", error->message);
	}
	for (unsigned i = 0; fault == DATABASE_FAULT_NO_PARENT && i < resource->reference_count;
	     i++) {
		const struct reference *reference = &resource->references[i];

		if (strcmp(reference->constraint, key) != 0)
			continue;
		error->word = reference->word;
		error_add_fault(
		    error, operation_path(operation, reference->member), "%s", reference->message);
	}
	for (unsigned i = 0; fault == DATABASE_FAULT_REFERENCED && i < resource->dependant_count;
	     i++) {
		const struct dependant *dependant = &resource->dependants[i];
		bool told = (operation->sight.areas & AREA_BIT(dependant->area)) != 0;

		if (strcmp(dependant->constraint, key) == 0)
			error->message = arena_printf(error->arena, "The %s is still used%s%s.",
			    resource->name, told ? " by " : "", told ? dependant->name : "");
	}
}

int operation_execute(struct operation *operation, struct sql *sql, const struct resource *resource,
    struct outcome *outcome, struct error *error)
{
	const char *key;

	if (sql->failed)
		return operation_out_of_memory(error);
	if (database_execute(
		operation->database, sql->text, sql->binds, sql->bind_count, outcome, error) == 0)
		return 0;
	key = database_fault_key(operation->database);
	if (key != NULL)
		explain(operation, resource, database_fault(operation->database), key, error);
	return -1;
}

int operation_claim(struct operation *operation, const struct resource *resource,
    const char *column, const struct value *key, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, operation->arena);
	sql_claim(&sql, resource, column, key);
	if (operation_execute(operation, &sql, resource, &outcome, error) != 0)
		return -1;
	if (outcome.affected == 0)
		return error_set(error, ERROR_NOT_FOUND, "The %s was not found.", resource->name);
	return 0;
}

struct transaction {
	struct operation *operation;
	int (*work)(struct operation *operation, void *context, struct error *error);
	void *context;
	struct operation before; /* as it was when the transaction began */
	struct response_mark mark;
};

static int run_work(void *context, struct error *error)
{
	struct transaction *transaction = context;
	struct operation *operation = transaction->operation;
	const struct revocations revocations = operation->revocations;

	*operation = transaction->before;
	/* An attempt whose end is unknown may have been carried out. */
	operation->revocations = revocations;
	revocation_begin(&operation->revocations);
	response_go_back(operation->response, &transaction->mark);
	if (transaction->work(operation, transaction->context, error) != 0)
		return -1;
	/* What cannot be answered is not stored. */
	return operation->response->body.failed || operation->response->headers.failed
		   ? operation_out_of_memory(error)
		   : 0;
}

static int run_transaction(struct operation *operation,
    int (*work)(struct operation *operation, void *context, struct error *error), void *context,
    bool once, struct error *error)
{
	struct transaction transaction = {
		.operation = operation, .work = work, .context = context
	};
	int result;

	if (operation->in_transaction)
		return work(operation, context, error);
	operation->in_transaction = true;
	transaction.before = *operation;
	transaction.mark = response_mark(operation->response);
	result = (once ? database_transaction_once : database_transaction)(
	    operation->database, run_work, &transaction, error);
	operation->in_transaction = false;
	return result;
}

int operation_transaction(struct operation *operation,
    int (*work)(struct operation *operation, void *context, struct error *error), void *context,
    struct error *error)
{
	return run_transaction(operation, work, context, false, error);
}

int operation_transaction_once(struct operation *operation,
    int (*work)(struct operation *operation, void *context, struct error *error), void *context,
    struct error *error)
{
	return run_transaction(operation, work, context, true, error);
}

int operation_check_grant(const struct operation *operation, const struct authority *made,
    const struct authority *former, const struct authority *bound, const struct grant_kind *kind,
    struct error *error)
{
	const char *member = operation->route->body_member;

	return grant_check(made, former, bound, kind, member != NULL ? member : "", error);
}

int operation_revoke(struct operation *operation, struct mark mark, struct error *error)
{
	return revocation_mark(&operation->revocations, operation->database, mark, error);
}
