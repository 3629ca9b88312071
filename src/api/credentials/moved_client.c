/*
 * API clients that another service had: they keep their identifiers and secrets, so that programs
 * log in as they did there. Commands alone store them.
 */
#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "auth/session.h"
#include "base/mail_address.h"
#include "record/rows.h"

#define SECRET_MOVED_LONGEST 256

enum {
	MOVED_ID,
	MOVED_NAME,
	MOVED_USER,
	MOVED_SECRET,
	MOVED_SECRET_HASH,
	MOVED_ENABLED,
	MOVED_EXPIRES_AT,
	MOVED_SCOPE,
	MOVED_CREATED_AT,
	MOVED_USER_ID,
};

static const char *check_hash(struct str hash)
{
	char text[PASSWORD_HASH_MAX];

	if (hash.length < sizeof(text)) {
		memcpy(text, hash.data, hash.length);
		text[hash.length] = '\0';
		if (secret_is_random(text) || password_is_affordable(text))
			return NULL;
	}
	return "a hash that can be checked here: bcrypt, yescrypt, scrypt, SHA-crypt, ASP.NET "
	       "Core Identity version 3, or {sha256} and 64 hexadecimal digits";
}

static const struct field moved_fields[] = {
	[MOVED_ID] = { UUID("ID", "id"), .flags = KEY_CHOOSABLE,
	    .doc = "Identifier of the API client." },
	[MOVED_NAME] = { STRING("Name", "name", 18), .flags = FIELD_REQUIRED,
	    .doc = "Display name, unique." },
	[MOVED_USER] = { STRING("User", NULL, 255),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_NOT_NULL,
	    .doc = "The user that it acts for: identifier, name or e-mail address." },
	[MOVED_SECRET] = { STRING("Secret", NULL, SECRET_MOVED_LONGEST),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_NOT_NULL,
	    .doc = "Its secret." },
	[MOVED_SECRET_HASH] = { STRING("SecretHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_NOT_NULL,
	    .check = check_hash, .doc = "A hash instead of the secret." },
	[MOVED_ENABLED] = { BOOLEAN("Enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true", .doc = "Whether it may log in." },
	[MOVED_EXPIRES_AT] = { DATETIME("ExpiresAt", "expires_at"),
	    .doc = "When it expires; null means never." },
	[MOVED_SCOPE] = { STRING("Scope", "scope", SCOPE_LONGEST), .check = credentials_check_scope,
	    .doc = "Upper bound of its tokens." },
	[MOVED_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was added." },
	[MOVED_USER_ID] = { UUID("UserID", "user_id"), .flags = FIELD_READONLY,
	    .doc = "The user that it acts for." },
};

/* A new one needs one of both; of a stored one, neither means the secret that it has. */
static void check_secret(const struct row *row, bool insert, struct error *error)
{
	bool secret = row_filled(row, MOVED_SECRET), hash = row_filled(row, MOVED_SECRET_HASH);

	if (secret && hash)
		error_add_fault(
		    error, "SecretHash", "Only one of Secret and SecretHash may be sent.");
	else if (insert && !secret && !hash)
		error_add_fault(error, "Secret", "Either Secret or SecretHash must be sent.");
}

static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	char hash[PASSWORD_HASH_MAX];

	(void)key;
	if (!row_filled(row, MOVED_SECRET))
		return 0;
	if (guard_hash_password(context->guard, row->values[MOVED_SECRET].text, hash, error) != 0)
		return -1;
	row_set_text(row, MOVED_SECRET_HASH, arena_str(context->arena, str_from(hash)));
	return row->values[MOVED_SECRET_HASH].text.data != NULL ? 0 : error_out_of_memory(error);
}

/* --- the user --- */

/* The users whose member is one of the texts. */
static int find_users(struct context *context, const char *member, const struct str *texts,
    unsigned count, struct row_list *users, struct error *error)
{
	const struct resource *resource = &licensing_user_resource;
	struct value values[MAIL_ADDRESS_FORMS] = { { .null = true } };

	for (unsigned i = 0; i < count; i++)
		values[i] = (struct value){ .text = texts[i] };
	return record_fetch_among(context, resource, resource_member(resource, member), values,
	    count, resource_keys(resource), users, error);
}

/* Whose user name it is comes before whose address. */
static int find_named(
    struct context *context, struct str text, struct row_list *users, struct error *error)
{
	struct str forms[MAIL_ADDRESS_FORMS];
	unsigned count;

	if (find_users(context, "userName", &text, 1, users, error) != 0)
		return -1;
	if (users->count > 0)
		return 0;
	count = mail_address_forms(context->arena, text, forms);
	if (count == 0)
		return error_out_of_memory(error);
	return find_users(context, "email", forms, count, users, error);
}

static int find_user(struct context *context, struct row *row, struct error *error)
{
	struct row_list users = { 0 };
	struct uuid user;

	if (!row_filled(row, MOVED_USER))
		return 0;
	if (uuid_parse(row->values[MOVED_USER].text, &user)) {
		row_set_uuid(row, MOVED_USER_ID, user);
		return 0;
	}
	if (find_named(context, row->values[MOVED_USER].text, &users, error) != 0)
		return -1;
	if (users.count != 1)
		return error_add_fault(error, "User",
		    users.count == 0 ? "No user here has that name or e-mail address."
				     : "Several users here have that e-mail address.");
	row_set_uuid(
	    row, MOVED_USER_ID, users.rows[0]->values[resource_key(&licensing_user_resource)].uuid);
	return 0;
}

/* --- changes --- */

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return find_user(context, row, error);
}

/* Sessions that the changed client would not be given again. */
static int end_sessions(
    struct context *context, const struct row *row, const struct uuid *client, struct error *error)
{
	if (row_filled(row, MOVED_SECRET_HASH) ||
	    (row_has(row, MOVED_ENABLED) && !row->values[MOVED_ENABLED].boolean))
		return session_end_client(
		    context->database, client, 0, &context->revocations, error);
	if (!row_has(row, MOVED_USER_ID))
		return 0;
	return credentials_session_end_others(
	    context, client, &row->values[MOVED_USER_ID].uuid, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct uuid *client = &change->keys->values[MOVED_ID].uuid;

	if (find_user(context, row, error) != 0 ||
	    credentials_client_claim(context, client, error) != 0 ||
	    end_sessions(context, row, client, error) != 0)
		return -1;
	return record_revoke(context, MARK(MARK_CLIENT, *client), error);
}

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	const struct uuid *client = &key->values[MOVED_ID].uuid;
	struct str hash = sent->values[MOVED_SECRET_HASH].text;

	if (!row_filled(sent, MOVED_SECRET_HASH))
		return 0;
	return insert ? credentials_secret_store(context, client, 1, hash, error)
		      : credentials_secret_replace(context, client, hash, error);
}

static const struct unique_key moved_uniques[] = {
	{ .index = "api_client_name",
	    .member = "Name",
	    .word = "DUPLICATE_NAME",
	    .alone = true,
	    .message = "The Name is already in use." },
};

static const struct reference moved_references[] = {
	{ .constraint = "api_client_user",
	    .member = "UserID",
	    .target = &licensing_user_resource,
	    .word = "UNKNOWN_USER",
	    .message = "The UserID does not name an existing user." },
};

const struct resource credentials_moved_client_resource = {
	.name = "moved client",
	AUDITED_AS("API client", "client"),
	.type_name = "MovedClient",
	.area = AREA_CREDENTIALS,
	.table = "api_client",
	.mints = true,
	ORDER_BY(ASCENDING("Name")),
	FIELDS(moved_fields),
	UNIQUES(moved_uniques),
	REFERENCES(moved_references),
	.doc = "An API client that another service had.",
};

const struct record credentials_moved_client_record = {
	.resource = &credentials_moved_client_resource,
	.check = check_secret,
	.prepare = prepare,
	.before_insert = before_insert,
	.before_update = before_update,
	.after_write = after_write,
};
