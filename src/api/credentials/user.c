/*
 * Users as programs of the original API know them: another view of the one table of users, whose
 * rules (licensing/user.c) carry out every change.
 */
#include "api/credentials/credentials.h"
#include "api/credentials/reach.h"
#include "api/credentials/telephone.h"
#include "api/licensing/licensing.h"
#include "auth/password.h"
#include "auth/role.h"
#include "base/mail_address.h"
#include "record/rows.h"

enum user_member {
	USER_ID,
	USER_AGREEMENT_DATE,
	USER_ACCOUNT_ID,
	USER_ADMIN_USER,
	USER_DATE_CREATED,
	USER_DATE_MODIFIED,
	USER_DECLINE_DATE,
	USER_DISPLAY_NAME,
	USER_DPA_VERSION,
	USER_EMAIL_ADDRESS,
	USER_ENABLED,
	USER_LANGUAGE_ID,
	USER_MOBILE_PHONE,
	USER_PASSWORD,
	USER_PIN,
	USER_PREFERENCES,
	USER_PRIVACY_POLICY_VERSION,
	USER_TIME_ZONE,
	USER_USERNAME,
	USER_CURRENT_PASSWORD,
	USER_PASSWORD_HASH,
	USER_CHECKED_HASH,
	USER__MAX
};

#define NOTHING_HERE (FIELD_READONLY | FIELD_NOT_STORED)

#define ROLE_OF_ADMINISTRATORS                                        \
	"{}.id IN (SELECT u.user_id FROM user_role u JOIN role r ON " \
	"r.id = u.role_id WHERE r.name "

#define PASSWORD(name, more, text)                                                                \
	{                                                                                         \
		STRING(name, NULL, PASSWORD_LONGEST),                                             \
		    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_NOT_NULL | FIELD_SECRET | \
			     FIELD_EMPTY_ABSENT | (more),                                         \
		    .doc = (text), .example = "\"a passphrase of several words\""                 \
	}

static const struct field user_fields[USER__MAX] = {
	[USER_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	[USER_AGREEMENT_DATE] = { DATETIME("AgreementDate", NULL), .flags = NOTHING_HERE,
	    .doc = "Always null: agreements are not kept here." },
	[USER_ACCOUNT_ID] = { UUID("AccountID", "account_id"), .flags = FIELD_READONLY,
	    .doc = "Account that the user belongs to." },
	[USER_ADMIN_USER] = { BOOLEAN("AdminUser", NULL), .flags = FIELD_BY_RULE | FIELD_NOT_NULL,
	    .fallback = "false",
	    .expression = ROLE_OF_ADMINISTRATORS "IN ('Administrator', 'AccountManager'))",
	    .doc = "Whether the user manages the account: has the role Administrator or "
		   "AccountManager. Setting it gives the first one in the top account and the "
		   "second one in all others; unsetting it takes both." },
	[USER_DATE_CREATED] = { DATETIME("DateCreated", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the user was created." },
	[USER_DATE_MODIFIED] = { DATETIME("DateModified", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When the user was last changed." },
	[USER_DECLINE_DATE] = { DATETIME("DeclineDate", NULL), .flags = NOTHING_HERE,
	    .doc = "Always null: agreements are not kept here." },
	[USER_DISPLAY_NAME] = { STRING("DisplayName", NULL, 255),
	    .flags = FIELD_BY_RULE | FIELD_REQUIRED,
	    .expression = "COALESCE({}.display_name, NULLIF(CONCAT_WS(' ', {}.first_name, "
			  "{}.last_name), ''), {}.user_name)",
	    .doc = "Name to show; by default first and last name, else the user name.",
	    .example = "\"Ada Lovelace\"" },
	[USER_DPA_VERSION] = { STRING("DPAVersion", NULL, 64), .flags = NOTHING_HERE,
	    .doc = "Always null: agreements are not kept here." },
	[USER_EMAIL_ADDRESS] = { STRING("EmailAddress", "email", 255),
	    .flags = FIELD_MAIL_ADDRESS | FIELD_TYPICAL | FIELD_EMPTY_ABSENT,
	    .doc = "E-mail address; null of a user who has none.",
	    .example = "\"ada@example.org\"" },
	[USER_ENABLED] = { BOOLEAN("Enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true",
	    .doc = "Whether the user may call and log in; disabling it ends the user's sessions." },
	[USER_LANGUAGE_ID] = { UUID("LanguageID", NULL),
	    .flags = FIELD_BY_RULE | FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .fallback = "00000000-0000-0000-0000-000000000000",
	    .expression = "COALESCE({}.language_id, '00000000-0000-0000-0000-000000000000')",
	    .doc = "Language, as the caller numbers them; zeroes of a user who has none." },
	[USER_MOBILE_PHONE] = { STRING("MobilePhone", "mobile", 64),
	    .flags = FIELD_TYPICAL | FIELD_EMPTY_ABSENT,
	    .doc = "Mobile telephone: 5 to 20 digits, blanks, brackets and hyphens, at least 5 of "
		   "them digits, with a plus sign before them or without.",
	    .example = "\"+49 170 1234567\"" },
	[USER_PASSWORD] = PASSWORD("Password", FIELD_TYPICAL,
	    "New password, at least 12 characters; never answered. If absent, it stays."),
	[USER_PIN] = { STRING("Pin", NULL, 64), .flags = NOTHING_HERE | FIELD_SECRET,
	    .doc = "Always null: a second factor is set up by the user, in the console." },
	[USER_PREFERENCES] = { INT32("Preferences", NULL), .flags = FIELD_READONLY,
	    .expression = "0", .doc = "Always 0." },
	[USER_PRIVACY_POLICY_VERSION] = { STRING("PrivacyPolicyVersion", NULL, 64),
	    .flags = NOTHING_HERE, .doc = "Always null: agreements are not kept here." },
	[USER_TIME_ZONE] = { STRING("TimeZone", "time_zone", 64), .flags = FIELD_TYPICAL,
	    .doc = "Time zone of the times that the user sends and is shown, as the tz database or "
		   "Windows calls it; any other text is kept, and is no time zone.",
	    .example = "\"Europe/Berlin\"" },
	[USER_USERNAME] = { STRING("Username", "user_name", 255), .flags = FIELD_REQUIRED,
	    .doc = "Unique name to log in with.", .example = "\"grace\"" },
	[USER_CURRENT_PASSWORD] = PASSWORD("CurrentPassword", FIELD_OMIT_ABSENT,
	    "The current password; required from users who change their own."),
	[USER_PASSWORD_HASH] = { STRING("PasswordHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
	[USER_CHECKED_HASH] = { STRING("CheckedHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
};

/* What a member is called in the table's own resource. */
static const struct {
	unsigned member;
	const char *name;
} same[] = {
	{ USER_DISPLAY_NAME, "displayName" },
	{ USER_EMAIL_ADDRESS, "email" },
	{ USER_ENABLED, "enabled" },
	{ USER_LANGUAGE_ID, "languageId" },
	{ USER_MOBILE_PHONE, "mobile" },
	{ USER_TIME_ZONE, "timeZone" },
	{ USER_USERNAME, "userName" },
	{ USER_PASSWORD, "newPassword" },
	{ USER_CURRENT_PASSWORD, "currentPassword" },
	{ USER_PASSWORD_HASH, "passwordHash" },
	{ USER_CHECKED_HASH, "checkedHash" },
};

/* Faults of the table's rules are those of the members that the caller has sent. Returns -1. */
static int rename_faults(struct error *error)
{
	for (struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		for (size_t i = 0; i < COUNT_OF(same); i++) {
			if (strcmp(fault->path, same[i].name) == 0) {
				credentials_rename_fault(
				    fault, user_fields[same[i].member].name, error->arena);
				break;
			}
		}
	}
	return -1;
}

void credentials_check_form(const struct row *before, const struct row *row, unsigned member,
    const char *(*check)(struct str text), struct error *error)
{
	const char *name = row->resource->fields[member].name, *expected;

	if (!row_filled(row, member) ||
	    (row_filled(before, member) &&
		str_equal(before->values[member].text, row->values[member].text)))
		return;
	expected = check(row->values[member].text);
	if (expected != NULL)
		error_add_fault(error, name, "The %s field must be %s.", name, expected);
}

void credentials_rename_fault(struct fault *fault, const char *name, struct arena *arena)
{
	const char *found = strstr(fault->message, fault->path);

	if (found != NULL)
		fault->message = arena_printf(arena, STR_FORMAT "%s%s",
		    STR_ARGUMENTS(
			str_slice(str_from(fault->message), 0, (size_t)(found - fault->message))),
		    name, found + strlen(fault->path));
	fault->path = name;
}

/* The same user and values as the table's own resource has them. */
static int translate(struct context *context, const struct row *key, const struct row *row,
    struct record_change *change, struct error *error)
{
	const struct resource *users = &licensing_user_resource;
	struct row *keys =
	    row_with(context->arena, users, resource_key(users), &key->values[USER_ID]);
	struct row *sent = row_new(context->arena, users);

	if (keys == NULL || sent == NULL)
		return error_out_of_memory(error);
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		if (row_has(row, same[i].member))
			row_set_value(sent, resource_member(users, same[i].name),
			    &row->values[same[i].member]);
	}
	*change = (struct record_change){ .keys = keys, .sent = sent };
	return 0;
}

/*
 * Whoever is bound to accounts may do to their users what lets somebody else act as them, only
 * where it gives no more than what that caller has.
 */
static int check_caller(struct context *context, const struct uuid *user, struct error *error)
{
	if (reach_is_whole(context))
		return 0;
	return reach_require_user(context, REACH_CHANGE, user, error) == 0
		   ? licensing_user_check_holder(context, user, error)
		   : -1;
}

/* The password is looked at by the table's rules, whose hashes stay in this row. */
static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	const struct resource *users = &licensing_user_resource;
	static const struct {
		unsigned member;
		const char *name;
	} made[] = { { USER_PASSWORD_HASH, "passwordHash" }, { USER_CHECKED_HASH, "checkedHash" } };
	struct record_change change;

	if (check_caller(context, &key->values[USER_ID].uuid, error) != 0 ||
	    translate(context, key, row, &change, error) != 0)
		return -1;
	if (record_prepare(context, &licensing_user_record, false, &change, error) != 0)
		return rename_faults(error);
	for (size_t i = 0; i < COUNT_OF(made); i++) {
		unsigned from = resource_member(users, made[i].name);

		if (row_has(change.sent, from))
			row_set_value(row, made[i].member, &change.sent->values[from]);
	}
	return 0;
}

/* Roles that make a user the manager of an account. */
static uint32_t managing_roles(const struct uuid *account, bool all)
{
	const uint32_t administrator = UINT32_C(1) << role_find(STR("Administrator"));
	const uint32_t manager = UINT32_C(1) << role_find(STR("AccountManager"));
	struct uuid top;

	if (all)
		return administrator | manager;
	return uuid_parse(STR(CREDENTIALS_TOP_ACCOUNT), &top) && uuid_equal(&top, account)
		   ? administrator
		   : manager;
}

static int set_manager(
    struct context *context, const struct row *before, bool manager, struct error *error)
{
	struct licensing_role_change change = {
		.user = before->values[USER_ID].uuid,
		.roles = managing_roles(&before->values[USER_ACCOUNT_ID].uuid, !manager),
		.add = manager,
	};

	return before->values[USER_ADMIN_USER].boolean == manager
		   ? 0
		   : licensing_user_adjust_roles(context, &change, error);
}

/* All is stored by the rules of the table's own resource: nothing of the row is left to store. */
static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *before = change->before;
	struct record_change update;

	if (check_caller(context, &before->values[USER_ID].uuid, error) != 0)
		return -1;
	credentials_check_form(before, row, USER_MOBILE_PHONE, telephone_check, error);
	credentials_check_form(before, row, USER_EMAIL_ADDRESS, mail_address_check_any, error);
	if (error->fault_count > 0 || translate(context, change->keys, row, &update, error) != 0)
		return -1;
	if (record_update(context, &licensing_user_record, &update, error) != 0)
		return rename_faults(error);
	if (row_filled(row, USER_ADMIN_USER) &&
	    set_manager(context, before, row->values[USER_ADMIN_USER].boolean, error) != 0)
		return -1;
	row->present = 0;
	return 0;
}

/* --- who is shown --- */

int credentials_user_narrow(struct operation *operation, struct sql *sql, struct error *error)
{
	const struct context *context = &operation->context;

	(void)error;
	reach_where(context, REACH_SEE, "{}.account_id", sql);
	if (parameters_get(&operation->parameters, "IncludeSuperUsers")->integer)
		return 0;
	sql_where_own(sql, "({}.account_id = " REACH_OWN_ACCOUNT " OR NOT " ROLE_OF_ADMINISTRATORS
			   "= 'Administrator'))");
	sql_bind(sql, BIND_ID(reach_user(context)));
	return 0;
}

int credentials_user_narrow_one(struct operation *operation, struct sql *sql, struct error *error)
{
	struct uuid user;

	(void)sql;
	return uuid_parse(operation->captures[0], &user)
		   ? reach_require_user(&operation->context, REACH_SEE, &user, error)
		   : resource_not_found(&credentials_user_resource, error);
}

/* The account that is asked for, else the caller's own; a command's is the top one. */
static int read_account(struct operation *operation, struct uuid *account, struct error *error)
{
	const struct parameter_value *sent = parameters_get(&operation->parameters, "accountID");
	const struct value key = { .uuid = reach_user(&operation->context) };
	struct row *row;

	if (sent->sent && !uuid_parse(sent->text, account))
		return error_add_fault(
		    error, "accountID", "The parameter accountID must be a GUID.");
	if (sent->sent)
		return 0;
	if (record_find_by(&operation->context, &credentials_user_resource, USER_ID, &key,
		FIELD_BIT(USER_ACCOUNT_ID), &row, error) != 0)
		return -1;
	if (row != NULL)
		*account = row->values[USER_ACCOUNT_ID].uuid;
	else if (!uuid_parse(STR(CREDENTIALS_TOP_ACCOUNT), account))
		return error_set_detail(error, ERROR_INTERNAL, "the top account has no identifier");
	return 0;
}

int credentials_user_narrow_account(
    struct operation *operation, struct sql *sql, struct error *error)
{
	struct uuid account;

	if (read_account(operation, &account, error) != 0 ||
	    reach_require_account(&operation->context, REACH_SEE, &account, error) != 0)
		return -1;
	sql_where_own(sql, "{}.account_id = ?");
	sql_bind(sql, BIND_ID(account));
	return 0;
}

/* --- PATCH …/access --- */

static int toggle(struct operation *operation, void *data, struct error *error)
{
	const uint64_t members =
	    FIELD_BIT(USER_ID) | FIELD_BIT(USER_ACCOUNT_ID) | FIELD_BIT(USER_ADMIN_USER);
	struct context *context = &operation->context;
	const struct row *keys = data;
	struct row *before;
	bool manager;

	if (record_confirm_actor(context, error) != 0 ||
	    record_fetch_locked(
		context, &credentials_user_resource, members, keys, &before, error) != 0 ||
	    check_caller(context, &before->values[USER_ID].uuid, error) != 0)
		return -1;
	manager = !before->values[USER_ADMIN_USER].boolean;
	if (set_manager(context, before, manager, error) != 0)
		return -1;
	operation_answer_text(operation, manager ? STR("ADMIN_USER") : STR("STANDARD_USER"));
	return 0;
}

int credentials_user_toggle(struct operation *operation, struct error *error)
{
	struct row *keys;

	return operation_read_keys(operation, &keys, error) == 0
		   ? operation_transaction(operation, toggle, keys, error)
		   : -1;
}

static const struct unique_key user_uniques[] = {
	{ .index = "user_user_name",
	    .member = "Username",
	    .word = "DUPLICATE_NAME",
	    .alone = true },
};

static const struct reference user_references[] = {
	{ .constraint = "user_account",
	    .member = "AccountID",
	    .target = &credentials_account_resource,
	    .word = "UNKNOWN_ACCOUNT",
	    .message = "The account was not found." },
};

const struct resource credentials_user_resource = {
	.name = "user",
	.word = "accountUser",
	.type_name = "User",
	.area = AREA_ACCOUNTS,
	.table = "user",
	.mints = true,
	ORDER_BY(ASCENDING("Username")),
	FIELDS(user_fields),
	UNIQUES(user_uniques),
	REFERENCES(user_references),
	.unaudited = "the change of the user in its own table's terms, within this one, leaves it",
	.doc = "A user, as a program of accounts sees it.",
};

const struct record credentials_user_record = {
	.resource = &credentials_user_resource,
	.prepare = prepare,
	.before_update = before_update,
};
