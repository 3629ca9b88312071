/*
 * What a client does that its token names: it says that it is still there, or leaves.
 */
#include "api/discovery/discovery.h"
#include "record/rows.h"

static int fail_token(struct error *error)
{
	return error_set(
	    error, ERROR_NOT_FOUND, "The token names no client; it must send a hello.");
}

/* A token that two clients have, which only a synchronisation can have given them, names none. */
static int find_client(struct operation *operation, struct row **client, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	const struct value token = { .text = operation->captures[0] };
	const struct record_set set = { .resource = resource,
		.keys =
		    row_with(operation->context.arena, resource, DISCOVERY_CLIENT_TOKEN, &token),
		.most = 2 };
	struct row_list rows;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (token.text.length < DISCOVERY_TOKEN_LEAST)
		return fail_token(error);
	if (record_fetch_all(&operation->context, &set,
		resource_default_mask(resource) & ~FIELD_BIT(DISCOVERY_CLIENT_GROUP), &rows,
		error) != 0)
		return -1;
	if (rows.count != 1)
		return fail_token(error);
	*client = rows.rows[0];
	return 0;
}

/* What the client has said before, as a hello. */
static struct row *hello_of(struct arena *arena, const struct row *client)
{
	static const struct {
		enum discovery_client from;
		enum discovery_hello to;
	} members[] = {
		{ DISCOVERY_CLIENT_CODE, HELLO_CLIENT_CODE },
		{ DISCOVERY_CLIENT_GROUP_ID, HELLO_GROUP_ID },
		{ DISCOVERY_CLIENT_APP_NAME, HELLO_APP_NAME },
		{ DISCOVERY_CLIENT_APP_VERSION, HELLO_APP_VERSION },
		{ DISCOVERY_CLIENT_IP_ADDRESS, HELLO_IP_ADDRESS },
		{ DISCOVERY_CLIENT_PORT, HELLO_PORT },
	};
	struct row *hello = row_new(arena, &discovery_hello_resource);

	for (size_t i = 0; hello != NULL && i < COUNT_OF(members); i++)
		row_set_value(hello, members[i].to, &client->values[members[i].from]);
	return hello;
}

int discovery_heartbeat(struct operation *operation, struct error *error)
{
	struct row *sent, *client, *hello;

	if (operation_read_row(operation, ROW_READ_UPDATE, &sent, error) != 0 ||
	    find_client(operation, &client, error) != 0)
		return -1;
	hello = hello_of(operation->context.arena, client);
	if (hello == NULL)
		return error_out_of_memory(error);
	row_set_value(hello, HELLO_STATUS, &sent->values[HEARTBEAT_STATUS]);
	row_set_value(hello, HELLO_NOTE, &sent->values[HEARTBEAT_NOTE]);
	return discovery_greet(operation, hello, true, error);
}

static int leave(struct operation *operation, void *data, struct error *error)
{
	const struct row *client = data;
	const struct value *values = client->values;
	struct presence presence;
	struct record_change change = { 0 };

	change.keys = row_with(operation->context.arena, client->resource, DISCOVERY_CLIENT_ID,
	    &values[DISCOVERY_CLIENT_ID]);
	if (change.keys == NULL)
		return error_out_of_memory(error);
	/* The group first, as everybody who changes one of its clients. */
	if (presence_lock(&operation->context, &values[DISCOVERY_CLIENT_GROUP_ID].uuid, &presence,
		error) != 0 ||
	    record_delete(&operation->context, &discovery_client_record, &change, error) != 0)
		return -1;
	operation_answer_nothing(operation, 204);
	return 0;
}

int discovery_leave(struct operation *operation, struct error *error)
{
	struct row *client;

	if (find_client(operation, &client, error) != 0)
		return -1;
	return operation_transaction(operation, leave, client, error);
}
