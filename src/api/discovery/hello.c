/*
 * A hello: an application says who and where it is, and learns of its group.
 *
 * SQL of its own: each application says hello again and again, so that one statement looks for the
 * group, locks it, and adds the client or changes it.
 */
#include "api/discovery/discovery.h"
#include "record/audit.h"
#include "record/rows.h"

/* Members of the answer, in the order of its table. */
enum {
	RESPONSE_CLIENTS,
	RESPONSE_GROUPS,
	RESPONSE_ASSOCIATIONS,
	RESPONSE_GROUP_ID,
	RESPONSE_CALLER_ID
};

/* Members of a hello, in the order of its table. */
enum {
	HELLO_CLIENT_CODE,
	HELLO_GROUP_ID,
	HELLO_APP_NAME,
	HELLO_APP_VERSION,
	HELLO_IP_ADDRESS,
	HELLO_PORT
};

/* The associations of every client of the group. */
static int fetch_all_associations(struct operation *operation, const struct uuid *group,
    struct row_list *rows, struct error *error)
{
	const struct resource *resource = &discovery_association_resource;
	struct sql where;

	sql_init(&where, operation->context.arena);
	sql_where(
	    &where, "t.client_id IN (SELECT c.id FROM discovery_client c WHERE c.group_id = ?)");
	sql_bind(&where, BIND_ID(*group));
	return record_fetch_all(&operation->context,
	    &(struct record_set){ .resource = resource, .where = &where, .order_by = "ClientId" },
	    resource_default_mask(resource), rows, error);
}

struct row *discovery_clients_of(struct arena *arena, const struct uuid *group)
{
	const struct value id = { .uuid = *group };

	return row_with(arena, &discovery_client_resource, DISCOVERY_CLIENT_GROUP_ID, &id);
}

/* The clients of the answer's group, which each of them shows: it was read once for all. */
static int fetch_clients(struct operation *operation, struct row *answer, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	const uint64_t mask = resource_default_mask(resource) & ~FIELD_BIT(DISCOVERY_CLIENT_GROUP);
	struct row *group = answer->values[RESPONSE_GROUPS].list.rows[0];
	const struct record_set set = { .resource = resource,
		.keys = discovery_clients_of(
		    operation->context.arena, &answer->values[RESPONSE_GROUP_ID].uuid) };
	struct row_list clients;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_all(&operation->context, &set, mask, &clients, error) != 0)
		return -1;
	for (unsigned i = 0; i < clients.count; i++)
		row_set_row(clients.rows[i], DISCOVERY_CLIENT_GROUP, group);
	row_set_list(answer, RESPONSE_CLIENTS, clients);
	return 0;
}

/* The client of the answer that has the code; codes are unique in a group. */
static const struct row *find_client(const struct row *response, struct str code)
{
	const struct row_list *clients = &response->values[RESPONSE_CLIENTS].list;

	for (unsigned i = 0; i < clients->count; i++) {
		if (str_equal(clients->rows[i]->values[DISCOVERY_CLIENT_CODE].text, code))
			return clients->rows[i];
	}
	return NULL;
}

static const struct uuid *id_of(const struct row *client)
{
	return &client->values[DISCOVERY_CLIENT_ID].uuid;
}

const struct row_list *discovery_clients(const struct row *answer)
{
	return &answer->values[RESPONSE_CLIENTS].list;
}

int discovery_fetch(struct operation *operation, const struct uuid *group, struct str caller,
    struct row **answer, struct error *error)
{
	const struct resource *resource = &discovery_response_resource;
	struct row *row = row_new(operation->context.arena, resource);
	struct row_list all = { &row, 1 };
	struct row_list associations;
	const struct row *client;

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_uuid(row, RESPONSE_GROUP_ID, *group);
	if (record_follow(&operation->context, resource, FIELD_BIT(RESPONSE_GROUPS), &all, error) !=
	    0)
		return -1;
	if (row->values[RESPONSE_GROUPS].list.count == 0)
		return error_set(error, ERROR_NOT_FOUND, "The client group was not found.");
	if (fetch_clients(operation, row, error) != 0)
		return -1;
	if (caller.length > 0) {
		client = find_client(row, caller);
		if (client != NULL)
			row_set_uuid(row, RESPONSE_CALLER_ID, *id_of(client));
		if (record_follow(&operation->context, resource, FIELD_BIT(RESPONSE_ASSOCIATIONS),
			&all, error) != 0)
			return -1;
	} else {
		if (fetch_all_associations(operation, group, &associations, error) != 0)
			return -1;
		row_set_list(row, RESPONSE_ASSOCIATIONS, associations);
	}
	*answer = row;
	return 0;
}

int discovery_check_size(
    const struct operation *operation, const char *path, unsigned count, struct error *error)
{
	int64_t most = operation->context.settings->limits.group_clients;

	if (count <= most)
		return 0;
	return error_add_fault(error, path,
	    "A group has at most %lld clients (limit_group_clients).", (long long)most);
}

/* A hello under way. */
struct hello {
	const struct row *row;
	struct uuid drawn; /* identifier of the client, should it be new */
	struct row *answer;
};

/*
 * The group is locked first, as a synchronisation does it: two that meet wait for each other
 * instead of ending in a deadlock. Of an unknown group nothing is stored.
 */
static int store_hello(struct operation *operation, struct hello *hello, struct error *error)
{
	static const char upsert[] =
	    "INSERT INTO discovery_client (id, group_id, client_code, token, app_name, "
	    "app_version, ip_address, port, added_at, updated_at) "
	    "SELECT ?, g.id, ?, ?, ?, ?, ?, ?, ?, ? FROM discovery_group g WHERE g.id = ? "
	    "LOCK IN SHARE MODE "
	    "ON DUPLICATE KEY UPDATE app_name = VALUES(app_name), app_version = "
	    "VALUES(app_version), "
	    "ip_address = VALUES(ip_address), port = VALUES(port), updated_at = VALUES(updated_at)";
	const struct row *row = hello->row;
	const struct value *values = row->values;
	const struct field *fields = discovery_hello_resource.fields;
	char token[DISCOVERY_TOKEN_LENGTH + 1];
	struct bind now = BIND_MOMENT(timestamp_now());
	struct str address = operation->request->remote_address;
	struct outcome outcome;

	hello->drawn = uuid_new();
	random_text(token, DISCOVERY_TOKEN_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	if (row_filled(row, HELLO_IP_ADDRESS) && values[HELLO_IP_ADDRESS].text.length > 0)
		address = values[HELLO_IP_ADDRESS].text;
	const struct bind parameters[] = {
		BIND_ID(hello->drawn),
		BIND_STR(values[HELLO_CLIENT_CODE].text),
		BIND_STR(str_from(token)),
		BIND_STR(values[HELLO_APP_NAME].text),
		BIND_STR(values[HELLO_APP_VERSION].text),
		BIND_STR(address),
		sql_bind_of(&fields[HELLO_PORT], &values[HELLO_PORT]),
		now,
		now,
		BIND_ID(values[HELLO_GROUP_ID].uuid),
	};

	return database_execute(
	    operation->context.database, upsert, parameters, COUNT_OF(parameters), &outcome, error);
}

/*
 * Only a client that is new is a change that somebody may ask for later: what the others say of
 * themselves, again and again, is where they are now.
 */
static int admit_client(struct operation *operation, const struct hello *hello, struct error *error)
{
	const struct row *client =
	    find_client(hello->answer, hello->row->values[HELLO_CLIENT_CODE].text);

	if (client == NULL || !uuid_equal(id_of(client), &hello->drawn))
		return 0;
	if (discovery_check_size(
		operation, "ClientGroupId", discovery_clients(hello->answer)->count, error) != 0)
		return -1;
	return audit_record(
	    &operation->context, AUDIT_INSERT, client->resource, NULL, client, error);
}

/* What cannot be answered is not stored. */
static int greet(struct operation *operation, void *context, struct error *error)
{
	struct hello *hello = context;
	const struct value *values = hello->row->values;

	if (store_hello(operation, hello, error) != 0 ||
	    discovery_fetch(operation, &values[HELLO_GROUP_ID].uuid, values[HELLO_CLIENT_CODE].text,
		&hello->answer, error) != 0)
		return -1;
	if (admit_client(operation, hello, error) != 0)
		return -1;
	operation_answer_row(operation, hello->answer);
	return 0;
}

int discovery_hello(struct operation *operation, struct error *error)
{
	struct hello hello = { 0 };
	struct row *row;

	if (operation_read_row(operation, ROW_READ_INSERT, &row, error) != 0)
		return -1;
	hello.row = row;
	return operation_transaction_once(operation, greet, &hello, error);
}
