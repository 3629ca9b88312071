/*
 * What a vendor does with a license as a whole: renew, suspend, reinstate, revoke and transfer it.
 * Each is a change by the rules of licenses, with an event of its own.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/policy.h"
#include "api/licensing/token.h"
#include "record/event.h"
#include "record/rows.h"

enum { STATE_ID, STATE_STATE, STATE_EXPIRE_DATE, STATE_SUPPORT_EXPIRE_DATE };

static const struct field state_fields[] = {
	[STATE_ID] = { INT32("id", NULL), .flags = FIELD_NOT_STORED | FIELD_READONLY,
	    .doc = "Identifier of the license." },
	[STATE_STATE] = { STRING("state", NULL, 16), .flags = FIELD_NOT_STORED,
	    .doc = "active, suspended or revoked.", .example = "\"active\"" },
	[STATE_EXPIRE_DATE] = { DATETIME("expireDate", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When it expires; null means never." },
	[STATE_SUPPORT_EXPIRE_DATE] = { DATETIME("supportExpireDate", NULL),
	    .flags = FIELD_NOT_STORED, .doc = "When support and updates end; null means never." },
};

const struct resource license_state_resource = {
	.name = "license",
	.type_name = "LicenseState",
	.area = AREA_LICENSES,
	FIELDS(state_fields),
	.doc = "What a license is after a change as a whole.",
};

enum { RENEWAL_DAYS };

static const struct field renewal_fields[] = {
	[RENEWAL_DAYS] = { INT32("days", NULL), .least = 1, .most = 36500,
	    .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT | FIELD_TYPICAL,
	    .doc = "Days of the new term; by default expiryDays of the policy.", .example = "365" },
};

const struct resource license_renewal_resource = {
	.name = "renewal",
	.type_name = "RenewLicenseRequest",
	.area = AREA_LICENSES,
	FIELDS(renewal_fields),
	.doc = "A renewal of a license.",
};

enum { TRANSFER_CUSTOMER_ID, TRANSFER_TEMPLATE_ID, TRANSFER_RELEASE_SEATS };

static const struct field transfer_fields[] = {
	[TRANSFER_CUSTOMER_ID] = { INT32("customerId", NULL),
	    .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT | FIELD_TYPICAL,
	    .doc = "Customer that holds it from now on; null means nobody." },
	[TRANSFER_TEMPLATE_ID] = { INT32("templateId", NULL),
	    .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT,
	    .doc = "Template that it is as from now on." },
	[TRANSFER_RELEASE_SEATS] = { BOOLEAN("releaseSeats", NULL),
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .fallback = "false",
	    .doc = "Whether its seats are freed; by default machines keep them." },
};

const struct resource license_transfer_resource = {
	.name = "transfer",
	.type_name = "TransferLicenseRequest",
	.area = AREA_LICENSES,
	FIELDS(transfer_fields),
	.doc = "A transfer of a license: its terms are kept, or begin again, as its policy says.",
};

/* A change under way. */
struct change {
	const struct act *act;
	const struct row *key;  /* of the license */
	const struct row *body; /* NULL = there is none */
};

struct act {
	const char *happening;
	/* Fills the changes of the license as it is now. */
	int (*fill)(struct context *context, const struct row *license, const struct row *body,
	    struct row *changes, struct error *error);
};

static unsigned license_member(const char *name)
{
	return resource_member(&licensing_license_resource, name);
}

static const struct value *license_value(const struct row *license, const char *name)
{
	return &license->values[license_member(name)];
}

/* What the new term is added to. */
static int64_t renewal_start(const struct row *policy, int64_t end, int64_t now)
{
	switch (policy_word(policy, POLICY_RENEWAL_BASIS)) {
	case POLICY_RENEW_FROM_NOW:
		return now;
	case POLICY_RENEW_FROM_NOW_IF_EXPIRED:
		return end > now ? end : now;
	default:
		return end;
	}
}

static int fill_renewal(struct context *context, const struct row *license, const struct row *body,
    struct row *changes, struct error *error)
{
	const struct row *policy = policy_of(license);
	const struct value *end = license_value(license, "expireDate");
	const struct value *support = license_value(license, "supportExpireDate");
	int64_t days = body != NULL && row_filled(body, RENEWAL_DAYS)
			   ? body->values[RENEWAL_DAYS].integer
			   : policy_number(policy, POLICY_EXPIRY_DAYS, 0);
	int64_t support_days = policy_number(policy, POLICY_SUPPORT_DAYS, 0);
	int64_t now = timestamp_now();

	(void)context;
	if (end->null)
		return error_set(error, ERROR_CONFLICT, "The license has no end.");
	if (days == 0)
		return error_add_fault(error, "days",
		    "The days field is required, since the policy has no expiryDays.");
	row_set_integer(changes, license_member("expireDate"),
	    policy_end(renewal_start(policy, end->integer, now), days));
	if (!support->null && support_days > 0)
		row_set_integer(changes, license_member("supportExpireDate"),
		    policy_end(renewal_start(policy, support->integer, now), support_days));
	return 0;
}

static int fill_suspension(struct context *context, const struct row *license,
    const struct row *body, struct row *changes, struct error *error)
{
	(void)context;
	(void)body;
	if (license_value(license, "revoked")->boolean)
		return error_set(error, ERROR_CONFLICT, "The license is revoked.");
	row_set_boolean(changes, license_member("suspended"), true);
	return 0;
}

static int fill_reinstatement(struct context *context, const struct row *license,
    const struct row *body, struct row *changes, struct error *error)
{
	(void)context;
	(void)license;
	(void)body;
	(void)error;
	row_set_boolean(changes, license_member("suspended"), false);
	row_set_boolean(changes, license_member("revoked"), false);
	return 0;
}

static int fill_revocation(struct context *context, const struct row *license,
    const struct row *body, struct row *changes, struct error *error)
{
	(void)context;
	(void)license;
	(void)body;
	(void)error;
	row_set_boolean(changes, license_member("revoked"), true);
	return 0;
}

/* Terms that begin again: at once, or with the next first use. */
static void reset_terms(const struct row *license, struct row *changes)
{
	const struct row *policy =
	    policy_of(changes) != NULL ? policy_of(changes) : policy_of(license);
	int basis = policy_word(policy, POLICY_EXPIRY_BASIS);
	unsigned end = license_member("expireDate");

	row_set_null(changes, license_member("firstActivatedAt"));
	row_set_null(changes, license_member("firstValidatedAt"));
	if (row_filled(changes, end))
		return;
	if (basis == POLICY_BASIS_CREATION)
		(void)policy_begin_terms(changes, policy, POLICY_BASIS_CREATION, timestamp_now());
	else if (basis != POLICY_BASIS_DATE)
		row_set_null(changes, end);
}

static void keep_terms(const struct row *license, struct row *changes)
{
	static const char *const kept[] = { "issueDate", "expireDate", "supportExpireDate" };

	for (unsigned i = 0; i < COUNT_OF(kept); i++)
		row_set_value(changes, license_member(kept[i]), license_value(license, kept[i]));
}

static int free_seats(struct context *context, const struct row *license, struct error *error)
{
	const struct resource *seats = &licensing_token_resource;
	const struct row *keys =
	    row_with(context->arena, seats, TOKEN_LICENSE_ID, license_value(license, "id"));
	int64_t count;

	if (keys == NULL)
		return error_out_of_memory(error);
	return record_delete_all(
	    context, &(struct record_set){ .resource = seats, .keys = keys }, &count, error);
}

static int fill_transfer(struct context *context, const struct row *license, const struct row *body,
    struct row *changes, struct error *error)
{
	bool reset = policy_word(policy_of(license), POLICY_TRANSFER) == POLICY_TRANSFER_RESET;
	const char *user_key_format = NULL;

	if (row_has(body, TRANSFER_CUSTOMER_ID))
		row_set_value(
		    changes, license_member("customerId"), &body->values[TRANSFER_CUSTOMER_ID]);
	if (row_filled(body, TRANSFER_TEMPLATE_ID)) {
		if (!reset)
			keep_terms(license, changes);
		row_set_value(
		    changes, license_member("templateId"), &body->values[TRANSFER_TEMPLATE_ID]);
		if (licensing_apply_template(context, changes, &user_key_format, error) != 0)
			return -1;
	}
	if (reset)
		reset_terms(license, changes);
	return row_filled(body, TRANSFER_RELEASE_SEATS) &&
		       body->values[TRANSFER_RELEASE_SEATS].boolean
		   ? free_seats(context, license, error)
		   : 0;
}

static int answer_state(struct operation *operation, const struct row *license, struct error *error)
{
	struct row *row = row_new(operation->context.arena, &license_state_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_value(row, STATE_ID, license_value(license, "id"));
	row_set_value(row, STATE_STATE, license_value(license, "state"));
	row_set_value(row, STATE_EXPIRE_DATE, license_value(license, "expireDate"));
	row_set_value(row, STATE_SUPPORT_EXPIRE_DATE, license_value(license, "supportExpireDate"));
	operation_answer_members(operation, row);
	return 0;
}

static int change_license(struct operation *operation, void *data, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	const struct change *change = data;
	struct context *context = &operation->context;
	struct row *license, *changes = row_new(context->arena, resource);
	struct record_change update = { .keys = change->key, .sent = changes };

	if (changes == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(context, resource, resource_default_mask(resource), change->key,
		&license, error) != 0 ||
	    change->act->fill(context, license, change->body, changes, error) != 0 ||
	    record_update(context, &licensing_license_record, &update, error) != 0 ||
	    event_put_happening(context, resource, change->act->happening, update.stored, error) !=
		0)
		return -1;
	return answer_state(operation, update.stored, error);
}

static int run_act(struct operation *operation, const struct act *act, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	struct change change = { .act = act };
	struct row *keys, *body = NULL;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    (operation->route->body != NULL &&
		operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0))
		return -1;
	change.body = body;
	change.key = row_with(
	    operation->context.arena, resource, resource_key(resource), &keys->values[STATE_ID]);
	if (change.key == NULL)
		return error_out_of_memory(error);
	return operation_transaction(operation, change_license, &change, error);
}

int licensing_license_renew(struct operation *operation, struct error *error)
{
	static const struct act act = { "renewed", fill_renewal };

	return run_act(operation, &act, error);
}

int licensing_license_suspend(struct operation *operation, struct error *error)
{
	static const struct act act = { "suspended", fill_suspension };

	return run_act(operation, &act, error);
}

int licensing_license_reinstate(struct operation *operation, struct error *error)
{
	static const struct act act = { "reinstated", fill_reinstatement };

	return run_act(operation, &act, error);
}

int licensing_license_revoke(struct operation *operation, struct error *error)
{
	static const struct act act = { "revoked", fill_revocation };

	return run_act(operation, &act, error);
}

int licensing_license_transfer(struct operation *operation, struct error *error)
{
	static const struct act act = { "transferred", fill_transfer };

	return run_act(operation, &act, error);
}
