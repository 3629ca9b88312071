#include "op/tag.h"

#include "base/digest.h"
#include "base/zone.h"
#include "record/owned.h"

#define ETAG_BYTES 16

/* Members that are shown, but for what is shown only once or changes by itself. */
static uint64_t tagged_members(const struct row *row)
{
	uint64_t mask = row->present;

	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if (row->resource->fields[i].flags & (FIELD_ECHO | FIELD_UNTAGGED))
			mask &= ~FIELD_BIT(i);
	}
	return mask;
}

struct row *tag_copy_members(struct arena *arena, const struct row *row, uint64_t mask)
{
	unsigned count = row->resource->field_count;
	struct row *copy = row_new(arena, row->resource);

	if (copy == NULL)
		return NULL;
	memcpy(copy->values, row->values, count * sizeof(row->values[0]));
	copy->present = row->present & mask;
	copy->narrowed = row->narrowed;
	for (unsigned i = 0; i < count; i++) {
		if (!(copy->present & FIELD_BIT(i)))
			copy->values[i].null = true;
	}
	return copy;
}

/* Hexadecimal digits of a state that is written as JSON; NULL without memory. */
static const char *digest_state(struct arena *arena, struct str json)
{
	char *text = arena_alloc(arena, 2 * ETAG_BYTES + 1);
	uint8_t digest[DIGEST_LENGTH];

	if (text == NULL)
		return NULL;
	digest_text(json, digest);
	digest_print(digest, ETAG_BYTES, text);
	return text;
}

/* Whether times are shown otherwise than the state of a row has them, which is in UTC. */
static bool shows_other_zone(const struct operation *operation)
{
	return operation->contract->family.json_time != TIMESTAMP_UTC && zone_now() != zone_utc();
}

/* The same of a row's members of `mask`. */
static const char *digest_members(
    const struct operation *operation, const struct row *row, uint64_t mask)
{
	const struct row *tagged = tag_copy_members(operation->context.arena, row, mask);
	const struct zone *zone = zone_now();
	const char *text = NULL;
	struct buf json = { 0 };
	struct writer writer;

	if (tagged == NULL)
		return NULL;
	/*
	 * The JSON form, in UTC, stands for the row in every format and zone, so that If-Match
	 * works across them.
	 */
	zone_begin(zone_utc());
	writer_init(&writer, MEDIA_JSON, &operation->contract->family, &json);
	row_write(&writer, NULL, tagged);
	zone_begin(zone);
	if (!json.failed)
		text = digest_state(operation->context.arena, buf_str(&json));
	buf_free(&json);
	return text;
}

/* What the state of a row is made of. */
static uint64_t state_members(const struct resource *resource)
{
	return resource_default_mask(resource) | owned_members(resource);
}

uint64_t operation_state(const struct route *route)
{
	return route->flags & ROUTE_ETAG ? state_members(route->resource) : 0;
}

const char *tag_of_row(const struct operation *operation, const struct row *row,
    const struct row *answered, struct str written)
{
	uint64_t state_mask = tagged_members(row) & state_members(row->resource);
	uint64_t shown = tagged_members(answered);
	bool is_view = answered->narrowed || (shown & ~resource_default_mask(row->resource)) != 0;
	bool other_zone = shows_other_zone(operation);
	bool is_state = written.length > 0 && !is_view && shown == answered->present &&
			shown == state_mask && !other_zone;
	const char *state = is_state ? digest_state(operation->context.arena, written)
				     : digest_members(operation, row, state_mask);
	const char *view = is_view ? digest_members(operation, answered, shown) : "";
	const char *tag;

	if (state == NULL || view == NULL)
		return NULL;
	tag = arena_printf(operation->context.arena, "\"%s-%c%s%s\"", state,
	    writer_format(operation->answer.media.format)->letter, view,
	    other_zone ? zone_name(zone_now()) : "");
	return tag[0] != '\0' ? tag : NULL;
}

const char *tag_of_content(struct arena *arena, struct str content)
{
	const char *digest = digest_state(arena, content);
	const char *tag = digest != NULL ? arena_printf(arena, "\"%s\"", digest) : "";

	return tag[0] != '\0' ? tag : NULL;
}

bool tag_is_known(struct str header, struct str etag)
{
	struct str entry;

	while (str_next(&header, ',', &entry)) {
		entry = str_trim(entry);
		if (str_starts_with(entry, STR("W/")))
			entry = str_slice(entry, 2, entry.length);
		if (str_equal(entry, STR("*")) || str_equal(entry, etag))
			return true;
	}
	return false;
}

/* If-Match: the same state, in whatever format and with whatever more it was read. */
static bool is_current(struct str header, struct str etag)
{
	struct str state = str_slice(etag, 0, 1 + 2 * ETAG_BYTES + 1);
	struct str entry;

	while (str_next(&header, ',', &entry)) {
		entry = str_trim(entry);
		if (str_equal(entry, STR("*")) ||
		    (str_starts_with(entry, state) && str_ends_with(entry, STR("\""))))
			return true;
	}
	return false;
}

int operation_check_tag(struct operation *operation, struct error *error)
{
	const struct resource *resource = operation->route->resource;

	/* Who may not read the row could try its members by guessed tags. */
	if (operation->request->if_match.length > 0 && operation->context.actor.principal != NULL &&
	    sight_may_see(&operation->context.sight, resource) == SIGHT_NONE)
		return error_set(error, ERROR_STALE,
		    "This credential may not read the %s, so it has no tag of it.", resource->name);
	return 0;
}

/* The lists that are written with the row, where the change does not read them anyway. */
static struct row *add_owned(struct context *context, const struct row *row, struct error *error)
{
	uint64_t missing = owned_members(row->resource) & ~row->present;
	struct row *whole = row_copy(context->arena, row);
	const struct row_list rows = { &whole, 1 };

	if (whole == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	return record_follow(context, row->resource, missing, &rows, error) == 0 ? whole : NULL;
}

static int check_unchanged(
    struct context *context, const struct record_change *change, struct error *error)
{
	const struct operation *operation = change->expected;
	const struct row *row = add_owned(context, change->before, error);
	struct str etag;

	if (row == NULL)
		return -1;
	etag = str_from(tag_of_row(operation, row, row, STR("")));
	if (etag.data == NULL)
		return error_out_of_memory(error);
	if (!is_current(operation->request->if_match, etag))
		return error_set(error, ERROR_STALE, "The %s has changed since it was read.",
		    change->before->resource->name);
	return 0;
}

void operation_expect_tag(struct operation *operation, struct record_change *change)
{
	if (operation->request->if_match.length == 0)
		return;
	change->expect = check_unchanged;
	change->expected = operation;
}
