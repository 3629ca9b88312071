/*
 * Consents: what visitors of a domain have agreed to, as its owner's programs or those of the
 * provider tell. Nobody changes one; a visitor's are deleted together.
 */
#include "api/hosting/hosting.h"
#include "op/generic.h"
#include "record/audit.h"
#include "record/rows.h"

#define UCID_LENGTH 64               /* hexadecimal digits of a SHA-256 */
#define BEHIND_DIGITS "g"            /* greater than each of them */
#define EARLY INT64_C(86400)         /* seconds that a clock may be ahead */
#define LATEST INT64_C(253402300799) /* the last second of the year 9999 */

enum {
	CONSENT_ID,
	CONSENT_CLIENT_ID,
	CONSENT_DOMAIN_ID,
	CONSENT_CONSENT,
	CONSENT_UCID,
	CONSENT_TIMESTAMP,
	CONSENT_PURPOSES,
	CONSENT_EMBEDDINGS,
	CONSENT_PREVENTION,
};

/* Where consents are looked for, a beginning will do. */
static const char *check_ucid(struct str text)
{
	static const char expected[] = "64 lower-case hexadecimal digits";

	for (size_t i = 0; i < text.length; i++) {
		if (strchr("0123456789abcdef", text.data[i]) == NULL)
			return expected;
	}
	return text.length == UCID_LENGTH ? NULL : expected;
}

static const struct field consent_fields[] = {
	[CONSENT_ID] = { INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
	[CONSENT_CLIENT_ID] = { STRING("clientId", "client_id", HOSTING_ID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_HIDDEN, .doc = "Account of the domain." },
	[CONSENT_DOMAIN_ID] = { STRING("domainId", "domain_id", HOSTING_ID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_HIDDEN, .doc = "Domain that the visitor was at." },
	[CONSENT_CONSENT] = { BOOLEAN("consent", "consent"),
	    .flags = FIELD_REQUIRED | FIELD_OWNER_CHANGES,
	    .doc = "Whether the visitor has agreed to anything." },
	[CONSENT_UCID] = { STRING("ucid", "ucid", UCID_LENGTH),
	    .flags = FIELD_REQUIRED | FIELD_UNLOGGED | FIELD_OWNER_CHANGES, .check = check_ucid,
	    .doc = "The visitor: a SHA-256 as 64 lower-case hexadecimal digits.",
	    .example = "\"387f1d311b2e7ba1f67722ac08bfdaf56aad3ecab6f11309d0c829f4e255af12\"" },
	[CONSENT_TIMESTAMP] = { INT64("timestamp", "given_at"), .least = 0, .most = LATEST,
	    .flags = FIELD_NOT_NULL | FIELD_OWNER_CHANGES,
	    .doc = "When, in seconds since 1970; now if it is not sent.", .example = "1608208345" },
	[CONSENT_PURPOSES] = { STRING_MAP("purposes", "purposes"),
	    .flags = FIELD_NOT_NULL | FIELD_TYPICAL | FIELD_OWNER_CHANGES, .fallback = "{}",
	    .doc = "Purposes that were agreed to: identifiers, and names.",
	    .example = "{\"41ba25c\":\"Technically necessary\"}" },
	[CONSENT_EMBEDDINGS] = { STRING_MAP("embeddings", "embeddings"),
	    .flags = FIELD_NOT_NULL | FIELD_TYPICAL | FIELD_OWNER_CHANGES, .fallback = "{}",
	    .doc = "Embeddings that were agreed to: identifiers, and names.",
	    .example = "{\"16bd7f0\":\"Sessions of the shop\"}" },
	[CONSENT_PREVENTION] = { BOOLEAN("manipulationPrevention", "manipulation_prevention"),
	    .flags = FIELD_NOT_NULL | FIELD_OWNER_CHANGES, .fallback = "false",
	    .doc = "Whether the page has kept the answer from being changed." },
};

/* The domain is there, is the account's that the path names, and one that the actor has. */
static int find_account(struct context *context, struct row *row, struct error *error)
{
	const struct resource *domains = &hosting_domain_resource;
	const unsigned account = resource_member(domains, "clientId");
	struct row *key = row_new(context->arena, domains), *found;

	if (key == NULL)
		return error_out_of_memory(error);
	row_set_value(key, resource_key(domains), &row->values[CONSENT_DOMAIN_ID]);
	if (row_has(row, CONSENT_CLIENT_ID))
		row_set_value(key, account, &row->values[CONSENT_CLIENT_ID]);
	if (record_find(context, &(struct record_set){ .resource = domains, .keys = key },
		FIELD_BIT(account), &found, error) != 0)
		return -1;
	if (found == NULL)
		return resource_not_found(domains, error);
	row_set_value(row, CONSENT_CLIENT_ID, &found->values[account]);
	return 0;
}

static int set_moment(struct row *row, struct error *error)
{
	int64_t now = timestamp_now() / MICROSECONDS_PER_SECOND;

	if (!row_filled(row, CONSENT_TIMESTAMP))
		row_set_integer(row, CONSENT_TIMESTAMP, now);
	if (row->values[CONSENT_TIMESTAMP].integer > now + EARLY)
		return error_add_fault(error, "timestamp", "The timestamp lies in the future.");
	return 0;
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (set_moment(row, error) != 0)
		return -1;
	return find_account(context, row, error);
}

/* Who the visitor was is not kept in a log: it would stay there when the consent has gone. */
static int log_consents(struct context *context, enum audit_action action, struct str domain,
    int64_t count, struct error *error)
{
	const char *detail = arena_printf(context->arena, "{\"rows\":%lld}", (long long)count);

	return audit_record_event(context,
	    &(const struct audit_event){ .action = action,
		.area = hosting_consent_resource.area,
		.what = "consent of domain",
		.key = domain,
		.detail = str_from(detail),
		.count = count },
	    error);
}

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	(void)key, (void)insert;
	return log_consents(context, AUDIT_INSERT, sent->values[CONSENT_DOMAIN_ID].text, 1, error);
}

#define OWN_CONSENTS "{}.client_id = ?"

static const struct table_index consent_indexes[] = {
	{ .name = "hosting_consent_given", .columns = { "domain_id", "given_at" }, .broad = true },
	{ .name = "hosting_consent_visitor", .columns = { "domain_id", "ucid" }, .broad = true },
	{ .name = "hosting_consent_age", .columns = { "given_at" } },
};

static const struct reference consent_references[] = {
	{ .constraint = "hosting_consent_domain",
	    .member = "domainId",
	    .target = &hosting_domain_resource,
	    .message = "The domain was not found." },
};

static const struct relation consent_parent = {
	.target = &hosting_domain_resource,
	.local = "domainId",
	.foreign = "id",
};

const struct resource hosting_consent_resource = {
	.name = "consent",
	.type_name = "Consent",
	.area = AREA_HOSTING,
	.table = "hosting_consent",
	ORDER_BY(DESCENDING("timestamp"), DESCENDING("id")),
	FIELDS(consent_fields),
	INDEXES(consent_indexes),
	REFERENCES(consent_references),
	.parent = &consent_parent,
	.owner_condition = OWN_CONSENTS,
	.owner = OWNER_HOSTING,
	.owner_changes = OWN_CONSENTS,
	.owner_may = PERMISSION_CREATE | PERMISSION_DELETE,
	.unaudited = "an entry of the domain tells of it, without the visitor",
	.doc = "What a visitor of a domain has agreed to.",
};

const struct record hosting_consent_record = {
	.resource = &hosting_consent_resource,
	.before_insert = before_insert,
	.after_write = after_write,
};

/* --- the consents of one visitor --- */

enum { VISITOR_ID, VISITOR_CLIENT_ID, VISITOR_DOMAIN_ID, VISITOR_UCID };

static const struct field visitor_fields[] = {
	[VISITOR_ID] = { INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
	[VISITOR_CLIENT_ID] = { STRING("clientId", "client_id", HOSTING_ID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_HIDDEN },
	[VISITOR_DOMAIN_ID] = { STRING("domainId", "domain_id", HOSTING_ID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_HIDDEN },
	[VISITOR_UCID] = { STRING("ucid", "ucid", UCID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_UNLOGGED, .doc = "The visitor." },
};

const struct resource hosting_visitor_resource = {
	.name = "visitor",
	.type_name = "Visitor",
	.area = AREA_HOSTING,
	.table = "hosting_consent",
	ORDER_BY(ASCENDING("ucid")),
	FIELDS(visitor_fields),
	INDEXES(consent_indexes),
	.owner_condition = OWN_CONSENTS,
	.owner = OWNER_HOSTING,
	.doc = "A visitor whose consent there is.",
};

/* Those of the domain that begin with what the keys of consents have. */
static bool where_begins(struct arena *arena, const struct row *keys, struct sql *where)
{
	const struct resource *visitors = &hosting_visitor_resource;
	struct str begin = keys->values[CONSENT_UCID].text;
	const struct value from = { .text = begin };
	const struct value to = { .text = str_from(arena_printf(
				      arena, STR_FORMAT BEHIND_DIGITS, STR_ARGUMENTS(begin))) };

	sql_init(where, arena);
	sql_where_from(where, visitors, VISITOR_UCID, &from);
	sql_where_before(where, visitors, VISITOR_UCID, &to);
	sql_where_field(where, visitors, VISITOR_DOMAIN_ID, &keys->values[CONSENT_DOMAIN_ID]);
	if (row_has(keys, CONSENT_CLIENT_ID))
		sql_where_field(
		    where, visitors, VISITOR_CLIENT_ID, &keys->values[CONSENT_CLIENT_ID]);
	return !arena_exhausted(arena);
}

/*
 * Replaces a beginning in the keys by the whole visitor, where it is that of one: `*found` says
 * whether it is.
 */
static int find_visitor(struct context *context, struct row *keys, bool *found, struct error *error)
{
	const struct resource *visitors = &hosting_visitor_resource;
	struct sql where;
	const struct record_set set = { .resource = visitors, .where = &where };
	struct row *row;
	bool others;

	*found = false;
	if (!where_begins(context->arena, keys, &where))
		return error_out_of_memory(error);
	if (record_find(context, &set, FIELD_BIT(VISITOR_UCID), &row, error) != 0)
		return -1;
	if (row == NULL)
		return 0;
	sql_where_other(&where, visitors, VISITOR_UCID, &row->values[VISITOR_UCID]);
	if (record_exists(context, &set, &others, error) != 0)
		return -1;
	*found = !others;
	if (*found)
		row_set_value(keys, CONSENT_UCID, &row->values[VISITOR_UCID]);
	return 0;
}

/* A beginning that is nobody's, or that of several, finds nothing. */
int hosting_consents_of_visitor(struct operation *operation, struct error *error)
{
	struct row *keys;
	bool found;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    find_visitor(&operation->context, keys, &found, error) != 0)
		return -1;
	if (found)
		operation->captures[operation->route->key_count - 1] =
		    keys->values[CONSENT_UCID].text;
	return op_list(operation, error);
}

static int delete_consents(struct operation *operation, void *data, struct error *error)
{
	struct context *context = &operation->context;
	const struct row *keys = data;
	int64_t count;

	if (record_delete_all(context,
		&(struct record_set){ .resource = keys->resource, .keys = keys, .told = true },
		&count, error) != 0)
		return -1;
	if (count == 0)
		return resource_not_found(keys->resource, error);
	if (log_consents(
		context, AUDIT_DELETE, keys->values[CONSENT_DOMAIN_ID].text, count, error) != 0)
		return -1;
	operation_answer_nothing(operation, operation->contract->family.delete_status);
	return 0;
}

/* The whole visitor must be named: what a beginning finds changes with those who come. */
int hosting_delete_consents(struct operation *operation, struct error *error)
{
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	return operation_transaction(operation, delete_consents, keys, error);
}
