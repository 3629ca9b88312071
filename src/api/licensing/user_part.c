/*
 * What belongs to users: their settings, and the roles that they have and that there are.
 */
#include "api/licensing/licensing.h"
#include "auth/role.h"
#include "record/rows.h"

static const struct field setting_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("category", "category", 64), .flags = FIELD_NOT_NULL, .fallback = "",
	    .doc = "Category.", .example = "\"console\"" },
	{ STRING("group", "group_name", 64), .flags = FIELD_NOT_NULL, .fallback = "",
	    .doc = "Group in the category.", .example = "\"lists\"" },
	{ STRING("name", "name", 128), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Name, unique in its group.", .example = "\"pageSize\"" },
	{ STRING("value", "value", LICENSING_TEXT_LONGEST), .flags = FIELD_TYPICAL,
	    .doc = "Value, as text.", .example = "\"50\"" },
	{ STRING("type", "type", 64), .doc = "Type of the value.", .example = "\"integer\"" },
	{ STRING("description", "description", 1000), .doc = "Purpose." },
	{ BOOLEAN("readOnly", "read_only"), .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "Whether programs should not offer to change it." },
	{ UUID("userId", "user_id"), .flags = FIELD_READONLY,
	    .doc = "User that the setting belongs to." },
};

static const struct unique_key setting_uniques[] = {
	{ .index = "user_setting_name",
	    .member = "name",
	    .word = "DUPLICATE_NAME",
	    .message = "The user already has a setting with this name." },
};

static const struct reference setting_references[] = {
	{ .constraint = "user_setting_user",
	    .member = "userId",
	    .target = &licensing_user_resource,
	    .message = "The user was not found." },
};

static const struct relation of_user = {
	.target = &licensing_user_resource,
	.local = "userId",
	.foreign = "id",
};

static const struct table_index setting_indexes[] = {
	{ .name = "user_setting_name", .columns = { "user_id", "category", "group_name", "name" } },
};

const struct resource licensing_user_setting_resource = {
	.name = "setting",
	.word = "userSetting",
	AUDITED_AS("user setting"),
	.type_name = "UserSetting",
	.area = AREA_CREDENTIALS,
	.plural = "settings",
	.table = "user_setting",
	FIELDS(setting_fields),
	UNIQUES(setting_uniques),
	INDEXES(setting_indexes),
	REFERENCES(setting_references),
	.parent = &of_user,
	.doc = "A setting of a user.",
};

const struct record licensing_user_setting_record = {
	.resource = &licensing_user_setting_resource,
};

static const struct field role_fields[] = {
	{ UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("name", "name", 64), .flags = FIELD_READONLY, .doc = "Name.",
	    .example = "\"pageSize\"" },
	{ STRING("description", "description", 255), .flags = FIELD_READONLY,
	    .doc = "What it may do." },
};

const struct resource licensing_role_resource = {
	.name = "role",
	.type_name = "Role",
	.area = AREA_CREDENTIALS,
	.plural = "roles",
	.table = "role",
	FIELDS(role_fields),
	.doc = "What users may do.",
};

enum { USER_ROLE_ID, USER_ROLE_NAME, USER_ROLE_DESCRIPTION, USER_ROLE_USER_ID };

static const struct field user_role_fields[] = {
	[USER_ROLE_ID] = { UUID("id", "role_id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[USER_ROLE_NAME] = { STRING("name", "r.name", 64), .flags = FIELD_READONLY, .doc = "Name.",
	    .example = "\"pageSize\"" },
	[USER_ROLE_DESCRIPTION] = { STRING("description", "r.description", 255),
	    .flags = FIELD_READONLY, .doc = "What it may do." },
	[USER_ROLE_USER_ID] = { UUID("userId", "user_id"), .flags = FIELD_KEY | LICENSING_HIDDEN },
};

static const struct table_index user_role_indexes[] = {
	{ .name = "PRIMARY", .columns = { "user_id", "role_id" } },
	{ .name = "user_role_role", .columns = { "role_id" }, .broad = true },
};

const struct resource licensing_user_role_resource = {
	.name = "role",
	AUDITED_AS("user role"),
	.type_name = "Role",
	.area = AREA_CREDENTIALS,
	.plural = "roles",
	.table = "user_role",
	.from = "user_role {} JOIN role r ON r.id = {}.role_id",
	ORDER_BY(ASCENDING("name")),
	FIELDS(user_role_fields),
	INDEXES(user_role_indexes),
	.parent = &of_user,
	.doc = "A role that a user has.",
};

static struct row *make_user_role(
    struct arena *arena, const struct uuid *user, const struct role *role)
{
	struct row *row = row_new(arena, &licensing_user_role_resource);
	struct uuid id;

	if (row == NULL || !uuid_parse(str_from(role->id), &id))
		return NULL;
	row_set_uuid(row, USER_ROLE_ID, id);
	row_set_uuid(row, USER_ROLE_USER_ID, *user);
	return row;
}

/* One row for each bit of the mask. */
static int list_user_roles(struct context *context, const struct uuid *user, uint32_t roles,
    struct row_list *list, struct error *error)
{
	unsigned known;
	const struct role *table = role_table(&known);

	list->count = 0;
	list->rows = arena_alloc_array(context->arena, known, sizeof(list->rows[0]));
	for (unsigned i = 0; list->rows != NULL && i < known; i++) {
		if (!(roles & (UINT32_C(1) << i)))
			continue;
		list->rows[list->count] = make_user_role(context->arena, user, &table[i]);
		if (list->rows[list->count++] == NULL)
			return error_out_of_memory(error);
	}
	return list->rows != NULL ? 0 : error_out_of_memory(error);
}

/* All that the user has of the list go in one statement. */
static int remove_user_roles(struct context *context, const struct uuid *user,
    const struct row_list *list, struct error *error)
{
	const struct resource *resource = &licensing_user_role_resource;
	struct value *ids = arena_alloc_array(context->arena, list->count, sizeof(ids[0]));
	struct row *keys = row_new(context->arena, resource);
	struct sql where;
	int64_t count;

	if (list->count == 0)
		return 0;
	if (ids == NULL || keys == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < list->count; i++)
		ids[i] = list->rows[i]->values[USER_ROLE_ID];
	row_set_uuid(keys, USER_ROLE_USER_ID, *user);
	sql_init(&where, context->arena);
	sql_where_in(&where, resource, USER_ROLE_ID, ids, list->count);
	return record_delete_all(context,
	    &(struct record_set){
		.resource = resource, .keys = keys, .where = &where, .told = true },
	    &count, error);
}

int licensing_user_change_roles(struct context *context, const struct uuid *user, uint32_t former,
    uint32_t roles, struct error *error)
{
	struct row_list added, removed;

	if (list_user_roles(context, user, roles & ~former, &added, error) != 0 ||
	    list_user_roles(context, user, former & ~roles, &removed, error) != 0 ||
	    remove_user_roles(context, user, &removed, error) != 0)
		return -1;
	return record_add_parts(context, &added, error);
}
