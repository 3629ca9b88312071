/*
 * What is done to accounts besides changing one: which are shown, one with its first user, and the
 * end of one with those below it.
 */
#include "api/credentials/credentials.h"
#include "api/credentials/reach.h"
#include "api/licensing/licensing.h"
#include "auth/password.h"
#include "record/rows.h"

/* --- which are shown --- */

int credentials_account_narrow_own(
    struct operation *operation, struct sql *sql, struct error *error)
{
	(void)error;
	sql_where_own(sql, "{}.id = " REACH_OWN_ACCOUNT);
	sql_bind(sql, BIND_ID(reach_user(&operation->context)));
	return 0;
}

/* The account that the path names, where the caller reaches it. */
static int read_account(
    struct operation *operation, enum reach reach, struct uuid *account, struct error *error)
{
	return uuid_parse(operation->captures[0], account)
		   ? reach_require_account(&operation->context, reach, account, error)
		   : error_add_fault(error, "id", "The path's id must be a GUID.");
}

int credentials_account_narrow_one(
    struct operation *operation, struct sql *sql, struct error *error)
{
	struct uuid account;

	(void)sql;
	return read_account(operation, REACH_SEE, &account, error);
}

/* The texts are looked for in accounts below; the one itself is always the first. */
int credentials_account_narrow_below(
    struct operation *operation, struct sql *sql, struct error *error)
{
	static const struct {
		const char *parameter, *condition;
	} texts[] = {
		{ "Name", " AND INSTR({}.name, ?) > 0" },
		{ "MobilePhone", " AND INSTR({}.mobile, ?) > 0" },
		{ "EmailAddress", " AND INSTR({}.email, ?) > 0" },
	};
	struct uuid account;

	if (read_account(operation, REACH_SEE, &account, error) != 0)
		return -1;
	sql_where_own(sql, "({}.id = ? OR ({}.parent_id = ?");
	sql_bind(sql, BIND_ID(account));
	sql_bind(sql, BIND_ID(account));
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct str text =
		    str_trim(parameters_get(&operation->parameters, texts[i].parameter)->text);

		if (text.length == 0)
			continue;
		sql_append_as(sql, SQL_OWN, texts[i].condition);
		sql_bind(sql, BIND_STR(text));
	}
	sql_append(sql, "))");
	return 0;
}

/* --- a new one --- */

enum request_member {
	REQUEST_ADDRESS,
	REQUEST_COMPANY_NAME,
	REQUEST_EMAIL,
	REQUEST_USERNAME,
	REQUEST_FIRST_NAME,
	REQUEST_LANGUAGE_ID,
	REQUEST_LAST_NAME,
	REQUEST_MOBILE_PHONE,
	REQUEST_PASSWORD,
	REQUEST_TIME_ZONE,
	REQUEST_TIME_ZONE_IN_JAVA_FORMAT,
	REQUEST_WEB_SITE,
	REQUEST__MAX
};

#define BODY(more) .flags = FIELD_NOT_STORED | FIELD_WRITEONLY | (more)

static const struct field request_fields[REQUEST__MAX] = {
	[REQUEST_ADDRESS] = { STRING("Address", NULL, 500), BODY(0), .doc = "Postal address.",
	    .example = "\"1 Harbour Street, Hamburg\"" },
	[REQUEST_COMPANY_NAME] = { STRING("CompanyName", NULL, 255), BODY(FIELD_TYPICAL),
	    .doc = "Name of the account; by default that of the first user.",
	    .example = "\"Harbour Trading\"" },
	[REQUEST_EMAIL] = { STRING("Email", NULL, 255), BODY(FIELD_REQUIRED),
	    .doc = "E-mail address of the account and of its first user.",
	    .example = "\"ada@example.org\"" },
	[REQUEST_USERNAME] = { STRING("Username", NULL, 255), BODY(FIELD_REQUIRED),
	    .doc = "Name that the first user logs in with; unique.", .example = "\"ada.harbour\"" },
	[REQUEST_FIRST_NAME] = { STRING("Firstname", NULL, 255), BODY(FIELD_REQUIRED),
	    .doc = "First name of the first user.", .example = "\"Ada\"" },
	[REQUEST_LANGUAGE_ID] = { UUID("LanguageID", NULL),
	    BODY(FIELD_NOT_NULL | FIELD_EMPTY_ABSENT),
	    .doc = "Language, as the caller numbers them." },
	[REQUEST_LAST_NAME] = { STRING("Lastname", NULL, 255), BODY(FIELD_REQUIRED),
	    .doc = "Last name of the first user.", .example = "\"Lovelace\"" },
	[REQUEST_MOBILE_PHONE] = { STRING("MobilePhone", NULL, 64), BODY(FIELD_TYPICAL),
	    .doc = "Mobile telephone of the first user.", .example = "\"+49 170 1234567\"" },
	[REQUEST_PASSWORD] = { STRING("Password", NULL, PASSWORD_LONGEST),
	    BODY(FIELD_REQUIRED | FIELD_SECRET),
	    .doc = "Password of the first user, at least 12 characters.",
	    .example = "\"a passphrase of several words\"" },
	[REQUEST_TIME_ZONE] = { STRING("TimeZone", NULL, 64), BODY(0),
	    .doc = "Time zone of the account and of its first user, as the tz database or Windows "
		   "calls it; any other text is kept, and is no time zone.",
	    .example = "\"Europe/Berlin\"" },
	[REQUEST_TIME_ZONE_IN_JAVA_FORMAT] = { STRING("TimeZoneInJavaFormat", NULL, 64),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_NOT_STORED | FIELD_IGNORED },
	[REQUEST_WEB_SITE] = { STRING("WebSite", NULL, 1000), BODY(0),
	    .doc = "Address of its website.", .example = "\"https://example.org\"" },
};

const struct resource credentials_account_request_resource = {
	.name = "account request",
	.type_name = "AccountRequest",
	.area = AREA_ACCOUNTS,
	FIELDS(request_fields),
	.doc = "An account to be created, and its first user.",
};

/* Where members of the body go. */
struct place {
	unsigned member;
	const char *name;
};

static const struct place of_account[] = {
	{ REQUEST_ADDRESS, "Address" },
	{ REQUEST_COMPANY_NAME, "Name" },
	{ REQUEST_EMAIL, "EmailAddress" },
	{ REQUEST_FIRST_NAME, "FirstName" },
	{ REQUEST_LANGUAGE_ID, "LanguageID" },
	{ REQUEST_LAST_NAME, "LastName" },
	{ REQUEST_MOBILE_PHONE, "PhoneNumber" },
	{ REQUEST_TIME_ZONE, "TimeZone" },
	{ REQUEST_WEB_SITE, "Website" },
};

static const struct place of_user[] = {
	{ REQUEST_EMAIL, "email" },
	{ REQUEST_USERNAME, "userName" },
	{ REQUEST_FIRST_NAME, "firstName" },
	{ REQUEST_LANGUAGE_ID, "languageId" },
	{ REQUEST_LAST_NAME, "lastName" },
	{ REQUEST_MOBILE_PHONE, "mobile" },
	{ REQUEST_PASSWORD, "password" },
	{ REQUEST_TIME_ZONE, "timeZone" },
};

static void copy_members(
    struct row *row, const struct row *body, const struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (row_filled(body, places[i].member))
			row_set_value(row, resource_member(row->resource, places[i].name),
			    &body->values[places[i].member]);
	}
}

struct creation {
	struct record_change account, user;
};

static int make_rows(struct arena *arena, const struct row *body, const struct uuid *parent,
    struct creation *creation, struct error *error)
{
	struct row *account = row_new(arena, &credentials_account_resource);
	struct row *user = row_new(arena, &licensing_user_resource);
	unsigned name;

	if (account == NULL || user == NULL)
		return error_out_of_memory(error);
	copy_members(account, body, of_account, COUNT_OF(of_account));
	copy_members(user, body, of_user, COUNT_OF(of_user));
	row_set_uuid(account, resource_member(account->resource, "ParentID"), *parent);
	name = resource_member(account->resource, "Name");
	if (!row_filled(account, name))
		row_set_value(account, name, &body->values[REQUEST_USERNAME]);
	row_make_key(account);
	row_set_uuid(user, resource_member(user->resource, "accountId"),
	    account->values[resource_key(account->resource)].uuid);
	row_set_text(user, resource_member(user->resource, "roles"), STR("[\"AccountManager\"]"));
	creation->account.sent = account;
	creation->user.sent = user;
	return 0;
}

/* Faults of the first user are those of the body. Returns -1. */
static int rename_faults(struct error *error)
{
	for (struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		for (size_t i = 0; i < COUNT_OF(of_user); i++) {
			if (strcmp(fault->path, of_user[i].name) == 0) {
				credentials_rename_fault(
				    fault, request_fields[of_user[i].member].name, error->arena);
				break;
			}
		}
	}
	return -1;
}

static int store(struct operation *operation, void *data, struct error *error)
{
	struct creation *creation = data;

	if (record_insert(
		&operation->context, &credentials_account_record, &creation->account, error) != 0 ||
	    record_insert(&operation->context, &licensing_user_record, &creation->user, error) != 0)
		return -1;
	operation_answer_row(operation, creation->account.stored);
	return 0;
}

int credentials_account_create(struct operation *operation, struct error *error)
{
	struct creation creation = { 0 };
	struct uuid parent;
	struct row *body;

	if (read_account(operation, REACH_CHANGE, &parent, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0 ||
	    make_rows(operation->context.arena, body, &parent, &creation, error) != 0)
		return -1;
	return record_prepare(
		   &operation->context, &licensing_user_record, true, &creation.user, error) == 0 &&
		       operation_transaction(operation, store, &creation, error) == 0
		   ? 0
		   : rename_faults(error);
}

/* --- the end of one --- */

enum deletion_member {
	DELETION_CANCEL_PENDING_MESSAGES,
	DELETION_EXPIRE_ADVANCED_MESSAGES,
	DELETION_TRANSFER,
	DELETION_DELETE,
	DELETION__MAX
};

static const struct enumerator expiries[] = { { 0, "DO_NOT_EXPIRE" } };

static const struct enumeration expire_messages = {
	.name = "ExpireAdvancedMessages",
	.enumerators = expiries,
	.count = COUNT_OF(expiries),
};

static const struct field deletion_fields[DELETION__MAX] = {
	[DELETION_CANCEL_PENDING_MESSAGES] = { BOOLEAN("CancelPendingMessages", NULL),
	    BODY(FIELD_NOT_NULL), .fallback = "false",
	    .doc = "Taken, and without meaning: this program sends no messages." },
	[DELETION_EXPIRE_ADVANCED_MESSAGES] = { ENUM("ExpireAdvancedMessages", NULL,
						    &expire_messages),
	    BODY(FIELD_NOT_NULL), .fallback = "0",
	    .doc = "Taken, and without meaning: this program sends no messages." },
	[DELETION_TRANSFER] = { BOOLEAN("TransferSubsChildAccounts", NULL),
	    BODY(FIELD_NOT_NULL | FIELD_TYPICAL), .fallback = "false",
	    .doc = "Whether accounts below it go to the account above it." },
	[DELETION_DELETE] = { BOOLEAN("DeleteSubsChildAccounts", NULL), BODY(FIELD_NOT_NULL),
	    .fallback = "false",
	    .doc = "Whether accounts below it are deleted, too; wins over the transfer." },
};

const struct resource credentials_account_deletion_resource = {
	.name = "account deletion",
	.type_name = "AccountDeleteOptions",
	.area = AREA_ACCOUNTS,
	FIELDS(deletion_fields),
	.doc = "What becomes of accounts below one that is deleted.",
};

struct deletion {
	struct uuid account;
	bool transfers, deletes;
};

/* Accounts below one, or users of one, with their keys and the members of `mask`. */
static int find_rows(struct context *context, const struct resource *resource, const char *member,
    const struct uuid *account, uint64_t mask, struct row_list *rows, struct error *error)
{
	struct row *keys = row_new(context->arena, resource);

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, resource_member(resource, member), *account);
	return record_fetch_all_locked(context,
	    &(struct record_set){ .resource = resource, .keys = keys },
	    mask | FIELD_BIT(resource_key(resource)), rows, error);
}

static int change_row(struct context *context, const struct record *record, const struct row *found,
    struct row *changes, struct error *error)
{
	unsigned key = resource_key(record->resource);
	struct record_change change = { .sent = changes };

	change.keys = row_with(context->arena, record->resource, key, &found->values[key]);
	return change.keys != NULL ? record_update(context, record, &change, error)
				   : error_out_of_memory(error);
}

/* Data is kept; nobody of the account gets in any more. */
static int disable_users(struct context *context, const struct uuid *account, struct error *error)
{
	const struct resource *users = &licensing_user_resource;
	unsigned enabled = resource_member(users, "enabled");
	struct row_list rows;

	if (find_rows(context, users, "accountId", account, FIELD_BIT(enabled), &rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < rows.count; i++) {
		struct row *changes = row_new(context->arena, users);

		if (changes == NULL)
			return error_out_of_memory(error);
		row_set_boolean(changes, enabled, false);
		if (rows.rows[i]->values[enabled].boolean &&
		    change_row(context, &licensing_user_record, rows.rows[i], changes, error) != 0)
			return -1;
	}
	return 0;
}

static int delete_one(struct context *context, const struct uuid *account, struct error *error)
{
	const struct resource *resource = &credentials_account_resource;
	const struct value id = { .uuid = *account };
	struct record_change change = { 0 };

	change.keys = row_with(context->arena, resource, resource_key(resource), &id);
	if (change.keys == NULL)
		return error_out_of_memory(error);
	return disable_users(context, account, error) == 0
		   ? record_delete(context, &credentials_account_record, &change, error)
		   : -1;
}

/* Accounts below go first: no account is ever below one that is deleted. */
static int delete_below(struct context *context, const struct row_list *below, struct error *error)
{
	const struct resource *resource = &credentials_account_resource;
	unsigned key = resource_key(resource);

	for (unsigned i = 0; i < below->count; i++) {
		const struct uuid *account = &below->rows[i]->values[key].uuid;
		struct row_list further;

		if (find_rows(context, resource, "ParentID", account, 0, &further, error) != 0 ||
		    delete_below(context, &further, error) != 0 ||
		    delete_one(context, account, error) != 0)
			return -1;
	}
	return 0;
}

static int transfer_below(struct context *context, const struct row_list *below,
    const struct value *parent, struct error *error)
{
	const struct resource *resource = &credentials_account_resource;

	for (unsigned i = 0; i < below->count; i++) {
		struct row *changes = row_with(
		    context->arena, resource, resource_member(resource, "ParentID"), parent);

		if (changes == NULL)
			return error_out_of_memory(error);
		if (change_row(
			context, &credentials_account_record, below->rows[i], changes, error) != 0)
			return -1;
	}
	return 0;
}

/* The account above it; the top one, which has none, stays. */
static int find_parent(
    struct context *context, const struct uuid *account, struct value *parent, struct error *error)
{
	const struct resource *resource = &credentials_account_resource;
	unsigned member = resource_member(resource, "ParentID");
	const struct value id = { .uuid = *account };
	struct row *key = row_with(context->arena, resource, resource_key(resource), &id), *row;

	if (key == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(context, resource, FIELD_BIT(member), key, &row, error) != 0)
		return -1;
	*parent = row->values[member];
	return parent->null ? error_set_word(error, ERROR_CONFLICT, "TOP_ACCOUNT",
				  "The top account cannot be deleted.")
			    : 0;
}

static int end_account(struct operation *operation, void *data, struct error *error)
{
	const struct deletion *deletion = data;
	const struct resource *resource = &credentials_account_resource;
	const struct value id = { .uuid = deletion->account };
	struct context *context = &operation->context;
	struct row_list below;
	struct value parent;
	int result = 0;

	if (record_confirm_actor(context, error) != 0 ||
	    record_claim(context, resource, "updated_at", &id, error) != 0 ||
	    find_parent(context, &deletion->account, &parent, error) != 0 ||
	    find_rows(context, resource, "ParentID", &deletion->account, 0, &below, error) != 0)
		return -1;
	if (deletion->deletes)
		result = delete_below(context, &below, error);
	else if (deletion->transfers)
		result = transfer_below(context, &below, &parent, error);
	else if (below.count > 0)
		result = error_set(error, ERROR_IN_USE,
		    "The account is still used by accounts below it; transfer or delete them.");
	if (result != 0 || delete_one(context, &deletion->account, error) != 0)
		return -1;
	operation_answer_nothing(operation, 200);
	return 0;
}

/* As in the original, accounts are deleted from the top one alone. */
static int check_top(struct operation *operation, struct error *error)
{
	struct uuid top;

	if (reach_is_whole(&operation->context))
		return 0;
	return uuid_parse(STR(CREDENTIALS_TOP_ACCOUNT), &top)
		   ? reach_require_account(&operation->context, REACH_CHANGE, &top, error)
		   : error_set_detail(error, ERROR_INTERNAL, "the top account has no identifier");
}

static bool is_true(const struct row *body, unsigned member)
{
	return row_filled(body, member) && body->values[member].boolean;
}

int credentials_account_delete(struct operation *operation, struct error *error)
{
	struct deletion deletion = { 0 };
	struct row *body;

	if (read_account(operation, REACH_CHANGE, &deletion.account, error) != 0 ||
	    check_top(operation, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	deletion.transfers = is_true(body, DELETION_TRANSFER);
	deletion.deletes = is_true(body, DELETION_DELETE);
	return operation_transaction(operation, end_account, &deletion, error);
}
