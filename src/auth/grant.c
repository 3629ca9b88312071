#include "auth/grant.h"

#include "base/language.h"

static bool covers_roles(uint32_t bound, uint32_t roles)
{
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (role_permissions(roles, area) & ~role_permissions(bound, area))
			return false;
	}
	return true;
}

static bool covers_networks(const struct network_list *bound, const struct network_list *networks)
{
	if (bound->count == 0)
		return true;
	for (unsigned i = 0; i < networks->count; i++) {
		bool within = false;

		for (unsigned j = 0; j < bound->count && !within; j++)
			within = network_within(&networks->items[i], &bound->items[j]);
		if (!within)
			return false;
	}
	return networks->count > 0;
}

static bool covers_rate(int64_t bound, int64_t rate)
{
	return bound == 0 || (rate != 0 && rate <= bound);
}

/* The respects in which `made` goes beyond `bound`, a bit for each. */
static unsigned find_excess(const struct authority *made, const struct authority *bound)
{
	const bool within[GRANT__MAX] = {
		[GRANT_ROLES] = covers_roles(bound->roles, made->roles),
		[GRANT_PERMISSIONS] = (made->permissions & ~bound->permissions) == 0,
		[GRANT_NETWORKS] = covers_networks(&bound->networks, &made->networks),
		[GRANT_EXPIRY] = made->expires <= bound->expires,
		[GRANT_RATE] = covers_rate(bound->rate_limit, made->rate_limit),
	};
	unsigned excess = 0;

	for (unsigned i = 0; i < GRANT__MAX; i++)
		excess |= within[i] ? 0 : 1u << i;
	return excess;
}

struct authority grant_of_caller(const struct principal *caller, int64_t rate_limit)
{
	if (caller == NULL)
		return (struct authority){ 0 };
	return (struct authority){
		.roles = caller->roles,
		.permissions = caller->permissions,
		.networks = caller->networks,
		.expires = caller->renewed_until,
		.rate_limit = caller->rate_limit != 0 || caller->key_id == 0 ? caller->rate_limit
									     : rate_limit,
	};
}

int grant_confirm_caller(struct database *database, struct arena *arena,
    const struct principal *caller, struct error *error)
{
	const struct authority held = grant_of_caller(caller, 0);
	struct authority left;
	struct principal now;

	if (principal_look_again(database, arena, caller, &now, error) != 0)
		return -1;
	left = grant_of_caller(&now, 0);
	if (uuid_equal(&caller->user, &now.user) && (caller->roles & ~now.roles) == 0 &&
	    find_excess(&held, &left) == 0)
		return 0;
	return error_set_detail(
	    error, ERROR_UNAUTHENTICATED, "the credential has lost rights during the request");
}

struct authority grant_of_user(uint32_t roles)
{
	return (struct authority){
		.roles = roles, .permissions = PERMISSION_ALL, .expires = INT64_MAX
	};
}

void grant_narrow(struct authority *authority, const struct scope *scope)
{
	authority->roles &= scope->roles;
	authority->permissions &= scope->permissions;
}

bool grant_is_everything(const struct authority *bound)
{
	const struct authority everything = grant_of_user(UINT32_MAX);

	return find_excess(&everything, bound) == 0;
}

void grant_print_scope(const struct authority *bound, uint32_t user_roles, struct buf *out)
{
	struct scope scope = { .permissions = bound->permissions };

	for (unsigned i = 0; i < 32; i++) {
		uint32_t role = UINT32_C(1) << i;

		if ((user_roles & role) != 0 && covers_roles(bound->roles, role))
			scope.roles |= role;
	}
	/* Permissions alone would mean all roles, also those that the user is given later. */
	if (user_roles == 0 || scope.permissions == 0)
		buf_append_text(out, SCOPE_NOTHING);
	else
		scope_print_words(&scope, out);
}

static void print_bound(const struct authority *bound, enum grant_bound respect, struct buf *out)
{
	const struct scope roles = { .roles = bound->roles };
	const struct scope permissions = { .roles = SCOPE_ALL_ROLES,
		.permissions = bound->permissions };

	switch (respect) {
	case GRANT_ROLES:
		buf_append_text(out, language_text("the roles"));
		scope_print_words(&roles, out);
		break;
	case GRANT_PERMISSIONS:
		buf_printf(out, "%d =", bound->permissions);
		scope_print_words(&permissions, out);
		break;
	case GRANT_NETWORKS:
		for (unsigned i = 0; i < bound->networks.count; i++) {
			buf_append_text(out, i == 0 ? language_text("the networks ") : ", ");
			network_print(&bound->networks.items[i], out);
		}
		break;
	case GRANT_EXPIRY:
		buf_append_text(out, language_text("the time until "));
		timestamp_print(out, bound->expires, TIMESTAMP_UTC);
		break;
	case GRANT_RATE:
		buf_printf(
		    out, language_text("%lld requests a minute"), (long long)bound->rate_limit);
		break;
	case GRANT__MAX:
		break;
	}
}

/* The whole credential where nothing of it can be bound so. */
static void add_fault(const struct authority *bound, enum grant_bound respect,
    const struct grant_kind *kind, struct error *error)
{
	const char *member = kind->members[respect];
	struct buf text = { 0 };

	print_bound(bound, respect, &text);
	if (member == NULL)
		error_add_fault(error, "",
		    "The caller is bound to " STR_FORMAT ", and no %s can be bound so.",
		    STR_ARGUMENTS(buf_str(&text)), kind->name);
	else
		error_add_fault(error, member,
		    "The %s field goes beyond " STR_FORMAT ", which the caller is bound to.",
		    member, STR_ARGUMENTS(buf_str(&text)));
	buf_free(&text);
}

int grant_check(const struct authority *made, const struct authority *former,
    const struct authority *bound, const struct grant_kind *kind, struct error *error)
{
	unsigned excess = find_excess(made, bound);

	if (excess == 0 || (former != NULL && find_excess(made, former) == 0))
		return 0;
	(void)error_set_word(error, ERROR_FORBIDDEN, "BEYOND_CALLER",
	    "The %s would have more rights than the caller.", kind->name);
	for (unsigned i = 0; i < GRANT__MAX; i++) {
		if (excess & (1u << i))
			add_fault(bound, (enum grant_bound)i, kind, error);
	}
	return -1;
}
