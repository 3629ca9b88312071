#include "api/licensing/settings.h"

#include "api/licensing/irregular.h"
#include "base/mail_address.h"
#include "codec/reader.h"
#include "record/audit.h"
#include "record/rows.h"

#define NAME_LONGEST 100
#define TEXT_LONGEST 255

enum setting_type { SETTING_BOOLEAN, SETTING_INTEGER, SETTING_STRING };

static const char *const type_names[] = { "boolean", "integer", "string" };

struct setting {
	const char *group, *name;
	enum setting_type type;
	bool stored;          /* can be changed; else it is one of the options */
	size_t offset;        /* in struct server_settings, or in struct settings */
	const char *fallback; /* JSON; of stored ones */
	int64_t least, most;  /* of stored integers */
	const char *(*check)(struct str text); /* of stored texts that are not empty; may be NULL */
};

#define STORED(member) .stored = true, .offset = offsetof(struct server_settings, member)
#define OPTION(member) .offset = offsetof(struct settings, member)

/* By group and name. */
static const struct setting table[] = {
	{ "discovery", "authentication", SETTING_INTEGER, OPTION(discovery_auth) },
	{ "limits", "body", SETTING_INTEGER, OPTION(limits.body_bytes) },
	{ "limits", "listRows", SETTING_INTEGER, OPTION(limits.list_rows) },
	{ "limits", "query", SETTING_INTEGER, OPTION(limits.query_bytes) },
	{ "log", "retention", SETTING_INTEGER, OPTION(log_retention) },
	{ "mail", "attachLicense", SETTING_BOOLEAN, STORED(mail_attach_license),
	    .fallback = "true" },
	{ "mail", "from", SETTING_STRING, OPTION(mail_from) },
	{ "mail", "licenseSubject", SETTING_STRING, STORED(mail_license_subject),
	    .fallback = "\"Your license {{license.licenseId}}\"", .check = mail_text_check },
	{ "mail", "mostRecipients", SETTING_INTEGER, STORED(mail_most_recipients), .fallback = "50",
	    .least = 1, .most = 500 },
	{ "mail", "replyTo", SETTING_STRING, STORED(mail_reply_to), .fallback = "\"\"",
	    .check = mail_address_check },
	{ "mail", "retention", SETTING_INTEGER, OPTION(mail_retention) },
	{ "mail", "retries", SETTING_INTEGER, OPTION(mail_retries) },
	{ "mail", "senderName", SETTING_STRING, STORED(mail_sender_name), .fallback = "\"\"",
	    .check = mail_text_check },
	{ "mail", "server", SETTING_STRING, OPTION(mail_server) },
	{ "server", "basePath", SETTING_STRING, OPTION(base_path) },
	{ "server", "timeZone", SETTING_STRING, OPTION(time_zone) },
};

#define SETTING_COUNT COUNT_OF(table)

/* --- bodies --- */

enum { ITEM_GROUP, ITEM_NAME, ITEM_TYPE, ITEM_VALUE };

static const struct field item_fields[] = {
	[ITEM_GROUP] = { STRING("group", NULL, NAME_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "Group of the setting; may be absent if the name is unambiguous.",
	    .example = "\"mail\"" },
	[ITEM_NAME] = { STRING("name", NULL, NAME_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "Its name within the group.",
	    .example = "\"senderName\"" },
	[ITEM_TYPE] = { STRING("type", NULL, NAME_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "boolean, integer or string; ignored in a change.", .example = "\"string\"" },
	[ITEM_VALUE] = { SCALAR("value", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Value of that type; null in a change restores the default." },
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
	    .doc = "By group and name." },
	HIDDEN_LINK,
};

const struct resource server_settings_resource = {
	.name = "settings",
	.type_name = "GetSettingsResponse",
	.area = AREA_CREDENTIALS,
	FIELDS(list_fields),
	.doc = "Settings of the server.",
};

enum { CHANGE_LIST };

static const struct field change_fields[] = {
	[CHANGE_LIST] = { MANY("settings", &item_resource, "link", "link"), .flags = FIELD_OWNED,
	    .max = 100, .doc = "What to change." },
	HIDDEN_LINK,
};

const struct resource settings_change_resource = {
	.name = "settings",
	.type_name = "UpdateSettingsRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(change_fields),
	.doc = "Settings to change; the others keep their values.",
};

const struct parameter licensing_settings_parameters[3] = {
	{ .name = "group",
	    .kind = PARAMETER_TEXT,
	    .most = NAME_LONGEST,
	    .doc = "Only settings of this group." },
	{ .name = "name",
	    .kind = PARAMETER_TEXT,
	    .most = NAME_LONGEST,
	    .doc = "Only settings of this name." },
	{ .name = "request",
	    .kind = PARAMETER_TEXT,
	    .most = 2 * NAME_LONGEST,
	    .doc = "Both in one: a group, or group.name." },
};

/* --- values --- */

enum { STORED_NAME, STORED_VALUE, STORED_UPDATED_AT };

static const struct field stored_fields[] = {
	/* Group and name, with a dot between. */
	[STORED_NAME] = { STRING("name", "name", 100),
	    .flags = FIELD_KEY | FIELD_HIDDEN | FIELD_READONLY },
	[STORED_VALUE] = { SCALAR("value", "value"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_NOT_NULL },
	[STORED_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

const struct resource stored_setting_resource = {
	.name = "setting",
	.type_name = "StoredSetting",
	.area = AREA_CREDENTIALS,
	.table = "server_setting",
	FIELDS(stored_fields),
	.doc = "A setting of the server that is not its default.",
};

/* Stored values by the number of their row in the table; NULL data = the default. */
struct stored {
	struct str values[SETTING_COUNT];
};

static const char *full_name(struct arena *arena, const struct setting *setting)
{
	return arena_printf(arena, "%s.%s", setting->group, setting->name);
}

static int read_stored(struct operation *operation, struct stored *stored, struct error *error)
{
	const struct record_set all = { .resource = &stored_setting_resource };
	struct row_list rows;

	memset(stored, 0, sizeof(*stored));
	if (record_fetch_all(
		&operation->context, &all, resource_default_mask(all.resource), &rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < rows.count; i++) {
		for (unsigned j = 0; j < SETTING_COUNT; j++) {
			struct str name = str_from(full_name(operation->context.arena, &table[j]));

			if (table[j].stored &&
			    str_equal(rows.rows[i]->values[STORED_NAME].text, name))
				stored->values[j] = rows.rows[i]->values[STORED_VALUE].text;
		}
	}
	return 0;
}

static struct str print_option(struct operation *operation, const struct setting *setting)
{
	const char *place = (const char *)operation->context.settings + setting->offset;
	struct buf json = { 0 };
	struct str copy;

	if (setting->type == SETTING_STRING)
		buf_append_json_string(&json, str_from(*(const char *const *)(const void *)place));
	else
		buf_append_int64(&json, *(const int64_t *)(const void *)place);
	copy = arena_str(operation->context.arena, buf_str(&json));
	buf_free(&json);
	return copy;
}

/* JSON of what a setting is now. */
static struct str current(struct operation *operation, const struct stored *stored, unsigned number)
{
	if (!table[number].stored)
		return print_option(operation, &table[number]);
	if (stored->values[number].data != NULL)
		return stored->values[number];
	return str_from(table[number].fallback);
}

/* The text inside of a JSON string. */
static struct str unquote(struct operation *operation, struct str json)
{
	const struct node *text = json_read_stored(operation->context.arena, json);

	return text != NULL ? text->text : STR("");
}

int server_settings_read(
    struct operation *operation, struct server_settings *settings, struct error *error)
{
	struct stored stored;

	if (read_stored(operation, &stored, error) != 0)
		return -1;
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		struct str json = current(operation, &stored, i);
		void *place = (char *)settings + table[i].offset;

		if (!table[i].stored)
			continue;
		if (table[i].type == SETTING_BOOLEAN)
			*(bool *)place = str_equal(json, STR("true"));
		else if (table[i].type == SETTING_STRING)
			*(struct str *)place = unquote(operation, json);
		else if (!str_to_int64(json, place))
			return error_set_detail(error, ERROR_INTERNAL,
			    "the stored setting %s is not a number", table[i].name);
	}
	return 0;
}

/* --- reading --- */

static bool matches(const struct parameter_value *value, const char *text)
{
	return !value->sent || str_trim(value->text).length == 0 ||
	       str_equal_ignore_case(str_trim(value->text), str_from(text));
}

static bool is_wanted(struct operation *operation, const struct setting *setting)
{
	const struct parameters *parameters = &operation->parameters;
	const struct parameter_value *request = parameters_get(parameters, "request");

	return matches(parameters_get(parameters, "group"), setting->group) &&
	       matches(parameters_get(parameters, "name"), setting->name) &&
	       (matches(request, setting->group) ||
		   matches(request, full_name(operation->context.arena, setting)));
}

static struct row *make_item(
    struct operation *operation, const struct setting *setting, struct str value)
{
	struct row *row = row_new(operation->context.arena, &item_resource);

	if (row == NULL)
		return NULL;
	row_set_text(row, ITEM_GROUP, str_from(setting->group));
	row_set_text(row, ITEM_NAME, str_from(setting->name));
	row_set_text(row, ITEM_TYPE, str_from(type_names[setting->type]));
	row_set_text(row, ITEM_VALUE, value);
	return row;
}

int licensing_settings_get(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &server_settings_resource);
	struct row_list list = { NULL, 0 };
	struct stored stored;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (read_stored(operation, &stored, error) != 0)
		return -1;
	list.rows =
	    arena_alloc_array(operation->context.arena, SETTING_COUNT, sizeof(list.rows[0]));
	for (unsigned i = 0; i < SETTING_COUNT && list.rows != NULL; i++) {
		if (!is_wanted(operation, &table[i]))
			continue;
		list.rows[list.count] =
		    make_item(operation, &table[i], current(operation, &stored, i));
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

	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		if (!str_equal_ignore_case(name, str_from(table[i].name)) ||
		    (row_filled(item, ITEM_GROUP) &&
			!str_equal_ignore_case(
			    item->values[ITEM_GROUP].text, str_from(table[i].group))))
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

static bool take_boolean(struct str text, struct str *json)
{
	bool yes = str_equal_ignore_case(text, STR("true"));

	*json = yes ? STR("true") : STR("false");
	return yes || str_equal_ignore_case(text, STR("false"));
}

static bool take_integer(struct arena *arena, const struct setting *setting, struct str text,
    struct str *json, const char **expected)
{
	int64_t number;

	*expected = arena_printf(arena, "an integer from %lld to %lld", (long long)setting->least,
	    (long long)setting->most);
	if (!str_to_int64(text, &number) || number < setting->least || number > setting->most)
		return false;
	*json = str_from(arena_printf(arena, "%lld", (long long)number));
	return true;
}

static bool take_text(struct arena *arena, const struct setting *setting, struct str text,
    struct str *json, const char **expected)
{
	struct buf quoted = { 0 };

	*expected = "text of at most 255 characters";
	if (str_utf8_length(text) > TEXT_LONGEST)
		return false;
	if (text.length > 0 && setting->check != NULL) {
		*expected = setting->check(text);
		if (*expected != NULL)
			return false;
	}
	buf_append_json_string(&quoted, text);
	*json = arena_str(arena, buf_str(&quoted));
	buf_free(&quoted);
	return true;
}

/* Turns what was sent into the JSON to store; false with a fault when it does not fit. */
static bool take_value(struct operation *operation, const struct setting *setting, struct str sent,
    const char *path, struct str *json, struct error *error)
{
	bool quoted = sent.length > 0 && sent.data[0] == '"';
	struct str text = quoted ? unquote(operation, sent) : sent;
	const char *expected = "true or false";
	bool good;

	if (setting->type == SETTING_BOOLEAN)
		good = take_boolean(str_trim(text), json);
	else if (setting->type == SETTING_INTEGER)
		good = take_integer(
		    operation->context.arena, setting, str_trim(text), json, &expected);
	else
		good = take_text(operation->context.arena, setting, text, json, &expected);
	if (!good)
		error_add_fault(error, path, "The setting %s must be %s.", setting->name, expected);
	return good;
}

/* Whoever sends all settings back means to change some: one of the options may come as it is. */
static bool is_same(struct operation *operation, const struct setting *setting, struct str sent)
{
	struct str now = print_option(operation, setting);

	if (setting->type == SETTING_STRING)
		return str_equal(unquote(operation, now), unquote(operation, sent));
	return str_equal(now, sent) || str_equal(now, unquote(operation, sent));
}

/* What a request changes, by the number of the setting. */
struct change {
	bool changed[SETTING_COUNT];
	struct str values[SETTING_COUNT]; /* JSON; data NULL = back to the default */
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
	} else if (!table[found].stored) {
		if (!row_filled(item, ITEM_VALUE) || !is_same(operation, &table[found], sent))
			error_add_fault(error, path,
			    "The setting %s is read-only: it belongs to the configuration file.",
			    full_name(operation->context.arena, &table[found]));
	} else if (!row_filled(item, ITEM_VALUE)) {
		change->changed[found] = true;
	} else {
		change->changed[found] = take_value(
		    operation, &table[found], sent, value_path, &change->values[found], error);
	}
}

/* One entry of the audit log tells of all that a request changes. */
static int store_setting(
    struct operation *operation, unsigned number, struct str json, struct error *error)
{
	const struct value name = { .text = str_from(
					full_name(operation->context.arena, &table[number])) };
	struct row *row =
	    row_with(operation->context.arena, &stored_setting_resource, STORED_NAME, &name);
	int64_t count;

	if (row == NULL)
		return error_out_of_memory(error);
	if (json.data == NULL)
		return record_delete_all(&operation->context,
		    &(struct record_set){ .resource = row->resource, .keys = row, .told = true },
		    &count, error);
	row_set_text(row, STORED_VALUE, json);
	return record_put_part(&operation->context, row, error);
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
	struct stored stored;
	struct buf detail = { 0 };
	struct writer writer;
	int result = read_stored(operation, &stored, error);

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	for (unsigned i = 0; i < SETTING_COUNT && result == 0; i++) {
		struct str after = change->values[i].data != NULL ? change->values[i] : STR("null");

		if (!change->changed[i])
			continue;
		write_change(&writer, full_name(operation->context.arena, &table[i]),
		    current(operation, &stored, i), after);
		result = store_setting(operation, i, change->values[i], error);
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
