/*
 * Which key signs a license, and its document when the license is stored. It has SQL of its own for
 * private keys among the resources, which no operation reads.
 */
#include "api/licensing/sign.h"

#include "api/licensing/licensing.h"
#include "api/licensing/signing_key.h"
#include "document/content.h"
#include "record/key_ring.h"
#include "record/rows.h"
#include "record/sealed.h"

#define SUCCESSORS_MOST 1000 /* of one key, one after another */

/* What names a key: a license, a template and a product have both members. */
#define KEY_MEMBER "signingKeyId"
#define RESOURCE_MEMBER "signatureKeysId"

static unsigned license_member(const char *name)
{
	return resource_member(&licensing_license_resource, name);
}

/* --- keys --- */

static int open_key(struct context *context, struct ring_key *found, struct error *error)
{
	const struct value id = { .integer = found->id };
	struct str text;

	if (found->key != NULL)
		return 0;
	if (sealed_open(context->settings, context->arena, &licensing_signing_key_resource,
		SIGNING_KEY_PRIVATE_KEY, &id, found->sealed, &text, error) != 0)
		return -1;
	found->key = signing_key_open(text);
	return found->key != NULL ? 0
				  : error_set_detail(error, ERROR_INTERNAL,
					"the private half of signing key %lld cannot be read",
					(long long)found->id);
}

static struct ring_key *follow_successors(struct key_ring *ring, struct ring_key *found)
{
	for (int i = 0; i < SUCCESSORS_MOST && found != NULL && !found->is_active; i++) {
		if (found->successor == 0)
			return found;
		found = key_ring_find(ring, found->successor);
	}
	return found;
}

/* One that this transaction has made is not known yet. */
static int find_key(
    struct context *context, int64_t id, struct ring_key **found, struct error *error)
{
	*found = key_ring_find(context->key_ring, id);
	if (*found == NULL && id != 0) {
		if (key_ring_reread(context->key_ring, context->database, context->arena, error) !=
		    0)
			return -1;
		*found = key_ring_find(context->key_ring, id);
	}
	*found = *found != NULL ? follow_successors(context->key_ring, *found) : NULL;
	return 0;
}

static int find_open_key(
    struct context *context, int64_t id, struct ring_key **found, struct error *error)
{
	if (find_key(context, id, found, error) != 0)
		return -1;
	if (*found == NULL)
		return id == 0
			   ? 0
			   : error_add_fault(error, KEY_MEMBER, "The signing key was not found.");
	if (!(*found)->is_active)
		return error_add_fault(error, KEY_MEMBER,
		    "The signing key %lld is retired: name another one, or rotate it.",
		    (long long)(*found)->id);
	return open_key(context, *found, error);
}

int license_signing_key(struct context *context, int64_t id, const struct signing_key **key,
    bool *is_legacy, struct error *error)
{
	struct ring_key *found;

	if (find_open_key(context, id, &found, error) != 0)
		return -1;
	if (found == NULL)
		return error_add_fault(error, KEY_MEMBER, "The signing key was not found.");
	*key = found->key;
	*is_legacy = found->is_legacy;
	return 0;
}

/* --- keys that are resources --- */

enum column { COLUMN_LINK, COLUMN_DATA, COLUMN_PASSWORD, COLUMN__MAX };

/* Content of a resource, as far as it is private. */
struct stored_key {
	int64_t link; /* number of the signing key that was made of it; 0 = none yet */
	struct str data, password;
	bool has_data, has_password;
};

static int open_member(struct context *context, int64_t id, const char *member,
    const struct bind *sealed, struct str *plain, bool *has, struct error *error)
{
	const struct value key = { .integer = id };

	*has = !sealed->null;
	if (sealed->null)
		return 0;
	return sealed_open(context->settings, context->arena, &licensing_resource_resource,
	    resource_member(&licensing_resource_resource, member), &key, sealed->text, plain,
	    error);
}

static int read_resource(
    struct context *context, int64_t id, struct stored_key *stored, struct error *error)
{
	static const enum bind_kind columns[COLUMN__MAX] = {
		[COLUMN_LINK] = BIND_INTEGER,
		[COLUMN_DATA] = BIND_BINARY,
		[COLUMN_PASSWORD] = BIND_BINARY,
	};
	const struct bind key = BIND_INT(id);
	struct result result;

	*stored = (struct stored_key){ 0 };
	if (database_select(context->database, context->arena,
		"SELECT COALESCE(signing_key_id, 0), IF(signing_key_id IS NULL, private_data, "
		"NULL), IF(signing_key_id IS NULL, sealed_password, NULL) FROM resource WHERE id = "
		"?",
		&key, 1, columns, COLUMN__MAX, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	stored->link = result.rows[0][COLUMN_LINK].integer;
	if (open_member(context, id, "privateData", &result.rows[0][COLUMN_DATA], &stored->data,
		&stored->has_data, error) != 0)
		return -1;
	return open_member(context, id, "password", &result.rows[0][COLUMN_PASSWORD],
	    &stored->password, &stored->has_password, error);
}

/* What is wrong with the resource is a fault of who names it. */
static int import_resource(struct context *context, int64_t id, const struct stored_key *stored,
    struct signing_key **key, struct error *error)
{
	const char *password = stored->has_password ? arena_printf(context->arena, STR_FORMAT,
							  STR_ARGUMENTS(stored->password))
						    : NULL;
	struct error reason;

	error_init(&reason, context->arena);
	if (signing_key_import(stored->data, password, key, &reason) == 0)
		return 0;
	if (reason.faults == NULL)
		return error_out_of_memory(error);
	return error_add_fault(error, RESOURCE_MEMBER,
	    "The resource %lld holds no key that can sign: %s", (long long)id,
	    reason.faults->message);
}

/*
 * A key that has moved in with the original's rows is one of the original's programs, of whatever
 * length: the only signature that they can check is the one with SHA-1. The map of an import has no
 * index for this; each key is looked for once.
 */
static int mark_moved(struct context *context, int64_t id, const struct signing_key *key,
    struct row *row, struct error *error)
{
	const struct resource *resource = &licensing_import_view;
	struct row *keys = row_new(context->arena, resource), *found;
	const struct record_set set = { .resource = resource, .keys = keys };

	if (signing_key_algorithm(key) != KEY_RSA || row_has(row, SIGNING_KEY_LEGACY))
		return 0;
	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_text(keys, LICENSING_IMPORT_TABLE, STR(LICENSING_IMPORT_RESOURCES));
	row_set_text(keys, LICENSING_IMPORT_TARGET,
	    str_from(arena_printf(context->arena, "%lld", (long long)id)));
	if (record_find(context, &set, FIELD_BIT(LICENSING_IMPORT_KEY), &found, error) != 0)
		return -1;
	if (found != NULL)
		row_set_boolean(row, SIGNING_KEY_LEGACY, true);
	return 0;
}

static int insert_key(struct context *context, int64_t id, const struct signing_key *key,
    int64_t *link, struct error *error)
{
	struct row *row = row_new(context->arena, &licensing_signing_key_resource);
	struct record_change change = { .sent = row };

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_text(row, SIGNING_KEY_NAME,
	    str_from(arena_printf(context->arena, "resource %lld", (long long)id)));
	if (signing_key_describe(context, key, row, error) != 0 ||
	    mark_moved(context, id, key, row, error) != 0 ||
	    record_insert(context, &licensing_signing_key_record, &change, error) != 0)
		return -1;
	*link = change.stored->values[SIGNING_KEY_ID].integer;
	return 0;
}

/* Two resources may hold the same key, which is one signing key. */
static int find_same(
    struct context *context, const struct signing_key *key, int64_t *link, struct error *error)
{
	const struct value id = { .text = str_from(signing_key_id(key)) };
	struct row *found;

	if (record_find_by(context, &licensing_signing_key_resource, SIGNING_KEY_KEY_ID, &id,
		FIELD_BIT(SIGNING_KEY_ID), &found, error) != 0)
		return -1;
	*link = found != NULL ? found->values[SIGNING_KEY_ID].integer : 0;
	return 0;
}

static int link_resource(struct context *context, int64_t id, int64_t link, struct error *error)
{
	const struct resource *resource = &licensing_resource_resource;
	struct row *keys = row_new(context->arena, resource);
	struct row *values = row_new(context->arena, resource);
	const struct record_set set = { .resource = resource, .keys = keys, .told = true };
	int64_t count;

	if (keys == NULL || values == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, resource_key(resource), id);
	row_set_integer(values, resource_member(resource, KEY_MEMBER), link);
	return record_update_all(context, &set, values, &count, error);
}

/* The signing key of a resource, which is made when it is first needed; 0 where it holds none. */
static int find_link(struct context *context, int64_t id, int64_t *link, struct error *error)
{
	struct stored_key stored;
	struct signing_key *key;
	int result;

	if (read_resource(context, id, &stored, error) != 0)
		return -1;
	*link = stored.link;
	if (stored.link != 0 || !stored.has_data)
		return 0;
	if (import_resource(context, id, &stored, &key, error) != 0)
		return -1;
	result = find_same(context, key, link, error);
	if (result == 0 && *link == 0)
		result = insert_key(context, id, key, link, error);
	signing_key_free(key);
	return result == 0 ? link_resource(context, id, *link, error) : -1;
}

/* --- which one --- */

static int64_t number_of(const struct row *row, const char *name)
{
	unsigned member = resource_member(row->resource, name);

	return row_filled(row, member) ? row->values[member].integer : 0;
}

/* The key that a license, template or product names; 0 = none. */
static int named_by(
    struct context *context, const struct row *row, int64_t *id, struct error *error)
{
	int64_t resource = number_of(row, RESOURCE_MEMBER);

	*id = number_of(row, KEY_MEMBER);
	return *id == 0 && resource != 0 ? find_link(context, resource, id, error) : 0;
}

static int named_by_row(struct context *context, const struct resource *resource, int64_t number,
    const char *next, int64_t *id, int64_t *next_number, struct error *error)
{
	uint64_t mask = FIELD_BIT(resource_member(resource, KEY_MEMBER)) |
			FIELD_BIT(resource_member(resource, RESOURCE_MEMBER)) |
			FIELD_BIT(resource_member(resource, next));
	const struct value key = { .integer = number };
	struct row *row;

	*id = *next_number = 0;
	if (number == 0)
		return 0;
	if (record_find_by(context, resource, resource_key(resource), &key, mask, &row, error) != 0)
		return -1;
	if (row == NULL)
		return 0;
	*next_number = number_of(row, next);
	return named_by(context, row, id, error);
}

/* That of the license, its template, the template's product, or the default one. */
static int choose_key(
    struct context *context, const struct row *license, struct ring_key **key, struct error *error)
{
	int64_t id, product, ignored;

	*key = NULL;
	if (named_by(context, license, &id, error) != 0)
		return -1;
	if (id == 0 &&
	    (named_by_row(context, &licensing_template_resource, number_of(license, "templateId"),
		 "productId", &id, &product, error) != 0 ||
		(id == 0 && named_by_row(context, &licensing_product_resource, product, "id", &id,
				&ignored, error) != 0)))
		return -1;
	return find_open_key(context, id, key, error);
}

/* --- documents --- */

static int set_document(struct context *context, const struct ring_key *key,
    const struct row *license, struct row *row, struct error *error)
{
	const struct document document = { .arena = context->arena,
		.license = license,
		.key = key->key,
		.legacy = key->is_legacy,
		.now = timestamp_now() };
	struct buf text = { .limit = LICENSING_CONTENT_LONGEST }, hash = { 0 };
	int result = document_make(&document, &text, error);

	if (result != 0) {
		buf_free(&text);
		return -1;
	}
	document_hash(buf_str(&text), &hash);
	row_set_text(row, license_member("licenseKey"), arena_str(context->arena, buf_str(&text)));
	row_set_text(row, license_member("hash"), arena_str(context->arena, buf_str(&hash)));
	row_set_integer(row, license_member("signedById"), key->id);
	buf_free(&text);
	buf_free(&hash);
	return arena_exhausted(context->arena) ? error_out_of_memory(error) : 0;
}

/* Who sends an empty text wants the server to make one. */
static bool brings_document(const struct row *row)
{
	unsigned member = license_member("licenseKey");

	return row_filled(row, member) && row->values[member].text.length > 0;
}

int license_sign_new(struct context *context, struct row *row, struct error *error)
{
	struct ring_key *key;

	if (brings_document(row) || context->key_ring == NULL)
		return 0;
	if (choose_key(context, row, &key, error) != 0)
		return -1;
	return key != NULL ? set_document(context, key, row, row, error) : 0;
}

/* Members that a document is made of, or that decide who signs it. */
static uint64_t signed_members(void)
{
	static const char *const names[] = { "format", "templateId", KEY_MEMBER, RESOURCE_MEMBER,
		"licenseKey", "licenseeName", "licenseeCompany", "licenseeEmail" };
	uint64_t mask = 0;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		mask |= FIELD_BIT(license_member(names[i]));
	for (unsigned i = 0; i < content_member_count; i++)
		mask |= FIELD_BIT(license_member(content_members[i].member));
	for (unsigned i = 0; i < content_part_count; i++)
		mask |= FIELD_BIT(license_member(content_parts[i].member));
	return mask;
}

/* Lists that are rows of their own, of which a change says nothing. */
static uint64_t missing_lists(const struct row *row)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < content_part_count; i++) {
		unsigned member = license_member(content_parts[i].member);

		if (content_parts[i].kind == CONTENT_ROWS && !row_has(row, member))
			mask |= FIELD_BIT(member);
	}
	return mask;
}

/* The license as it will be. Parts inside of its row are changed member by member. */
static struct row *merge(struct arena *arena, const struct row *stored, const struct row *row)
{
	struct row *license = row_merge(arena, stored, row);

	for (unsigned i = 0; license != NULL && i < content_part_count; i++) {
		unsigned member = license_member(content_parts[i].member);

		if (content_parts[i].kind != CONTENT_ROW || !row_filled(row, member) ||
		    !row_filled(stored, member))
			continue;
		license->values[member].row =
		    row_merge(arena, stored->values[member].row, row->values[member].row);
		if (license->values[member].row == NULL)
			return NULL;
	}
	return license;
}

/* Whether the stored document is somebody's own, and the change leaves it. */
static bool keeps_document(const struct row *stored, const struct row *row)
{
	unsigned member = license_member("licenseKey");

	return brings_document(stored) && !row_filled(stored, license_member("signedById")) &&
	       (!row_has(row, member) || brings_document(row));
}

/* Whether the change brings a document, and not the stored one again. */
static bool replaces_document(const struct row *stored, const struct row *row)
{
	unsigned member = license_member("licenseKey");

	return brings_document(row) &&
	       !(brings_document(stored) &&
		   str_equal(stored->values[member].text, row->values[member].text));
}

/* What the server had made says what the license is no more. */
static void drop_document(const struct row *stored, struct row *row)
{
	if (!row_filled(stored, license_member("signedById")))
		return;
	row_set_null(row, license_member("licenseKey"));
	row_set_null(row, license_member("hash"));
	row_set_null(row, license_member("signedById"));
}

int license_sign_change(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	struct row *stored, *license;
	struct ring_key *found;

	if ((row->present & signed_members()) == 0 || context->key_ring == NULL)
		return 0;
	if (record_fetch_one(
		context, resource, resource_default_mask(resource), key, &stored, error) != 0)
		return -1;
	if (replaces_document(stored, row)) {
		row_set_null(row, license_member("signedById"));
		return 0;
	}
	if (keeps_document(stored, row))
		return 0;
	license = merge(context->arena, stored, row);
	if (license == NULL)
		return error_out_of_memory(error);
	if (choose_key(context, license, &found, error) != 0)
		return -1;
	if (found == NULL) {
		drop_document(stored, row);
		return 0;
	}
	if (record_follow(context, resource, missing_lists(row),
		&(const struct row_list){ &license, 1 }, error) != 0)
		return -1;
	return set_document(context, found, license, row, error);
}
