/*
 * Users, their passwords and roles.
 */
#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "auth/administrator.h"
#include "auth/attempt.h"
#include "auth/password_rule.h"
#include "auth/session.h"
#include "codec/reader.h"

enum user_member {
	USER_ID,
	USER_USER_NAME,
	USER_EMAIL,
	USER_PHONE_NUMBER,
	USER_TITLE,
	USER_FIRST_NAME,
	USER_LAST_NAME,
	USER_DEPARTMENT,
	USER_BIRTH_DATE,
	USER_CREATED_AT,
	USER_UPDATED_AT,
	USER_LAST_DISMISS_MESSAGES,
	USER_LAST_LOG_IN,
	USER_RANK,
	USER_IMAGE,
	USER_ADDRESS,
	USER_POSTAL_CODE,
	USER_REGION,
	USER_CITY,
	USER_COUNTRY,
	USER_COUNTRY_CODE,
	USER_MOBILE,
	USER_NOTES,
	USER_CUSTOMER_ID,
	USER_ROLES,
	USER_API_KEYS,
	USER_SETTINGS,
	USER_ENABLED,
	USER_DISPLAY_NAME,
	USER_TIME_ZONE,
	USER_LANGUAGE_ID,
	USER_ACCOUNT_ID,
	USER_PASSWORD_HASH,
	USER_CHECKED_HASH,
	USER_DEMOTED,
	USER_HAS_PASSWORD,
	USER_KEY_COUNT,
	USER_CLIENT_COUNT,
	USER_CUSTOMER_CODE,
	USER_SESSION_COUNT,
	USER_PASSWORD,
	USER_CURRENT_PASSWORD,
	USER_NEW_PASSWORD,
	USER__MAX
};

/* What is never stored or shown. */
#define PASSWORD(name)                                                                        \
	{                                                                                     \
		STRING(name, NULL, PASSWORD_LONGEST),                                         \
		    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED \
	}

#define ROLE_NAMES                                                                 \
	"COALESCE((SELECT JSON_ARRAYAGG(r.name ORDER BY r.name) FROM user_role u " \
	"JOIN role r ON r.id = u.role_id WHERE u.user_id = {}.id), '[]')"

static const struct field user_fields[USER__MAX] = {
	[USER_ID] = { UUID("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[USER_USER_NAME] = { STRING("userName", "user_name", 255), .flags = FIELD_REQUIRED,
	    .doc = "Unique name to log in with.", .example = "\"ada\"" },
	[USER_EMAIL] = { STRING("email", "email", 255), .flags = FIELD_MAIL_ADDRESS | FIELD_TYPICAL,
	    .doc = "E-mail address.", .example = "\"ada@example.org\"" },
	[USER_PHONE_NUMBER] = { STRING("phoneNumber", "phone_number", 64), .doc = "Telephone.",
	    .example = "\"+49 40 123456\"" },
	[USER_TITLE] = { STRING("title", "title", 64), .doc = "Form of address.",
	    .example = "\"Ms\"" },
	[USER_FIRST_NAME] = { STRING("firstName", "first_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "First name.", .example = "\"Ada\"" },
	[USER_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Last name.", .example = "\"Lovelace\"" },
	[USER_DEPARTMENT] = { STRING("department", "department", 255), .doc = "Department.",
	    .example = "\"Sales\"" },
	[USER_BIRTH_DATE] = { DATETIME("birthDate", "born_at"), .doc = "Date of birth." },
	[USER_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the record was created." },
	[USER_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[USER_LAST_DISMISS_MESSAGES] = { DATETIME("lastDismissMessages", "last_dismiss_messages"),
	    .doc = "When the user last dismissed messages." },
	[USER_LAST_LOG_IN] = { DATETIME("lastLogIn", "last_log_in"),
	    .doc = "When the user last logged in." },
	[USER_RANK] = { INT32("rank", "user_rank"), .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Rank of the user." },
	[USER_IMAGE] = { STRING("image", "image", LICENSING_CONTENT_LONGEST),
	    .doc = "Picture, in base64 or as an address." },
	[USER_ADDRESS] = { STRING("address", "address", 500), .doc = "Street and number.",
	    .example = "\"1 Harbour Street\"" },
	[USER_POSTAL_CODE] = { STRING("postalCode", "postal_code", 32), .doc = "Postal code.",
	    .example = "\"20457\"" },
	[USER_REGION] = { STRING("region", "region", 255), .doc = "State or province.",
	    .example = "\"Hamburg\"" },
	[USER_CITY] = { STRING("city", "city", 255), .doc = "City.", .example = "\"Hamburg\"" },
	[USER_COUNTRY] = { STRING("country", "country", 255), .doc = "Country.",
	    .example = "\"Germany\"" },
	[USER_COUNTRY_CODE] = { STRING("countryCode", "country_code", 16),
	    .doc = "Code of the country.", .example = "\"DE\"" },
	[USER_MOBILE] = { STRING("mobile", "mobile", 64), .doc = "Mobile telephone.",
	    .example = "\"+49 170 1234567\"" },
	[USER_NOTES] = { STRING("notes", "notes", LICENSING_TEXT_LONGEST), .doc = "Notes." },
	[USER_CUSTOMER_ID] = { INT32("customerId", "customer_id"),
	    .doc = "Customer whose own rows the user sees and may change (role Customer)." },
	[USER_ROLES] = { STRING_LIST("roles", NULL, LICENSING_ROLES_MOST),
	    .flags = FIELD_BY_RULE | FIELD_TYPICAL, .example = "[\"Sales\"]",
	    .expression = ROLE_NAMES, .doc = "Names of the user's roles." },
	[USER_API_KEYS] = { MANY("apiKeys", &licensing_api_key_resource, "id", "ownerId"),
	    .flags = LICENSING_RELATED, .doc = "The user's keys." },
	[USER_SETTINGS] = { MANY("settings", &licensing_user_setting_resource, "id", "userId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST, .doc = "The user's settings." },
	[USER_ENABLED] = { BOOLEAN("enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true",
	    .doc = "Whether the user may call and log in; disabling it ends the user's sessions." },
	[USER_DISPLAY_NAME] = { STRING("displayName", "display_name", 255),
	    .doc = "Name to show; null: first and last name.", .example = "\"Ada Lovelace\"" },
	[USER_TIME_ZONE] = { STRING("timeZone", "time_zone", 64), .flags = FIELD_EMPTY_ABSENT,
	    .check = zone_check,
	    .doc = "Time zone of local times that the user sends and is shown, as the tz database "
		   "or Windows calls it; null: that of the account, else of the option time_zone.",
	    .example = "\"Europe/Berlin\"" },
	[USER_LANGUAGE_ID] = { UUID("languageId", "language_id"),
	    .doc = "Language, as the user's programs number them." },
	[USER_ACCOUNT_ID] = { UUID("accountId", "account_id"),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT, .fallback = CREDENTIALS_TOP_ACCOUNT,
	    .doc = "Account that the user belongs to; by default the top one." },
	[USER_PASSWORD_HASH] = { STRING("passwordHash", "password_hash", PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
	/* What was stored when the current password was checked; empty = none. */
	[USER_CHECKED_HASH] = { STRING("checkedHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
	/* An enabled administrator may be none any more: one must be left. */
	[USER_DEMOTED] = { BOOLEAN("demoted", NULL),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_NOT_STORED },
	[USER_HAS_PASSWORD] = { BOOLEAN("hasPassword", NULL), .flags = COMMANDS_ONLY,
	    .expression = "{}.password_hash IS NOT NULL" },
	[USER_KEY_COUNT] = { INT64("keyCount", NULL), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT COUNT(*) FROM api_key k WHERE k.owner_id = {}.id AND "
			  "NOT k.revoked)" },
	[USER_CLIENT_COUNT] = { INT64("clientCount", NULL), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT COUNT(*) FROM api_client c WHERE c.user_id = {}.id)" },
	[USER_CUSTOMER_CODE] = { STRING("customerCode", NULL, 64), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT c.code FROM customer c WHERE c.id = {}.customer_id)" },
	[USER_SESSION_COUNT] = { INT64("sessionCount", NULL), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT COUNT(*) FROM oauth_session s WHERE s.user_id = {}.id)" },
	[USER_PASSWORD] = PASSWORD("password"), /* of a new user */
	[USER_CURRENT_PASSWORD] = PASSWORD("currentPassword"),
	[USER_NEW_PASSWORD] = PASSWORD("newPassword"),
};

static int set_password(
    struct context *context, struct row *row, struct str password, struct error *error)
{
	char hash[PASSWORD_HASH_MAX];

	if (guard_hash_password(context->guard, password, hash, error) != 0)
		return -1;
	row_set_text(row, USER_PASSWORD_HASH, arena_str(context->arena, str_from(hash)));
	return 0;
}

/* A password, or its hash from where the user comes from; the next login hashes it anew. */
static int take_password(struct context *context, struct row *row, struct error *error)
{
	struct str password = row->values[USER_PASSWORD].text;
	const char *expected;

	if (row_filled(row, USER_PASSWORD) && row_filled(row, USER_PASSWORD_HASH))
		return error_add_fault(
		    error, "passwordHash", "Only one of password and passwordHash may be sent.");
	if (row_filled(row, USER_PASSWORD_HASH)) {
		expected = password_check_import(row->values[USER_PASSWORD_HASH].text);
		return expected == NULL ? 0
					: error_add_fault(error, "passwordHash",
					      "The passwordHash field must be %s.", expected);
	}
	if (!row_filled(row, USER_PASSWORD))
		return 0;
	if (password_check_rule(password, row->values[USER_USER_NAME].text, "password", error) != 0)
		return -1;
	return set_password(context, row, password, error);
}

static const struct grant_kind grant_kind = {
	.name = "user",
	.members = { [GRANT_ROLES] = "roles" },
};

/*
 * Whether the caller may grant what a user holds: with the roles that are stored in the transaction
 * so far, logging in from anywhere. `former_roles` are those before the change, NULL where the user
 * is let in anew. Errors as grant_check().
 */
static int check_grant_of_user(struct context *context, const struct uuid *user,
    const uint32_t *former_roles, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	struct authority made, former;
	uint32_t roles;

	if (grant_is_everything(&bound))
		return 0;
	if (principal_user_roles(context->database, context->arena, user, false, &roles, error) !=
	    0)
		return -1;
	made = grant_of_user(roles);
	former = grant_of_user(former_roles != NULL ? *former_roles : 0);
	return grant_check(
	    &made, former_roles != NULL ? &former : NULL, &bound, &grant_kind, error);
}

int licensing_user_check_holder(
    struct context *context, const struct uuid *user, struct error *error)
{
	return check_grant_of_user(context, user, NULL, error);
}

/* What a change of the password must know of the stored user. */
struct stored_user {
	struct str name;
	const char *hash; /* "" = none */
};

static int read_stored(struct context *context, const struct row *key, bool lock,
    struct stored_user *stored, struct error *error)
{
	const uint64_t mask = FIELD_BIT(USER_USER_NAME) | FIELD_BIT(USER_PASSWORD_HASH);
	const struct resource *resource = &licensing_user_resource;
	struct row *row = NULL;
	int result = lock ? record_fetch_locked(context, resource, mask, key, &row, error)
			  : record_fetch_one(context, resource, mask, key, &row, error);

	if (result != 0)
		return -1;
	stored->name = row->values[USER_USER_NAME].text;
	stored->hash = row_filled(row, USER_PASSWORD_HASH)
			   ? arena_printf(context->arena, STR_FORMAT,
				 STR_ARGUMENTS(row->values[USER_PASSWORD_HASH].text))
			   : "";
	return stored->hash != NULL ? 0 : error_out_of_memory(error);
}

/*
 * Who knows the password may change it; who changes another's need not know it, but must not err.
 * Guessing here is guessing a login, so failures count as there.
 */
static int check_current(struct context *context, const struct row *key, struct row *row,
    const struct stored_user *stored, struct error *error)
{
	const struct principal *principal = context->actor.principal;
	bool own = principal != NULL && uuid_equal(&principal->user, &key->values[USER_ID].uuid);
	bool sent = row_filled(row, USER_CURRENT_PASSWORD), right = false;
	struct attempt attempt;

	if (own || sent)
		row_set_text(row, USER_CHECKED_HASH, str_from(stored->hash));
	if (!sent && (!own || stored->hash[0] == '\0'))
		return 0;
	if (sent) {
		attempt_begin_owner(&attempt, context->guard, context->actor.address,
		    throttle_user(&key->values[USER_ID].uuid));
		if (attempt_verify_password(&attempt, row->values[USER_CURRENT_PASSWORD].text,
			stored->hash, &right, error) != 0)
			return -1;
		if (right) {
			attempt_succeed(&attempt);
			return 0;
		}
	}
	error_add_fault(error, "currentPassword", "The current password is wrong.");
	return sent ? attempt_fail(&attempt, error) : -1;
}

static int change_password(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	struct str wanted = row->values[USER_NEW_PASSWORD].text;
	struct stored_user stored = { .hash = "" };

	if (!row_filled(row, USER_NEW_PASSWORD))
		return 0;
	if (read_stored(context, key, false, &stored, error) != 0 ||
	    check_current(context, key, row, &stored, error) != 0 ||
	    password_check_rule(wanted,
		row_filled(row, USER_USER_NAME) ? row->values[USER_USER_NAME].text : stored.name,
		"newPassword", error) != 0)
		return -1;
	return set_password(context, row, wanted, error);
}

static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	return key == NULL ? take_password(context, row, error)
			   : change_password(context, key, row, error);
}

/* Whoever knew the password knows it no more where it has been changed since it was checked. */
static int check_still_current(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	struct stored_user stored = { .hash = "" };

	if (!row_has(row, USER_CHECKED_HASH))
		return 0;
	if (read_stored(context, key, true, &stored, error) != 0)
		return -1;
	if (str_equal(str_from(stored.hash), row->values[USER_CHECKED_HASH].text))
		return 0;
	return error_set(error, ERROR_CONFLICT,
	    "The password was changed in the meantime; try again with the new one.");
}

static int check_password_change(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	if (!row_has(row, USER_PASSWORD_HASH))
		return 0;
	if (check_still_current(context, key, row, error) != 0)
		return -1;
	/* Who knows the password has what it gives already. */
	if (row_has(row, USER_CHECKED_HASH) && row->values[USER_CHECKED_HASH].text.length > 0)
		return 0;
	return check_grant_of_user(context, &key->values[USER_ID].uuid, NULL, error);
}

static bool disables(const struct row *row)
{
	return row_has(row, USER_ENABLED) && !row->values[USER_ENABLED].boolean;
}

/* Who is let in again, or gets to see rows of another customer or account, is given something. */
static int check_change(
    struct context *context, const struct row *key, const struct row *row, struct error *error)
{
	static const uint64_t members =
	    FIELD_BIT(USER_ENABLED) | FIELD_BIT(USER_CUSTOMER_ID) | FIELD_BIT(USER_ACCOUNT_ID);
	struct row *before;
	bool enables, moves;

	if (!(row->present & members))
		return 0;
	if (record_fetch_locked(context, &licensing_user_resource, members | FIELD_BIT(USER_ID),
		key, &before, error) != 0)
		return -1;
	enables = row_has(row, USER_ENABLED) && row->values[USER_ENABLED].boolean &&
		  !before->values[USER_ENABLED].boolean;
	moves = row_filled(row, USER_CUSTOMER_ID) && (before->values[USER_CUSTOMER_ID].null ||
							 before->values[USER_CUSTOMER_ID].integer !=
							     row->values[USER_CUSTOMER_ID].integer);
	moves = moves || (row_filled(row, USER_ACCOUNT_ID) &&
			     !uuid_equal(&before->values[USER_ACCOUNT_ID].uuid,
				 &row->values[USER_ACCOUNT_ID].uuid));
	if (!enables && !moves)
		return 0;
	return check_grant_of_user(context, &key->values[USER_ID].uuid, NULL, error);
}

/* The session in which users change their own password stays; all zero = none does. */
static struct uuid kept_session(
    const struct context *context, const struct uuid *user, const struct row *row)
{
	const struct principal *principal = context->actor.principal;
	bool own = principal != NULL && principal->cookie && uuid_equal(&principal->user, user);

	return own && !disables(row) ? principal->session : (struct uuid){ { 0 } };
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;
	const struct uuid *user = &key->values[USER_ID].uuid;
	bool is_administrator = false;
	struct uuid kept;

	if ((disables(row) || row_has(row, USER_ROLES)) &&
	    administrator_claim(
		context->database, context->arena, user, &is_administrator, error) != 0)
		return -1;
	row_set_boolean(row, USER_DEMOTED, is_administrator);
	if (check_change(context, key, row, error) != 0 ||
	    check_password_change(context, key, row, error) != 0)
		return -1;
	kept = kept_session(context, user, row);
	if ((row_has(row, USER_PASSWORD_HASH) || disables(row)) &&
	    session_end_user(context->database, user, &kept, &context->revocations, error) != 0)
		return -1;
	return record_revoke(context, MARK(MARK_USER, *user), error);
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	const struct uuid *user = &key->values[USER_ID].uuid;
	bool is_administrator;

	if (administrator_claim(
		context->database, context->arena, user, &is_administrator, error) != 0 ||
	    record_revoke(context, MARK(MARK_USER, *user), error) != 0)
		return -1;
	return is_administrator
		   ? administrator_check_left(context->database, context->arena, user, error)
		   : 0;
}

/* The mask of a list of names; a fault for the first one that is no role's. */
static int read_role_names(
    struct context *context, struct str json, uint32_t *roles, struct error *error)
{
	const struct node *list = json_read_stored(context->arena, json);

	*roles = 0;
	if (list == NULL)
		return error_out_of_memory(error);
	for (const struct node *name = list->children; name != NULL; name = name->next) {
		int number = role_find(str_trim(name->text));

		if (number < 0)
			return error_add_fault(error, "roles", "There is no role '" STR_FORMAT "'.",
			    STR_ARGUMENTS(name->text));
		*roles |= UINT32_C(1) << number;
	}
	return 0;
}

/* The roles of a user are replaced as a whole. */
static int write_roles(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	const struct uuid *user = &key->values[USER_ID].uuid;
	uint32_t former = 0, roles = 0;

	if (!row_has(sent, USER_ROLES))
		return 0;
	if (!insert && principal_user_roles(
			   context->database, context->arena, user, true, &former, error) != 0)
		return -1;
	if (!sent->values[USER_ROLES].null &&
	    read_role_names(context, sent->values[USER_ROLES].text, &roles, error) != 0)
		return -1;
	if (licensing_user_change_roles(context, user, former, roles, error) != 0)
		return -1;
	return check_grant_of_user(context, user, &former, error);
}

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	if (write_roles(context, sent, key, insert, error) != 0)
		return -1;
	if (insert && row_filled(sent, USER_PASSWORD_HASH))
		return check_grant_of_user(context, &key->values[USER_ID].uuid, NULL, error);
	return row_filled(sent, USER_DEMOTED) && sent->values[USER_DEMOTED].boolean
		   ? administrator_check_left(context->database, context->arena, NULL, error)
		   : 0;
}

int licensing_narrow_users(struct operation *operation, struct sql *sql, struct error *error)
{
	const struct parameter_value *roles = parameters_get(&operation->parameters, "roles");
	struct str rest = roles->text, name;
	bool first = true;

	(void)error;
	if (!roles->sent)
		return 0;
	sql_where(sql, "t.id IN (SELECT u.user_id FROM user_role u JOIN role r ON r.id = u.role_id "
		       "WHERE r.name IN (");
	while (str_next(&rest, ',', &name) || first) {
		sql_append(sql, first ? "?" : ", ?");
		sql_bind(sql, BIND_STR(str_trim(name)));
		first = false;
	}
	sql_append(sql, "))");
	return 0;
}

static const struct unique_key user_uniques[] = {
	{ .index = "user_user_name",
	    .member = "userName",
	    .word = "DUPLICATE_NAME",
	    .alone = true },
};

static const struct reference user_references[] = {
	{ .constraint = "user_customer",
	    .member = "customerId",
	    .target = &licensing_customer_resource,
	    .message = "The customer was not found." },
	{ .constraint = "user_account",
	    .member = "accountId",
	    .target = &credentials_account_resource,
	    .word = "UNKNOWN_ACCOUNT",
	    .message = "The account was not found." },
};

static const struct dependant user_dependants[] = {
	{ .constraint = "api_client_user", .name = "API clients", .area = AREA_CREDENTIALS },
	{ .constraint = "delegate_of_user", .name = "delegates", .area = AREA_DELEGATES },
};

static const struct table_index user_indexes[] = {
	{ .name = "user_email", .columns = { "email" } },
	{ .name = "user_name", .columns = { "last_name", "first_name" } },
	{ .name = "user_customer", .columns = { "customer_id" } },
	{ .name = "user_account", .columns = { "account_id", "user_name" } },
};

static const struct search_member user_searched[] = {
	{ .member = "id", .way = SEARCH_WHOLE },
	{ .member = "userName", .way = SEARCH_BEGIN },
	{ .member = "email", .way = SEARCH_BEGIN },
	{ .member = "lastName", .way = SEARCH_BEGIN },
};

static const struct resource_search user_search = {
	.name = "user",
	SEARCH_MEMBERS(user_searched),
	.titles = { "userName" },
	.details = { "firstName", "lastName", "email" },
};

const struct resource licensing_user_resource = {
	.name = "user",
	.type_name = "User",
	.area = AREA_CREDENTIALS,
	.plural = "users",
	.table = "user",
	.mints = true,
	FIELDS(user_fields),
	UNIQUES(user_uniques),
	INDEXES(user_indexes),
	REFERENCES(user_references),
	DEPENDANTS(user_dependants),
	.event = "user",
	.search = &user_search,
	.doc = "A user: a person or program that may call.",
};

const struct record licensing_user_record = {
	.resource = &licensing_user_resource,
	.prepare = prepare,
	.before_update = before_update,
	.before_delete = before_delete,
	.after_write = after_write,
};
