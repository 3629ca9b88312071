/*
 * Access of users to accounts in addition to their own.
 */
#include "api/credentials/credentials.h"
#include "api/credentials/reach.h"
#include "api/licensing/licensing.h"

enum user_account_member {
	ACCESS_USER_ID,
	ACCESS_ACCOUNT_ID,
	ACCESS_LEVEL,
	ACCESS_CREATED_AT,
};

static const struct enumerator levels[] = {
	{ 0, "STANDARD_USER" },
	{ 1, "ADMIN_USER" },
};

static const struct enumeration access_level = {
	.name = "AccessLevel",
	.enumerators = levels,
	.count = COUNT_OF(levels),
};

static const struct field access_fields[] = {
	[ACCESS_USER_ID] = { UUID("UserID", "user_id"),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
	[ACCESS_ACCOUNT_ID] = { UUID("AccountID", "account_id"),
	    .flags = FIELD_KEY | FIELD_CREATE_ONLY | FIELD_REQUIRED,
	    .doc = "Account that the user gets access to." },
	[ACCESS_LEVEL] = { ENUM("AccessLevel", "access_level", &access_level),
	    .flags = FIELD_NOT_NULL | FIELD_TYPICAL, .fallback = "0", .example = "0",
	    .doc = "0 (STANDARD_USER): sees the account and those below it; 1 (ADMIN_USER): may "
		   "change them as well. What the user may do at all is said by the roles." },
	[ACCESS_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When access was given." },
};

/* Nobody gives, or takes, more than that one has. */
static int check(struct context *context, const struct row *key, struct error *error)
{
	return reach_require_user(
		   context, REACH_CHANGE, &key->values[ACCESS_USER_ID].uuid, error) == 0
		   ? reach_require_account(
			 context, REACH_CHANGE, &key->values[ACCESS_ACCOUNT_ID].uuid, error)
		   : -1;
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return check(context, row, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)row;
	return check(context, change->keys, error);
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return check(context, key, error);
}

static int put(struct operation *operation, void *data, struct error *error)
{
	if (record_put(&operation->context, &credentials_user_account_record, data, error) != 0)
		return -1;
	operation_answer_nothing(operation, 200);
	return 0;
}

int credentials_user_account_put(struct operation *operation, struct error *error)
{
	struct record_change change = { 0 };
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &change.sent, error) != 0)
		return -1;
	row_set_value(keys, ACCESS_ACCOUNT_ID, &change.sent->values[ACCESS_ACCOUNT_ID]);
	change.keys = keys;
	return record_prepare(
		   &operation->context, &credentials_user_account_record, true, &change, error) == 0
		   ? operation_transaction(operation, put, &change, error)
		   : -1;
}

int credentials_user_account_narrow(
    struct operation *operation, struct sql *sql, struct error *error)
{
	reach_where(&operation->context, REACH_SEE, "{}.account_id", sql);
	return credentials_user_narrow_one(operation, sql, error);
}

static const struct relation of_user = {
	.target = &credentials_user_resource,
	.local = "UserID",
	.foreign = "ID",
};

static const struct reference access_references[] = {
	{ .constraint = "user_account_user",
	    .member = "UserID",
	    .target = &credentials_user_resource,
	    .word = "UNKNOWN_USER",
	    .message = "The user was not found." },
	{ .constraint = "user_account_account",
	    .member = "AccountID",
	    .target = &credentials_account_resource,
	    .word = "UNKNOWN_ACCOUNT",
	    .message = "The account was not found." },
};

const struct resource credentials_user_account_resource = {
	.name = "access",
	.word = "accountAccess",
	AUDITED_AS("account access"),
	.type_name = "UserAccount",
	.area = AREA_ACCOUNTS,
	.table = "user_account",
	.mints = true,
	ORDER_BY(ASCENDING("AccountID")),
	FIELDS(access_fields),
	REFERENCES(access_references),
	.parent = &of_user,
	.event = "account_access",
	.doc = "Access of a user to an account in addition to the own one.",
};

const struct record credentials_user_account_record = {
	.resource = &credentials_user_account_resource,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
};
