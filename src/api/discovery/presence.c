#include "api/discovery/presence.h"

#include "api/discovery/discovery.h"
#include "record/event.h"
#include "record/rows.h"

/* What whoever has subscribed is told of a client: a token lets in. */
#define TOLD (discovery_client_details() & ~FIELD_BIT(DISCOVERY_CLIENT_TOKEN))

/* How long departures are kept, in microseconds, as versions are. */
#define DEPARTURES_KEPT (24 * 60 * 60 * MICROSECONDS_PER_SECOND)

enum {
	GROUP_ID,
	GROUP_NAME,
	GROUP_VERSION,
	GROUP_COMPLETE_FROM,
	GROUP_LEASE,
	GROUP_LAPSES_AT,
	GROUP_TIME_ZONE
};

static const struct field group_fields[] = {
	[GROUP_ID] = { UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the group." },
	[GROUP_NAME] = { STRING("GroupName", "group_name", 255),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "Name of the group." },
	[GROUP_VERSION] = { INT64("Version", "version"), .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .fallback = "1", .doc = "Version of its latest change." },
	[GROUP_COMPLETE_FROM] = { INT64("CompleteFrom", "complete_from"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .fallback = "1",
	    .doc = "Oldest version since which all departures are known." },
	[GROUP_LEASE] = { INT32("LeaseSeconds", "lease_seconds"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Lease of its applications." },
	[GROUP_LAPSES_AT] = { DATETIME("LapsesAt", "lapses_at"), .flags = FIELD_READONLY,
	    .doc = "When somebody looks for lapsed applications again." },
	[GROUP_TIME_ZONE] = { STRING("TimeZone", "time_zone", 64), .flags = FIELD_READONLY,
	    .doc = "Time zone of the times that it is shown." },
};

const struct resource presence_group_resource = {
	.name = "state of client group",
	.type_name = "ClientGroupState",
	.area = AREA_DISCOVERY,
	.table = "discovery_group",
	FIELDS(group_fields),
	.unaudited = "tells of other changes, which have their entries",
	.doc = "How far a group is.",
};

enum { LAPSE_ID, LAPSE_GROUP, LAPSE_VERSION, LAPSE_GONE_AT };

/* Without the moment of the latest hello, which a change of the row would move. */
static const struct field lapse_fields[] = {
	[LAPSE_ID] = { UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the client." },
	[LAPSE_GROUP] = { UUID("ClientGroupsId", "group_id"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "Group of the client." },
	[LAPSE_VERSION] = { INT64("Version", "version"), .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .fallback = "1", .doc = "Version of the latest change." },
	[LAPSE_GONE_AT] = { DATETIME("GoneAt", "gone_at"), .flags = FIELD_READONLY,
	    .doc = "When it was noticed that the lease is over." },
};

const struct resource presence_lapse_resource = {
	.name = "lapse of client",
	.type_name = "ClientLapse",
	.area = AREA_DISCOVERY,
	.table = "discovery_client",
	FIELDS(lapse_fields),
	.unaudited = "time passes",
	.doc = "Whether an application's lease is over.",
};

static const struct enumerator states[] = { { 0, "UP" }, { 1, "LATE" }, { 2, "GONE" } };

const struct enumeration presence_states = {
	.name = "ClientState", .enumerators = states, .count = COUNT_OF(states)
};

int presence_lock(struct context *context, const struct uuid *group, struct presence *presence,
    struct error *error)
{
	const struct resource *resource = &presence_group_resource;
	const struct value id = { .uuid = *group };
	const struct row *keys = row_with(context->arena, resource, GROUP_ID, &id);
	struct row *row;

	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(
		context, resource, resource_default_mask(resource), keys, &row, error) != 0)
		return error->code == ERROR_NOT_FOUND
			   ? error_set(error, ERROR_NOT_FOUND, "The client group was not found.")
			   : -1;
	*presence = (struct presence){ .group = *group,
		.name = row->values[GROUP_NAME].text,
		.version = row->values[GROUP_VERSION].integer,
		.complete_from = row->values[GROUP_COMPLETE_FROM].integer,
		.lease = row->values[GROUP_LEASE].integer,
		.lapses_at =
		    row_filled(row, GROUP_LAPSES_AT) ? row->values[GROUP_LAPSES_AT].integer : 0,
		.zone = row_filled(row, GROUP_TIME_ZONE)
			    ? zone_find(row->values[GROUP_TIME_ZONE].text)
			    : NULL };
	return 0;
}

/* Stores one member of the group's state. */
static int store_member(struct context *context, const struct presence *presence, unsigned member,
    int64_t value, struct error *error)
{
	const struct resource *resource = &presence_group_resource;
	const struct value id = { .uuid = presence->group };
	struct row *values = row_new(context->arena, resource);
	const struct record_set set = { .resource = resource,
		.keys = row_with(context->arena, resource, GROUP_ID, &id),
		.told = true };
	int64_t count;

	if (values == NULL || set.keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(values, member, value);
	return record_update_all(context, &set, values, &count, error);
}

int presence_raise(struct context *context, struct presence *presence, struct error *error)
{
	int64_t now = timestamp_now();

	if (presence->raised)
		return 0;
	presence->version = now > presence->version ? now : presence->version + 1;
	presence->raised = true;
	return store_member(context, presence, GROUP_VERSION, presence->version, error);
}

int64_t presence_interval(const struct presence *presence)
{
	return (presence->lease + PRESENCE_INTERVALS - 1) / PRESENCE_INTERVALS;
}

bool presence_is_due(const struct presence *presence)
{
	return presence->lease > 0 && timestamp_now() >= presence->lapses_at;
}

/* Those that are there as far as anybody has noticed; before a moment of their latest hello. */
static struct record_set there(
    struct context *context, const struct presence *presence, int64_t before, struct sql *where)
{
	const struct resource *resource = &discovery_client_resource;
	const struct value moment = { .integer = before };

	sql_init(where, context->arena);
	sql_where_null(where, resource, DISCOVERY_CLIENT_GONE_AT, true);
	if (before > 0)
		sql_where_before(where, resource, DISCOVERY_CLIENT_UPDATED_AT, &moment);
	return (struct record_set){ .resource = resource,
		.keys = discovery_clients_of(context->arena, &presence->group),
		.where = where,
		.told = true };
}

static int mark_gone(struct context *context, const struct presence *presence,
    const struct record_set *lapsed, struct error *error)
{
	const struct resource *resource = &presence_lapse_resource;
	const struct value group = { .uuid = presence->group };
	const struct record_set set = { .resource = resource,
		.keys = row_with(context->arena, resource, LAPSE_GROUP, &group),
		.where = lapsed->where,
		.told = true };
	struct row *values = row_new(context->arena, resource);
	int64_t count;

	if (values == NULL || set.keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(values, LAPSE_VERSION, presence->version);
	row_set_integer(values, LAPSE_GONE_AT, timestamp_now());
	return record_update_all(context, &set, values, &count, error);
}

static int note_gone(
    struct context *context, struct presence *presence, int64_t before, struct error *error)
{
	struct row_list rows;
	struct sql where;
	const struct record_set lapsed = there(context, presence, before, &where);

	if (lapsed.keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_all(context, &lapsed, TOLD, &rows, error) != 0)
		return -1;
	if (rows.count == 0)
		return 0;
	if (presence_raise(context, presence, error) != 0 ||
	    mark_gone(context, presence, &lapsed, error) != 0)
		return -1;
	for (unsigned i = 0; i < rows.count; i++) {
		if (event_put_happening(context, &discovery_client_resource,
			DISCOVERY_HAPPENING_GONE, rows.rows[i], error) != 0)
			return -1;
	}
	return 0;
}

/* When the next one may lapse: not before the one that was heard of first. */
static int note_next_lapse(
    struct context *context, struct presence *presence, int64_t lease, struct error *error)
{
	int64_t earliest = timestamp_now() + presence_interval(presence) * MICROSECONDS_PER_SECOND;
	struct row *row;
	struct sql where;
	struct record_set set = there(context, presence, 0, &where);

	if (set.keys == NULL)
		return error_out_of_memory(error);
	set.order_by = "UpdClientTime";
	if (record_find(context, &set, FIELD_BIT(DISCOVERY_CLIENT_UPDATED_AT), &row, error) != 0)
		return -1;
	presence->lapses_at =
	    row != NULL ? row->values[DISCOVERY_CLIENT_UPDATED_AT].integer + lease : earliest;
	if (presence->lapses_at < earliest)
		presence->lapses_at = earliest;
	return store_member(context, presence, GROUP_LAPSES_AT, presence->lapses_at, error);
}

int presence_note_lapses(struct context *context, struct presence *presence, struct error *error)
{
	int64_t lease = presence->lease * MICROSECONDS_PER_SECOND;

	if (!presence_is_due(presence))
		return 0;
	if (note_gone(context, presence, timestamp_now() - lease, error) != 0)
		return -1;
	return note_next_lapse(context, presence, lease, error);
}

/* One that was deleted meanwhile has nobody who is to be told. */
static int look(struct context *context, void *data, struct error *error)
{
	struct presence presence;

	if (presence_lock(context, data, &presence, error) == 0)
		return presence_note_lapses(context, &presence, error);
	if (error->code != ERROR_NOT_FOUND)
		return -1;
	error_clear(error);
	return 0;
}

static int look_at_all(void *data, const struct row_list *rows, struct error *error)
{
	struct context *context = data;

	for (unsigned i = 0; i < rows->count; i++) {
		if (record_transaction(
			context, look, &rows->rows[i]->values[GROUP_ID].uuid, error) != 0)
			return -1;
	}
	return 0;
}

int presence_look_everywhere(struct context *context, struct error *error)
{
	const struct resource *resource = &presence_group_resource;
	const struct value one = { .integer = 1 };
	struct sql leased;

	sql_init(&leased, context->arena);
	sql_where_from(&leased, resource, GROUP_LEASE, &one);
	return record_each(context, &(struct record_set){ .resource = resource, .where = &leased },
	    FIELD_BIT(GROUP_ID), look_at_all, context, error);
}

/* Callers who know an older version than these get the whole group. */
static int forget_departures(
    struct context *context, struct presence *presence, struct error *error)
{
	const struct resource *resource = &discovery_removed_resource;
	const struct value group = { .uuid = presence->group };
	const struct value before = { .integer = presence->version - DEPARTURES_KEPT };
	struct record_set set = { .resource = resource,
		.keys = row_with(context->arena, resource, DISCOVERY_REMOVED_GROUP_ID, &group),
		.told = true };
	struct sql where;
	int64_t count;

	sql_init(&where, context->arena);
	sql_where_before(&where, resource, DISCOVERY_REMOVED_VERSION, &before);
	set.where = &where;
	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (record_delete_all(context, &set, &count, error) != 0)
		return -1;
	return count > 0
		   ? store_member(context, presence, GROUP_COMPLETE_FROM, before.integer, error)
		   : 0;
}

int presence_note_departures(struct context *context, struct presence *presence,
    const struct row_list *clients, struct error *error)
{
	struct row_list rows = { arena_alloc_array(
				     context->arena, clients->count, sizeof(rows.rows[0])),
		clients->count };

	if (clients->count == 0)
		return 0;
	if (presence_raise(context, presence, error) != 0)
		return -1;
	for (unsigned i = 0; rows.rows != NULL && i < rows.count; i++) {
		const struct value *values = clients->rows[i]->values;
		struct row *row = row_new(context->arena, &discovery_removed_resource);

		if (row == NULL)
			return error_out_of_memory(error);
		row_set_uuid(row, DISCOVERY_REMOVED_ID, values[DISCOVERY_CLIENT_ID].uuid);
		row_set_text(row, DISCOVERY_REMOVED_CODE, values[DISCOVERY_CLIENT_CODE].text);
		row_set_uuid(row, DISCOVERY_REMOVED_GROUP_ID, presence->group);
		row_set_integer(row, DISCOVERY_REMOVED_VERSION, presence->version);
		rows.rows[i] = row;
	}
	if (rows.rows == NULL)
		return error_out_of_memory(error);
	if (record_add_parts(context, &rows, error) != 0)
		return -1;
	return forget_departures(context, presence, error);
}

int presence_tell(
    struct context *context, const struct uuid *client, const char *happening, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	const struct value id = { .uuid = *client };
	const struct row *keys;
	struct row *row;

	if (!event_is_wanted(context, resource, happening))
		return 0;
	keys = row_with(context->arena, resource, DISCOVERY_CLIENT_ID, &id);
	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_one(context, resource, TOLD, keys, &row, error) != 0)
		return -1;
	return event_put_happening(context, resource, happening, row, error);
}
