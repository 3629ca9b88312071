/*
 * What a caller learns of a group: all of it, or what has changed since a version.
 */
#include "api/discovery/discovery.h"
#include "record/rows.h"

struct row *discovery_clients_of(struct arena *arena, const struct uuid *group)
{
	const struct value id = { .uuid = *group };

	return row_with(arena, &discovery_client_resource, DISCOVERY_CLIENT_GROUP_ID, &id);
}

const struct row_list *discovery_clients(const struct row *answer)
{
	return &answer->values[RESPONSE_CLIENTS].list;
}

int discovery_check_size(
    const struct operation *operation, const char *path, int64_t count, struct error *error)
{
	int64_t most = operation->context.settings->limits.group_clients;

	if (count <= most)
		return 0;
	return error_add_fault(error, path,
	    "A group has at most %lld clients (limit_group_clients).", (long long)most);
}

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

/* Condition that a member, the version of a row, is a later one than the caller knows. */
static void where_later(struct sql *sql, const struct operation *operation,
    const struct resource *resource, unsigned member, int64_t since)
{
	const struct value next = { .integer = since + 1 };

	sql_init(sql, operation->context.arena);
	sql_where_from(sql, resource, member, &next);
}

/* The clients of the answer's group, which each of them shows: it was read once for all. */
static int fetch_clients(struct operation *operation, const struct discovery_view *view,
    struct row *answer, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	const uint64_t mask =
	    view->details ? discovery_client_details()
			  : resource_default_mask(resource) & ~FIELD_BIT(DISCOVERY_CLIENT_GROUP);
	struct row *group = answer->values[RESPONSE_GROUPS].list.rows[0];
	struct record_set set = { .resource = resource,
		.keys = discovery_clients_of(operation->context.arena, &view->presence->group) };
	struct row_list clients;
	struct sql where;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	if (view->changes) {
		where_later(&where, operation, resource, DISCOVERY_CLIENT_VERSION, view->since);
		set.where = &where;
	}
	if (record_fetch_all(&operation->context, &set, mask, &clients, error) != 0)
		return -1;
	for (unsigned i = 0; i < clients.count; i++)
		row_set_row(clients.rows[i], DISCOVERY_CLIENT_GROUP, group);
	row_set_list(answer, RESPONSE_CLIENTS, clients);
	return 0;
}

static int fetch_associations(struct operation *operation, const struct discovery_view *view,
    struct row *answer, struct error *error)
{
	struct row_list all = { &answer, 1 };
	struct row_list associations;

	if (view->caller != NULL) {
		row_set_uuid(answer, RESPONSE_CALLER_ID, *view->caller);
		return record_follow(&operation->context, answer->resource,
		    FIELD_BIT(RESPONSE_ASSOCIATIONS), &all, error);
	}
	if (fetch_all_associations(operation, &view->presence->group, &associations, error) != 0)
		return -1;
	row_set_list(answer, RESPONSE_ASSOCIATIONS, associations);
	return 0;
}

/* Of the whole group there is nothing that the caller would have to forget by itself. */
static int fetch_removed(struct operation *operation, const struct discovery_view *view,
    struct row *answer, struct error *error)
{
	const struct resource *resource = &discovery_removed_resource;
	const struct value group = { .uuid = view->presence->group };
	struct record_set set = { .resource = resource,
		.keys = row_with(
		    operation->context.arena, resource, DISCOVERY_REMOVED_GROUP_ID, &group) };
	struct row_list removed = { NULL, 0 };
	struct sql where;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	where_later(&where, operation, resource, DISCOVERY_REMOVED_VERSION, view->since);
	set.where = &where;
	if (view->changes && record_fetch_all(&operation->context, &set,
				 resource_default_mask(resource), &removed, error) != 0)
		return -1;
	row_set_list(answer, RESPONSE_REMOVED, removed);
	return 0;
}

/* Members beside those of the reference. */
static int add_details(struct operation *operation, const struct discovery_view *view,
    struct row *answer, struct error *error)
{
	const struct presence *presence = view->presence;

	row_set_integer(answer, RESPONSE_VERSION, presence->version);
	row_set_boolean(answer, RESPONSE_COMPLETE, !view->changes);
	if (presence->lease > 0)
		row_set_integer(answer, RESPONSE_INTERVAL, presence_interval(presence));
	else
		row_set_null(answer, RESPONSE_INTERVAL);
	return fetch_removed(operation, view, answer, error);
}

/* The group, as whoever has looked at it first knows it. */
static int add_group(struct operation *operation, const struct presence *presence,
    struct row *answer, struct error *error)
{
	struct row *group = row_new(operation->context.arena, &discovery_group_resource);
	struct row_list groups = {
		arena_alloc_array(operation->context.arena, 1, sizeof(groups.rows[0])), 1
	};

	if (group == NULL || groups.rows == NULL)
		return error_out_of_memory(error);
	row_set_uuid(group, DISCOVERY_GROUP_ID, presence->group);
	row_set_text(group, DISCOVERY_GROUP_NAME, presence->name);
	groups.rows[0] = group;
	row_set_list(answer, RESPONSE_GROUPS, groups);
	return 0;
}

int discovery_fetch(struct operation *operation, const struct discovery_view *view,
    struct row **answer, struct error *error)
{
	struct row *row = row_new(operation->context.arena, &discovery_response_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	zone_begin(view->presence->zone);
	row_set_uuid(row, RESPONSE_GROUP_ID, view->presence->group);
	if (add_group(operation, view->presence, row, error) != 0 ||
	    fetch_clients(operation, view, row, error) != 0 ||
	    (view->details && add_details(operation, view, row, error) != 0) ||
	    fetch_associations(operation, view, row, error) != 0)
		return -1;
	*answer = row;
	return 0;
}
