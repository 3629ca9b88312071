#include "api/discovery/match.h"
#include "record/audit.h"
#include "record/audit_row.h"
#include "record/rows.h"

#define PARKED_LENGTH 32

/* A synchronisation under way. */
struct synchronisation {
	const struct row_list *items;
	struct uuid group;
	struct match match;
	struct row_list before; /* the clients that there were */
	struct presence presence;
	struct row *answer;
};

/* The group of an item: ClientGroupsId, or the nested group's Id. */
static const struct uuid *group_of(const struct row *item)
{
	const struct row *group;

	if (row_filled(item, ITEM_GROUP_ID))
		return &item->values[ITEM_GROUP_ID].uuid;
	if (!row_filled(item, ITEM_GROUP))
		return NULL;
	group = item->values[ITEM_GROUP].row;
	return row_filled(group, 0) ? &group->values[0].uuid : NULL;
}

static void check_item(struct operation *operation, const struct row_list *items, unsigned number,
    const struct uuid *group, struct error *error)
{
	const struct row *item = items->rows[number];
	const struct uuid *own = group_of(item);

	if (own == NULL)
		error_add_fault(error,
		    arena_printf(operation->context.arena, "[%u].ClientGroupsId", number),
		    "The ClientGroupsId field is required.");
	else if (group != NULL && !uuid_equal(own, group))
		error_add_fault(error,
		    arena_printf(operation->context.arena, "[%u].ClientGroupsId", number),
		    "All clients of one call must belong to one group.");
}

static int check_items(struct operation *operation, const struct row_list *items,
    struct uuid *group, struct error *error)
{
	const struct uuid *first;

	if (items->count == 0)
		return error_add_fault(
		    error, "", "The list must have at least one client, which names the group.");
	first = group_of(items->rows[0]);
	for (unsigned i = 0; i < items->count; i++)
		check_item(operation, items, i, first, error);
	if (match_check(operation, items, error) != 0 || error->fault_count > 0)
		return -1;
	*group = *first;
	return 0;
}

/* What is stored in a row itself. */
static uint64_t own_members(const struct resource *resource)
{
	uint64_t mask = resource_default_mask(resource);

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].relation != NULL)
			mask &= ~FIELD_BIT(i);
	}
	return mask;
}

/*
 * Reads the group's clients; the group is claimed, so that two synchronisations follow one another.
 */
static int read_known(
    struct operation *operation, struct synchronisation *work, struct error *error)
{
	const struct value key = { .uuid = work->group };
	const struct record_set set = { .resource = &discovery_client_resource,
		.keys = discovery_clients_of(operation->context.arena, &work->group) };

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (record_claim(&operation->context, &discovery_group_resource, "synchronised_at", &key,
		error) != 0 ||
	    presence_lock(&operation->context, &work->group, &work->presence, error) != 0)
		return -1;
	return record_fetch_all_locked(&operation->context, &set,
	    own_members(set.resource) | FIELD_BIT(DISCOVERY_CLIENT_GONE_AT), &work->before, error);
}

static int list_known(
    struct operation *operation, struct synchronisation *work, struct error *error)
{
	const struct row_list *known = &work->before;

	work->match.clients = arena_alloc_array(operation->context.arena,
	    (size_t)known->count + work->items->count, sizeof(work->match.clients[0]));
	if (work->match.clients == NULL)
		return error_out_of_memory(error);
	work->match.count = known->count;
	for (unsigned i = 0; i < known->count; i++)
		work->match.clients[i] = (struct match_client){
			.id = known->rows[i]->values[DISCOVERY_CLIENT_ID].uuid,
			.code = known->rows[i]->values[DISCOVERY_CLIENT_CODE].text,
			.stored = true,
		};
	return 0;
}

/* A value that belongs to another client is told as the item's, whatever index has found it. */
static int explain_item(const struct operation *operation, unsigned number, struct error *error)
{
	const char *detail = error->detail;

	if (database_fault(operation->context.database) != DATABASE_FAULT_DUPLICATE)
		return -1;
	error_clear(error);
	(void)error_set_detail(error, ERROR_CONFLICT, "%s", detail != NULL ? detail : "");
	error_add_fault(error, arena_printf(operation->context.arena, "[%u].Id", number),
	    "The Id or ClientCode already belongs to another client.");
	return -1;
}

/* What an item says of its client: members that were not sent keep their values. */
static struct row *make_client(struct arena *arena, const struct row *item)
{
	static const struct {
		enum discovery_item from;
		enum discovery_client to;
	} members[] = {
		{ ITEM_CLIENT_CODE, DISCOVERY_CLIENT_CODE },
		{ ITEM_TOKEN, DISCOVERY_CLIENT_TOKEN },
		{ ITEM_APP_NAME, DISCOVERY_CLIENT_APP_NAME },
		{ ITEM_APP_VERSION, DISCOVERY_CLIENT_APP_VERSION },
		{ ITEM_IP_ADDRESS, DISCOVERY_CLIENT_IP_ADDRESS },
		{ ITEM_PORT, DISCOVERY_CLIENT_PORT },
	};
	struct row *row = row_new(arena, &discovery_client_resource);

	for (size_t i = 0; row != NULL && i < COUNT_OF(members); i++) {
		if (row_has(item, members[i].from))
			row_set_value(row, members[i].to, &item->values[members[i].from]);
	}
	if (row != NULL && !row_filled(row, DISCOVERY_CLIENT_TOKEN))
		row->present &= ~FIELD_BIT(DISCOVERY_CLIENT_TOKEN);
	return row;
}

/* What the group knows already is no change, but that somebody knows of the client is. */
static bool is_changed(const struct row *before, const struct row *values)
{
	return row_filled(before, DISCOVERY_CLIENT_GONE_AT) ||
	       audit_row_changed(before, values) != 0;
}

/* The audit log is told the difference between the clients before and after. */
static int change_client(struct operation *operation, struct synchronisation *work, unsigned number,
    struct row *values, struct error *error)
{
	const struct value id = { .uuid = work->match.clients[number].id };
	const struct record_set set = { .resource = &discovery_client_resource,
		.keys = row_with(
		    operation->context.arena, &discovery_client_resource, DISCOVERY_CLIENT_ID, &id),
		.told = true };
	int64_t count;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (is_changed(work->before.rows[number], values)) {
		if (presence_raise(&operation->context, &work->presence, error) != 0)
			return -1;
		row_set_integer(values, DISCOVERY_CLIENT_VERSION, work->presence.version);
		row_set_null(values, DISCOVERY_CLIENT_GONE_AT);
	}
	return record_update_all(&operation->context, &set, values, &count, error);
}

static int add_client(struct operation *operation, struct synchronisation *work,
    const struct match_client *client, struct row *row, struct error *error)
{
	char token[DISCOVERY_TOKEN_LENGTH + 1];
	int64_t now = timestamp_now();

	random_text(token, DISCOVERY_TOKEN_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	if (!row_has(row, DISCOVERY_CLIENT_TOKEN))
		row_set_text(row, DISCOVERY_CLIENT_TOKEN, str_from(token));
	row_set_uuid(row, DISCOVERY_CLIENT_ID, client->id);
	row_set_uuid(row, DISCOVERY_CLIENT_GROUP_ID, work->group);
	row_set_integer(row, DISCOVERY_CLIENT_ADDED_AT, now);
	row_set_integer(row, DISCOVERY_CLIENT_UPDATED_AT, now);
	if (presence_raise(&operation->context, &work->presence, error) != 0)
		return -1;
	row_set_integer(row, DISCOVERY_CLIENT_VERSION, work->presence.version);
	return record_add_part(&operation->context, row, error);
}

/* Clients that no item is. */
static int remove_others(
    struct operation *operation, struct synchronisation *work, struct error *error)
{
	struct arena *arena = operation->context.arena;
	struct value *ids = arena_alloc_array(arena, work->match.count, sizeof(ids[0]));
	struct row_list others = {
		arena_alloc_array(arena, work->match.count, sizeof(others.rows[0])), 0
	};
	struct record_set set = { .resource = &discovery_client_resource,
		.keys = discovery_clients_of(arena, &work->group),
		.told = true };
	struct sql where;
	int64_t count;

	if (set.keys == NULL || ((ids == NULL || others.rows == NULL) && work->match.count > 0))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < work->before.count; i++) {
		if (work->match.clients[i].kept)
			continue;
		ids[others.count] = (struct value){ .uuid = work->match.clients[i].id };
		others.rows[others.count++] = work->before.rows[i];
	}
	if (others.count == 0)
		return 0;
	sql_init(&where, arena);
	sql_where_in(&where, set.resource, DISCOVERY_CLIENT_ID, ids, others.count);
	set.where = &where;
	if (record_delete_all(&operation->context, &set, &count, error) != 0)
		return -1;
	return presence_note_departures(&operation->context, &work->presence, &others, error);
}

/* Gives a client a code that nobody has until its own turn comes. */
static int park_client(
    struct operation *operation, struct synchronisation *work, unsigned number, struct error *error)
{
	struct row *values = row_new(operation->context.arena, &discovery_client_resource);
	char code[PARKED_LENGTH + 1];

	if (values == NULL)
		return error_out_of_memory(error);
	random_text(code, PARKED_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	row_set_text(values, DISCOVERY_CLIENT_CODE, str_from(code));
	return change_client(operation, work, number, values, error);
}

/* Codes are unique at each statement: whoever leaves one that another takes goes first. */
static int make_way(struct operation *operation, struct synchronisation *work, struct error *error)
{
	if (remove_others(operation, work, error) != 0)
		return -1;
	for (unsigned i = 0; i < work->match.count; i++) {
		if (work->match.clients[i].in_the_way &&
		    park_client(operation, work, i, error) != 0)
			return -1;
	}
	return 0;
}

static int store_item(
    struct operation *operation, struct synchronisation *work, unsigned number, struct error *error)
{
	unsigned place = work->match.of_item[number];
	struct match_client *client = &work->match.clients[place];
	struct row *row = make_client(operation->context.arena, work->items->rows[number]);

	if (row == NULL)
		return error_out_of_memory(error);
	if ((client->stored ? change_client(operation, work, place, row, error)
			    : add_client(operation, work, client, row, error)) != 0)
		return explain_item(operation, number, error);
	client->stored = true;
	return 0;
}

static int apply(struct operation *operation, struct synchronisation *work, struct error *error)
{
	if (read_known(operation, work, error) != 0 || list_known(operation, work, error) != 0 ||
	    match_items(operation, work->items, &work->match, error) != 0 ||
	    make_way(operation, work, error) != 0)
		return -1;
	for (unsigned i = 0; i < work->items->count; i++) {
		if (store_item(operation, work, i, error) != 0)
			return -1;
	}
	return 0;
}

/* What cannot be answered is not stored. */
static int synchronise(struct operation *operation, void *context, struct error *error)
{
	struct synchronisation *work = context;
	const struct discovery_view view = { .presence = &work->presence };

	if (apply(operation, work, error) != 0 ||
	    discovery_fetch(operation, &view, &work->answer, error) != 0 ||
	    audit_record_difference(
		&operation->context, &work->before, discovery_clients(work->answer), error) != 0)
		return -1;
	operation_answer_row(operation, work->answer);
	return 0;
}

int discovery_synchronise(struct operation *operation, struct error *error)
{
	struct synchronisation work = { 0 };
	struct row_list items;

	if (operation_read_list(operation, ROW_READ_INSERT, &items, error) != 0)
		return -1;
	work.items = &items;
	if (discovery_check_size(operation, "", items.count, error) != 0 ||
	    check_items(operation, &items, &work.group, error) != 0)
		return -1;
	return operation_transaction_once(operation, synchronise, &work, error);
}
