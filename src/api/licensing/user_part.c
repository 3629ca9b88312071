/*
 * What belongs to users: their settings, and the roles that they have and that there are.
 */
#include "api/licensing/licensing.h"

static const struct field setting_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("category", "category", 64), .flags = FIELD_NOT_NULL, .fallback = "",
	    .doc = "Category." },
	{ STRING("group", "group_name", 64), .flags = FIELD_NOT_NULL, .fallback = "",
	    .doc = "Group in the category." },
	{ STRING("name", "name", 128), .flags = FIELD_REQUIRED,
	    .doc = "Name, unique in its group." },
	{ STRING("value", "value", LICENSING_TEXT_LONGEST), .doc = "Value, as text." },
	{ STRING("type", "type", 64), .doc = "Type of the value." },
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
	    .message = "The user was not found." },
};

static const struct relation of_user = {
	.target = &licensing_user_resource,
	.local = "userId",
	.foreign = "id",
};

const struct resource licensing_user_setting_resource = {
	.name = "setting",
	.type_name = "UserSetting",
	.area = AREA_CREDENTIALS,
	.plural = "settings",
	.table = "user_setting",
	FIELDS(setting_fields),
	UNIQUES(setting_uniques),
	REFERENCES(setting_references),
	.parent = &of_user,
	.doc = "A setting of a user.",
};

const struct record licensing_user_setting_record = {
	.resource = &licensing_user_setting_resource,
};

static const struct field role_fields[] = {
	{ UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("name", "name", 64), .flags = FIELD_READONLY, .doc = "Name." },
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

static const struct field user_role_fields[] = {
	{ UUID("id", "role_id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("name", "r.name", 64), .flags = FIELD_READONLY, .doc = "Name." },
	{ STRING("description", "r.description", 255), .flags = FIELD_READONLY,
	    .doc = "What it may do." },
	{ UUID("userId", "user_id"), .flags = FIELD_KEY | LICENSING_HIDDEN },
};

const struct resource licensing_user_role_resource = {
	.name = "role",
	.type_name = "Role",
	.area = AREA_CREDENTIALS,
	.plural = "roles",
	.table = "user_role",
	.from = "user_role {} JOIN role r ON r.id = {}.role_id",
	ORDER_BY(ASCENDING("name")),
	FIELDS(user_role_fields),
	.parent = &of_user,
	.doc = "A role that a user has.",
};
