/*
 * Accounts: what users belong to, in a tree below the top account. Messages and what they cost are
 * none of this program's work: members that are about these are answered as nothing, and not taken.
 */
#include "api/credentials/credentials.h"
#include "api/credentials/reach.h"
#include "api/credentials/telephone.h"
#include "api/licensing/licensing.h"
#include "auth/password.h"
#include "base/mail_address.h"
#include "record/rows.h"

#define LEVEL_MOST 16
#define LOGO_LONGEST 1000000 /* characters */
#define DISCLAIMER_LONGEST 4000

enum account_member {
	ACCOUNT_COUNTRY_CODE,
	ACCOUNT_NDD,
	ACCOUNT_IDD,
	ACCOUNT_TIMEOUT,
	ACCOUNT_TYPE,
	ACCOUNT_ID,
	ACCOUNT_ACCOUNT_ID,
	ACCOUNT_ADDRESS,
	ACCOUNT_ANY_TIME_BALANCE,
	ACCOUNT_CONTACT_NUMBER,
	ACCOUNT_PHONE_NUMBER,
	ACCOUNT_DATE_CREATED,
	ACCOUNT_DATE_MODIFIED,
	ACCOUNT_DISCLAIMER,
	ACCOUNT_EMAIL_ADDRESS,
	ACCOUNT_FIRST_NAME,
	ACCOUNT_DEFAULT_HEADER,
	ACCOUNT_LANGUAGE_ID,
	ACCOUNT_LANGUAGE_NAME,
	ACCOUNT_LAST_NAME,
	ACCOUNT_LOCATION,
	ACCOUNT_LOGO,
	ACCOUNT_LOGO_NAME,
	ACCOUNT_NAME,
	ACCOUNT_OFF_PEAK_BALANCE,
	ACCOUNT_PREFERENCES,
	ACCOUNT_SCIM_ENABLED,
	ACCOUNT_SMS_PASSWORD,
	ACCOUNT_SMS_USERNAME,
	ACCOUNT_TIME_ZONE,
	ACCOUNT_TWO_FACTOR_ENABLED,
	ACCOUNT_URL,
	ACCOUNT_WEBSITE,
	ACCOUNT_PARENT_ID,
	ACCOUNT_LEVEL,
	ACCOUNT__MAX
};

#define NOTHING_HERE (FIELD_READONLY | FIELD_NOT_STORED)
#define NOTHING "Always null: this program sends no messages."

static const struct field account_fields[ACCOUNT__MAX] = {
	[ACCOUNT_COUNTRY_CODE] = { STRING("CountryCode", NULL, 16), .flags = NOTHING_HERE,
	    .doc = NOTHING },
	[ACCOUNT_NDD] = { STRING("NDD", NULL, 16), .flags = NOTHING_HERE, .doc = NOTHING },
	[ACCOUNT_IDD] = { STRING("IDD", NULL, 16), .flags = NOTHING_HERE, .doc = NOTHING },
	[ACCOUNT_TIMEOUT] = { INT32("Timeout", NULL), .flags = FIELD_READONLY, .expression = "0",
	    .doc = "Always 0: how long sessions last is an option of the server." },
	[ACCOUNT_TYPE] = { STRING("Type", NULL, 16), .flags = FIELD_READONLY,
	    .expression = "IF({}.parent_id IS NULL, 'Master', 'Sub')",
	    .doc = "Master of the top account, Sub of all others.", .example = "\"Sub\"" },
	[ACCOUNT_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[ACCOUNT_ACCOUNT_ID] = { UUID("AccountID", NULL), .flags = FIELD_READONLY,
	    .expression = "COALESCE({}.parent_id, {}.id)",
	    .doc = "Account above it; of the top account its own." },
	[ACCOUNT_ADDRESS] = { STRING("Address", "address", 500), .doc = "Postal address.",
	    .example = "\"1 Harbour Street, Hamburg\"" },
	[ACCOUNT_ANY_TIME_BALANCE] = { DECIMAL("AnyTimeBalance", NULL), .flags = FIELD_READONLY,
	    .expression = "CAST(0 AS DECIMAL(19,4))",
	    .doc = "Always 0: this program sends no messages." },
	[ACCOUNT_CONTACT_NUMBER] = { STRING("ContactNumber", "contact_number", 64),
	    .flags = FIELD_TYPICAL | FIELD_EMPTY_ABSENT,
	    .doc = "Telephone: 5 to 20 digits, blanks, brackets and hyphens, at least 5 of them "
		   "digits, with a plus sign before them or without.",
	    .example = "\"+49 40 123456\"" },
	[ACCOUNT_PHONE_NUMBER] = { STRING("PhoneNumber", "mobile", 64), .flags = FIELD_READONLY,
	    .doc = "Mobile telephone that it was created with." },
	[ACCOUNT_DATE_CREATED] = { DATETIME("DateCreated", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was created." },
	[ACCOUNT_DATE_MODIFIED] = { DATETIME("DateModified", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[ACCOUNT_DISCLAIMER] = { STRING("Disclaimer", "disclaimer", DISCLAIMER_LONGEST),
	    .doc = "Disclaimer, for the account's programs." },
	[ACCOUNT_EMAIL_ADDRESS] = { STRING("EmailAddress", "email", 255),
	    .flags = FIELD_MAIL_ADDRESS | FIELD_TYPICAL | FIELD_EMPTY_ABSENT,
	    .doc = "E-mail address.", .example = "\"office@example.org\"" },
	[ACCOUNT_FIRST_NAME] = { STRING("FirstName", "first_name", 255),
	    .doc = "First name of the person to talk to.", .example = "\"Ada\"" },
	[ACCOUNT_DEFAULT_HEADER] = { STRING("Defaultheader", NULL, 64), .flags = NOTHING_HERE,
	    .doc = NOTHING },
	[ACCOUNT_LANGUAGE_ID] = { UUID("LanguageID", "language_id"),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .fallback = "00000000-0000-0000-0000-000000000000",
	    .doc = "Language, as the caller numbers them; zeroes of an account that has none." },
	[ACCOUNT_LANGUAGE_NAME] = { STRING("LanguageName", NULL, 64), .flags = NOTHING_HERE,
	    .doc = "Always null: languages are numbered by the caller." },
	[ACCOUNT_LAST_NAME] = { STRING("LastName", "last_name", 255),
	    .doc = "Last name of the person to talk to.", .example = "\"Lovelace\"" },
	[ACCOUNT_LOCATION] = { STRING("Location", NULL, 64), .flags = NOTHING_HERE,
	    .doc = "Always null." },
	[ACCOUNT_LOGO] = { STRING("Logo", "logo", LOGO_LONGEST),
	    .doc = "Logo, in base64 or as an address." },
	[ACCOUNT_LOGO_NAME] = { STRING("LogoName", "logo_name", 255),
	    .doc = "File name of the logo.", .example = "\"logo.png\"" },
	[ACCOUNT_NAME] = { STRING("Name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Name; need not be unique.", .example = "\"Harbour Trading\"" },
	[ACCOUNT_OFF_PEAK_BALANCE] = { DECIMAL("OffPeakBalance", NULL), .flags = FIELD_READONLY,
	    .expression = "CAST(0 AS DECIMAL(19,4))",
	    .doc = "Always 0: this program sends no messages." },
	[ACCOUNT_PREFERENCES] = { INT32_LIST("Preferences", NULL, 64), .flags = FIELD_READONLY,
	    .expression = "'[]'", .doc = "Always empty." },
	[ACCOUNT_SCIM_ENABLED] = { BOOLEAN("SCIMEnabled", NULL), .flags = FIELD_READONLY,
	    .expression = "FALSE", .doc = "Always false." },
	[ACCOUNT_SMS_PASSWORD] = { STRING("SMSPassword", NULL, 255),
	    .flags = NOTHING_HERE | FIELD_SECRET, .doc = NOTHING },
	[ACCOUNT_SMS_USERNAME] = { STRING("SMSUsername", NULL, 255), .flags = NOTHING_HERE,
	    .doc = NOTHING },
	[ACCOUNT_TIME_ZONE] = { STRING("TimeZone", "time_zone", 64),
	    .doc = "Time zone of its users that have none, as the tz database or Windows calls it; "
		   "any other text is kept, and is no time zone.",
	    .example = "\"Europe/Berlin\"" },
	[ACCOUNT_TWO_FACTOR_ENABLED] = { BOOLEAN("TwoFactorEnabled", NULL),
	    .flags = FIELD_BY_RULE | FIELD_NOT_NULL, .fallback = "false", .expression = "FALSE",
	    .doc = "Always false, and true is an error: the option second_factor says who must "
		   "have one." },
	[ACCOUNT_URL] = { STRING("URL", NULL, 255), .flags = NOTHING_HERE, .doc = "Always null." },
	[ACCOUNT_WEBSITE] = { STRING("Website", "website", 1000), .doc = "Address of its website.",
	    .example = "\"https://example.org\"" },
	[ACCOUNT_PARENT_ID] = { UUID("ParentID", "parent_id"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY },
	/* Greater than that of the account above; no more is said by the difference. */
	[ACCOUNT_LEVEL] = { INT32("Level", "level"), .flags = FIELD_HIDDEN | FIELD_READONLY },
};

/* --- changes --- */

static int check_new(struct context *context, struct row *row, struct error *error)
{
	const struct value parent = row->values[ACCOUNT_PARENT_ID];
	struct row *above;

	if (reach_require_account(context, REACH_CHANGE, &parent.uuid, error) != 0 ||
	    record_claim(context, &credentials_account_resource, "updated_at", &parent, error) !=
		0 ||
	    record_find_by(context, &credentials_account_resource, ACCOUNT_ID, &parent,
		FIELD_BIT(ACCOUNT_LEVEL), &above, error) != 0)
		return -1;
	if (above == NULL)
		return resource_not_found(&credentials_account_resource, error);
	if (above->values[ACCOUNT_LEVEL].integer >= LEVEL_MOST)
		return error_set_word(error, ERROR_CONFLICT, "TOO_MANY_LEVELS",
		    "Accounts may stand at most %d levels below the top one.", LEVEL_MOST);
	row_set_integer(row, ACCOUNT_LEVEL, above->values[ACCOUNT_LEVEL].integer + 1);
	return 0;
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return check_new(context, row, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *before = change->before;

	if (reach_require_account(context, REACH_CHANGE, &before->values[ACCOUNT_ID].uuid, error) !=
	    0)
		return -1;
	credentials_check_form(before, row, ACCOUNT_CONTACT_NUMBER, telephone_check, error);
	credentials_check_form(before, row, ACCOUNT_EMAIL_ADDRESS, mail_address_check_any, error);
	if (row_filled(row, ACCOUNT_TWO_FACTOR_ENABLED) &&
	    row->values[ACCOUNT_TWO_FACTOR_ENABLED].boolean)
		error_add_fault(error, "TwoFactorEnabled",
		    "The TwoFactorEnabled field must be false: the option second_factor says "
		    "who must have one.");
	if (error->fault_count > 0)
		return -1;
	/* Credentials of its users are cached with their zones. */
	return row_has(row, ACCOUNT_TIME_ZONE)
		   ? record_revoke(
			 context, MARK(MARK_ACCOUNT, before->values[ACCOUNT_ID].uuid), error)
		   : 0;
}

static const struct reference account_references[] = {
	{ .constraint = "account_parent",
	    .member = "ParentID",
	    .target = &credentials_account_resource,
	    .message = "The account was not found." },
};

static const struct table_index account_indexes[] = {
	{ .name = "account_parent", .columns = { "parent_id", "level", "name" } },
	{ .name = "account_name", .columns = { "level", "name" } },
};

const struct resource credentials_account_resource = {
	.name = "account",
	.word = "managedAccount",
	AUDITED_AS("managed account"),
	.type_name = "Account",
	.area = AREA_ACCOUNTS,
	.table = "account",
	.deleted_column = "deleted_at",
	.condition = "{}.deleted_at IS NULL",
	.mints = true,
	ORDER_BY(ASCENDING("Level"), ASCENDING("Name")),
	FIELDS(account_fields),
	INDEXES(account_indexes),
	REFERENCES(account_references),
	.event = "managed_account",
	.doc = "An account, which users belong to.",
};

const struct record credentials_account_record = {
	.resource = &credentials_account_resource,
	.before_insert = before_insert,
	.before_update = before_update,
};
