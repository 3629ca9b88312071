/*
 * Client certificates: what programs show in TLS, on behalf of a user or an API client. That a
 * certificate is good, the web server has looked at; here is said whose it is.
 */
#include "auth/certificate.h"

#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "auth/key.h"
#include "op/operation.h"
#include "record/rows.h"

enum certificate_member {
	CERTIFICATE_ID,
	CERTIFICATE_THUMBPRINT,
	CERTIFICATE_SHA256,
	CERTIFICATE_NAME,
	CERTIFICATE_USER_ID,
	CERTIFICATE_CLIENT_ID,
	CERTIFICATE_SUBJECT,
	CERTIFICATE_ISSUER,
	CERTIFICATE_SERIAL,
	CERTIFICATE_NOT_BEFORE,
	CERTIFICATE_EXPIRES_AT,
	CERTIFICATE_SCOPE,
	CERTIFICATE_ENABLED,
	CERTIFICATE_CREATED_AT,
	CERTIFICATE_UPDATED_AT,
	CERTIFICATE_LAST_USED_AT,
	CERTIFICATE_USE_COUNT,
	CERTIFICATE_PEM,
	CERTIFICATE_TOKEN_HASH,
	CERTIFICATE_OWNER_ID,
	CERTIFICATE_OWNER_NAME,
	CERTIFICATE_CLIENT_NAME,
	CERTIFICATE_CLIENT_SCOPE,
	CERTIFICATE_CLIENT_EXPIRES_AT,
	CERTIFICATE__MAX
};

#define OF_CLIENT(column) "(SELECT c." column " FROM api_client c WHERE c.id = {}.client_id)"
#define OWNER "COALESCE(" OF_CLIENT("user_id") ", {}.user_id)"

static const struct field certificate_fields[CERTIFICATE__MAX] = {
	[CERTIFICATE_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[CERTIFICATE_THUMBPRINT] = { STRING("Thumbprint", "thumbprint", 64),
	    .flags = FIELD_CREATE_ONLY | FIELD_EMPTY_ABSENT,
	    .doc = "SHA-1 of the certificate, hexadecimal; nothing is compared with it. Null where "
		   "it was not sent.",
	    .example = "\"7E0A4B2C9D1F3E5A6B8C0D2E4F60718293A4B5C6\"" },
	[CERTIFICATE_SHA256] = { STRING("Sha256Thumbprint", "sha256", 128), .fallback = "",
	    .flags = FIELD_CREATE_ONLY | FIELD_NOT_NULL | FIELD_EMPTY_ABSENT | FIELD_TYPICAL,
	    .doc =
		"SHA-256 of the certificate, hexadecimal, which callers' certificates are compared "
		"with. Sent where the certificate itself is not.",
	    .example = "\"5C2D1B0A9F8E7D6C5B4A39281706F5E4D3C2B1A0998877665544332211009ABC\"" },
	[CERTIFICATE_NAME] = { STRING("Name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Display name.", .example = "\"Warehouse gateway\"" },
	[CERTIFICATE_USER_ID] = { UUID("UserID", "user_id"),
	    .flags = FIELD_CREATE_ONLY | FIELD_TYPICAL,
	    .doc = "User whom it acts for, where it acts for no API client." },
	[CERTIFICATE_CLIENT_ID] = { UUID("ClientID", "client_id"), .flags = FIELD_CREATE_ONLY,
	    .doc = "API client that it acts for, within that one's scope and time." },
	[CERTIFICATE_SUBJECT] = { STRING("Subject", "subject", CERTIFICATE_NAME_LONGEST),
	    .flags = FIELD_READONLY, .doc = "Subject, where the certificate was uploaded.",
	    .example = "\"CN=gateway,O=ACME\"" },
	[CERTIFICATE_ISSUER] = { STRING("Issuer", "issuer", CERTIFICATE_NAME_LONGEST),
	    .flags = FIELD_READONLY, .doc = "Issuer, likewise.", .example = "\"CN=ACME CA\"" },
	[CERTIFICATE_SERIAL] = { STRING("SerialNumber", "serial_number", 64),
	    .flags = FIELD_READONLY, .doc = "Serial number, likewise, hexadecimal.",
	    .example = "\"0A1B2C\"" },
	[CERTIFICATE_NOT_BEFORE] = { DATETIME("NotBefore", "not_before"), .flags = FIELD_READONLY,
	    .doc = "When it becomes valid, likewise." },
	[CERTIFICATE_EXPIRES_AT] = { DATETIME("ExpiresAt", "expires_at"),
	    .doc =
		"When it is not taken any more: by default when the certificate ends, which is the "
		"latest moment. Null means never, for one that was not uploaded." },
	[CERTIFICATE_SCOPE] = { STRING("Scope", "scope", SCOPE_LONGEST),
	    .check = credentials_check_scope,
	    .doc = "Upper bound of roles and permissions; null: all of the user's, or of the API "
		   "client's scope. If absent from a POST, those of the caller.",
	    .example = "\"LicenseManager read\"" },
	[CERTIFICATE_ENABLED] = { BOOLEAN("Enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true", .doc = "Whether it is taken." },
	[CERTIFICATE_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was registered." },
	[CERTIFICATE_UPDATED_AT] = { DATETIME("UpdatedAt", "updated_at"),
	    .flags = FIELD_READONLY | FIELD_HIDDEN | FIELD_ON_DEMAND },
	[CERTIFICATE_LAST_USED_AT] = { DATETIME("LastUsedAt", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When it was last used, exact to a minute." },
	[CERTIFICATE_USE_COUNT] = { INT64("UseCount", "use_count"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How often it was used, exact to a minute." },
	[CERTIFICATE_PEM] = { STRING("Certificate", NULL, CERTIFICATE_LONGEST),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_CREATE_ONLY | FIELD_EMPTY_ABSENT |
		     FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
	    .doc = "The certificate, PEM; of several the first. It is not stored." },
	[CERTIFICATE_TOKEN_HASH] = { BINARY("TokenHash", "token_hash"),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
	/* The user whom it acts for in the end. */
	[CERTIFICATE_OWNER_ID] = { UUID("OwnerID", NULL), .expression = OWNER,
	    .flags = COMMANDS_ONLY },
	[CERTIFICATE_OWNER_NAME] = { STRING("OwnerName", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT u.user_name FROM user u WHERE u.id = " OWNER ")" },
	[CERTIFICATE_CLIENT_NAME] = { STRING("ClientName", NULL, 18), .flags = COMMANDS_ONLY,
	    .expression = OF_CLIENT("name") },
	[CERTIFICATE_CLIENT_SCOPE] = { STRING("ClientScope", NULL, SCOPE_LONGEST),
	    .flags = COMMANDS_ONLY, .expression = OF_CLIENT("scope") },
	[CERTIFICATE_CLIENT_EXPIRES_AT] = { DATETIME("ClientExpiresAt", NULL),
	    .flags = COMMANDS_ONLY, .expression = OF_CLIENT("expires_at") },
};

static const struct grant_kind grant_kind = {
	.name = "client certificate",
	.members = { [GRANT_ROLES] = "Scope",
	    [GRANT_PERMISSIONS] = "Scope",
	    [GRANT_EXPIRY] = "ExpiresAt" },
};

/* --- whose it is --- */

static void check(const struct row *row, bool insert, struct error *error)
{
	if (!insert)
		return;
	if (row_filled(row, CERTIFICATE_USER_ID) == row_filled(row, CERTIFICATE_CLIENT_ID))
		error_add_fault(
		    error, "UserID", "Exactly one of UserID and ClientID must be sent.");
	if (row_filled(row, CERTIFICATE_PEM) == row_filled(row, CERTIFICATE_SHA256))
		error_add_fault(error, "Certificate",
		    "Exactly one of Certificate and Sha256Thumbprint must be sent.");
}

/* Sets a thumbprint that was sent to the form in which it is kept. */
static int take_thumbprint(
    struct context *context, struct row *row, unsigned member, unsigned digits, struct error *error)
{
	const char *name = certificate_fields[member].name;
	struct str plain;

	if (!row_filled(row, member))
		return 0;
	plain = certificate_thumbprint(context->arena, row->values[member].text, digits);
	if (plain.length == 0)
		return error_add_fault(
		    error, name, "The %s field must be %u hexadecimal digits.", name, digits);
	row_set_text(row, member, plain);
	return 0;
}

static int take_certificate(struct context *context, struct row *row, struct error *error)
{
	struct certificate certificate;

	if (!row_filled(row, CERTIFICATE_PEM))
		return 0;
	if (!certificate_read(context->arena, row->values[CERTIFICATE_PEM].text, &certificate))
		return error_add_fault(error, "Certificate",
		    "The Certificate field must be an X.509 certificate in PEM form.");
	if (certificate.not_after <= timestamp_now())
		return error_add_fault(error, "Certificate", "The certificate has expired.");
	row_set_text(row, CERTIFICATE_THUMBPRINT, certificate.sha1);
	row_set_text(row, CERTIFICATE_SHA256, certificate.sha256);
	row_set_text(row, CERTIFICATE_SUBJECT, certificate.subject);
	row_set_text(row, CERTIFICATE_ISSUER, certificate.issuer);
	row_set_text(row, CERTIFICATE_SERIAL, certificate.serial);
	row_set_integer(row, CERTIFICATE_NOT_BEFORE, certificate.not_before);
	if (!row_filled(row, CERTIFICATE_EXPIRES_AT) ||
	    row->values[CERTIFICATE_EXPIRES_AT].integer > certificate.not_after)
		row_set_integer(row, CERTIFICATE_EXPIRES_AT, certificate.not_after);
	return 0;
}

static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	struct str token, digest;
	uint8_t hash[KEY_HASH_LENGTH];

	if (key != NULL)
		return 0;
	if (take_thumbprint(context, row, CERTIFICATE_THUMBPRINT, CERTIFICATE_SHA1_DIGITS, error) !=
		0 ||
	    take_thumbprint(context, row, CERTIFICATE_SHA256, CERTIFICATE_SHA256_DIGITS, error) !=
		0 ||
	    take_certificate(context, row, error) != 0)
		return -1;
	token = certificate_token_of(context->arena, row->values[CERTIFICATE_SHA256].text);
	if (token.length == 0)
		return error_out_of_memory(error);
	key_hash(token, hash);
	digest = arena_str(context->arena, (struct str){ (const char *)hash, sizeof(hash) });
	if (digest.data == NULL)
		return error_out_of_memory(error);
	row_set_text(row, CERTIFICATE_TOKEN_HASH, digest);
	return 0;
}

/* --- what it may do --- */

/* Members of the API client, which bound the certificate. */
static int read_client(struct context *context, struct row *row, struct error *error)
{
	static const struct {
		unsigned member;
		const char *name;
	} taken[] = {
		{ CERTIFICATE_OWNER_ID, "UserID" },
		{ CERTIFICATE_CLIENT_SCOPE, "Scope" },
		{ CERTIFICATE_CLIENT_EXPIRES_AT, "ExpiresAt" },
	};
	const struct resource *clients = &credentials_client_resource;
	struct row *client;

	if (!row_filled(row, CERTIFICATE_CLIENT_ID)) {
		row_set_value(row, CERTIFICATE_OWNER_ID, &row->values[CERTIFICATE_USER_ID]);
		return 0;
	}
	if (record_find_by(context, clients, resource_key(clients),
		&row->values[CERTIFICATE_CLIENT_ID], resource_default_mask(clients), &client,
		error) != 0)
		return -1;
	if (client == NULL)
		return error_set_word(error, ERROR_INVALID, "UNKNOWN_CLIENT",
		    "The ClientID does not name an existing API client.");
	for (size_t i = 0; i < COUNT_OF(taken); i++)
		row_set_value(
		    row, taken[i].member, &client->values[resource_member(clients, taken[i].name)]);
	return 0;
}

static int64_t end_of(const struct row *row, unsigned member)
{
	return row_filled(row, member) ? row->values[member].integer : INT64_MAX;
}

/* What a whole row, with the members of its API client, lets its holder do. */
static int read_authority(struct context *context, const struct row *row,
    struct authority *authority, struct error *error)
{
	struct scope bound = scope_everything;
	int64_t end = end_of(row, CERTIFICATE_CLIENT_EXPIRES_AT);

	if (credentials_scope_authority(
		context, row, CERTIFICATE_OWNER_ID, CERTIFICATE_SCOPE, authority, error) != 0)
		return -1;
	if (row_filled(row, CERTIFICATE_CLIENT_SCOPE) &&
	    !scope_parse(row->values[CERTIFICATE_CLIENT_SCOPE].text, &bound, NULL))
		return error_set_detail(error, ERROR_INTERNAL, "a stored scope cannot be read");
	grant_narrow(authority, &bound);
	authority->expires = end_of(row, CERTIFICATE_EXPIRES_AT);
	if (end < authority->expires)
		authority->expires = end;
	return 0;
}

static int check_new(struct context *context, struct row *row, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	struct authority made;

	if (grant_is_everything(&bound))
		return 0;
	if (end_of(row, CERTIFICATE_EXPIRES_AT) > bound.expires)
		row_set_integer(row, CERTIFICATE_EXPIRES_AT, bound.expires);
	if (credentials_scope_inherit(
		context, &bound, row, CERTIFICATE_OWNER_ID, CERTIFICATE_SCOPE, error) != 0 ||
	    read_authority(context, row, &made, error) != 0)
		return -1;
	return grant_check(&made, NULL, &bound, &grant_kind, error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return read_client(context, row, error) == 0 ? check_new(context, row, error) : -1;
}

#define GRANTING                                                         \
	(FIELD_BIT(CERTIFICATE_ENABLED) | FIELD_BIT(CERTIFICATE_SCOPE) | \
	    FIELD_BIT(CERTIFICATE_EXPIRES_AT))

/* One that was uploaded says itself when it ends at the latest; the web server looks at that, too.
 */
static int check_change(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	struct row *before = row_copy(context->arena, change->before), *after;
	struct authority made, former;

	if (grant_is_everything(&bound) || !(row->present & GRANTING))
		return 0;
	if (before == NULL)
		return error_out_of_memory(error);
	if (read_client(context, before, error) != 0)
		return -1;
	after = row_merge(context->arena, before, row);
	if (after == NULL)
		return error_out_of_memory(error);
	if (read_authority(context, after, &made, error) != 0 ||
	    read_authority(context, before, &former, error) != 0)
		return -1;
	return grant_check(&made,
	    before->values[CERTIFICATE_ENABLED].boolean >=
		    after->values[CERTIFICATE_ENABLED].boolean
		? &former
		: NULL,
	    &bound, &grant_kind, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	return check_change(context, change, row, error) == 0
		   ? record_revoke(context,
			 MARK(MARK_CERTIFICATE, change->before->values[CERTIFICATE_ID].uuid), error)
		   : -1;
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(
	    context, MARK(MARK_CERTIFICATE, key->values[CERTIFICATE_ID].uuid), error);
}

/* Somebody may have shown it before it was one: workers remember for a while that nobody has it. */
static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	(void)sent;
	return insert ? record_revoke(context,
			    MARK(MARK_CERTIFICATE, key->values[CERTIFICATE_ID].uuid), error)
		      : 0;
}

/* --- by thumbprint --- */

int credentials_certificate_find(
    struct context *context, struct str thumbprint, struct uuid *certificate, struct error *error)
{
	const struct resource *resource = &credentials_certificate_resource;
	struct value value = {
		.text =
		    certificate_thumbprint(context->arena, thumbprint, CERTIFICATE_SHA256_DIGITS),
	};
	unsigned member = CERTIFICATE_SHA256;
	struct row *row = NULL;

	if (uuid_parse(thumbprint, &value.uuid)) {
		member = CERTIFICATE_ID;
	} else if (value.text.length == 0) {
		value.text =
		    certificate_thumbprint(context->arena, thumbprint, CERTIFICATE_SHA1_DIGITS);
		member = CERTIFICATE_THUMBPRINT;
	}
	if ((member == CERTIFICATE_ID || value.text.length > 0) &&
	    record_find_by(
		context, resource, member, &value, FIELD_BIT(CERTIFICATE_ID), &row, error) != 0)
		return -1;
	if (row == NULL)
		return resource_not_found(resource, error);
	*certificate = row->values[CERTIFICATE_ID].uuid;
	return 0;
}

int credentials_certificate_by_thumbprint(
    struct operation *operation, struct row *keys, struct error *error)
{
	struct uuid certificate;

	if (credentials_certificate_find(
		&operation->context, operation->captures[0], &certificate, error) != 0)
		return -1;
	row_set_uuid(keys, CERTIFICATE_ID, certificate);
	return 0;
}

static const struct unique_key certificate_uniques[] = {
	{ .index = "client_certificate_sha256",
	    .member = "Sha256Thumbprint",
	    .word = "DUPLICATE_CERTIFICATE",
	    .alone = true,
	    .message = "The certificate is already registered." },
	{ .index = "client_certificate_token",
	    .member = "Sha256Thumbprint",
	    .word = "DUPLICATE_CERTIFICATE",
	    .message = "The certificate is already registered." },
	{ .index = "client_certificate_thumbprint",
	    .member = "Thumbprint",
	    .word = "DUPLICATE_CERTIFICATE",
	    .alone = true,
	    .message = "A certificate with this Thumbprint is already registered." },
};

static const struct table_index certificate_indexes[] = {
	{ .name = "client_certificate_name", .columns = { "name" } },
	{ .name = "client_certificate_user", .columns = { "user_id" } },
	{ .name = "client_certificate_client", .columns = { "client_id" } },
	{ .name = "client_certificate_expires", .columns = { "expires_at" } },
};

static const struct reference certificate_references[] = {
	{ .constraint = "client_certificate_user",
	    .member = "UserID",
	    .target = &licensing_user_resource,
	    .word = "UNKNOWN_USER",
	    .message = "The UserID does not name an existing user." },
	{ .constraint = "client_certificate_client",
	    .member = "ClientID",
	    .target = &credentials_client_resource,
	    .word = "UNKNOWN_CLIENT",
	    .message = "The ClientID does not name an existing API client." },
};

const struct resource credentials_certificate_resource = {
	.name = "client certificate",
	.type_name = "Certificate",
	.area = AREA_CREDENTIALS,
	.table = "client_certificate",
	.mints = true,
	ORDER_BY(ASCENDING("Name")),
	FIELDS(certificate_fields),
	UNIQUES(certificate_uniques),
	INDEXES(certificate_indexes),
	REFERENCES(certificate_references),
	.event = "client_certificate",
	.doc = "A client certificate of TLS, and whom it acts for.",
};

const struct record credentials_certificate_record = {
	.resource = &credentials_certificate_resource,
	.check = check,
	.prepare = prepare,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
	.after_write = after_write,
};
