#include "api/discovery/match.h"
#include "record/audit.h"
#include "record/rows.h"

#define PARKED_LENGTH 32

/* A synchronisation under way. */
struct synchronisation {
	const struct row_list *items;
	struct uuid group;
	struct match match;
	struct row_list before; /* the clients that there were */
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
	const struct resource *resource = &discovery_client_resource;
	const struct value key = { .uuid = work->group };
	struct row *group = row_new(operation->context.arena, resource);

	if (group == NULL)
		return error_out_of_memory(error);
	row_set_uuid(group, (unsigned)resource_field(resource, "ClientGroupsId"), work->group);
	if (record_claim(&operation->context, &discovery_group_resource, "synchronised_at", &key,
		error) != 0)
		return -1;
	return record_fetch_all_locked(&operation->context,
	    &(struct record_set){ .resource = resource, .keys = group }, own_members(resource),
	    &work->before, error);
}

static int list_known(
    struct operation *operation, struct synchronisation *work, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	unsigned id = resource_key(resource),
		 code = (unsigned)resource_field(resource, "ClientCode");
	const struct row_list *known = &work->before;

	work->match.clients = arena_alloc_array(operation->context.arena,
	    (size_t)known->count + work->items->count, sizeof(work->match.clients[0]));
	if (work->match.clients == NULL)
		return error_out_of_memory(error);
	work->match.count = known->count;
	for (unsigned i = 0; i < known->count; i++)
		work->match.clients[i] = (struct match_client){
			.id = known->rows[i]->values[id].uuid,
			.code = known->rows[i]->values[code].text,
			.stored = true,
		};
	return 0;
}

static struct bind bind_of(const struct row *item, enum discovery_item member)
{
	return sql_bind_of(&discovery_item_resource.fields[member], &item->values[member]);
}

static int execute(struct operation *operation, const char *text, const struct bind *parameters,
    unsigned count, unsigned number, struct error *error)
{
	struct outcome outcome;

	if (database_execute(
		operation->context.database, text, parameters, count, &outcome, error) == 0)
		return 0;
	if (database_fault(operation->context.database) == DATABASE_FAULT_DUPLICATE)
		error_add_fault(error, arena_printf(operation->context.arena, "[%u].Id", number),
		    "The Id or ClientCode already belongs to another client.");
	return -1;
}

/* Members that were not sent keep their values, as in every update. */
static int update_client(struct operation *operation, const struct match_client *client,
    const struct row *item, unsigned number, struct error *error)
{
	static const char update[] =
	    "UPDATE discovery_client c SET c.client_code = ?, c.token = COALESCE(?, c.token), "
	    "c.app_name = IF(?, ?, c.app_name), c.app_version = IF(?, ?, c.app_version), "
	    "c.ip_address = IF(?, ?, c.ip_address), c.port = IF(?, ?, c.port), "
	    "c.updated_at = UTC_TIMESTAMP(6) WHERE c.id = ?";
	const struct bind parameters[] = {
		bind_of(item, ITEM_CLIENT_CODE),
		bind_of(item, ITEM_TOKEN),
		BIND_INT(row_has(item, ITEM_APP_NAME)),
		bind_of(item, ITEM_APP_NAME),
		BIND_INT(row_has(item, ITEM_APP_VERSION)),
		bind_of(item, ITEM_APP_VERSION),
		BIND_INT(row_has(item, ITEM_IP_ADDRESS)),
		bind_of(item, ITEM_IP_ADDRESS),
		BIND_INT(row_has(item, ITEM_PORT)),
		bind_of(item, ITEM_PORT),
		BIND_ID(client->id),
	};

	return execute(operation, update, parameters, COUNT_OF(parameters), number, error);
}

static int add_client(struct operation *operation, const struct synchronisation *work,
    const struct match_client *client, const struct row *item, unsigned number, struct error *error)
{
	static const char insert[] =
	    "INSERT INTO discovery_client (id, group_id, client_code, token, app_name, "
	    "app_version, ip_address, "
	    "port, added_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	char token[DISCOVERY_TOKEN_LENGTH + 1];
	struct bind now = BIND_MOMENT(timestamp_now());

	random_text(token, DISCOVERY_TOKEN_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	const struct bind parameters[] = {
		BIND_ID(client->id),
		BIND_ID(work->group),
		bind_of(item, ITEM_CLIENT_CODE),
		row_filled(item, ITEM_TOKEN) ? bind_of(item, ITEM_TOKEN)
					     : BIND_STR(str_from(token)),
		bind_of(item, ITEM_APP_NAME),
		bind_of(item, ITEM_APP_VERSION),
		bind_of(item, ITEM_IP_ADDRESS),
		bind_of(item, ITEM_PORT),
		now,
		now,
	};

	return execute(operation, insert, parameters, COUNT_OF(parameters), number, error);
}

static int remove_client(
    struct operation *operation, const struct match_client *client, struct error *error)
{
	const struct bind id = BIND_ID(client->id);
	struct outcome outcome;

	return database_execute(operation->context.database,
	    "DELETE FROM discovery_client WHERE id = ?", &id, 1, &outcome, error);
}

/* Gives a client a code that nobody has until its own turn comes. */
static int park_client(
    struct operation *operation, const struct match_client *client, struct error *error)
{
	char code[PARKED_LENGTH + 1];
	struct outcome outcome;

	random_text(code, PARKED_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	const struct bind parameters[] = { BIND_STR(str_from(code)), BIND_ID(client->id) };

	return database_execute(operation->context.database,
	    "UPDATE discovery_client SET client_code = ? WHERE id = ?", parameters,
	    COUNT_OF(parameters), &outcome, error);
}

/* Codes are unique at each statement: whoever leaves one that another takes goes first. */
static int make_way(
    struct operation *operation, const struct synchronisation *work, struct error *error)
{
	for (unsigned i = 0; i < work->match.count; i++) {
		const struct match_client *client = &work->match.clients[i];

		if (!client->kept && remove_client(operation, client, error) != 0)
			return -1;
		if (client->in_the_way && park_client(operation, client, error) != 0)
			return -1;
	}
	return 0;
}

static int apply(struct operation *operation, struct synchronisation *work, struct error *error)
{
	if (read_known(operation, work, error) != 0 || list_known(operation, work, error) != 0 ||
	    match_items(operation, work->items, &work->match, error) != 0 ||
	    make_way(operation, work, error) != 0)
		return -1;
	for (unsigned i = 0; i < work->items->count; i++) {
		const struct row *item = work->items->rows[i];
		struct match_client *client = &work->match.clients[work->match.of_item[i]];

		if ((client->stored ? update_client(operation, client, item, i, error)
				    : add_client(operation, work, client, item, i, error)) != 0)
			return -1;
		client->stored = true;
	}
	return 0;
}

/* What cannot be answered is not stored. */
static int synchronise(struct operation *operation, void *context, struct error *error)
{
	struct synchronisation *work = context;

	if (apply(operation, work, error) != 0 ||
	    discovery_fetch(operation, &work->group, STR(""), &work->answer, error) != 0 ||
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
