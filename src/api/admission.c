#include "api/admission.h"

#include <stdlib.h>

#include "auth/attempt.h"
#include "auth/hawk.h"

struct admission {
	struct principal_cache *principals;
	uint8_t hawk_key[HAWK_KEY_LENGTH];
};

struct admission *admission_new(
    const struct settings *settings, struct epoch *epoch, struct guard *guard)
{
	struct admission *admission = calloc(1, sizeof(*admission));

	if (admission == NULL)
		return NULL;
	hawk_derive_key(str_from(settings->hosting_hawk_secret), admission->hawk_key);
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

static bool takes_signatures(const struct operation *operation)
{
	return operation->contract->family.signed_requests &&
	       operation->context.settings->hosting_hawk != HOSTING_HAWK_OFF;
}

/* The credential of a request: header, bearer token, or in families that have it a query parameter.
 */
static struct str find_credential(const struct operation *operation)
{
	const struct request *request = operation->request;
	struct str key = { NULL, 0 };

	if (request->api_key.length > 0)
		return str_trim(request->api_key);
	if (str_starts_with_ignore_case(request->authorization, STR("Bearer ")))
		return str_trim(
		    str_slice(request->authorization, 7, request->authorization.length));
	if (operation->contract->family.key_parameter)
		key = parameters_find(operation->context.arena, request->query, "apiKey");
	if (key.length == 0 && takes_signatures(operation))
		key = hawk_id(request->authorization);
	return key;
}

/* A customer may read what is the customer's own, where the area as a whole is closed. */
static bool may_read_own(const struct operation *operation)
{
	const struct route *route = operation->route;

	return route_permission(route) == PERMISSION_READ && route->resource != NULL &&
	       sight_may_see(&operation->context.sight, route->resource) == SIGHT_OWN;
}

static void note_use(struct last_used *uses, const struct principal *principal)
{
	if (principal->key_id != 0)
		last_used_note_key(uses, principal->key_id);
	if (!uuid_is_zero(&principal->session))
		last_used_note_session(uses, &principal->session);
	if (!uuid_is_zero(&principal->client))
		last_used_note_client(uses, &principal->client);
}

/*
 * Where requests may be signed: one that is must be signed rightly, with the key that it shows. The
 * body was read before, so that it can be checked too.
 */
static int check_signature(const struct admission *admission, const struct operation *operation,
    const struct principal *principal, struct str key, struct error *error)
{
	const struct request *request = operation->request;
	const struct hawk_request signed_request = {
		.method = request->method_name,
		.target = request->target,
		.host = request->host,
		.https = request->https,
		.content_type = request->content_type,
		.body = request->body,
	};
	struct attempt attempt;
	bool forged;

	if (!takes_signatures(operation) ||
	    (operation->context.settings->hosting_hawk == HOSTING_HAWK_ACCEPTED &&
		!hawk_is(request->authorization)))
		return 0;
	attempt_begin_signature(&attempt, operation->context.guard, request->remote_address,
	    throttle_key(principal->key_id));
	if (!attempt_is_known(&attempt) && attempt_check(&attempt, error) != 0)
		return -1;
	if (hawk_check(admission->hawk_key, operation->context.guard->nonces,
		request->authorization, &signed_request, timestamp_now() / MICROSECONDS_PER_SECOND,
		&forged, error) != 0) {
		if (error->code == ERROR_BUSY)
			gate_count(operation->context.guard->gate, GATE_EVENT_NONCES_FULL);
		return forged ? attempt_fail(&attempt, error) : -1;
	}
	if (!str_equal(hawk_id(request->authorization), key))
		return error_set_detail(
		    error, ERROR_UNAUTHENTICATED, "the id of the signature is another key");
	attempt_succeed(&attempt);
	return 0;
}

/* Requests of a key that has a rate, or of any where an option says so. */
static int count_rate(struct operation *operation, struct error *error)
{
	const struct principal *principal = operation->context.actor.principal;
	int64_t limit = principal->rate_limit > 0 ? principal->rate_limit
						  : operation->context.settings->key_rate_limit;

	if (limit == 0 || principal->key_id == 0)
		return 0;
	if (rates_count(operation->context.guard->rates, principal->key_id, limit, &operation->rate,
		error) == 0)
		return 0;
	gate_count(operation->context.guard->gate, GATE_EVENT_RATE);
	return -1;
}

void admission_write_rate(struct operation *operation)
{
	const struct rate_state *rate = &operation->rate;
	const struct {
		const char *name;
		const char *value;
	} headers[] = {
		{ "RateLimit-Limit",
		    arena_printf(operation->context.arena, "%lld", (long long)rate->limit) },
		{ "RateLimit-Remaining",
		    arena_printf(operation->context.arena, "%lld", (long long)rate->remaining) },
		{ "RateLimit-Reset",
		    arena_printf(operation->context.arena, "%lld", (long long)rate->reset) },
		{ "RateLimit-Policy", arena_printf(operation->context.arena, "%lld;w=%d",
					  (long long)rate->limit, RATE_WINDOW) },
	};

	for (size_t i = 0; rate->limit > 0 && i < COUNT_OF(headers); i++) {
		if (headers[i].value != NULL)
			response_header(
			    operation->response, headers[i].name, str_from(headers[i].value));
	}
}

/* Heavy work is shared out by credential: a user's programs are callers of their own. */
static void name_caller(struct operation *operation, const struct principal *principal)
{
	struct {
		int64_t key;
		struct uuid user, client;
	} identity = { principal->key_id, principal->user, principal->client };

	gate_set_caller(operation->context.guard->gate, &identity, sizeof(identity));
}

/* Finds out who calls. */
static int authenticate(struct admission *admission, struct operation *operation,
    struct principal *principal, struct error *error)
{
	const struct credential credential = {
		.text = find_credential(operation),
		.secret = operation->request->client_secret,
		.address = operation->request->remote_address,
	};

	if (principal_resolve(admission->principals, operation->context.database,
		operation->context.arena, &credential, principal, error) != 0 ||
	    check_signature(admission, operation, principal, credential.text, error) != 0)
		return -1;
	note_use(operation->uses, principal);
	name_caller(operation, principal);
	return 0;
}

/* The only place that lets a handler run without a caller: what the route's row says, no more. */
static bool needs_no_key(const struct operation *operation)
{
	switch (operation->route->access) {
	case ACCESS_PUBLIC:
	case ACCESS_CLIENT:
	case ACCESS_REGISTRATION:
	case ACCESS_OPERATOR:
		return true;
	case ACCESS_GROUP:
		return operation->context.settings->discovery_auth == DISCOVERY_AUTH_NONE;
	case ACCESS_KEY_OR_CLIENT:
		return find_credential(operation).length == 0;
	case ACCESS_KEY:
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
	operation->answer.caller = &principal->user;
	sight = principal_sight(principal);
	operation->context.sight.areas |= sight.areas;
	operation->context.sight.own = sight.own;
	if (count_rate(operation, error) != 0)
		return -1;
	if (principal_may(principal, operation->route->area, route_permission(operation->route)))
		return 0;
	if (!may_read_own(operation))
		return error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
	operation->context.own_rows_only = true;
	return 0;
}
