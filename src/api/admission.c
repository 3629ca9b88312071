#include "api/admission.h"

#include <stdlib.h>

#include "api/console_cookie.h"
#include "api/credential.h"
#include "auth/second_factor.h"

struct admission {
	struct principal_cache *principals;
	struct credential_keys keys;
};

struct admission *admission_new(
    const struct settings *settings, struct epoch *epoch, struct guard *guard)
{
	struct admission *admission = calloc(1, sizeof(*admission));

	if (admission == NULL)
		return NULL;
	credential_derive_keys(&admission->keys, settings);
	admission->principals = principal_cache_new(epoch, guard);
	if (admission->principals != NULL)
		return admission;
	admission_free(admission);
	return NULL;
}

void admission_free(struct admission *admission)
{
	if (admission == NULL)
		return;
	principal_cache_free(admission->principals);
	free(admission);
}

/* Who has rows of its own is let in for them, where the area as a whole is closed. */
static bool is_owner(const struct route *route, const struct principal *principal)
{
	return route_admits_owners(route) &&
	       principal_may_own(principal, route->resource->owner, route_permission(route));
}

static bool may_call(const struct operation *operation, const struct principal *principal)
{
	const struct route *route = operation->route;

	if (route->access == ACCESS_SIGHT)
		return operation->context.sight.areas != 0 || operation->context.sight.own != 0;
	return principal_may(principal, route->area, route_permission(route));
}

static void note_use(struct last_used *uses, const struct principal *principal)
{
	if (principal->key_id != 0)
		last_used_note_key(uses, principal->key_id);
	if (!uuid_is_zero(&principal->session))
		last_used_note_session(uses, &principal->session);
	if (!uuid_is_zero(&principal->client))
		last_used_note_client(uses, &principal->client);
	if (!uuid_is_zero(&principal->certificate))
		last_used_note_certificate(uses, &principal->certificate);
}

/* Requests of a key that has a rate, or of any where an option says so. */
static int count_rate(struct operation *operation, struct error *error)
{
	const struct principal *principal = operation->context.actor.principal;
	int64_t limit = principal->rate_limit > 0 ? principal->rate_limit
						  : operation->context.settings->key_rate_limit;
	int64_t key = principal_rate_key(principal);

	if (limit == 0 || key == 0)
		return 0;
	if (rates_count(operation->context.guard->rates, key, limit, &operation->rate, error) == 0)
		return 0;
	gate_count(operation->context.guard->gate, GATE_EVENT_RATE);
	return -1;
}

void admission_write_rate(struct operation *operation)
{
	const struct rate_state *rate = &operation->rate;
	struct arena *arena = operation->context.arena;
	const struct {
		const char *name;
		int64_t value;
	} headers[] = {
		{ "RateLimit-Limit", rate->limit },
		{ "RateLimit-Remaining", rate->remaining },
		{ "RateLimit-Reset", rate->reset },
	};

	if (rate->limit <= 0)
		return;
	for (size_t i = 0; i < COUNT_OF(headers); i++)
		response_header(operation->response, headers[i].name,
		    str_from(arena_printf(arena, "%lld", (long long)headers[i].value)));
	response_header(operation->response, "RateLimit-Policy",
	    str_from(arena_printf(arena, "%lld;w=%d", (long long)rate->limit, RATE_WINDOW)));
}

/* Heavy work is shared out by credential: a user's programs are callers of their own. */
static void name_caller(struct operation *operation, const struct principal *principal)
{
	struct {
		int64_t key;
		struct uuid user, client;
		char hosting[PRINCIPAL_HOSTING_MAX];
	} identity = { principal->key_id, principal->user, principal->client, { 0 } };

	memcpy(identity.hosting, principal->hosting, sizeof(identity.hosting));

	gate_set_caller(operation->context.guard->gate, &identity, sizeof(identity));
}

/* An account's own key: it opens what is for such keys, and nothing else, which it was looked up
 * for. */
static int check_account(struct operation *operation, struct error *error)
{
	operation->context.own_rows_only = true;
	operation->context.does = route_permission(operation->route);
	if (principal_may_own(
		operation->context.actor.principal, OWNER_HOSTING, operation->context.does))
		return 0;
	return error_set(
	    error, ERROR_FORBIDDEN, "The account may not use its own API (canUseDomAPI).");
}

/* Finds out who calls. */
static int authenticate(struct admission *admission, struct operation *operation,
    struct principal *principal, struct error *error)
{
	struct credential credential = {
		.secret = operation->request->client_secret,
		.address = operation->request->remote_address,
	};

	credential_find(operation, &credential);
	if (principal_resolve(admission->principals, operation->context.database,
		operation->context.arena, &credential, principal, error) != 0 ||
	    (credential.cookie &&
		console_cookie_check(operation->request, credential.text, error) != 0) ||
	    credential_check(&admission->keys, operation, principal, credential.text, error) != 0)
		return -1;
	note_use(operation->uses, principal);
	name_caller(operation, principal);
	return 0;
}

/* The only place that lets a handler run without a caller: what the route's row says, no more. */
static bool needs_no_key(const struct operation *operation)
{
	struct credential credential;

	switch (operation->route->access) {
	case ACCESS_PUBLIC:
	case ACCESS_CLIENT:
	case ACCESS_REGISTRATION:
	case ACCESS_OPERATOR:
		return true;
	case ACCESS_GROUP:
		return operation->context.settings->discovery_auth == DISCOVERY_AUTH_NONE;
	case ACCESS_USER_KEY:
		return operation->context.settings->client_auth == CLIENT_AUTH_USER_KEY;
	case ACCESS_KEY_OR_CLIENT:
		credential_find(operation, &credential);
		return credential.text.length == 0;
	case ACCESS_KEY:
	case ACCESS_SESSION:
	case ACCESS_SIGHT:
	case ACCESS_ACCOUNT:
	case ACCESS__MAX:
		break;
	}
	return false;
}

/* Web servers restrict these paths, too, but know neither every prefix nor every other way in. */
static int check_operator(const struct operation *operation, struct error *error)
{
	if (network_allows(str_from(operation->context.settings->operator_networks),
		operation->request->remote_address))
		return 0;
	return error_set(error, ERROR_FORBIDDEN,
	    "Only the operator's networks may call this (operator_networks).");
}

/* It is about a session: a key, which has none, knows nothing of it. */
static int check_session(struct operation *operation, struct error *error)
{
	/* It shows the user's own, of whatever area that would be. */
	operation->context.sight.areas |= AREA_BIT(operation->route->resource->area);
	if (operation->context.actor.principal->cookie)
		return 0;
	return error_set(error, ERROR_FORBIDDEN,
	    "This is for sessions that were opened with POST /v1/session, by their cookie alone.");
}

/*
 * Who must have a second factor, and has none yet, may set it up and nothing else. A key that has
 * opened the session could do the rest without it.
 */
static int check_second_factor(const struct operation *operation, struct error *error)
{
	const struct principal *principal = operation->context.actor.principal;

	if (!principal->cookie || principal->second_factor || principal->key_id != 0 ||
	    !second_factor_demanded(operation->context.settings, principal->roles))
		return 0;
	return error_set(error, ERROR_FORBIDDEN,
	    "A second factor is required: set it up first, with POST /v1/session/totp.");
}

int admission_check(struct admission *admission, struct operation *operation,
    struct principal *principal, struct error *error)
{
	bool open = needs_no_key(operation);
	struct sight sight;

	/* Who needs no key, or came by knowing a group, came for what the route itself answers. */
	if (open || operation->route->access == ACCESS_GROUP)
		operation->context.sight.areas = AREA_BIT(operation->route->area);
	if (operation->route->access == ACCESS_OPERATOR)
		return check_operator(operation, error);
	if (open)
		return 0;
	if (authenticate(admission, operation, principal, error) != 0)
		return -1;
	operation->context.actor.principal = principal;
	/* Applications of one group are answered alike, whoever calls: discovery_fetch(). */
	if (operation->route->access != ACCESS_GROUP)
		zone_begin(principal->zone);
	operation->answer.caller = &principal->user;
	sight = principal_sight(principal);
	operation->context.sight.areas |= sight.areas;
	operation->context.sight.own = sight.own;
	if (count_rate(operation, error) != 0)
		return -1;
	if (operation->route->access == ACCESS_SESSION)
		return check_session(operation, error);
	if (operation->route->access == ACCESS_ACCOUNT)
		return check_account(operation, error);
	if (check_second_factor(operation, error) != 0)
		return -1;
	if (may_call(operation, principal))
		return 0;
	if (!is_owner(operation->route, principal))
		return error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
	operation->context.own_rows_only = true;
	operation->context.does = route_permission(operation->route);
	return 0;
}
