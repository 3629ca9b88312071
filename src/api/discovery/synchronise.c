#include "api/discovery/discovery.h"

/* One client of the group as it is stored. */
struct known {
	struct uuid id;
	struct str code;
	bool kept;
};

/* A synchronisation under way. */
struct synchronisation {
	const struct row_list *items;
	struct uuid group;
	struct known *known;
	unsigned known_count;
	struct row *answer;
};

static bool has_id(const struct row *item)
{
	return row_filled(item, ITEM_ID);
}

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

/* Two items are one client when both id and code agree; one without the other cannot be. */
static bool contradicts(const struct row *a, const struct row *b)
{
	bool same_code =
	    str_equal(a->values[ITEM_CLIENT_CODE].text, b->values[ITEM_CLIENT_CODE].text);
	bool same_id = has_id(a) && has_id(b) &&
		       uuid_equal(&a->values[ITEM_ID].uuid, &b->values[ITEM_ID].uuid);

	return same_code != same_id;
}

static void check_item(struct operation *operation, const struct row_list *items, unsigned number,
    const struct uuid *group, struct error *error)
{
	const struct row *item = items->rows[number];
	const struct uuid *own = group_of(item);

	if (own == NULL)
		error_add_fault(error,
		    arena_printf(operation->arena, "[%u].ClientGroupsId", number),
		    "The ClientGroupsId field is required.");
	else if (group != NULL && !uuid_equal(own, group))
		error_add_fault(error,
		    arena_printf(operation->arena, "[%u].ClientGroupsId", number),
		    "All clients of one call must belong to one group.");
	for (unsigned i = 0; i < number; i++) {
		if (contradicts(items->rows[i], item)) {
			error_add_fault(error,
			    arena_printf(operation->arena, "[%u].ClientCode", number),
			    "The ClientCode or Id stands in item %u already, for another client.",
			    i);
			return;
		}
	}
}

static int check_items(struct operation *operation, const struct row_list *items,
    struct uuid *group, struct error *error)
{
	const struct uuid *first;

	if (items->count == 0)
		return error_add_fault(error, "",
		    "The list must hold at least one client: its group cannot be told from an "
		    "empty one.");
	first = group_of(items->rows[0]);
	for (unsigned i = 0; i < items->count; i++)
		check_item(operation, items, i, first, error);
	if (error->fault_count > 0)
		return -1;
	*group = *first;
	return 0;
}

/*
 * Reads the group's clients; the group is claimed, so that two synchronisations follow one another.
 */
static int read_known(
    struct operation *operation, struct synchronisation *work, struct error *error)
{
	static const char clients[] =
	    "SELECT c.id, c.client_code FROM discovery_client c WHERE c.group_id = ? "
	    "FOR UPDATE";
	static const enum bind_kind columns[] = { BIND_UUID, BIND_TEXT };
	const struct value key = { .uuid = work->group };
	const struct bind group = BIND_ID(work->group);
	struct result result;

	if (operation_claim(operation, &discovery_group_resource, "synchronised_at", &key, error) !=
	    0)
		return -1;
	if (database_select(operation->database, operation->arena, clients, &group, 1, columns, 2,
		&result, error) != 0)
		return -1;
	work->known = arena_alloc_array(
	    operation->arena, result.count + work->items->count, sizeof(work->known[0]));
	if (work->known == NULL)
		return operation_out_of_memory(error);
	work->known_count = result.count;
	for (unsigned i = 0; i < result.count; i++)
		work->known[i] =
		    (struct known){ result.rows[i][0].uuid, result.rows[i][1].text, false };
	return 0;
}

static struct known *find_known(const struct synchronisation *work, const struct row *item)
{
	for (unsigned i = 0; i < work->known_count && has_id(item); i++) {
		if (uuid_equal(&work->known[i].id, &item->values[ITEM_ID].uuid))
			return &work->known[i];
	}
	for (unsigned i = 0; i < work->known_count; i++) {
		if (str_equal(work->known[i].code, item->values[ITEM_CLIENT_CODE].text))
			return &work->known[i];
	}
	return NULL;
}

static struct bind bind_of(const struct row *item, enum discovery_item member)
{
	return sql_bind_of(&discovery_item_resource.fields[member], &item->values[member]);
}

static int execute(struct operation *operation, const char *text, const struct bind *parameters,
    unsigned count, unsigned number, struct error *error)
{
	struct outcome outcome;

	if (database_execute(operation->database, text, parameters, count, &outcome, error) == 0)
		return 0;
	if (database_fault(operation->database) == DATABASE_FAULT_DUPLICATE)
		error_add_fault(error, arena_printf(operation->arena, "[%u].Id", number),
		    "The Id or ClientCode belongs to another client already.");
	return -1;
}

/* Members that were not sent keep their values, as in every update. */
static int update_client(struct operation *operation, const struct known *known,
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
		BIND_ID(known->id),
	};

	return execute(operation, update, parameters, COUNT_OF(parameters), number, error);
}

static int add_client(struct operation *operation, struct synchronisation *work,
    const struct row *item, unsigned number, struct error *error)
{
	static const char insert[] =
	    "INSERT INTO discovery_client (id, group_id, client_code, token, app_name, "
	    "app_version, ip_address, "
	    "port, added_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	char token[DISCOVERY_TOKEN_LENGTH + 1];
	struct uuid id = has_id(item) ? item->values[ITEM_ID].uuid : uuid_random();
	struct bind now = BIND_MOMENT(timestamp_now());

	random_text(token, DISCOVERY_TOKEN_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	const struct bind parameters[] = {
		BIND_ID(id),
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

	if (execute(operation, insert, parameters, COUNT_OF(parameters), number, error) != 0)
		return -1;
	work->known[work->known_count++] =
	    (struct known){ id, item->values[ITEM_CLIENT_CODE].text, true };
	return 0;
}

static int remove_client(
    struct operation *operation, const struct known *known, struct error *error)
{
	const struct bind id = BIND_ID(known->id);
	struct outcome outcome;

	return database_execute(operation->database, "DELETE FROM discovery_client WHERE id = ?",
	    &id, 1, &outcome, error);
}

/* Adds, changes and removes; removals come first: their codes may be taken over by clients that are
 * added. */
static int apply(struct operation *operation, struct synchronisation *work, struct error *error)
{
	if (read_known(operation, work, error) != 0)
		return -1;
	for (unsigned i = 0; i < work->items->count; i++) {
		struct known *known = find_known(work, work->items->rows[i]);

		if (known != NULL)
			known->kept = true;
	}
	for (unsigned i = 0; i < work->known_count; i++) {
		if (!work->known[i].kept && remove_client(operation, &work->known[i], error) != 0)
			return -1;
	}
	for (unsigned i = 0; i < work->items->count; i++) {
		const struct row *item = work->items->rows[i];
		struct known *known = find_known(work, item);

		if ((known != NULL ? update_client(operation, known, item, i, error)
				   : add_client(operation, work, item, i, error)) != 0)
			return -1;
	}
	return 0;
}

/* What cannot be answered is not stored. */
static int synchronise(struct operation *operation, void *context, struct error *error)
{
	struct synchronisation *work = context;

	if (apply(operation, work, error) != 0 ||
	    discovery_fetch(operation, &work->group, STR(""), &work->answer, error) != 0)
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
