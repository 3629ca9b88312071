/*
 * Reading and changing the settings of the server.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/server_setting.h"
#include "record/audit.h"

#define NAME_LONGEST 100

/* --- bodies --- */

enum { ITEM_GROUP, ITEM_NAME, ITEM_TYPE, ITEM_VALUE };

static const struct field item_fields[] = {
	[ITEM_GROUP] = { STRING("group", NULL, NAME_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_TYPICAL,
	    .doc = "Group of the setting; may be absent if the name is unambiguous.",
	    .example = "\"mail\"" },
	[ITEM_NAME] = { STRING("name", NULL, NAME_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "Its name within the group.",
	    .example = "\"senderName\"" },
	[ITEM_TYPE] = { STRING("type", NULL, NAME_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "boolean, integer or string; ignored in a change.", .example = "\"string\"" },
	[ITEM_VALUE] = { SCALAR("value", NULL), .flags = FIELD_NOT_STORED | FIELD_TYPICAL,
	    .doc = "Value of that type; null in a change restores the default.",
	    .example = "\"ACME, Inc.\"" },
	HIDDEN_LINK,
};

static const struct resource item_resource = {
	.name = "setting",
	.type_name = "Setting",
	.area = AREA_CREDENTIALS,
	FIELDS(item_fields),
	.doc = "One setting of the server.",
};

enum { SETTINGS_LIST };

static const struct field list_fields[] = {
	[SETTINGS_LIST] = { MANY("settings", &item_resource, "link", "link"),
	    .flags = FIELD_TYPICAL, .doc = "By group and name." },
	HIDDEN_LINK,
};

const struct resource server_settings_resource = {
	.name = "settings",
	.chapter = LICENSING_CHAPTER_SERVER,
	.type_name = "GetSettingsResponse",
	.area = AREA_CREDENTIALS,
	FIELDS(list_fields),
	.doc = "Settings of the server.",
};

enum { CHANGE_LIST };

static const struct field change_fields[] = {
	[CHANGE_LIST] = { MANY("settings", &item_resource, "link", "link"),
	    .flags = FIELD_OWNED | FIELD_TYPICAL, .max = 100, .doc = "What to change." },
	HIDDEN_LINK,
};

const struct resource settings_change_resource = {
	.name = "settings",
	.chapter = LICENSING_CHAPTER_SERVER,
	.type_name = "UpdateSettingsRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(change_fields),
	.doc = "Settings to change; the others keep their values.",
};

const struct parameter licensing_settings_parameters[3] = {
	{ .name = "group",
	    .kind = PARAMETER_TEXT,
	    .most = NAME_LONGEST,
	    .doc = "Only settings of this group.",
	    .example = "mail" },
	{ .name = "name",
	    .kind = PARAMETER_TEXT,
	    .most = NAME_LONGEST,
	    .doc = "Only settings of this name.",
	    .example = "senderName" },
	{ .name = "request",
	    .kind = PARAMETER_TEXT,
	    .most = 2 * NAME_LONGEST,
	    .doc = "Both in one: a group, or group.name.",
	    .example = "mail.senderName" },
};

/* --- reading --- */

static bool matches(const struct parameter_value *value, const char *text)
{
	return !value->sent || str_trim(value->text).length == 0 ||
	       str_equal_ignore_case(str_trim(value->text), str_from(text));
}

static bool is_wanted(struct operation *operation, const struct server_setting *setting)
{
	const struct parameters *parameters = &operation->parameters;
	const struct parameter_value *request = parameters_get(parameters, "request");

	return matches(parameters_get(parameters, "group"), setting->group) &&
	       matches(parameters_get(parameters, "name"), setting->name) &&
	       (matches(request, setting->group) ||
		   matches(request, server_setting_name(operation->context.arena, setting)));
}

static struct row *make_item(
    struct operation *operation, const struct server_setting *setting, struct str value)
{
	struct row *row = row_new(operation->context.arena, &item_resource);

	if (row == NULL)
		return NULL;
	row_set_text(row, ITEM_GROUP, str_from(setting->group));
	row_set_text(row, ITEM_NAME, str_from(setting->name));
	row_set_text(row, ITEM_TYPE, str_from(server_setting_type(setting)));
	row_set_text(row, ITEM_VALUE, value);
	return row;
}

int licensing_settings_get(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &server_settings_resource);
	struct row_list list = { NULL, 0 };
	struct server_setting_values stored;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (server_setting_load(operation, &stored, error) != 0)
		return -1;
	list.rows =
	    arena_alloc_array(operation->context.arena, SERVER_SETTING_COUNT, sizeof(list.rows[0]));
	for (unsigned i = 0; i < SERVER_SETTING_COUNT && list.rows != NULL; i++) {
		if (!is_wanted(operation, &server_setting_table[i]))
			continue;
		list.rows[list.count] = make_item(operation, &server_setting_table[i],
		    server_setting_current(operation, &stored, i));
		if (list.rows[list.count++] == NULL)
			return error_out_of_memory(error);
	}
	if (list.rows == NULL)
		return error_out_of_memory(error);
	row_set_list(answer, SETTINGS_LIST, list);
	operation_answer_members(operation, answer);
	return 0;
}

/* --- changing --- */

/* Number of the setting that an item names, or -1 with a fault. */
static int find_setting(const struct row *item, const char *path, struct error *error)
{
	struct str name = item->values[ITEM_NAME].text;
	int found = -1;

	for (unsigned i = 0; i < SERVER_SETTING_COUNT; i++) {
		if (!str_equal_ignore_case(name, str_from(server_setting_table[i].name)) ||
		    (row_filled(item, ITEM_GROUP) &&
			!str_equal_ignore_case(item->values[ITEM_GROUP].text,
			    str_from(server_setting_table[i].group))))
			continue;
		if (found >= 0)
			return error_add_fault(error, path,
			    "There are several settings " STR_FORMAT "; name the group.",
			    STR_ARGUMENTS(name));
		found = (int)i;
	}
	if (found < 0)
		error_add_fault(
		    error, path, "There is no setting " STR_FORMAT ".", STR_ARGUMENTS(name));
	return found;
}

/* What a request changes, by the number of the setting. */
struct change {
	bool changed[SERVER_SETTING_COUNT];
	struct str values[SERVER_SETTING_COUNT]; /* JSON; data NULL = back to the default */
};

static void take_item(struct operation *operation, const struct row *item, unsigned number,
    struct change *change, struct error *error)
{
	const char *path = arena_printf(operation->context.arena, "settings[%u].name", number);
	const char *value_path =
	    arena_printf(operation->context.arena, "settings[%u].value", number);
	int found = find_setting(item, path, error);
	struct str sent = item->values[ITEM_VALUE].text;

	if (found < 0)
		return;
	if (!row_has(item, ITEM_VALUE)) {
		error_add_fault(error, value_path, "The value field is required.");
	} else if (!server_setting_table[found].stored) {
		if (!row_filled(item, ITEM_VALUE) ||
		    !server_setting_is_same(operation, &server_setting_table[found], sent))
			error_add_fault(error, path,
			    "The setting %s is read-only: it belongs to the configuration file.",
			    server_setting_name(
				operation->context.arena, &server_setting_table[found]));
	} else if (!row_filled(item, ITEM_VALUE)) {
		change->changed[found] = true;
	} else {
		change->changed[found] = server_setting_take(operation,
		    &server_setting_table[found], sent, value_path, &change->values[found], error);
	}
}

static void write_change(
    struct writer *writer, const char *name, struct str before, struct str after)
{
	writer_object_begin(writer, name);
	writer_json(writer, "before", before);
	writer_json(writer, "after", after);
	writer_object_end(writer);
}

static int store_change(struct operation *operation, void *context, struct error *error)
{
	const struct change *change = context;
	struct server_setting_values stored;
	struct buf detail = { 0 };
	struct writer writer;
	int result = server_setting_load(operation, &stored, error);

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	for (unsigned i = 0; i < SERVER_SETTING_COUNT && result == 0; i++) {
		struct str after = change->values[i].data != NULL ? change->values[i] : STR("null");

		if (!change->changed[i])
			continue;
		write_change(&writer,
		    server_setting_name(operation->context.arena, &server_setting_table[i]),
		    server_setting_current(operation, &stored, i), after);
		result = server_setting_store(operation, i, change->values[i], error);
	}
	writer_object_end(&writer);
	if (result == 0 && detail.length > 2)
		result = audit_record_event(&operation->context,
		    &(const struct audit_event){ .action = AUDIT_UPDATE,
			.area = server_settings_resource.area,
			.what = "server settings",
			.detail = buf_str(&detail) },
		    error);
	buf_free(&detail);
	return result;
}

int licensing_settings_put(struct operation *operation, struct error *error)
{
	struct change change = { 0 };
	struct row *body;

	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	if (!row_filled(body, CHANGE_LIST))
		return error_add_fault(error, "settings", "The settings field is required.");
	for (unsigned i = 0; i < body->values[CHANGE_LIST].list.count; i++)
		take_item(operation, body->values[CHANGE_LIST].list.rows[i], i, &change, error);
	if (error->fault_count > 0 ||
	    operation_transaction(operation, store_change, &change, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}
