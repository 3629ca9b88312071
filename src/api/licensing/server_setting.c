#include "api/licensing/server_setting.h"

#include "api/licensing/irregular.h"
#include "base/language.h"
#include "base/mail_address.h"
#include "codec/reader.h"
#include "record/rows.h"

#define TEXT_LONGEST 255

#define STORED(member) .stored = true, .offset = offsetof(struct server_settings, member)
#define OPTION(member) .offset = offsetof(struct settings, member)

/* By group and name. */
const struct server_setting server_setting_table[] = {
	{ "discovery", "authentication", SETTING_INTEGER, OPTION(discovery_auth),
	    .doc = "Whether discovery calls need a key: 0 no, 1 yes (option discovery_auth)." },
	{ "limits", "body", SETTING_INTEGER, OPTION(limits.body_bytes),
	    .doc = "Maximum size of a request body, in bytes (option limit_body)." },
	{ "limits", "listRows", SETTING_INTEGER, OPTION(limits.list_rows),
	    .doc = "Maximum number of rows in a page of a list (option limit_list_rows)." },
	{ "limits", "query", SETTING_INTEGER, OPTION(limits.query_bytes),
	    .doc = "Maximum length of a query string, in bytes (option limit_query)." },
	{ "log", "retention", SETTING_INTEGER, OPTION(log_retention),
	    .doc = "How long entries of the log are kept, in seconds; 0 means forever (option "
		   "log_retention)." },
	{ "mail", "attachLicense", SETTING_BOOLEAN, STORED(mail_attach_license), .fallback = "true",
	    .doc = "Whether the license is attached to its mail as a file." },
	{ "mail", "from", SETTING_STRING, OPTION(mail_from),
	    .doc = "Sender address of mail (option mail_from)." },
	{ "mail", "licenseSubject", SETTING_STRING, STORED(mail_license_subject),
	    .fallback = "\"Your license {{license.licenseId}}\"", .check = mail_text_check,
	    .doc = "Subject of license mails; may have placeholders that their senders may read." },
	{ "mail", "mostRecipients", SETTING_INTEGER, STORED(mail_most_recipients), .fallback = "50",
	    .least = 1, .most = 500, .doc = "Maximum number of recipients of one mail." },
	{ "mail", "replyTo", SETTING_STRING, STORED(mail_reply_to), .fallback = "\"\"",
	    .check = mail_address_check, .doc = "Address for answers; empty for the sender's." },
	{ "mail", "retention", SETTING_INTEGER, OPTION(mail_retention),
	    .doc = "How long sent and failed mail is kept, in seconds; 0 means forever (option "
		   "mail_retention)." },
	{ "mail", "retries", SETTING_INTEGER, OPTION(mail_retries),
	    .doc = "How often a failed delivery is retried before it is given up (option "
		   "mail_retries)." },
	{ "mail", "senderName", SETTING_STRING, STORED(mail_sender_name), .fallback = "\"\"",
	    .check = mail_text_check, .doc = "Name shown beside the sender's address." },
	{ "mail", "server", SETTING_STRING, OPTION(mail_server),
	    .doc = "Mail server; empty to send no mail from this machine (option mail_server)." },
	{ "server", "basePath", SETTING_STRING, OPTION(base_path),
	    .doc = "Prefix of every path (option base_path)." },
	{ "server", "timeZone", SETTING_STRING, OPTION(time_zone),
	    .doc = "Time zone of local times (option time_zone)." },
};

_Static_assert(COUNT_OF(server_setting_table) == SERVER_SETTING_COUNT, "all rows are counted");

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
	AUDITED_AS("server setting"),
	.type_name = "StoredSetting",
	.area = AREA_CREDENTIALS,
	.table = "server_setting",
	FIELDS(stored_fields),
	.doc = "A setting of the server that is not its default.",
};

const char *server_setting_type(const struct server_setting *setting)
{
	static const char *const names[] = { "boolean", "integer", "string" };

	return names[setting->type];
}

const char *server_setting_name(struct arena *arena, const struct server_setting *setting)
{
	return arena_printf(arena, "%s.%s", setting->group, setting->name);
}

int server_setting_load(
    struct operation *operation, struct server_setting_values *stored, struct error *error)
{
	const struct record_set all = { .resource = &stored_setting_resource };
	struct row_list rows;

	memset(stored, 0, sizeof(*stored));
	if (record_fetch_all(
		&operation->context, &all, resource_default_mask(all.resource), &rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < rows.count; i++) {
		for (unsigned j = 0; j < SERVER_SETTING_COUNT; j++) {
			struct str name = str_from(server_setting_name(
			    operation->context.arena, &server_setting_table[j]));

			if (server_setting_table[j].stored &&
			    str_equal(rows.rows[i]->values[STORED_NAME].text, name))
				stored->values[j] = rows.rows[i]->values[STORED_VALUE].text;
		}
	}
	return 0;
}

static struct str print_option(struct operation *operation, const struct server_setting *setting)
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

struct str server_setting_current(
    struct operation *operation, const struct server_setting_values *stored, unsigned number)
{
	if (!server_setting_table[number].stored)
		return print_option(operation, &server_setting_table[number]);
	if (stored->values[number].data != NULL)
		return stored->values[number];
	return str_from(server_setting_table[number].fallback);
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
	struct server_setting_values stored;

	if (server_setting_load(operation, &stored, error) != 0)
		return -1;
	for (unsigned i = 0; i < SERVER_SETTING_COUNT; i++) {
		struct str json = server_setting_current(operation, &stored, i);
		void *place = (char *)settings + server_setting_table[i].offset;

		if (!server_setting_table[i].stored)
			continue;
		if (server_setting_table[i].type == SETTING_BOOLEAN)
			*(bool *)place = str_equal(json, STR("true"));
		else if (server_setting_table[i].type == SETTING_STRING)
			*(struct str *)place = unquote(operation, json);
		else if (!str_to_int64(json, place))
			return error_set_detail(error, ERROR_INTERNAL,
			    "the stored setting %s is not a number", server_setting_table[i].name);
	}
	return 0;
}

static bool take_boolean(struct str text, struct str *json)
{
	bool yes = str_equal_ignore_case(text, STR("true"));

	*json = yes ? STR("true") : STR("false");
	return yes || str_equal_ignore_case(text, STR("false"));
}

static bool take_integer(struct arena *arena, const struct server_setting *setting, struct str text,
    struct str *json, const char **expected)
{
	int64_t number;

	*expected = language_printf(arena, "an integer from %lld to %lld",
	    (long long)setting->least, (long long)setting->most);
	if (!str_to_int64(text, &number) || number < setting->least || number > setting->most)
		return false;
	*json = str_from(arena_printf(arena, "%lld", (long long)number));
	return true;
}

static bool take_text(struct arena *arena, const struct server_setting *setting, struct str text,
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

bool server_setting_take(struct operation *operation, const struct server_setting *setting,
    struct str sent, const char *path, struct str *json, struct error *error)
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

bool server_setting_is_same(
    struct operation *operation, const struct server_setting *setting, struct str sent)
{
	struct str now = print_option(operation, setting);

	if (setting->type == SETTING_STRING)
		return str_equal(unquote(operation, now), unquote(operation, sent));
	return str_equal(now, sent) || str_equal(now, unquote(operation, sent));
}

int server_setting_store(
    struct operation *operation, unsigned number, struct str json, struct error *error)
{
	const struct value name = { .text = str_from(server_setting_name(
					operation->context.arena, &server_setting_table[number])) };
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
