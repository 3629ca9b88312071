#include <errno.h>

#include "auth/throttle.h"
#include "cli/print.h"
#include "cli/records.h"

#define ENTRIES_FIRST 64

enum column {
	COLUMN_ADDRESS,
	COLUMN_OWNER_KIND,
	COLUMN_OWNER,
	COLUMN_NAME,
	COLUMN_CREDENTIALS,
	COLUMN_FAILURES,
	COLUMN_REFUSED,
	COLUMN_UNTIL,
	COLUMN__MAX
};

static const struct print_column columns[COLUMN__MAX] = {
	[COLUMN_ADDRESS] = { "address", "ADDRESS", PRINT_TEXT },
	[COLUMN_OWNER_KIND] = { "ownerKind", "OF", PRINT_TEXT },
	[COLUMN_OWNER] = { "owner", "ID", PRINT_TEXT },
	[COLUMN_NAME] = { "ownerName", "NAME", PRINT_TEXT },
	[COLUMN_CREDENTIALS] = { "credentials", "CREDENTIALS", PRINT_TEXT },
	[COLUMN_FAILURES] = { "failures", "FAILURES", PRINT_INTEGER },
	[COLUMN_REFUSED] = { "refused", "REFUSED", PRINT_BOOLEAN },
	[COLUMN_UNTIL] = { "until", "UNTIL", PRINT_MOMENT },
};

/* Rows of the owners, and the member that people know them by. */
static const struct {
	const struct records_kind *kind;
	const char *name;
} owners[THROTTLE_OWNER__MAX] = {
	[THROTTLE_USER] = { &records_user, "userName" },
	[THROTTLE_CLIENT] = { &records_client, "Name" },
	[THROTTLE_KEY] = { &records_api_key, "name" },
	[THROTTLE_DELEGATE] = { &records_user, "userName" },
};

/* Entries as they are found; the database is asked for names afterwards. */
struct entries {
	struct session *session;
	struct throttle_entry *rows;
	unsigned count, capacity;
	bool failed;
};

static struct throttle *open_throttle(struct session *session)
{
	const struct settings *settings = session->settings;
	struct throttle *throttle = throttle_open(settings->runtime_directory);

	if (throttle == NULL)
		session_fail(session, "The counters in %s cannot be read (%s).",
		    settings->runtime_directory, strerror(errno));
	else
		throttle_configure(
		    throttle, settings->throttle_failures, settings->throttle_window);
	return throttle;
}

static void keep(void *context, const struct throttle_entry *entry)
{
	struct entries *entries = context;

	if (entries->count == entries->capacity) {
		unsigned capacity = entries->capacity > 0 ? 2 * entries->capacity : ENTRIES_FIRST;
		struct throttle_entry *larger =
		    arena_alloc_array(entries->session->arena, capacity, sizeof(*larger));

		if (larger == NULL) {
			entries->failed = true;
			return;
		}
		if (entries->count > 0)
			memcpy(larger, entries->rows, entries->count * sizeof(*larger));
		entries->rows = larger;
		entries->capacity = capacity;
	}
	entries->rows[entries->count++] = *entry;
}

static struct bind text_or_null(struct arena *arena, struct buf *text)
{
	struct bind value = BIND_STR(arena_str(arena, buf_str(text)));

	value.null = text->length == 0;
	buf_reset(text, 0);
	return value;
}

static struct row *owner_key(struct session *session, const struct throttle_owner *owner)
{
	const struct resource *resource = owners[owner->kind].kind->resource;
	struct row *key = row_new(session->arena, resource);

	if (key == NULL)
		return NULL;
	if (owner->kind == THROTTLE_KEY)
		row_set_integer(key, resource_key(resource), throttle_key_number(owner));
	else
		row_set_uuid(key, resource_key(resource), owner->id);
	return key;
}

/* The name is only for people: without the database, the list is shown without names. */
static struct bind find_name(
    struct session *session, const struct throttle_owner *owner, bool *database)
{
	struct bind none = { .kind = BIND_TEXT, .null = true };
	const struct row *key;
	struct row *row;
	unsigned member;
	int found;

	if (owner->kind == THROTTLE_NOBODY || !*database)
		return none;
	key = owner_key(session, owner);
	if (key == NULL)
		return none;
	member = resource_member(key->resource, owners[owner->kind].name);
	found = records_fetch(session, key, FIELD_BIT(member), &row);
	*database = found >= 0;
	error_clear(&session->error);
	return found > 0 ? BIND_STR(row->values[member].text) : none;
}

static void append_owner(struct buf *out, const struct throttle_owner *owner)
{
	char text[UUID_TEXT_LENGTH];

	if (owner->kind == THROTTLE_KEY) {
		buf_append_int64(out, throttle_key_number(owner));
	} else if (owner->kind != THROTTLE_NOBODY) {
		uuid_print(&owner->id, text);
		buf_append(out, text, sizeof(text));
	}
}

static struct bind *make_row(
    struct session *session, const struct throttle_entry *entry, bool *database)
{
	const struct throttle_counter *counter = &entry->counter;
	struct bind *row = arena_alloc_array(session->arena, COLUMN__MAX, sizeof(*row));
	struct buf text = { 0 };

	if (row == NULL)
		return NULL;
	throttle_address_print(&counter->address, &text);
	row[COLUMN_ADDRESS] = text_or_null(session->arena, &text);
	buf_append_text(&text, throttle_owner_word(counter->owner.kind));
	row[COLUMN_OWNER_KIND] = text_or_null(session->arena, &text);
	append_owner(&text, &counter->owner);
	row[COLUMN_OWNER] = text_or_null(session->arena, &text);
	row[COLUMN_NAME] = find_name(session, &counter->owner, database);
	row[COLUMN_CREDENTIALS] =
	    BIND_STR(str_from(counter->scope == THROTTLE_BY_LOOKUP ? "keys" : "secrets"));
	row[COLUMN_FAILURES] = BIND_INT(entry->failures);
	row[COLUMN_FAILURES].null = entry->refused;
	row[COLUMN_REFUSED] = BIND_INT(entry->refused);
	row[COLUMN_UNTIL] = BIND_MOMENT(timestamp_now() + entry->seconds * MICROSECONDS_PER_SECOND);
	buf_free(&text);
	return row;
}

static enum command_status list_counters(struct session *session)
{
	struct throttle *throttle = open_throttle(session);
	struct entries entries = { .session = session };
	struct result result = { 0 };
	bool database = true;

	if (throttle == NULL)
		return COMMAND_FAILED;
	throttle_list(throttle, keep, &entries);
	throttle_close(throttle);
	result.rows = arena_alloc_array(session->arena, entries.count + 1, sizeof(*result.rows));
	for (; result.rows != NULL && result.count < entries.count; result.count++) {
		result.rows[result.count] =
		    make_row(session, &entries.rows[result.count], &database);
		entries.failed = entries.failed || result.rows[result.count] == NULL;
	}
	if (entries.failed || result.rows == NULL)
		return session_fail(session, "Out of memory.");
	return print_rows(session, columns, COUNT_OF(columns), &result);
}

/* --- clear --- */

/* Takes "KIND:" off the front of a text. */
static enum throttle_owner_kind take_kind(struct str *text)
{
	size_t colon = str_find(*text, ':');

	for (unsigned kind = THROTTLE_NOBODY + 1; kind < THROTTLE_OWNER__MAX; kind++) {
		if (!str_equal(str_slice(*text, 0, colon),
			str_from(throttle_owner_word((enum throttle_owner_kind)kind))) ||
		    colon == text->length)
			continue;
		*text = str_slice(*text, colon + 1, text->length);
		return (enum throttle_owner_kind)kind;
	}
	return THROTTLE_NOBODY;
}

/* Returns 1 with the owner, 0 when there is none of that kind, -1 with session->error set. */
static int find_owner(struct session *session, enum throttle_owner_kind kind, struct str text,
    struct throttle_owner *owner)
{
	unsigned key = resource_key(owners[kind].kind->resource);
	struct row *row;
	int64_t number;
	int found;

	*owner = (struct throttle_owner){ .kind = kind };
	if (kind == THROTTLE_KEY) {
		if (!str_to_int64(text, &number))
			return 0;
		*owner = throttle_key(number);
		return 1;
	}
	if (uuid_parse(text, &owner->id))
		return 1;
	found = records_look_up(session, owners[kind].kind, text.data, 0, &row);
	if (found > 0)
		owner->id = row->values[key].uuid;
	return found;
}

/* "local" is who comes through a unix socket of the web server. */
static bool find_address(struct str text, struct throttle_address *address)
{
	if (str_equal(text, STR("local"))) {
		*address = throttle_address(STR("unix:"));
		return true;
	}
	*address = throttle_address(str_slice(text, 0, str_find(text, '/')));
	return address->length == 4 || address->length == 8;
}

static enum command_status tell_cleared(struct session *session, unsigned count)
{
	static const struct print_column cleared[] = { { "cleared", "CLEARED", PRINT_INTEGER } };

	if (session->json)
		print_object(session, cleared, 1, &BIND_INT(count));
	else
		session_note(session, "%u counter%s cleared.", count, count == 1 ? "" : "s");
	return COMMAND_OK;
}

/* Counters of an owner of any kind that the text may name. False with session->error set. */
static bool clear_owners(
    struct session *session, struct throttle *throttle, unsigned *cleared, bool *found)
{
	static const struct throttle_address any = { 0 };
	struct str text = str_from(session->operands[0]);
	enum throttle_owner_kind kind = take_kind(&text);

	for (unsigned i = THROTTLE_NOBODY + 1; i < THROTTLE_OWNER__MAX; i++) {
		struct throttle_owner owner;
		int status;

		if (kind != THROTTLE_NOBODY && kind != (enum throttle_owner_kind)i)
			continue;
		status = find_owner(session, (enum throttle_owner_kind)i, text, &owner);
		if (status < 0)
			return false;
		*found = *found || status > 0;
		if (status > 0)
			*cleared += throttle_forget(throttle, &any, &owner);
	}
	return true;
}

static enum command_status clear_counters(struct session *session)
{
	static const struct throttle_owner anybody = { .kind = THROTTLE_NOBODY };
	bool all = session_flag(session, "all") != NULL, found = false, good = true;
	struct throttle_address address = { 0 };
	struct throttle *throttle;
	unsigned cleared = 0;

	if (all == (session->operand_count > 0))
		return session_usage(
		    session, "Name an address or account whose counters to clear, or give --all.");
	throttle = open_throttle(session);
	if (throttle == NULL)
		return COMMAND_FAILED;
	if (all || find_address(str_from(session->operands[0]), &address)) {
		found = true;
		cleared = throttle_forget(throttle, &address, &anybody);
	} else {
		good = clear_owners(session, throttle, &cleared, &found);
	}
	throttle_close(throttle);
	if (!good)
		return session_error(session);
	if (!found)
		return session_fail(session,
		    "\"%s\" is not an address, user, API client or key; see 'clientele throttle "
		    "list'.",
		    session->operands[0]);
	return tell_cleared(session, cleared);
}

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag clear_flags[] = {
	{ .name = "all", .doc = "All counters." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command throttle_commands[] = {
	{ .words = "throttle clear",
	    .arguments = "[ADDRESS | ACCOUNT]",
	    .most = 1,
	    .flags = clear_flags,
	    .doc = "Clear the failure counters of an address or account, which lifts its block.",
	    .run = clear_counters },
	{ .words = "throttle list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List addresses and accounts with failed logins, and those that are blocked.",
	    .run = list_counters },
	{ 0 },
};
