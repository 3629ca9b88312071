/*
 * Webhooks. One tells no more than its maker could read: what it may tell of is fixed when it is
 * made, and only those who may read all of that can turn it elsewhere.
 */
#include "api/licensing/webhook.h"

#include "api/events.h"
#include "api/licensing/licensing.h"
#include "auth/webhook_signature.h"
#include "base/url.h"
#include "codec/reader.h"
#include "codec/writer.h"
#include "queue/admin.h"
#include "queue/kinds.h"
#include "record/rows.h"

#define URL_LONGEST 2000
#define EVENTS_MOST 50

static const char *check_url(struct str text)
{
	return url_target_is_good(text)
		   ? NULL
		   : "an address such as https://example.org/hook, without user "
		     "and fragment";
}

const char *webhook_check_secret(struct str text)
{
	return webhook_secret_is_good(text) || str_equal(text, STR(FIELD_MASK))
		   ? NULL
		   : "\"" WEBHOOK_SECRET_PREFIX "\" and base64 of 24 to 64 bytes";
}

static const struct field webhook_fields[WEBHOOK__MAX] = {
	[WEBHOOK_ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[WEBHOOK_URL] = { STRING("url", "url", URL_LONGEST), .flags = FIELD_REQUIRED,
	    .check = check_url,
	    .doc = "Where events are posted to: https, or http where the option webhook_http "
		   "allows it. It is shown to all who may read webhooks, so it should hold no "
		   "secret.",
	    .example = "\"https://example.org/hook\"" },
	[WEBHOOK_EVENTS] = { STRING_LIST("events", "events", EVENTS_MOST), .flags = FIELD_REQUIRED,
	    .doc = "Names of events; license.* stands for all of licenses, * for all.",
	    .example = "[\"license.*\",\"customer.created\"]" },
	[WEBHOOK_ENABLED] = { BOOLEAN("enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true", .doc = "Whether events are delivered." },
	[WEBHOOK_DESCRIPTION] = { STRING("description", "description", 1000),
	    .flags = FIELD_TYPICAL, .doc = "Description.",
	    .example = "\"Tells the web shop of new licenses.\"" },
	[WEBHOOK_SECRET] = { STRING("secret", NULL, WEBHOOK_SECRET_MAX),
	    .flags = FIELD_BY_RULE | FIELD_ECHO | FIELD_SECRET | FIELD_EMPTY_ABSENT,
	    .check = webhook_check_secret, .expression = "'" FIELD_MASK "'",
	    .doc = "What deliveries are signed with: \"" WEBHOOK_SECRET_PREFIX
		   "\" and base64 of 24 to 64 bytes; drawn if absent. Stored encrypted, answered "
		   "as " FIELD_MASK "." },
	[WEBHOOK_AREAS] = { STRING_LIST("areas", "areas", AREA__MAX), .flags = FIELD_READONLY,
	    .doc = "What it may tell of: what its maker could read.", .example = "[\"licenses\"]" },
	[WEBHOOK_OWNER_ID] = { UUID("ownerId", "owner_id"), .flags = FIELD_READONLY,
	    .doc = "User who made it, and must still be able to read what it tells of." },
	[WEBHOOK_DISABLED_REASON] = { STRING("disabledReason", "disabled_reason", 255),
	    .flags = FIELD_READONLY, .doc = "Why the server has disabled it." },
	[WEBHOOK_FORMER_UNTIL] = { DATETIME("formerSecretUntil", "former_until"),
	    .flags = FIELD_READONLY,
	    .doc = "Until when deliveries are signed with the former secret, too." },
	[WEBHOOK_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was created." },
	[WEBHOOK_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[WEBHOOK_LAST_SUCCESS] = { DATETIME("lastSuccess", "last_success_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When a delivery last succeeded; null means never." },
	[WEBHOOK_LAST_FAILURE] = { DATETIME("lastFailure", "last_failure_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When an attempt at a delivery last failed; null means never." },
	[WEBHOOK_LAST_ERROR] = { STRING("lastError", "last_error", 1000),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED, .doc = "What that attempt met." },
	[WEBHOOK_FIRST_SECRET] = { STRING("firstSecret", "first_secret", WEBHOOK_SECRET_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_ENCRYPTED },
	[WEBHOOK_SECOND_SECRET] = { STRING("secondSecret", "second_secret", WEBHOOK_SECRET_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_ENCRYPTED },
	[WEBHOOK_SECOND_IS_CURRENT] = { BOOLEAN("secondIsCurrent", "second_is_current"),
	    .flags = LICENSING_HIDDEN },
};

/* --- which events --- */

/* The names of a list that was read, or stored. NULL when memory is out. */
static const struct node *names_of(struct arena *arena, const struct value *list)
{
	const struct node *names = json_read_stored(arena, list->text);

	return names != NULL ? names->children : NULL;
}

static void refuse_event(struct error *error, unsigned number, struct str listed)
{
	struct str nearest = events_nearest(error->arena, listed);
	const char *path = arena_printf(error->arena, "events[%u]", number);

	if (nearest.data != NULL)
		error_add_fault(error, path,
		    "The events[%u] item is no event; did you mean " STR_FORMAT "?", number,
		    STR_ARGUMENTS(nearest));
	else
		error_add_fault(error, path,
		    "The events[%u] item must be an event such as license.created, license.* or *.",
		    number);
}

static void check(const struct row *row, bool insert, struct error *error)
{
	const struct node *name;
	unsigned number = 0;

	(void)insert;
	if (!row_filled(row, WEBHOOK_EVENTS))
		return;
	name = names_of(error->arena, &row->values[WEBHOOK_EVENTS]);
	if (name == NULL)
		error_add_fault(error, "events", "The events field must have at least one name.");
	for (; name != NULL; name = name->next, number++) {
		if (events_areas(name->text) == 0)
			refuse_event(error, number, name->text);
	}
}

/* --- what it may tell of --- */

static uint32_t areas_of_names(const struct node *name)
{
	uint32_t areas = 0;

	for (; name != NULL; name = name->next) {
		for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
			if (str_equal(name->text, str_from(area_name(area))))
				areas |= AREA_BIT(area);
		}
	}
	return areas;
}

/* Those that events tell of, among those that are seen. */
static int set_areas(struct context *context, struct row *row, struct error *error)
{
	uint32_t areas = context->sight.areas & events_areas(STR("*"));
	struct buf text = { 0 };
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, NULL, &text);
	writer_array_begin(&writer, NULL, "item");
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (areas & AREA_BIT(area))
			writer_text(&writer, NULL, str_from(area_name(area)));
	}
	writer_array_end(&writer);
	row_set_text(row, WEBHOOK_AREAS, arena_str(context->arena, buf_str(&text)));
	buf_free(&text);
	return row->values[WEBHOOK_AREAS].text.data != NULL ? 0 : error_out_of_memory(error);
}

/* Whoever names an event wants it; "*" is whatever there may be. */
static int check_events(
    struct context *context, const struct row *row, const struct value *areas, struct error *error)
{
	uint32_t seen = areas_of_names(names_of(context->arena, areas));
	unsigned number = 0;

	if (!row_filled(row, WEBHOOK_EVENTS))
		return 0;
	for (const struct node *name = names_of(context->arena, &row->values[WEBHOOK_EVENTS]);
	     name != NULL; name = name->next, number++) {
		if (str_equal(name->text, STR("*")) || (events_areas(name->text) & ~seen) == 0)
			continue;
		if (error->code == ERROR_NONE)
			(void)error_set_word(error, ERROR_FORBIDDEN, "BEYOND_CALLER",
			    "The webhook would tell more than its maker could read.");
		error_add_fault(error, arena_printf(context->arena, "events[%u]", number),
		    "The events[%u] item is beyond the areas of the webhook.", number);
	}
	return error->code == ERROR_NONE ? 0 : -1;
}

/* Turned to another address or behind another secret, it would tell somebody else. */
#define TURNING (FIELD_BIT(WEBHOOK_URL) | FIELD_BIT(WEBHOOK_EVENTS) | FIELD_BIT(WEBHOOK_SECRET))

static int check_reader(
    struct context *context, const struct row *row, const struct row *stored, struct error *error)
{
	uint32_t told = areas_of_names(names_of(context->arena, &stored->values[WEBHOOK_AREAS]));
	bool turns = (row->present & TURNING) != 0 ||
		     (row_filled(row, WEBHOOK_ENABLED) && row->values[WEBHOOK_ENABLED].boolean);

	if (!turns || (told & ~context->sight.areas) == 0)
		return 0;
	return error_set_word(error, ERROR_FORBIDDEN, "BEYOND_CALLER",
	    "The webhook tells of what the caller may not read; it can only be disabled or "
	    "deleted.");
}

/* --- secrets --- */

/* Whoever sends back what was read does not mean to change it. */
static bool brings_secret(const struct row *row)
{
	return row_filled(row, WEBHOOK_SECRET) &&
	       !str_equal(row->values[WEBHOOK_SECRET].text, STR(FIELD_MASK));
}

int webhook_draw_secret(struct context *context, struct row *row, struct error *error)
{
	char secret[WEBHOOK_SECRET_MAX + 1];

	if (brings_secret(row))
		return 0;
	webhook_secret_make(secret);
	row_set_text(row, WEBHOOK_SECRET, arena_str(context->arena, str_from(secret)));
	explicit_bzero(secret, sizeof(secret));
	return row->values[WEBHOOK_SECRET].text.data != NULL ? 0 : error_out_of_memory(error);
}

/* A rotation, which says until when the former one counts, leaves that where it is. */
static void place_secret(struct row *row, bool second_is_current)
{
	bool rotates = row_has(row, WEBHOOK_FORMER_UNTIL);
	bool second = rotates ? !second_is_current : second_is_current;

	if (!brings_secret(row))
		return;
	row_set_text(row, second ? WEBHOOK_SECOND_SECRET : WEBHOOK_FIRST_SECRET,
	    row->values[WEBHOOK_SECRET].text);
	row_set_boolean(row, WEBHOOK_SECOND_IS_CURRENT, second);
	if (!rotates)
		row_set_null(row, WEBHOOK_FORMER_UNTIL);
}

/* --- rules --- */

static int check_scheme(const struct context *context, const struct row *row, struct error *error)
{
	if (!row_filled(row, WEBHOOK_URL) || context->settings->webhook_http ||
	    str_starts_with(row->values[WEBHOOK_URL].text, STR("https://")))
		return 0;
	return error_add_fault(error, "url",
	    "The url field must begin with https://; http needs the option webhook_http.");
}

static int check_count(struct context *context, struct error *error)
{
	int64_t count;

	if (record_count(context, &(struct record_set){ .resource = &licensing_webhook_resource },
		&count, error) != 0)
		return -1;
	return count < WEBHOOKS_MOST
		   ? 0
		   : error_set_word(error, ERROR_CONFLICT, "TOO_MANY_WEBHOOKS",
			 "There are already %d webhooks; delete one of them first.", WEBHOOKS_MOST);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (check_scheme(context, row, error) != 0 || check_count(context, error) != 0 ||
	    set_areas(context, row, error) != 0 ||
	    check_events(context, row, &row->values[WEBHOOK_AREAS], error) != 0 ||
	    webhook_draw_secret(context, row, error) != 0)
		return -1;
	place_secret(row, false);
	if (context->actor.principal != NULL)
		row_set_uuid(row, WEBHOOK_OWNER_ID, context->actor.principal->user);
	return record_revoke(context, subscription_mark(), error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;
	struct row *stored;

	if (check_scheme(context, row, error) != 0 ||
	    record_fetch_locked(context, key->resource,
		FIELD_BIT(WEBHOOK_AREAS) | FIELD_BIT(WEBHOOK_SECOND_IS_CURRENT), key, &stored,
		error) != 0 ||
	    check_reader(context, row, stored, error) != 0 ||
	    check_events(context, row, &stored->values[WEBHOOK_AREAS], error) != 0)
		return -1;
	place_secret(row, stored->values[WEBHOOK_SECOND_IS_CURRENT].boolean);
	if (row_filled(row, WEBHOOK_ENABLED) && row->values[WEBHOOK_ENABLED].boolean)
		row_set_null(row, WEBHOOK_DISABLED_REASON);
	return record_revoke(context, subscription_mark(), error);
}

/* What waits for it goes with it. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	struct str target = row_print_key(context->arena, key->resource, &key->values[WEBHOOK_ID]);

	if (target.data == NULL)
		return error_out_of_memory(error);
	if (queue_forget(context->database, &queue_kinds[QUEUE_WEBHOOK], target, error) != 0)
		return -1;
	return record_revoke(context, subscription_mark(), error);
}

static const struct reference webhook_references[] = {
	{ .constraint = "webhook_owner",
	    .member = "ownerId",
	    .target = &licensing_user_resource,
	    .message = "The user was not found." },
};

static const struct search_member webhook_searched[] = {
	{ .member = "url", .way = SEARCH_PART },
	{ .member = "description", .way = SEARCH_PART },
};

/* check_count() bounds how many there are. */
static const struct resource_search webhook_search = {
	.name = "webhook",
	SEARCH_MEMBERS(webhook_searched),
	.titles = { "url" },
	.details = { "description", "disabledReason" },
	.few = true,
};

const struct resource licensing_webhook_resource = {
	.name = "webhook",
	.type_name = "Webhook",
	.area = AREA_WEBHOOKS,
	.plural = "webhooks",
	.table = WEBHOOK_TABLE,
	.mints = true,
	FIELDS(webhook_fields),
	REFERENCES(webhook_references),
	.search = &webhook_search,
	.doc = "A receiver of events: changes are posted to it.",
};

const struct record licensing_webhook_record = {
	.resource = &licensing_webhook_resource,
	.check = check,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
};
