/*
 * A hello: an application says who and where it is, and learns of its group.
 *
 * SQL of its own: each application says hello again and again, mostly the same, so that one
 * statement looks for the group and asks whether it is the same, and one notes the moment.
 */
#include "api/discovery/discovery.h"
#include "op/tag.h"
#include "record/audit.h"
#include "record/audit_row.h"
#include "record/rows.h"

/* A hello under way. */
struct hello {
	const struct row *row;
	bool known; /* of a client that is there, else nothing is stored */
	struct presence presence;
	const struct row *before; /* the client as it was; NULL = new */
	struct uuid client;       /* its identifier */
	struct row *answer;
};

static const struct uuid *group_of(const struct hello *hello)
{
	return &hello->row->values[HELLO_GROUP_ID].uuid;
}

/* Where the caller can be reached. */
static struct str address_of(const struct operation *operation, const struct row *row)
{
	if (row_filled(row, HELLO_IP_ADDRESS) && row->values[HELLO_IP_ADDRESS].text.length > 0)
		return row->values[HELLO_IP_ADDRESS].text;
	return operation->request->remote_address;
}

static struct bind bind_of(const struct row *row, unsigned member)
{
	return sql_bind_of(&row->resource->fields[member], &row->values[member]);
}

enum {
	LOOK_VERSION,
	LOOK_COMPLETE_FROM,
	LOOK_LEASE,
	LOOK_LAPSES_AT,
	LOOK_NAME,
	LOOK_ZONE,
	LOOK_CLIENT,
	LOOK_SAME,
	LOOK__MAX
};

static const enum bind_kind look_kinds[LOOK__MAX] = {
	[LOOK_VERSION] = BIND_INTEGER,
	[LOOK_COMPLETE_FROM] = BIND_INTEGER,
	[LOOK_LEASE] = BIND_INTEGER,
	[LOOK_LAPSES_AT] = BIND_TIME,
	[LOOK_NAME] = BIND_TEXT,
	[LOOK_ZONE] = BIND_TEXT,
	[LOOK_CLIENT] = BIND_UUID,
	[LOOK_SAME] = BIND_INTEGER,
};

/*
 * Looks how far the group is, before anything else of it is read: what changes meanwhile is shown
 * once more later. And whether the client is there and has said the same before; nothing is locked.
 */
static int look(struct operation *operation, struct hello *hello, bool *same, struct error *error)
{
	static const char sql[] =
	    "SELECT g.version, g.complete_from, g.lease_seconds, g.lapses_at, g.group_name, "
	    "g.time_zone, c.id, "
	    "c.app_name <=> ? AND c.app_version <=> ? AND c.ip_address <=> ? AND c.port <=> ? AND "
	    "c.status <=> COALESCE(?, c.status) AND c.note <=> COALESCE(?, c.note) AND c.gone_at "
	    "IS NULL FROM discovery_group g LEFT JOIN discovery_client c ON c.group_id = g.id AND "
	    "c.client_code = ? WHERE g.id = ?";
	const struct row *row = hello->row;
	const struct bind parameters[] = {
		bind_of(row, HELLO_APP_NAME),
		bind_of(row, HELLO_APP_VERSION),
		BIND_STR(address_of(operation, row)),
		bind_of(row, HELLO_PORT),
		bind_of(row, HELLO_STATUS),
		bind_of(row, HELLO_NOTE),
		bind_of(row, HELLO_CLIENT_CODE),
		BIND_ID(*group_of(hello)),
	};
	struct result result;
	const struct bind *found;

	if (database_select(operation->context.database, operation->context.arena, sql, parameters,
		COUNT_OF(parameters), look_kinds, LOOK__MAX, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return error_set(error, ERROR_NOT_FOUND, "The client group was not found.");
	found = result.rows[0];
	hello->presence = (struct presence){ .group = *group_of(hello),
		.name = found[LOOK_NAME].text,
		.version = found[LOOK_VERSION].integer,
		.complete_from = found[LOOK_COMPLETE_FROM].integer,
		.lease = found[LOOK_LEASE].integer,
		.lapses_at = found[LOOK_LAPSES_AT].null ? 0 : found[LOOK_LAPSES_AT].integer,
		.zone = found[LOOK_ZONE].null ? NULL : zone_find(found[LOOK_ZONE].text) };
	hello->client = found[LOOK_CLIENT].uuid;
	*same = !found[LOOK_CLIENT].null && found[LOOK_SAME].integer != 0;
	return 0;
}

/* Notes the moment of a hello that says what the one before it has said. */
static int refresh(
    struct operation *operation, const struct hello *hello, bool *done, struct error *error)
{
	static const char sql[] =
	    "UPDATE discovery_client SET updated_at = ? WHERE id = ? AND gone_at IS NULL";
	const struct bind parameters[] = { BIND_MOMENT(timestamp_now()), BIND_ID(hello->client) };
	struct outcome outcome;

	if (database_execute(operation->context.database, sql, parameters, COUNT_OF(parameters),
		&outcome, error) != 0)
		return -1;
	*done = outcome.affected > 0;
	return 0;
}

/* What the hello says, as a row of clients. */
static struct row *client_of(const struct operation *operation, const struct hello *hello)
{
	static const struct {
		enum discovery_hello from;
		enum discovery_client to;
		bool kept; /* if it is not sent, it stays */
	} members[] = {
		{ HELLO_APP_NAME, DISCOVERY_CLIENT_APP_NAME, false },
		{ HELLO_APP_VERSION, DISCOVERY_CLIENT_APP_VERSION, false },
		{ HELLO_PORT, DISCOVERY_CLIENT_PORT, false },
		{ HELLO_STATUS, DISCOVERY_CLIENT_STATUS, true },
		{ HELLO_NOTE, DISCOVERY_CLIENT_NOTE, true },
	};
	struct row *client = row_new(operation->context.arena, &discovery_client_resource);

	for (size_t i = 0; client != NULL && i < COUNT_OF(members); i++) {
		if (row_filled(hello->row, members[i].from) || !members[i].kept)
			row_set_value(client, members[i].to, &hello->row->values[members[i].from]);
	}
	if (client != NULL)
		row_set_text(
		    client, DISCOVERY_CLIENT_IP_ADDRESS, address_of(operation, hello->row));
	return client;
}

/* The client of the group that has the code of the hello; the group is locked. */
static int find_stored(struct operation *operation, struct hello *hello, struct error *error)
{
	struct record_set set = { .resource = &discovery_client_resource };
	struct row *keys = discovery_clients_of(operation->context.arena, group_of(hello));
	struct row *row;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_value(keys, DISCOVERY_CLIENT_CODE, &hello->row->values[HELLO_CLIENT_CODE]);
	set.keys = keys;
	if (record_find(&operation->context, &set,
		discovery_client_details() | FIELD_BIT(DISCOVERY_CLIENT_GONE_AT), &row, error) != 0)
		return -1;
	hello->before = row;
	hello->client = row != NULL ? row->values[DISCOVERY_CLIENT_ID].uuid : uuid_new();
	return 0;
}

static int check_room(struct operation *operation, const struct hello *hello, struct error *error)
{
	const struct record_set set = { .resource = &discovery_client_resource,
		.keys = discovery_clients_of(operation->context.arena, group_of(hello)) };
	int64_t count;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (record_count(&operation->context, &set, &count, error) != 0)
		return -1;
	return discovery_check_size(operation, "ClientGroupId", count, error);
}

static int log_client(struct context *context, const struct uuid *client, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	const struct value id = { .uuid = *client };
	struct row *row;

	if (record_find_by(context, resource, DISCOVERY_CLIENT_ID, &id,
		resource_default_mask(resource), &row, error) != 0)
		return -1;
	return audit_record(context, AUDIT_INSERT, resource, NULL, row, error);
}

/*
 * Only a client that is new is a change that somebody may ask for later: what the others say of
 * themselves, again and again, is where they are now.
 */
static int add_client(
    struct operation *operation, struct hello *hello, struct row *client, struct error *error)
{
	struct context *context = &operation->context;
	char token[DISCOVERY_TOKEN_LENGTH + 1];
	int64_t now = timestamp_now();

	if (hello->known)
		return error_set(error, ERROR_NOT_FOUND,
		    "The client is not in its group any more; it must send a hello.");
	if (presence_raise(context, &hello->presence, error) != 0)
		return -1;
	random_text(token, DISCOVERY_TOKEN_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	row_set_uuid(client, DISCOVERY_CLIENT_ID, hello->client);
	row_set_uuid(client, DISCOVERY_CLIENT_GROUP_ID, *group_of(hello));
	row_set_value(client, DISCOVERY_CLIENT_CODE, &hello->row->values[HELLO_CLIENT_CODE]);
	row_set_text(client, DISCOVERY_CLIENT_TOKEN, arena_str(context->arena, str_from(token)));
	row_set_integer(client, DISCOVERY_CLIENT_ADDED_AT, now);
	row_set_integer(client, DISCOVERY_CLIENT_UPDATED_AT, now);
	row_set_integer(client, DISCOVERY_CLIENT_VERSION, hello->presence.version);
	if (record_add_part(context, client, error) != 0 ||
	    check_room(operation, hello, error) != 0)
		return -1;
	return log_client(context, &hello->client, error);
}

/* The client that was there says something else, or says something again. */
static int change_client(
    struct operation *operation, struct hello *hello, struct row *client, struct error *error)
{
	struct context *context = &operation->context;
	const struct value id = hello->before->values[DISCOVERY_CLIENT_ID];
	bool returns = row_filled(hello->before, DISCOVERY_CLIENT_GONE_AT);
	const struct record_set set = { .resource = client->resource,
		.keys = row_with(context->arena, client->resource, DISCOVERY_CLIENT_ID, &id),
		.told = true };
	int64_t count;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (returns || audit_row_changed(hello->before, client) != 0) {
		if (presence_raise(context, &hello->presence, error) != 0)
			return -1;
		row_set_null(client, DISCOVERY_CLIENT_GONE_AT);
		row_set_integer(client, DISCOVERY_CLIENT_VERSION, hello->presence.version);
	}
	if (record_update_all(context, &set, client, &count, error) != 0)
		return -1;
	return returns ? presence_tell(context, &id.uuid, DISCOVERY_HAPPENING_RETURNED, error) : 0;
}

/*
 * The group is locked first, as a synchronisation does it: two that meet wait for each other
 * instead of ending in a deadlock. Of an unknown group nothing is stored.
 */
static int store_hello(struct operation *operation, struct hello *hello, struct error *error)
{
	struct context *context = &operation->context;
	struct row *client = client_of(operation, hello);

	if (client == NULL)
		return error_out_of_memory(error);
	if (presence_lock(context, group_of(hello), &hello->presence, error) != 0 ||
	    find_stored(operation, hello, error) != 0 ||
	    (hello->before == NULL ? add_client : change_client)(operation, hello, client, error) !=
		0)
		return -1;
	return presence_note_lapses(context, &hello->presence, error);
}

static const char *tag_of(const struct operation *operation, const struct presence *presence)
{
	return arena_printf(operation->context.arena, "\"%lld\"", (long long)presence->version);
}

/* The tag is a weak one: moments of hellos, which come and go, are in the answer as well. */
static void write_headers(struct operation *operation, const struct presence *presence)
{
	struct arena *arena = operation->context.arena;

	response_header(operation->response, "ETag",
	    str_from(arena_printf(arena, "W/%s", tag_of(operation, presence))));
	if (presence->lease > 0)
		response_header(operation->response, "Hello-Interval",
		    str_from(arena_printf(arena, "%lld", (long long)presence_interval(presence))));
}

static bool is_known(const struct operation *operation, const struct presence *presence)
{
	struct str header = operation->request->if_none_match;

	return header.length > 0 && tag_is_known(header, str_from(tag_of(operation, presence)));
}

/* Since which version changes are asked for; where not all are known any more, all is shown. */
static void choose_view(
    const struct operation *operation, const struct hello *hello, struct discovery_view *view)
{
	const struct parameter_value *since = parameters_get(&operation->parameters, "since");
	const struct presence *presence = &hello->presence;

	*view = (struct discovery_view){ .presence = presence,
		.caller = &hello->client,
		.details =
		    since->sent || parameters_get(&operation->parameters, "details")->integer != 0,
		.changes = since->sent && since->integer >= presence->complete_from &&
			   since->integer <= presence->version,
		.since = since->integer };
}

static int answer_hello(struct operation *operation, struct hello *hello, struct error *error)
{
	struct discovery_view view;

	write_headers(operation, &hello->presence);
	if (is_known(operation, &hello->presence)) {
		operation->response->status = 304;
		return 0;
	}
	choose_view(operation, hello, &view);
	if (discovery_fetch(operation, &view, &hello->answer, error) != 0)
		return -1;
	operation_answer_row(operation, hello->answer);
	return 0;
}

/*
 * Most hellos of those who send a version end here: nothing is new, and nothing else is asked. What
 * cannot be answered is not stored.
 */
static int greet(struct operation *operation, void *context, struct error *error)
{
	struct hello *hello = context;
	bool same = false, done = false;

	if (look(operation, hello, &same, error) != 0 ||
	    (same && !presence_is_due(&hello->presence) &&
		refresh(operation, hello, &done, error) != 0) ||
	    (!done && store_hello(operation, hello, error) != 0))
		return -1;
	return answer_hello(operation, hello, error);
}

int discovery_greet(
    struct operation *operation, const struct row *row, bool known, struct error *error)
{
	struct hello hello = { .row = row, .known = known };

	return operation_transaction_once(operation, greet, &hello, error);
}

int discovery_hello(struct operation *operation, struct error *error)
{
	struct row *row;

	if (operation_read_row(operation, ROW_READ_INSERT, &row, error) != 0)
		return -1;
	return discovery_greet(operation, row, false, error);
}
