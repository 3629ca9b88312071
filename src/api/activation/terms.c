#include "api/activation/terms.h"

#include "api/activation/seat.h"
#include "api/licensing/licensing.h"

static unsigned member(const char *name)
{
	return resource_member(&licensing_license_resource, name);
}

static int update_license(
    struct context *context, const struct row *license, struct row *changes, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	struct record_change change = { .sent = changes,
		.keys = row_with(
		    context->arena, resource, resource_key(resource), &license->values[VIEW_ID]) };

	if (change.keys == NULL)
		return error_out_of_memory(error);
	return record_update(context, &licensing_license_record, &change, error);
}

int terms_begin(
    struct context *context, struct call *call, enum policy_basis basis, struct error *error)
{
	bool activated = basis == POLICY_BASIS_FIRST_ACTIVATION;
	struct row *changes = row_new(context->arena, &licensing_license_resource);
	struct value key = call->license->values[VIEW_ID];
	const struct row *license;
	uint64_t kept;

	if (changes == NULL)
		return error_out_of_memory(error);
	/* Of several who are the first, one is. */
	if (record_claim(context, &activation_license_view, "claimed_at", &key, error) != 0 ||
	    seat_find(context, call, error) != 0)
		return -1;
	license = call->license;
	if (license == NULL ||
	    row_filled(license, activated ? VIEW_FIRST_ACTIVATED_AT : VIEW_FIRST_VALIDATED_AT))
		return 0;
	/* An end that is set stays, and is no change, by which the license would be signed again.
	 */
	if (row_filled(license, VIEW_EXPIRE_DATE))
		row_set_value(changes, member("expireDate"), &license->values[VIEW_EXPIRE_DATE]);
	if (row_filled(license, VIEW_SUPPORT_EXPIRE_DATE))
		row_set_value(changes, member("supportExpireDate"),
		    &license->values[VIEW_SUPPORT_EXPIRE_DATE]);
	kept = changes->present;
	(void)policy_begin_terms(changes, call_policy(call), basis, call->now);
	changes->present &= ~kept;
	row_set_integer(
	    changes, member(activated ? "firstActivatedAt" : "firstValidatedAt"), call->now);
	if (update_license(context, license, changes, error) != 0)
		return -1;
	return seat_find(context, call, error);
}

int terms_revoke(struct context *context, const struct row *license, struct error *error)
{
	struct row *changes = row_new(context->arena, &licensing_license_resource);

	if (changes == NULL)
		return error_out_of_memory(error);
	row_set_boolean(changes, member("revoked"), true);
	return update_license(context, license, changes, error);
}
