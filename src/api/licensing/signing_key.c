/*
 * Keys that sign licenses. Their private halves are stored encrypted, and answered to nobody.
 */
#include "api/licensing/signing_key.h"

#include <openssl/crypto.h>

#include "api/licensing/licensing.h"
#include "record/key_ring.h"
#include "record/rows.h"

#define BITS_MADE 3072 /* of RSA keys, where nothing is said */
#define PRIVATE_LONGEST 4000

static const struct enumerator algorithm_words[] = {
	{ KEY_ED25519, "Ed25519" },
	{ KEY_RSA, "RSA" },
	{ KEY_EC, "EC" },
};
static const struct enumeration algorithms = { "SigningAlgorithm", algorithm_words,
	COUNT_OF(algorithm_words) };

static const struct enumerator state_words[] = { { 0, "active" }, { 1, "retired" } };
static const struct enumeration states = { "SigningKeyState", state_words, COUNT_OF(state_words) };

static const struct field signing_key_fields[SIGNING_KEY__MAX] = {
	[SIGNING_KEY_ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[SIGNING_KEY_NAME] = { STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Display name.", .example = "\"ACME Paint 2026\"" },
	[SIGNING_KEY_ALGORITHM] = { CODE("algorithm", "algorithm", &algorithms),
	    .flags = FIELD_CREATE_ONLY | FIELD_NOT_NULL,
	    .doc = "Ed25519 (default), RSA, or EC on the curve P-256. With data it must be that of "
		   "the key.",
	    .example = "\"Ed25519\"" },
	[SIGNING_KEY_BITS] = { INT32("bits", "bits"), .flags = FIELD_CREATE_ONLY, .least = 1,
	    .most = KEY_RSA_MOST,
	    .doc = "Length of a new RSA key, 2048 to 4096, or 3072 if absent. Imported keys may "
		   "have 1024 bits: they "
		   "are marked legacy then. Other algorithms have 256." },
	[SIGNING_KEY_KEY_ID] = { STRING("keyId", "key_id", 64), .flags = FIELD_READONLY,
	    .doc = "Its JWK thumbprint (RFC 7638), the kid of documents.",
	    .example = "\"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\"" },
	[SIGNING_KEY_PUBLIC_KEY] = { STRING("publicKey", "public_key", 4000),
	    .flags = FIELD_READONLY, .doc = "Its public half, PEM." },
	[SIGNING_KEY_STATE] = { CODE("state", "state", &states), .flags = FIELD_NOT_NULL,
	    .doc = "active, or retired: it signs nothing any more, and verifies what it has "
		   "signed." },
	[SIGNING_KEY_DEFAULT] = { BOOLEAN("default", "is_default"), .flags = FIELD_NOT_NULL,
	    .fallback = "false",
	    .doc = "Whether it signs licenses for which no other key is named; of one key only." },
	[SIGNING_KEY_LEGACY] = { BOOLEAN("legacy", "legacy"),
	    .flags = FIELD_CREATE_ONLY | FIELD_NOT_NULL, .fallback = "false",
	    .doc = "Whether it signs as old programs of the original expect it: RSA with SHA-1, in "
		   "format 0. Of imported RSA keys only." },
	[SIGNING_KEY_DATA] = { STRING("data", NULL, KEY_IMPORT_MOST),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_CREATE_ONLY |
		     FIELD_EMPTY_ABSENT | FIELD_OMIT_ABSENT,
	    .doc = "A private key to import: PEM, or base64 of PKCS #8, PKCS #12 or an SNK file. "
		   "Absent, a new key is made." },
	[SIGNING_KEY_PASSWORD] = { STRING("password", NULL, 1000),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_CREATE_ONLY |
		     FIELD_EMPTY_ABSENT | FIELD_OMIT_ABSENT,
	    .doc = "What the data is encrypted with." },
	[SIGNING_KEY_SUCCESSOR_ID] = { INT32("successorId", "successor_id"),
	    .flags = FIELD_READONLY, .doc = "Key that signs in its place." },
	[SIGNING_KEY_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was created." },
	[SIGNING_KEY_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[SIGNING_KEY_RETIRED_AT] = { DATETIME("retiredAt", "retired_at"), .flags = FIELD_READONLY,
	    .doc = "When it was retired." },
	[SIGNING_KEY_PRIVATE_KEY] = { STRING("privateKey", "private_key", PRIVATE_LONGEST),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_ENCRYPTED },
};

/* --- what a key is --- */

static int set_text(struct context *context, struct row *row, unsigned member, struct buf *text,
    struct error *error)
{
	row_set_text(row, member, arena_str(context->arena, buf_str(text)));
	if (text->data != NULL)
		OPENSSL_cleanse(text->data, text->length);
	buf_free(text);
	return row->values[member].text.data != NULL ? 0 : error_out_of_memory(error);
}

int signing_key_describe(
    struct context *context, const struct signing_key *key, struct row *row, struct error *error)
{
	struct buf public = { 0 }, private = { 0 };
	bool good = signing_key_public(key, &public) && signing_key_private(key, &private);
	int result = set_text(context, row, SIGNING_KEY_PUBLIC_KEY, &public, error);

	if (set_text(context, row, SIGNING_KEY_PRIVATE_KEY, &private, error) != 0 || result != 0)
		return -1;
	row_set_text(row, SIGNING_KEY_ALGORITHM,
	    str_from(key_algorithm_info(signing_key_algorithm(key))->name));
	row_set_integer(row, SIGNING_KEY_BITS, signing_key_bits(key));
	row_set_text(
	    row, SIGNING_KEY_KEY_ID, arena_str(context->arena, str_from(signing_key_id(key))));
	if (signing_key_algorithm(key) == KEY_RSA && signing_key_bits(key) < KEY_RSA_LEAST)
		row_set_boolean(row, SIGNING_KEY_LEGACY, true);
	if (!good)
		return error_set_detail(error, ERROR_INTERNAL, "libcrypto could not write a key");
	return row->values[SIGNING_KEY_KEY_ID].text.data != NULL ? 0 : error_out_of_memory(error);
}

static bool is_set(const struct row *row, unsigned member)
{
	return row_has(row, member) && row->values[member].boolean;
}

/* --- making and importing --- */

static enum key_algorithm algorithm_of(const struct row *row)
{
	enum key_algorithm algorithm;

	if (row_filled(row, SIGNING_KEY_ALGORITHM) &&
	    key_algorithm_find(row->values[SIGNING_KEY_ALGORITHM].text, &algorithm))
		return algorithm;
	return KEY_ED25519;
}

static void check(const struct row *row, bool insert, struct error *error)
{
	bool imported = row_filled(row, SIGNING_KEY_DATA);

	if (!insert)
		return;
	if (row_filled(row, SIGNING_KEY_PASSWORD) && !imported)
		error_add_fault(error, "password", "The password field is for data alone.");
	if (row_filled(row, SIGNING_KEY_BITS) && (imported || algorithm_of(row) != KEY_RSA))
		error_add_fault(error, "bits", "The bits field is for new RSA keys alone.");
	else if (row_filled(row, SIGNING_KEY_BITS) &&
		 row->values[SIGNING_KEY_BITS].integer < KEY_RSA_LEAST)
		error_add_fault(error, "bits", "The bits field must be from %d to %d.",
		    KEY_RSA_LEAST, KEY_RSA_MOST);
	if (is_set(row, SIGNING_KEY_LEGACY) && !imported)
		error_add_fault(
		    error, "legacy", "The legacy field is for imported RSA keys alone.");
}

/* What was said of an imported key must be so. */
static int check_imported(const struct row *row, const struct signing_key *key, struct error *error)
{
	enum key_algorithm algorithm = signing_key_algorithm(key);

	if (row_filled(row, SIGNING_KEY_ALGORITHM) && algorithm_of(row) != algorithm)
		return error_add_fault(error, "algorithm",
		    "The algorithm field must be %s, which the data is a key of.",
		    key_algorithm_info(algorithm)->name);
	if (is_set(row, SIGNING_KEY_LEGACY) && algorithm != KEY_RSA)
		return error_add_fault(
		    error, "legacy", "The legacy field is for imported RSA keys alone.");
	if (row_has(row, SIGNING_KEY_LEGACY) && !is_set(row, SIGNING_KEY_LEGACY) &&
	    algorithm == KEY_RSA && signing_key_bits(key) < KEY_RSA_LEAST)
		return error_add_fault(error, "legacy",
		    "The legacy field must be true for an RSA key of less than %d bits.",
		    KEY_RSA_LEAST);
	return 0;
}

static int import_key(
    struct context *context, const struct row *row, struct signing_key **key, struct error *error)
{
	const struct value *password = &row->values[SIGNING_KEY_PASSWORD];
	const char *text =
	    row_filled(row, SIGNING_KEY_PASSWORD)
		? arena_printf(context->arena, STR_FORMAT, STR_ARGUMENTS(password->text))
		: NULL;

	if (signing_key_import(row->values[SIGNING_KEY_DATA].text, text, key, error) != 0)
		return -1;
	if (check_imported(row, *key, error) == 0)
		return 0;
	signing_key_free(*key);
	return -1;
}

static int make_key(const struct row *row, struct signing_key **key, struct error *error)
{
	unsigned bits = row_filled(row, SIGNING_KEY_BITS)
			    ? (unsigned)row->values[SIGNING_KEY_BITS].integer
			    : BITS_MADE;

	*key = signing_key_make(algorithm_of(row), bits);
	return *key != NULL
		   ? 0
		   : error_set_detail(error, ERROR_INTERNAL, "libcrypto could not make a key");
}

static int prepare(
    struct context *context, const struct row *keys, struct row *row, struct error *error)
{
	struct signing_key *key;
	int result;

	if (keys != NULL || row_filled(row, SIGNING_KEY_PRIVATE_KEY))
		return 0;
	result = row_filled(row, SIGNING_KEY_DATA) ? import_key(context, row, &key, error)
						   : make_key(row, &key, error);
	if (result != 0)
		return -1;
	result = signing_key_describe(context, key, row, error);
	signing_key_free(key);
	return result;
}

/* --- rules --- */

/* There is one default key: a new one takes the place of the former. */
static int take_default(struct context *context, const struct row *row, struct error *error)
{
	struct row *keys = row_new(context->arena, row->resource);
	struct row *values = row_new(context->arena, row->resource);
	const struct record_set set = { .resource = row->resource, .keys = keys, .told = true };
	int64_t count;

	if (!is_set(row, SIGNING_KEY_DEFAULT))
		return 0;
	if (keys == NULL || values == NULL)
		return error_out_of_memory(error);
	row_set_boolean(keys, SIGNING_KEY_DEFAULT, true);
	row_set_boolean(values, SIGNING_KEY_DEFAULT, false);
	return record_update_all(context, &set, values, &count, error);
}

static bool retires(const struct row *row)
{
	return row_filled(row, SIGNING_KEY_STATE) &&
	       str_equal(row->values[SIGNING_KEY_STATE].text, SIGNING_KEY_RETIRED);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (retires(row))
		return error_add_fault(
		    error, "state", "The state field of a new key must be active.");
	row_set_text(row, SIGNING_KEY_STATE, SIGNING_KEY_ACTIVE);
	if (take_default(context, row, error) != 0)
		return -1;
	return record_revoke(context, key_ring_mark(), error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	bool was_retired = retires(change->before);

	if (was_retired && row_filled(row, SIGNING_KEY_STATE) && !retires(row))
		return error_add_fault(
		    error, "state", "A retired key does not become active again.");
	if (is_set(row, SIGNING_KEY_DEFAULT) && (was_retired || retires(row)))
		return error_add_fault(
		    error, "default", "A retired key cannot be the default one.");
	if (retires(row) && !was_retired) {
		row_set_integer(row, SIGNING_KEY_RETIRED_AT, timestamp_now());
		row_set_boolean(row, SIGNING_KEY_DEFAULT, false);
	}
	if (take_default(context, row, error) != 0)
		return -1;
	return record_revoke(context, key_ring_mark(), error);
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	(void)key;
	return record_revoke(context, key_ring_mark(), error);
}

static const struct unique_key signing_key_uniques[] = {
	{ .index = "signing_key_key_id",
	    .member = "keyId",
	    .word = "DUPLICATE_KEY",
	    .message = "There is a signing key with the same key already.",
	    .alone = true },
};

static const struct reference signing_key_references[] = {
	{ .constraint = "signing_key_successor",
	    .member = "successorId",
	    .target = &licensing_signing_key_resource,
	    .message = "The signing key was not found." },
};

static const struct dependant signing_key_dependants[] = {
	{ .constraint = "license_signing_key", .name = "licenses", .area = AREA_LICENSES },
	{ .constraint = "license_signed_by", .name = "licenses", .area = AREA_LICENSES },
	{ .constraint = "license_template_signing_key",
	    .name = "license templates",
	    .area = AREA_LICENSES },
	{ .constraint = "product_signing_key", .name = "products", .area = AREA_PRODUCTS },
	{ .constraint = "signing_key_successor",
	    .name = "signing keys",
	    .area = AREA_SIGNING_KEYS },
};

const struct resource licensing_signing_key_resource = {
	.name = "signing key",
	.type_name = "SigningKey",
	.area = AREA_SIGNING_KEYS,
	.plural = "signingKeys",
	.table = SIGNING_KEY_TABLE,
	FIELDS(signing_key_fields),
	UNIQUES(signing_key_uniques),
	REFERENCES(signing_key_references),
	DEPENDANTS(signing_key_dependants),
	.event = "signing_key",
	.doc = "A key that signs licenses.",
};

const struct record licensing_signing_key_record = {
	.resource = &licensing_signing_key_resource,
	.check = check,
	.prepare = prepare,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
};
