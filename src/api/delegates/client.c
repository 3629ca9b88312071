#include "api/delegates/delegates.h"
#include "api/delegates/search.h"
#include "codec/reader.h"
#include "op/generic.h"
#include "record/list.h"

#define NAME_COLLATION "COLLATE utf8mb4_uca1400_as_ci"

static const struct field client_fields[DELEGATE_CLIENT__MAX] = {
	[DELEGATE_CLIENT_ID] = { INT32("clientId", "client_id"),
	    .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier of the client." },
	[DELEGATE_CLIENT_CODE] = { STRING("clientCode", "c.code", 64), .flags = FIELD_READONLY,
	    .doc = "The client's code.", .example = "\"C-1001\"" },
	[DELEGATE_CLIENT_FIRST_NAME] = { STRING("firstName", "c.first_name", 255),
	    .flags = FIELD_READONLY, .doc = "The client's first name.", .example = "\"Ada\"" },
	[DELEGATE_CLIENT_LAST_NAME] = { STRING("lastName", "c.last_name", 255),
	    .flags = FIELD_READONLY, .doc = "The client's last name.", .example = "\"Lovelace\"" },
	[DELEGATE_CLIENT_BIRTH_DATE] = { DATE("birthDate", "c.birth_date"), .flags = FIELD_READONLY,
	    .doc = "The client's birth date, if known." },
	[DELEGATE_CLIENT_START_DATE] = { DATETIME("startDate", "start_date"),
	    .flags = FIELD_READONLY,
	    .doc = "Start of the association; delegates see nothing from before it." },
	[DELEGATE_CLIENT_EXPIRY_DATE] = { DATETIME("expiryDate", "expiry_date"),
	    .flags = FIELD_READONLY,
	    .doc = "End of the association; null means that it does not expire." },
	[DELEGATE_CLIENT_DYNAMICALLY_ADDED] = { BOOLEAN("dynamicallyAdded", "dynamically_added"),
	    .flags = FIELD_READONLY, .doc = "Whether a rule added the client rather than a call." },
	[DELEGATE_CLIENT_PHONE_NUMBER] = { STRING("phoneNumber", "c.phone_number", 64),
	    .flags = FIELD_READONLY, .doc = "The client's phone number.",
	    .example = "\"+49 40 123456\"" },
	[DELEGATE_CLIENT_USER_DEFINED_FIELDS] = { MAP("userDefinedFields", "c.user_defined_fields"),
	    .flags = FIELD_READONLY, .doc = "User-defined fields of the client, by name." },
	[DELEGATE_CLIENT_GROUP_ID] = { INT32("delegateGroupId", "group_id"),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
};

static int require_group(struct context *context, const struct row *key, struct error *error)
{
	return delegate_group_require(
	    context, key->values[DELEGATE_CLIENT_GROUP_ID].integer, error);
}

static int check_dates(const struct value *start, const struct value *expiry, struct error *error)
{
	if (expiry->null || expiry->integer >= start->integer)
		return 0;
	return error_add_fault(
	    error, "expiryDate", "The expiryDate must not be before the startDate.");
}

/* Delegates see nothing from before the start, so they do not move it to where that would be. */
#define START_TODAY (24 * 60 * 60 * MICROSECONDS_PER_SECOND)

static int check_start(const struct context *context, const struct row *row,
    const struct row *stored, struct error *error)
{
	int64_t start = row->values[DELEGATE_CLIENT_START_DATE].integer;

	if (!context->own_rows_only || !row_has(row, DELEGATE_CLIENT_START_DATE) ||
	    start >= timestamp_now() - START_TODAY ||
	    (stored != NULL && start >= stored->values[DELEGATE_CLIENT_START_DATE].integer))
		return 0;
	return error_add_fault(error, "startDate",
	    "The startDate must not be more than a day ago, nor before the one so far.");
}

/* Dates that were not given: from now on, for ever. */
static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (require_group(context, row, error) != 0 || check_start(context, row, NULL, error) != 0)
		return -1;
	if (!row_has(row, DELEGATE_CLIENT_START_DATE))
		row_set_integer(row, DELEGATE_CLIENT_START_DATE, timestamp_now());
	if (!row_has(row, DELEGATE_CLIENT_EXPIRY_DATE))
		row_set_null(row, DELEGATE_CLIENT_EXPIRY_DATE);
	return check_dates(&row->values[DELEGATE_CLIENT_START_DATE],
	    &row->values[DELEGATE_CLIENT_EXPIRY_DATE], error);
}

/* Dates that were not given stay. Of a deleted group there is no row to change. */
static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *stored = row_merge(context->arena, change->before, row);

	if (stored == NULL)
		return error_out_of_memory(error);
	/* One that was made by hand stays by hand. */
	if (!change->before->values[DELEGATE_CLIENT_DYNAMICALLY_ADDED].boolean)
		row->present &= ~FIELD_BIT(DELEGATE_CLIENT_DYNAMICALLY_ADDED);
	if (check_start(context, row, change->before, error) != 0)
		return -1;
	return check_dates(&stored->values[DELEGATE_CLIENT_START_DATE],
	    &stored->values[DELEGATE_CLIENT_EXPIRY_DATE], error);
}

/* It would come back with the next change of the person or of the rules. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	struct sql where;
	bool dynamic;

	if (require_group(context, key, error) != 0)
		return -1;
	sql_init(&where, context->arena);
	sql_where(&where, "t.dynamically_added");
	if (record_exists(context,
		&(struct record_set){
		    .resource = &delegate_client_resource, .keys = key, .where = &where },
		&dynamic, error) != 0)
		return -1;
	return !dynamic
		   ? 0
		   : error_set(error, ERROR_CONFLICT,
			 "A rule has added the client: change the rules, or give the association "
			 "an expiryDate, which makes it one of its own.");
}

static const struct reference client_references[] = {
	{ .constraint = "delegate_association_client",
	    .member = "clientId",
	    .target = &delegate_person_resource,
	    .word = "UNKNOWN_CLIENT",
	    .message = "The clientId does not name an existing client." },
};

static const struct relation of_group = {
	.target = &delegate_group_resource, .local = "delegateGroupId", .foreign = "id"
};

/* Delegates see clients, and remove them, whose time with the group is not over. */
#define CURRENT "({}.expiry_date IS NULL OR {}.expiry_date > UTC_TIMESTAMP(6))"
#define MANAGED "{}.group_id IN (" DELEGATE_OWN_GROUPS_WITH("can_manage_clients") ")"

const struct resource delegate_client_resource = {
	.name = "client of the delegate group",
	.word = "delegateGroupClient",
	.type_name = "DelegateClientInfo",
	.area = AREA_DELEGATES,
	.table = "delegate_association",
	.from = "delegate_association {} JOIN delegate_client c ON c.id = {}.client_id "
		"JOIN delegate_group g ON g.id = {}.group_id AND g.deleted_at IS NULL",
	ORDER_BY(ASCENDING("lastName"), ASCENDING("firstName"), ASCENDING("clientId")),
	FIELDS(client_fields),
	REFERENCES(client_references),
	.parent = &of_group,
	.owner = OWNER_DELEGATE,
	.owner_condition = CURRENT " AND {}.group_id IN (" DELEGATE_OWN_GROUPS ")",
	.owner_changes = MANAGED,
	.owner_deletes = CURRENT " AND " MANAGED,
	.owner_may = PERMISSION_CREATE | PERMISSION_DELETE,
	.doc = "A client for whom the delegates of a group may act.",
};

const struct record delegate_client_record = {
	.resource = &delegate_client_resource,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
};

#define KNOWN(id) ASSOCIATION_KNOWN + REQUIRED_##id
#define KNOWN_BY_DELEGATE(what)                                                              \
	.flags = FIELD_NOT_STORED,                                                           \
	.doc = what ", where the group's requiredClientInformation asks a delegate for it; " \
		    "others need not tell it."

static const struct field association_fields[ASSOCIATION__MAX] = {
	[ASSOCIATION_CLIENT_ID] = { INT32("clientId", "client_id"), .flags = FIELD_REQUIRED,
	    .doc = "Client to add; must exist." },
	[ASSOCIATION_START_DATE] = { DATETIME("startDate", "start_date"),
	    .doc = "Start; default: now for a new association, else unchanged." },
	[ASSOCIATION_EXPIRY_DATE] = { DATETIME("expiryDate", "expiry_date"),
	    .doc = "End; null means no end; default: none for a new association, else unchanged." },
	[KNOWN(CODE)] = { STRING("clientCode", NULL, 64), KNOWN_BY_DELEGATE("The client's code"),
	    .example = "\"C-1001\"" },
	[KNOWN(FIRST_NAME)] = { STRING("firstName", NULL, 255),
	    KNOWN_BY_DELEGATE("The client's first name"), .example = "\"Ada\"" },
	[KNOWN(LAST_NAME)] = { STRING("lastName", NULL, 255),
	    KNOWN_BY_DELEGATE("The client's last name"), .example = "\"Lovelace\"" },
	[KNOWN(BIRTH_DATE)] = { DATE("birthDate", NULL),
	    KNOWN_BY_DELEGATE("The client's birth date") },
	[KNOWN(PHONE_NUMBER)] = { STRING("phoneNumber", NULL, 64),
	    KNOWN_BY_DELEGATE("The client's phone number, of which the digits count"),
	    .example = "\"+49 40 123456\"" },
};

const struct resource delegate_association_resource = {
	.name = "association",
	.type_name = "DelegateGroupClient",
	.area = AREA_DELEGATES,
	FIELDS(association_fields),
	.doc = "The association of a client with a group.",
};

#define PARAMETER_INCLUDE_EXPIRED                                    \
	{                                                            \
		.name = "includeExpired", .kind = PARAMETER_BOOLEAN, \
		.doc = "Include expired associations."               \
	}
#define PARAMETER_OFFSET                                                        \
	{                                                                       \
		.name = "offset", .kind = PARAMETER_INTEGER, .most = INT32_MAX, \
		.doc = "Number of clients to skip."                             \
	}
#define PARAMETER_COUNT                                                                    \
	{                                                                                  \
		.name = "count", .kind = PARAMETER_INTEGER, .least = 1, .most = 1000,      \
		.page = true, .fallback = 25,                                              \
		.doc = "Maximum number of clients in the answer; CSV and JSON Lines have " \
		       "all of them by default."                                           \
	}

const struct parameter delegate_list_parameters[6] = {
	PARAMETER_INCLUDE_EXPIRED,
	PARAMETER_OFFSET,
	PARAMETER_COUNT,
	SEARCH_PARAMETER,
	{ .name = "searchColumns",
	    .kind = PARAMETER_TEXT_LIST,
	    .most = 64,
	    .doc = "Columns to search: firstName, lastName, clientId, clientCode, phoneNumber; "
		   "default: the "
		   "first four.",
	    .example = "lastName" },
	{ .name = "userDefinedFields",
	    .kind = PARAMETER_TEXT_LIST,
	    .most = 255,
	    .doc = "Names of user-defined fields to return; default: all.",
	    .example = "department" },
};

const struct parameter delegate_dynamic_parameters[3] = {
	PARAMETER_OFFSET,
	PARAMETER_COUNT,
	SEARCH_PARAMETER,
};

const struct parameter delegate_preview_parameters[1] = { SEARCH_PARAMETER };

const struct parameter delegate_count_parameters[2] = {
	PARAMETER_INCLUDE_EXPIRED,
	SEARCH_PARAMETER,
};

/* Codes compare exactly elsewhere, but not when searched. */
static const struct search_column search_columns[] = {
	{ "firstName", "c.first_name LIKE ?", true },
	{ "lastName", "c.last_name LIKE ?", true },
	{ "clientId", "CAST(t.client_id AS CHAR) LIKE ?", true },
	{ "clientCode", "c.code " NAME_COLLATION " LIKE ?", true },
	{ "phoneNumber", "c.phone_number LIKE ?", false },
};

/* Which columns are searched, as a mask of search_columns. */
static int read_columns(const struct parameter_value *chosen, uint32_t *mask, struct error *error)
{
	*mask = 0;
	for (unsigned i = 0; i < COUNT_OF(search_columns); i++) {
		if (search_columns[i].by_default && (chosen == NULL || chosen->item_count == 0))
			*mask |= 1u << i;
	}
	for (unsigned item = 0; chosen != NULL && item < chosen->item_count; item++) {
		unsigned i = 0;

		while (
		    i < COUNT_OF(search_columns) &&
		    !str_equal_ignore_case(str_from(search_columns[i].name), chosen->items[item]))
			i++;
		if (i == COUNT_OF(search_columns))
			error_add_fault(error, "searchColumns",
			    "The column '" STR_FORMAT
			    "' cannot be searched; firstName, lastName, clientId, "
			    "clientCode and phoneNumber can.",
			    STR_ARGUMENTS(chosen->items[item]));
		else
			*mask |= 1u << i;
	}
	return error->fault_count == 0 ? 0 : -1;
}

int delegate_narrow_current(struct operation *operation, struct sql *sql, struct error *error)
{
	const struct parameter_value *all =
	    parameters_get_if_any(&operation->parameters, "includeExpired");

	(void)error;
	if (all != NULL && all->integer)
		return 0;
	sql_where(sql, "(t.expiry_date IS NULL OR t.expiry_date > ?)");
	sql_bind(sql, BIND_MOMENT(timestamp_now()));
	return 0;
}

int delegate_narrow_clients(struct operation *operation, struct sql *sql, struct error *error)
{
	uint32_t columns;

	if (read_columns(parameters_get_if_any(&operation->parameters, "searchColumns"), &columns,
		error) != 0)
		return -1;
	return delegate_narrow_current(operation, sql, error) == 0
		   ? search_where(
			 operation, sql, search_columns, COUNT_OF(search_columns), columns, error)
		   : -1;
}

int delegate_narrow_dynamic(struct operation *operation, struct sql *sql, struct error *error)
{
	sql_where(sql, "t.dynamically_added");
	return delegate_narrow_clients(operation, sql, error);
}

static bool is_chosen(const struct parameter_value *names, struct str name)
{
	for (unsigned i = 0; i < names->item_count; i++) {
		if (str_equal_ignore_case(name, names->items[i]))
			return true;
	}
	return false;
}

/* Keeps the named members of a JSON object that was stored by this program. */
static struct str select_members(
    struct operation *operation, struct str text, const struct parameter_value *names)
{
	const struct node *all = json_read_stored(operation->context.arena, text);
	struct buf kept = { 0 };
	struct writer writer;
	struct str result;

	if (all == NULL || all->kind != NODE_OBJECT)
		return text;
	writer_init(&writer, MEDIA_JSON, &operation->contract->family, &kept);
	writer_object_begin(&writer, NULL);
	for (const struct node *member = all->children; member != NULL; member = member->next) {
		if (is_chosen(names, member->name))
			writer_node(&writer, member->name, member);
	}
	writer_object_end(&writer);
	result = arena_str(operation->context.arena, buf_str(&kept));
	buf_free(&kept);
	return result;
}

void delegate_select_user_fields(struct operation *operation, const struct row_list *rows)
{
	const struct parameter_value *names =
	    parameters_get(&operation->parameters, "userDefinedFields");

	for (unsigned i = 0; i < rows->count && names->item_count > 0; i++) {
		struct value *fields = &rows->rows[i]->values[DELEGATE_CLIENT_USER_DEFINED_FIELDS];

		if (!fields->null)
			fields->text = select_members(operation, fields->text, names);
	}
}

int delegate_client_count(struct operation *operation, struct error *error)
{
	struct row *keys;
	struct sql where;
	int64_t count;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	sql_init(&where, operation->context.arena);
	if (delegate_narrow_clients(operation, &where, error) != 0 ||
	    gate_enter_list(operation->context.guard->gate,
		parameters_are_heavy(&operation->parameters) ? GATE_HEAVY : GATE_UNKNOWN,
		error) != 0 ||
	    record_count_list(&operation->context,
		&(struct record_list){
		    .set = { .resource = &delegate_client_resource, .keys = keys, .where = &where },
		    .query = { .resource = &delegate_client_resource } },
		false, &count, error) != 0)
		return -1;
	if (count == 0 && op_check_parent(operation, keys, error) != 0)
		return -1;
	operation_answer_integer(operation, count);
	return 0;
}

static int store_association(struct operation *operation, void *data, struct error *error)
{
	struct record_change *change = data;

	if (record_put(&operation->context, &delegate_client_record, change, error) != 0)
		return -1;
	operation_answer_row(operation, change->stored);
	return 0;
}

/* What the body says of the row that shows it. A start that is null was not given. */
static void take_association(struct row *row, const struct row *sent)
{
	row_set_integer(row, DELEGATE_CLIENT_ID, sent->values[ASSOCIATION_CLIENT_ID].integer);
	row_set_boolean(row, DELEGATE_CLIENT_DYNAMICALLY_ADDED, false);
	if (row_filled(sent, ASSOCIATION_START_DATE))
		row_set_integer(
		    row, DELEGATE_CLIENT_START_DATE, sent->values[ASSOCIATION_START_DATE].integer);
	if (row_has(sent, ASSOCIATION_EXPIRY_DATE))
		row_set_value(
		    row, DELEGATE_CLIENT_EXPIRY_DATE, &sent->values[ASSOCIATION_EXPIRY_DATE]);
}

int delegate_client_upsert(struct operation *operation, struct error *error)
{
	struct record_change change = { 0 };
	struct row *keys, *sent;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &sent, error) != 0 ||
	    (operation->context.own_rows_only &&
		delegate_check_known(
		    operation, keys->values[DELEGATE_CLIENT_GROUP_ID].integer, sent, error) != 0))
		return -1;
	change.sent = row_new(operation->context.arena, &delegate_client_resource);
	if (change.sent == NULL)
		return error_out_of_memory(error);
	take_association(change.sent, sent);
	row_set_integer(keys, DELEGATE_CLIENT_ID, sent->values[ASSOCIATION_CLIENT_ID].integer);
	change.keys = keys;
	if (record_prepare(&operation->context, &delegate_client_record, true, &change, error) != 0)
		return -1;
	return operation_transaction_once(operation, store_association, &change, error);
}
