#include "record/audit.h"

#include "codec/writer.h"
#include "record/audit_entry.h"
#include "record/audit_row.h"
#include "record/event.h"

static int describe_change(struct context *context, const struct audit_change *change,
    struct audit_entry *entry, struct error *error)
{
	const struct row *before = change->before, *after = change->after;
	const struct row *named = after != NULL ? after : before;
	uint64_t mask =
	    before != NULL && after != NULL ? audit_row_changed(before, after) : UINT64_MAX;

	*entry = (struct audit_entry){
		.action = change->action,
		.key = audit_row_key(context->arena, named),
		.unchanged = mask == 0,
	};
	if (before != NULL)
		entry->before = audit_row_text(context->arena, before, mask);
	if (after != NULL)
		entry->after = audit_row_text(context->arena, after, mask);
	return arena_exhausted(context->arena) || (before != NULL && entry->before.data == NULL) ||
		       (after != NULL && entry->after.data == NULL)
		   ? error_out_of_memory(error)
		   : 0;
}

static int record_changes(struct context *context, const struct resource *resource,
    const struct audit_change *changes, unsigned count, struct error *error)
{
	struct audit_entry *entries;

	if (context->told)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		if (event_put(context, resource, changes[i].before, changes[i].after, error) != 0)
			return -1;
	}
	if (resource->unaudited != NULL || count == 0)
		return 0;
	entries = arena_alloc_array(context->arena, count, sizeof(entries[0]));
	if (entries == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++) {
		if (describe_change(context, &changes[i], &entries[i], error) != 0)
			return -1;
		entries[i].area = resource->area;
		entries[i].what = resource_audit_name(resource);
	}
	return audit_store(context, entries, count, error);
}

int audit_record(struct context *context, enum audit_action action, const struct resource *resource,
    const struct row *before, const struct row *after, struct error *error)
{
	const struct audit_change change = { action, before, after };

	return record_changes(context, resource, &change, 1, error);
}

int audit_record_all(struct context *context, const struct audit_change *changes, unsigned count,
    struct error *error)
{
	const struct row *row;

	if (count == 0)
		return 0;
	row = changes[0].after != NULL ? changes[0].after : changes[0].before;
	return record_changes(context, row->resource, changes, count, error);
}

int audit_record_event(
    struct context *context, const struct audit_event *event, struct error *error)
{
	struct audit_entry entry = {
		.action = event->action,
		.area = event->area,
		.what = event->what,
		.key = event->key,
		.detail = event->detail,
		.count = event->count,
		.placed = event->placed,
	};

	return audit_store(context, &entry, 1, error);
}

/* How many rows, and what names them. Without data when memory is out. */
static struct str describe_rows(struct arena *arena, const struct row *keys, int64_t count)
{
	struct buf detail = { 0 };
	struct writer writer;
	struct str copy;

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_integer(&writer, "rows", count);
	if (keys != NULL)
		writer_json(&writer, "of", audit_row_text(arena, keys, UINT64_MAX));
	writer_object_end(&writer);
	copy = detail.failed ? (struct str){ NULL, 0 } : arena_str(arena, buf_str(&detail));
	buf_free(&detail);
	return copy;
}

int audit_record_rows(struct context *context, enum audit_action action,
    const struct resource *resource, const struct row *keys, int64_t count, struct error *error)
{
	struct audit_entry entry = {
		.action = action,
		.area = resource->area,
		.what = resource_audit_name(resource),
		.count = count,
	};

	if (resource->unaudited != NULL)
		return 0;
	if (keys != NULL)
		entry.key = audit_row_key(context->arena, keys);
	entry.detail = describe_rows(context->arena, keys, count);
	if (entry.detail.data == NULL || arena_exhausted(context->arena))
		return error_out_of_memory(error);
	return audit_store(context, &entry, 1, error);
}
