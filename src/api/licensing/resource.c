/*
 * Resources: keys, texts and other files that products, licenses and mails are made with. Private
 * keys among them are stored encrypted, and answered to nobody.
 */
#define _GNU_SOURCE 1
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <regex.h>

#include "api/licensing/licensing.h"
#include "api/licensing/signing_key.h"
#include "base/base64.h"

enum resource_member {
	RESOURCE_ID,
	RESOURCE_NAME,
	RESOURCE_TYPE,
	RESOURCE_CODE,
	RESOURCE_DESCRIPTION,
	RESOURCE_SOURCE,
	RESOURCE_PASSWORD,
	RESOURCE_CREATED_AT,
	RESOURCE_UPDATED_AT,
	RESOURCE_DATA,
	RESOURCE_DATA_FORMAT,
	RESOURCE_META,
	RESOURCE_PUBLIC_DATA,
	RESOURCE_PRIVATE_DATA,
	RESOURCE_SIGNING_KEY_ID,
	RESOURCE__MAX
};

/*
 * What type and dataFormat are called where the content is a private key, in lower case: a regular
 * expression that both regcomp() and the database understand.
 */
#define KEY_WORDS                                                                               \
	"(^|[^a-z0-9])(rsa|dsa|ec|ecdsa|ed25519|ed448|snk|pem|pfx|p8|p12|pkcs|pvk|ppk|jwk|jks|" \
	"sign|private|secret|credential)|key"

/* What private keys look like, as they are or within base64, under any type. */
#define PEM_MARK "PRIVATE KEY-----"
#define XML_MARK "<RSAKeyValue>"
#define BLOB_MARK_PLACE 8 /* of "RSA2" in the key blobs of Windows, which SNK files are */
#define BLOB_MARK_LENGTH 4

/* What stands in clear and should not. */
#define CALLED_KEY_SQL "LOWER(CONCAT_WS(' ', {}.type, {}.data_format)) REGEXP '" KEY_WORDS "'"
#define IS_PRIVATE_SQL                                                                           \
	"(" CALLED_KEY_SQL " OR INSTR({}.data, '" PEM_MARK "') > 0 OR INSTR({}.data, '" XML_MARK \
	"') > 0 OR INSTR(FROM_BASE64({}.data), '" PEM_MARK                                       \
	"') > 0 OR INSTR(FROM_BASE64({}.data), '" XML_MARK                                       \
	"') > 0 OR SUBSTR(FROM_BASE64({}.data), 9, 4) IN ('RSA2', 'DSS2'))"

static const struct field resource_fields[RESOURCE__MAX] = {
	[RESOURCE_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[RESOURCE_NAME] = { STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Display name.", .example = "\"License by mail\"" },
	[RESOURCE_TYPE] = { STRING("type", "type", 64), .flags = FIELD_TYPICAL,
	    .doc = "What it is: RSA, email, …", .example = "\"email\"" },
	[RESOURCE_CODE] = { STRING("code", "code", 64), .flags = FIELD_EMPTY_ABSENT,
	    .doc = "Unique code." },
	[RESOURCE_DESCRIPTION] = { STRING("description", "description", LICENSING_TEXT_LONGEST),
	    .doc = "Purpose.", .example = "\"What a customer gets with a license.\"" },
	[RESOURCE_SOURCE] = { STRING("source", "source", 1000),
	    .doc = "Where it came from, such as a file's name." },
	[RESOURCE_PASSWORD] = { STRING("password", "sealed_password", 1000),
	    .flags = FIELD_MASKED | FIELD_SECRET | FIELD_ENCRYPTED | FIELD_EMPTY_ABSENT,
	    .former = "password",
	    .doc = "Password of the data. Stored encrypted, answered as " FIELD_MASK "." },
	[RESOURCE_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was stored." },
	[RESOURCE_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[RESOURCE_DATA] = { STRING("data", NULL, LICENSING_CONTENT_LONGEST),
	    .flags = FIELD_BY_RULE | FIELD_SECRET | FIELD_TYPICAL,
	    .expression =
		"IF({}.private_data IS NOT NULL OR ({}.data IS NOT NULL AND " CALLED_KEY_SQL
		"), '" FIELD_MASK "', {}.data)",
	    .doc =
		"Content, bytes in base64. A private key, by its type, its dataFormat or what it "
		"holds, is stored encrypted and answered as " FIELD_MASK ".",
	    .example = "\"Dear {{licensee.name}}, your key is {{license.userKey}}.\"" },
	[RESOURCE_DATA_FORMAT] = { STRING("dataFormat", "data_format", 64),
	    .doc = "Form of the content, such as SNK." },
	[RESOURCE_META] = { STRING("meta", "meta", LICENSING_TEXT_LONGEST),
	    .doc = "Free text for programs." },
	[RESOURCE_PUBLIC_DATA] = { STRING("publicData", "data", LICENSING_CONTENT_LONGEST),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY },
	[RESOURCE_PRIVATE_DATA] = { STRING(
					"privateData", "private_data", LICENSING_CONTENT_LONGEST),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_ENCRYPTED,
	    .former = "data", .former_condition = IS_PRIVATE_SQL },
	/* Made of the content when it is first needed: api/licensing/sign.c. */
	[RESOURCE_SIGNING_KEY_ID] = { INT32("signingKeyId", "signing_key_id"),
	    .flags = LICENSING_HIDDEN | FIELD_ON_DEMAND },
};

static const struct unique_key resource_uniques[] = {
	{ .index = "resource_code", .member = "code", .word = "DUPLICATE_CODE", .alone = true },
};

static const struct reference resource_references[] = {
	{ .constraint = "resource_signing_key",
	    .member = "signingKeyId",
	    .target = &licensing_signing_key_resource,
	    .message = "The signing key was not found." },
};

static const struct dependant resource_dependants[] = {
	{ .constraint = "product_signature_keys", .name = "products", .area = AREA_PRODUCTS },
	{ .constraint = "license_template_signature_keys",
	    .name = "license templates",
	    .area = AREA_LICENSES },
	{ .constraint = "license_signature_keys", .name = "licenses", .area = AREA_LICENSES },
};

/* Whether a type and a format, apart by a blank, are those of keys. */
static bool is_called_key(const char *names)
{
	static regex_t words;
	static bool compiled;

	/* Better sealed than shown, should the program's own text not be understood. */
	if (!compiled && regcomp(&words, KEY_WORDS, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return true;
	compiled = true;
	return regexec(&words, names, 0, NULL, 0) == 0;
}

static bool has_mark(struct str text, struct str mark)
{
	return text.length > 0 && memmem(text.data, text.length, mark.data, mark.length) != NULL;
}

static bool looks_like_key(struct str text)
{
	struct str blob = text.length > BLOB_MARK_PLACE + BLOB_MARK_LENGTH
			      ? (struct str){ text.data + BLOB_MARK_PLACE, BLOB_MARK_LENGTH }
			      : STR("");

	return has_mark(text, STR(PEM_MARK)) || has_mark(text, STR(XML_MARK)) ||
	       str_equal(blob, STR("RSA2")) || str_equal(blob, STR("DSS2"));
}

/* Binary forms: PKCS #1 and #8, SEC 1, and PKCS #12. */
static bool is_encoded_key(struct str bytes)
{
	const unsigned char *data = (const unsigned char *)bytes.data;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &data, (long)bytes.length);
	X509_SIG *encrypted;
	PKCS12 *store;
	bool found;

	data = (const unsigned char *)bytes.data;
	encrypted = d2i_X509_SIG(NULL, &data, (long)bytes.length);
	data = (const unsigned char *)bytes.data;
	store = d2i_PKCS12(NULL, &data, (long)bytes.length);
	found = key != NULL || encrypted != NULL || store != NULL;
	EVP_PKEY_free(key);
	X509_SIG_free(encrypted);
	PKCS12_free(store);
	ERR_clear_error();
	return found;
}

/* Returns 1, 0, or -1 with an error. */
static int is_private(struct context *context, const struct value *type, const struct value *format,
    struct str data, struct error *error)
{
	const char *names = arena_printf(context->arena, STR_FORMAT " " STR_FORMAT,
	    STR_ARGUMENTS(type->text), STR_ARGUMENTS(format->text));
	char *bytes = arena_alloc(context->arena, BASE64_DECODED_MAX(data.length));
	size_t length;

	if (names == NULL || bytes == NULL)
		return error_out_of_memory(error);
	if (is_called_key(names) || looks_like_key(data))
		return 1;
	if (!base64_decode(data, bytes, &length))
		return 0;
	return looks_like_key((struct str){ bytes, length }) ||
	       is_encoded_key((struct str){ bytes, length });
}

/* Content goes into the column for its kind, and leaves the other one. */
static int place_data(struct context *context, struct row *row, const struct value *type,
    const struct value *format, struct error *error)
{
	const struct value *data = &row->values[RESOURCE_DATA];
	int private;

	row_set_null(row, RESOURCE_PUBLIC_DATA);
	row_set_null(row, RESOURCE_PRIVATE_DATA);
	if (data->null)
		return 0;
	private = is_private(context, type, format, data->text, error);
	if (private < 0)
		return -1;
	row_set_text(row, private ? RESOURCE_PRIVATE_DATA : RESOURCE_PUBLIC_DATA, data->text);
	return 0;
}

/* Whoever sends back what was read does not mean to change it. */
static bool brings_data(const struct row *row)
{
	return row_has(row, RESOURCE_DATA) &&
	       (row->values[RESOURCE_DATA].null ||
		   !str_equal(row->values[RESOURCE_DATA].text, STR(FIELD_MASK)));
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (!brings_data(row))
		return 0;
	return place_data(
	    context, row, &row->values[RESOURCE_TYPE], &row->values[RESOURCE_DATA_FORMAT], error);
}

/*
 * Content is judged by the names that come with it, else by the stored ones. New names alone change
 * nothing: what was private stays so.
 */
static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *stored = change->before;

	if (brings_data(row) || row_has(row, RESOURCE_PASSWORD))
		row_set_null(row, RESOURCE_SIGNING_KEY_ID);
	if (!brings_data(row))
		return 0;
	return place_data(context, row,
	    row_has(row, RESOURCE_TYPE) ? &row->values[RESOURCE_TYPE]
					: &stored->values[RESOURCE_TYPE],
	    row_has(row, RESOURCE_DATA_FORMAT) ? &row->values[RESOURCE_DATA_FORMAT]
					       : &stored->values[RESOURCE_DATA_FORMAT],
	    error);
}

static const struct table_index resource_indexes[] = {
	{ .name = "resource_name", .columns = { "name" } },
	{ .name = "resource_type", .columns = { "type" }, .broad = true },
};

const struct resource licensing_resource_resource = {
	.name = "resource",
	.type_name = "Resource",
	.area = AREA_RESOURCES,
	.plural = "resources",
	.table = "resource",
	.counted = true,
	FIELDS(resource_fields),
	UNIQUES(resource_uniques),
	REFERENCES(resource_references),
	INDEXES(resource_indexes),
	DEPENDANTS(resource_dependants),
	.event = "resource",
	.doc = "A stored file, key or text.",
};

const struct record licensing_resource_record = {
	.resource = &licensing_resource_resource,
	.before_insert = before_insert,
	.before_update = before_update,
};
