#include "api/hosting/hosting.h"
#include "record/rows.h"

#include "auth/key.h"
#include "auth/password.h"
#include "base/mail_address.h"

enum client_member {
	CLIENT_ID,
	CLIENT_USERNAME,
	CLIENT_PASSWORD,
	CLIENT_PASSWORD_HASH,
	CLIENT_ACTIVE,
	CLIENT_FIRST_NAME,
	CLIENT_LAST_NAME,
	CLIENT_EMAIL_ADDRESS,
	CLIENT_COMPANY,
	CLIENT_DOMAIN_COUNT,
	CLIENT_DOMAIN_MAX_COUNT,
	CLIENT_WHITELABEL_COUNT,
	CLIENT_WHITELABEL_MAX_COUNT,
	CLIENT_WIDGET_DISPLAY_COUNT,
	CLIENT_WIDGET_DISPLAY_MAX_COUNT,
	CLIENT_AUTO_CREATE_DOMAINS,
	CLIENT_FEATURES,
	CLIENT_API_KEY,
	CLIENT_API_KEY_HASH,
	CLIENT_ACTUAL_CALL_COUNT,
	CLIENT_DOMAIN_COUNT_DATA,
	CLIENT_UPDATED_AT,
	CLIENT__MAX
};

#define FEATURE(name, column, text)                                                             \
	{                                                                                       \
		BOOLEAN(name, column), .flags = FIELD_NOT_NULL, .fallback = "true", .doc = text \
	}

static const struct field features_fields[] = {
	FEATURE("canUseABTests", "can_use_ab_tests", "A/B tests."),
	FEATURE("canUseAnalytics", "can_use_analytics", "Analytics."),
	FEATURE(
	    "canUseConsentSharing", "can_use_consent_sharing", "Consent sharing between domains."),
	FEATURE("canUseDomAPI", "can_use_dom_api", "The account's own API."),
	FEATURE("canUseIAB", "can_use_iab", "The IAB's framework."),
	FEATURE("canUseIframeCSS", "can_use_iframe_css", "Styles of the iframe blocker."),
	FEATURE("canUseIframes", "can_use_iframes", "Blocking of iframes."),
	FEATURE("canUseIndCSS", "can_use_ind_css", "Individual styles."),
	FEATURE("canUseMultiDom", "can_use_multi_dom", "Several domains."),
	FEATURE("canUseOwnLogo", "can_use_own_logo", "An own logo."),
	FEATURE("canUseScripts", "can_use_scripts", "Own scripts."),
	FEATURE("canUseUserGroupRights", "can_use_user_group_rights", "Rights of user groups."),
	FEATURE("moreThan2Lang", "more_than_2_lang", "More than two languages."),
};

static const struct resource features_resource = {
	.name = "features",
	.type_name = "Features",
	.area = AREA_HOSTING,
	FIELDS(features_fields),
	.doc = "What the account may use.",
};

static const struct field domain_count_fields[] = {
	{ STRING("domName", "name", 253), .flags = FIELD_READONLY,
	    .doc = "Host name of the domain." },
	{ INT64("count", "call_count"), .flags = FIELD_READONLY,
	    .doc = "Widget loads of the month." },
	{ STRING("clientId", "client_id", HOSTING_ID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_HIDDEN },
	{ STRING("id", "id", HOSTING_ID_LENGTH),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
};

static const struct resource domain_count_resource = {
	.name = "domain count",
	.type_name = "DomainCount",
	.area = AREA_HOSTING,
	.table = "hosting_domain",
	ORDER_BY(ASCENDING("domName")),
	FIELDS(domain_count_fields),
	.doc = "Widget loads of one domain.",
};

/*
 * While one account has most of all domains, the database may believe that each has, and read the
 * whole table for each: so it is told which index to use.
 */
#define ITS_DOMAINS \
	"FROM hosting_domain d FORCE INDEX (hosting_domain_counts) WHERE d.client_id = {}.id"
#define CALL_COUNT "(SELECT COALESCE(SUM(d.call_count), 0) " ITS_DOMAINS ")"

static const struct field client_fields[CLIENT__MAX] = {
	[CLIENT_ID] = { STRING("id", "id", HOSTING_ID_LENGTH), .flags = KEY_CHOOSABLE,
	    .check = hosting_check_id,
	    .doc = "Identifier of the account: seven hexadecimal characters.",
	    .example = "\"b61cd4a\"" },
	[CLIENT_USERNAME] = { STRING("username", "username", 255), .flags = FIELD_REQUIRED,
	    .doc = "Name to log in with, unique.", .example = "\"ada\"" },
	[CLIENT_PASSWORD] = { STRING("password", NULL, 256),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_OMIT_ABSENT |
		     FIELD_NOT_NULL | FIELD_EMPTY_ABSENT | FIELD_TYPICAL,
	    .doc = "In plain text; required when creating, unless passwordHash is sent. Never "
		   "returned.",
	    .example = "\"a passphrase of several words\"" },
	[CLIENT_PASSWORD_HASH] = { STRING("passwordHash", "password_hash", PASSWORD_HASH_MAX),
	    .flags = FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED | FIELD_OMIT_ABSENT |
		     FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .check = password_check_bcrypt,
	    .doc = "A bcrypt hash instead of the password; the password takes precedence. Never "
		   "returned." },
	[CLIENT_ACTIVE] = { BOOLEAN("active", "active"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "Whether the account can log in." },
	[CLIENT_FIRST_NAME] = { STRING("firstName", "first_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "First name.", .example = "\"Ada\"" },
	[CLIENT_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Last name.", .example = "\"Lovelace\"" },
	[CLIENT_EMAIL_ADDRESS] = { STRING("emailAddress", "email_address", 254),
	    .flags = FIELD_REQUIRED | FIELD_MAIL_ADDRESS, .check = mail_address_check_any,
	    .doc = "E-mail address.", .example = "\"ada@example.org\"" },
	[CLIENT_COMPANY] = { STRING("company", "company", 255), .flags = FIELD_TYPICAL,
	    .doc = "Company.", .example = "\"Example Ltd\"" },
	[CLIENT_DOMAIN_COUNT] = { INT32("domainCount", NULL), .flags = FIELD_READONLY,
	    .expression = "(SELECT COUNT(*) " ITS_DOMAINS ")", .doc = "Domains in use." },
	[CLIENT_DOMAIN_MAX_COUNT] = { INT32("domainMaxCount", "domain_max_count"), .least = -1,
	    .most = INT32_MAX, .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Maximum number of domains; -1 means unlimited." },
	[CLIENT_WHITELABEL_COUNT] = { INT32("whitelabelCount", NULL), .flags = FIELD_READONLY,
	    .expression = "(SELECT COUNT(*) " ITS_DOMAINS " AND d.whitelabel)",
	    .doc = "White-label domains in use." },
	[CLIENT_WHITELABEL_MAX_COUNT] = { INT32("whitelabelMaxCount", "whitelabel_max_count"),
	    .least = -1, .most = INT32_MAX, .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Maximum number of white-label domains; -1 means unlimited." },
	[CLIENT_WIDGET_DISPLAY_COUNT] = { INT64("widgetDisplayCount", NULL),
	    .flags = FIELD_READONLY, .expression = CALL_COUNT,
	    .doc = "Widget loads of the month." },
	[CLIENT_WIDGET_DISPLAY_MAX_COUNT] = { INT32("widgetDisplayMaxCount",
						  "widget_display_max_count"),
	    .least = -1, .most = INT32_MAX, .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Maximum number of widget loads per month; -1 means unlimited." },
	[CLIENT_AUTO_CREATE_DOMAINS] = { BOOLEAN("autoCreateDomains", "auto_create_domains"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "Whether domains are created at their first widget load." },
	[CLIENT_FEATURES] = { OBJECT("features", &features_resource), .flags = FIELD_NOT_NULL,
	    .doc = "What the account may use; by default everything." },
	[CLIENT_API_KEY] = { STRING("apiKey", NULL, KEY_TEXT_MAX),
	    .flags = FIELD_READONLY | FIELD_NOT_STORED | FIELD_ECHO | FIELD_SECRET |
		     FIELD_OMIT_ABSENT | FIELD_CHOOSABLE,
	    .check = key_check, .doc = "The account's own key; shown once, when it is created.",
	    .example = "\"api_x7Kq2mZ94tHw8pD3nVrB\"" },
	[CLIENT_API_KEY_HASH] = { BINARY("apiKeyHash", "api_key_hash"),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
	[CLIENT_ACTUAL_CALL_COUNT] = { INT64("actualCallCount", NULL),
	    .flags = FIELD_READONLY | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .expression = CALL_COUNT,
	    .doc = "Widget loads of the month; in the list only." },
	[CLIENT_DOMAIN_COUNT_DATA] = { MANY("domainCountData", &domain_count_resource, "id",
					   "clientId"),
	    .flags = FIELD_READONLY | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT,
	    .doc = "Widget loads by domain; in the list only." },
	[CLIENT_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

const char *hosting_check_id(struct str id)
{
	for (size_t i = 0; i < id.length; i++) {
		if (strchr("0123456789abcdef", id.data[i]) == NULL)
			return "seven hexadecimal characters";
	}
	return id.length == HOSTING_ID_LENGTH ? NULL : "seven hexadecimal characters";
}

int hosting_make_id(struct context *context, struct row *row, unsigned field, struct error *error)
{
	char *id = arena_alloc(context->arena, HOSTING_ID_LENGTH + 1);

	if (row_filled(row, field))
		return 0;
	if (id == NULL)
		return error_out_of_memory(error);
	random_text(id, HOSTING_ID_LENGTH, RANDOM_HEX_LOWER);
	row_set_text(row, field, str_from(id));
	return 0;
}

/* A password, where there is one, replaces whatever hash came along. */
static int hash_password(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	char hash[PASSWORD_HASH_MAX];

	(void)key;
	if (!row_filled(row, CLIENT_PASSWORD))
		return 0;
	if (guard_hash_password(context->guard, row->values[CLIENT_PASSWORD].text, hash, error) !=
	    0)
		return -1;
	row_set_text(row, CLIENT_PASSWORD_HASH, arena_str(context->arena, str_from(hash)));
	return 0;
}

static int make_key(struct context *context, struct row *row, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	char key[KEY_TEXT_MAX];

	if (!row_filled(row, CLIENT_API_KEY)) {
		key_make("api_", key);
		row_set_text(row, CLIENT_API_KEY, arena_str(context->arena, str_from(key)));
	}
	key_hash(row->values[CLIENT_API_KEY].text, hash);
	row_set_text(row, CLIENT_API_KEY_HASH,
	    arena_str(context->arena, (struct str){ (const char *)hash, sizeof(hash) }));
	if (row->values[CLIENT_API_KEY].text.data == NULL ||
	    row->values[CLIENT_API_KEY_HASH].text.data == NULL)
		return error_out_of_memory(error);
	return 0;
}

/* A new account needs a way to log in. */
static void check_password(const struct row *row, bool insert, struct error *error)
{
	if (insert && !row_has(row, CLIENT_PASSWORD) && !row_has(row, CLIENT_PASSWORD_HASH))
		error_add_fault(
		    error, "password", "The password field is required and must not be empty.");
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (hosting_make_id(context, row, CLIENT_ID, error) != 0)
		return -1;
	return make_key(context, row, error);
}

/* The key that there was, the account's being open, and what it may use: all may be others now. */
static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	(void)sent;
	return insert ? 0
		      : record_revoke(context, mark_of_hosting(key->values[CLIENT_ID].text), error);
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(context, mark_of_hosting(key->values[CLIENT_ID].text), error);
}

static const struct unique_key client_uniques[] = {
	{ .index = "hosting_client_username",
	    .member = "username",
	    .word = "DUPLICATE_USERNAME",
	    .alone = true,
	    .message = "The username is already in use." },
};

static const struct table_index client_indexes[] = {
	{ .name = "hosting_client_email", .columns = { "email_address" } },
};

static const struct search_member client_searched[] = {
	{ .member = "id", .way = SEARCH_WHOLE },
	{ .member = "username", .way = SEARCH_BEGIN },
	{ .member = "emailAddress", .way = SEARCH_BEGIN },
};

static const struct resource_search client_search = {
	.name = "hosting.account",
	SEARCH_MEMBERS(client_searched),
	.titles = { "username" },
	.details = { "company", "lastName", "emailAddress" },
};

const struct resource hosting_client_resource = {
	.name = "client",
	.word = "account",
	AUDITED_AS("hosting account", "client"),
	.type_name = "Client",
	.area = AREA_HOSTING,
	.table = "hosting_client",
	ORDER_BY(ASCENDING("username")),
	FIELDS(client_fields),
	UNIQUES(client_uniques),
	INDEXES(client_indexes),
	.event = "hosting_account",
	.search = &client_search,
	.doc = "A hosting account.",
};

static const struct field loads_fields[] = {
	{ STRING("userId", "id", HOSTING_ID_LENGTH), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the account.", .example = "\"b61cd4a\"" },
	{ INT64("actualCallCount", NULL), .flags = FIELD_READONLY, .expression = CALL_COUNT,
	    .doc = "Widget loads of the month." },
	{ MANY("domainCountData", &domain_count_resource, "userId", "clientId"),
	    .flags = FIELD_READONLY | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT,
	    .doc = "Widget loads by domain." },
};

const struct resource hosting_loads_resource = {
	.name = "loads of client",
	.word = "accountLoad",
	.type_name = "ClientLoads",
	.area = AREA_HOSTING,
	.table = "hosting_client",
	FIELDS(loads_fields),
	.doc = "Widget loads of an account.",
};

const struct record hosting_client_record = {
	.resource = &hosting_client_resource,
	.check = check_password,
	.prepare = hash_password,
	.before_insert = before_insert,
	.before_delete = before_delete,
	.after_write = after_write,
};

/* A key that has changed there replaces the one that is here. */
static int before_moved_change(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)change;
	return row_filled(row, CLIENT_API_KEY) ? make_key(context, row, error) : 0;
}

const struct record hosting_moved_client_record = {
	.resource = &hosting_client_resource,
	.check = check_password,
	.prepare = hash_password,
	.before_insert = before_insert,
	.before_update = before_moved_change,
	.before_delete = before_delete,
	.after_write = after_write,
};

static int answer_found(struct operation *operation, const struct row *row, struct error *error)
{
	if (row == NULL)
		return resource_not_found(&hosting_client_resource, error);
	operation_answer_row(operation, row);
	return 0;
}

int hosting_client_usage(
    struct context *context, struct str client, struct hosting_usage *usage, struct error *error)
{
	const uint64_t mask = FIELD_BIT(CLIENT_DOMAIN_COUNT) | FIELD_BIT(CLIENT_DOMAIN_MAX_COUNT) |
			      FIELD_BIT(CLIENT_WHITELABEL_COUNT) |
			      FIELD_BIT(CLIENT_WHITELABEL_MAX_COUNT);
	const struct resource *resource = &hosting_client_resource;
	const struct value id = { .text = client };
	struct row *row;

	if (record_find_by(context, resource, CLIENT_ID, &id, mask, &row, error) != 0)
		return -1;
	if (row == NULL)
		return resource_not_found(resource, error);
	*usage = (struct hosting_usage){
		.domains = row->values[CLIENT_DOMAIN_COUNT].integer,
		.domains_most = row->values[CLIENT_DOMAIN_MAX_COUNT].integer,
		.whitelabels = row->values[CLIENT_WHITELABEL_COUNT].integer,
		.whitelabels_most = row->values[CLIENT_WHITELABEL_MAX_COUNT].integer,
	};
	return 0;
}

int hosting_client_by_key(struct operation *operation, struct error *error)
{
	const struct resource *resource = &hosting_client_resource;
	uint8_t hash[KEY_HASH_LENGTH];
	const struct value digest = { .text = { (const char *)hash, sizeof(hash) } };
	struct row *row;

	key_hash(operation->captures[0], hash);
	if (record_find_by(&operation->context, resource, CLIENT_API_KEY_HASH, &digest,
		resource_default_mask(resource), &row, error) != 0)
		return -1;
	return answer_found(operation, row, error);
}

/* Whose user name the term is comes before whose address it is. */
static int find_client(
    struct operation *operation, struct str term, struct row **row, struct error *error)
{
	const struct resource *resource = &hosting_client_resource;
	const uint64_t mask = resource_default_mask(resource);
	const struct value name = { .text = term };
	struct value addresses[MAIL_ADDRESS_FORMS] = { { .null = true } };
	struct str forms[MAIL_ADDRESS_FORMS];
	unsigned count = mail_address_forms(operation->context.arena, term, forms);
	struct sql where;

	if (count == 0)
		return error_out_of_memory(error);
	if (record_find_by(
		&operation->context, resource, CLIENT_USERNAME, &name, mask, row, error) != 0)
		return -1;
	if (*row != NULL)
		return 0;
	for (unsigned i = 0; i < count; i++)
		addresses[i] = (struct value){ .text = forms[i] };
	sql_init(&where, operation->context.arena);
	sql_where_in(&where, resource, CLIENT_EMAIL_ADDRESS, addresses, count);
	return record_find(&operation->context,
	    &(struct record_set){ .resource = resource, .where = &where, .most = 1 }, mask, row,
	    error);
}

int hosting_client_search(struct operation *operation, struct error *error)
{
	struct row *row = NULL;

	if (find_client(operation, operation->captures[0], &row, error) != 0)
		return -1;
	return answer_found(operation, row, error);
}

static int renew_key(struct operation *operation, void *context, struct error *error)
{
	struct record_change change = { .keys = context,
		.sent = row_new(operation->context.arena, &hosting_client_resource) };

	if (change.sent == NULL)
		return error_out_of_memory(error);
	if (make_key(&operation->context, change.sent, error) != 0 ||
	    record_update(&operation->context, &hosting_client_record, &change, error) != 0)
		return -1;
	operation_answer_row(operation, change.stored);
	return 0;
}

int hosting_client_renew_key(struct operation *operation, struct error *error)
{
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	return operation_transaction(operation, renew_key, keys, error);
}
