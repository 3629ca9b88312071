#include "api/activation/node_lock.h"

#include "api/licensing/licensing.h"
#include "codec/writer.h"
#include "document/format.h"
#include "record/rows.h"

static const struct resource *const licenses = &licensing_license_resource;

static unsigned member(const char *name)
{
	return resource_member(licenses, name);
}

/* --- the license that it is made of --- */

static uint64_t source_mask(void)
{
	static const char *const lists[] = { "assemblies", "fields", "features", "restrictions" };
	uint64_t mask = resource_default_mask(licenses);

	for (unsigned i = 0; i < COUNT_OF(lists); i++)
		mask |= FIELD_BIT(member(lists[i]));
	return mask;
}

static int fetch_source(
    struct context *context, const struct call *call, struct row **source, struct error *error)
{
	if (record_find_by(context, licenses, resource_key(licenses),
		&call->license->values[VIEW_ID], source_mask(), source, error) != 0)
		return -1;
	return *source != NULL ? 0 : reason_refuse(REASON_NOT_FOUND, error);
}

/* A serial has no room for restrictions. */
static bool is_bindable(const struct row *source)
{
	const struct document_format *format =
	    document_format(source->values[member("format")].integer);

	return format != NULL && format->has_restrictions;
}

/* --- restrictions --- */

static struct str print_properties(
    struct arena *arena, const struct str (*pairs)[2], unsigned count)
{
	struct buf out = { 0 };
	struct writer writer;
	struct str text;

	writer_init(&writer, MEDIA_JSON, NULL, &out);
	writer_object_begin(&writer, NULL);
	for (unsigned i = 0; i < count; i++)
		writer_text(&writer, pairs[i][0].data, pairs[i][1]);
	writer_object_end(&writer);
	text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

static struct row *new_restriction(struct arena *arena, const char *name, struct str properties)
{
	const struct resource *resource = &licensing_restriction_resource;
	struct row *row = row_new(arena, resource);

	if (row == NULL || properties.data == NULL)
		return NULL;
	row_set_text(row, resource_member(resource, "name"), str_from(name));
	row_set_text(row, resource_member(resource, "properties"), properties);
	return row;
}

static struct row *bind_machine(struct arena *arena, const struct node_lock *lock)
{
	const struct str pairs[][2] = {
		{ STR("hardwareKey"), call_text(lock->call, REQUEST_MACHINE_ID) },
	};

	return new_restriction(arena, "Hardware", print_properties(arena, pairs, COUNT_OF(pairs)));
}

static struct row *bind_file(struct arena *arena, const struct node_lock *lock)
{
	const struct str pairs[][2] = {
		{ STR("licenseId"), lock->call->license->values[VIEW_LICENSE_ID].text },
		{ STR("machineKey"), lock->machine_key },
	};
	struct row *row =
	    new_restriction(arena, "Offline", print_properties(arena, pairs, COUNT_OF(pairs)));

	if (row != NULL)
		row_set_integer(row, resource_member(row->resource, "expireDate"), lock->until);
	return row;
}

/* --- members --- */

/* Rows of their own, to be stored again for another license. */
static void forget_owner(struct row *row)
{
	static const char *const names[] = { "number", "licenseId", "templateId" };

	for (unsigned i = 0; i < COUNT_OF(names); i++)
		row->present &= ~FIELD_BIT(resource_member(row->resource, names[i]));
}

static int copy_list(struct context *context, const struct row *source, struct row *row,
    const char *name, const struct node_lock *lock, struct error *error)
{
	struct row_list from = row_filled(source, member(name)) ? source->values[member(name)].list
								: (struct row_list){ NULL, 0 };
	struct row_list to = { .rows = arena_alloc_array(
				   context->arena, from.count + 2, sizeof(to.rows[0])) };

	if (to.rows == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < from.count; i++) {
		to.rows[to.count] = row_copy(context->arena, from.rows[i]);
		if (to.rows[to.count] == NULL)
			return error_out_of_memory(error);
		forget_owner(to.rows[to.count++]);
	}
	if (lock != NULL) {
		to.rows[to.count++] = bind_machine(context->arena, lock);
		to.rows[to.count++] = bind_file(context->arena, lock);
		if (to.rows[to.count - 1] == NULL || to.rows[to.count - 2] == NULL)
			return error_out_of_memory(error);
	}
	row_set_list(row, member(name), to);
	return 0;
}

static int copy_lists(struct context *context, const struct row *source, struct row *row,
    const struct node_lock *lock, struct error *error)
{
	if (copy_list(context, source, row, "assemblies", NULL, error) != 0 ||
	    copy_list(context, source, row, "fields", NULL, error) != 0 ||
	    copy_list(context, source, row, "features", NULL, error) != 0)
		return -1;
	return copy_list(context, source, row, "restrictions", lock, error);
}

static void copy_members(const struct row *source, struct row *row)
{
	static const char *const names[] = { "licenseType", "format", "supportExpireDate",
		"licenseeName", "licenseeCompany", "licenseeEmail", "meta", "customerId", "orderId",
		"product", "licensee", "components", "signatureKeysId", "signingKeyId" };

	for (unsigned i = 0; i < COUNT_OF(names); i++)
		row_set_value(row, member(names[i]), &source->values[member(names[i])]);
	/* It has no template, by which the license may have got its key. */
	if (row_filled(source, member("signedById")))
		row_set_value(row, member("signingKeyId"), &source->values[member("signedById")]);
}

/* The file ends with its time or the license's, whichever comes first. */
static int64_t end_of(const struct row *source, const struct node_lock *lock)
{
	const struct value *end = &source->values[member("expireDate")];

	return !end->null && end->integer < lock->until ? end->integer : lock->until;
}

static int fill_license(struct context *context, const struct node_lock *lock,
    const struct row *source, struct row *row, struct error *error)
{
	copy_members(source, row);
	row_set_text(row, member("description"),
	    str_from(
		arena_printf(context->arena, "Offline use of " STR_FORMAT " by " STR_FORMAT ".",
		    STR_ARGUMENTS(source->values[member("licenseId")].text),
		    STR_ARGUMENTS(call_text(lock->call, REQUEST_MACHINE_ID)))));
	row_set_integer(row, member("issueDate"), lock->call->now);
	row_set_integer(row, member("expireDate"), end_of(source, lock));
	row_set_integer(row, member("licensingMode"), CALL_MODE_FILE);
	row_set_integer(row, member("maxAllowedSites"), 1);
	row_set_null(row, member("policy"));
	row_set_null(row, member("licenseKey"));
	return copy_lists(context, source, row, lock, error);
}

/* --- storing --- */

static int refuse_lock(enum reason why, enum reason *reason, struct error *error)
{
	*reason = why;
	return reason_refuse(why, error);
}

static struct row *key_of(struct context *context, const struct row *seat)
{
	return row_with(context->arena, licenses, resource_key(licenses),
	    &((struct row *)(uintptr_t)seat)->values[TOKEN_NODE_LOCKED_LICENSE_ID]);
}

/* What the vendor has said of the former one goes on. */
static int check_former(
    struct context *context, const struct row *key, enum reason *reason, struct error *error)
{
	struct row *former;

	if (record_find_by(context, licenses, resource_key(licenses),
		&key->values[resource_key(licenses)], resource_default_mask(licenses), &former,
		error) != 0)
		return -1;
	if (former != NULL && former->values[member("revoked")].boolean)
		return refuse_lock(REASON_REVOKED, reason, error);
	if (former != NULL && former->values[member("suspended")].boolean)
		return refuse_lock(REASON_SUSPENDED, reason, error);
	return 0;
}

static int store_again(struct context *context, const struct row *seat,
    struct record_change *change, enum reason *reason, struct error *error)
{
	struct row *key = key_of(context, seat);

	if (key == NULL)
		return error_out_of_memory(error);
	change->keys = key;
	if (check_former(context, key, reason, error) != 0)
		return -1;
	return record_update(context, &licensing_license_record, change, error);
}

int node_lock_make(struct context *context, const struct node_lock *lock, enum reason *reason,
    struct row **made, struct error *error)
{
	const struct row *seat = lock->call->seat;
	struct row *source, *row = row_new(context->arena, licenses);
	struct record_change change = { .sent = row };

	if (row == NULL)
		return error_out_of_memory(error);
	if (fetch_source(context, lock->call, &source, error) != 0)
		return -1;
	if (!is_bindable(source))
		return refuse_lock(REASON_NOT_BINDABLE, reason, error);
	if (fill_license(context, lock, source, row, error) != 0)
		return -1;
	if ((row_filled(seat, TOKEN_NODE_LOCKED_LICENSE_ID)
		    ? store_again(context, seat, &change, reason, error)
		    : record_insert(context, &licensing_license_record, &change, error)) != 0)
		return -1;
	*made = change.stored;
	return row_filled(*made, member("signedById"))
		   ? 0
		   : refuse_lock(REASON_NOT_BINDABLE, reason, error);
}

int node_lock_revoke(struct context *context, const struct row *seat, struct error *error)
{
	struct row *row = row_new(context->arena, licenses);
	struct record_change change = { .sent = row };

	if (!row_filled(seat, TOKEN_NODE_LOCKED_LICENSE_ID))
		return 0;
	change.keys = key_of(context, seat);
	if (row == NULL || change.keys == NULL)
		return error_out_of_memory(error);
	row_set_boolean(row, member("revoked"), true);
	return record_update(context, &licensing_license_record, &change, error);
}
