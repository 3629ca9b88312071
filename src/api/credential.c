#include "api/credential.h"

#include "api/console_cookie.h"
#include "auth/attempt.h"
#include "auth/certificate.h"

static bool takes_signatures(const struct operation *operation)
{
	/* Accounts' owners do not have the secret of those who manage accounts. */
	return (operation->contract->family.credentials & CREDENTIAL_SIGNATURE) &&
	       operation->route->access != ACCESS_ACCOUNT &&
	       operation->context.settings->hosting_hawk != HOSTING_HAWK_OFF;
}

static bool find_header(const struct operation *operation, struct str *text)
{
	*text = str_trim(operation->request->api_key);
	return operation->request->api_key.length > 0;
}

static bool find_bearer(const struct operation *operation, struct str *text)
{
	struct str header = operation->request->authorization;

	if (!str_starts_with_ignore_case(header, STR("Bearer ")))
		return false;
	*text = str_trim(str_slice(header, 7, header.length));
	return true;
}

static bool find_parameter(const struct operation *operation, struct str *text)
{
	*text = parameters_find(
	    operation->context.arena, operation->request->query, CREDENTIAL_PARAMETER_NAME);
	return text->length > 0;
}

static bool find_signed(const struct operation *operation, struct str *text)
{
	if (!takes_signatures(operation))
		return false;
	*text = hawk_id(operation->request->authorization);
	return true;
}

/*
 * Where a key or token may stand, in the order in which it is looked for. Each returns whether
 * there is one, which may be empty: then nothing behind it is looked at.
 */
static const struct {
	uint32_t way; /* of families that take it: enum credential_way; 0 = of all */
	bool (*find)(const struct operation *operation, struct str *text);
} sources[] = {
	{ 0, find_header },
	{ 0, find_bearer },
	{ CREDENTIAL_PARAMETER, find_parameter },
	{ CREDENTIAL_SIGNATURE, find_signed },
};

/* What people do in the console: everything that a key may, and nothing that programs do. */
static const bool takes_cookie[ACCESS__MAX] = {
	[ACCESS_KEY] = true,
	[ACCESS_SIGHT] = true,
	[ACCESS_SESSION] = true,
};

/* What a program may show a certificate for: where a key counts, and nothing else can be meant. */
static const bool takes_certificate[ACCESS__MAX] = {
	[ACCESS_KEY] = true,
	[ACCESS_SIGHT] = true,
	[ACCESS_GROUP] = true,
	[ACCESS_USER_KEY] = true,
};

/*
 * A browser shows its certificate to whatever page has sent it here, as it sends cookies: who is
 * called by one has a cookie, which comes with proof of the page.
 */
static bool is_of_browser(const struct request *request)
{
	return request->fetch_site.length > 0 || request->origin.length > 0;
}

static struct str find_certificate(const struct operation *operation)
{
	const struct request *request = operation->request;

	if (!str_equal(request->client_verify, STR("SUCCESS")) || is_of_browser(request))
		return (struct str){ NULL, 0 };
	return certificate_token(operation->context.arena, request->client_certificate);
}

void credential_find(const struct operation *operation, struct credential *credential)
{
	uint32_t taken = operation->contract->family.credentials;
	enum access access = operation->route->access;

	credential->text = (struct str){ NULL, 0 };
	credential->cookie = credential->certificate = false;
	credential->hosting = access == ACCESS_ACCOUNT;
	for (size_t i = 0; i < COUNT_OF(sources); i++) {
		if ((sources[i].way & ~taken) == 0 && sources[i].find(operation, &credential->text))
			return;
	}
	if (takes_cookie[access])
		credential->text = console_cookie_find(operation->request);
	credential->cookie = credential->text.length > 0;
	if (credential->cookie || !takes_certificate[access])
		return;
	credential->text = find_certificate(operation);
	credential->certificate = credential->text.length > 0;
}

void credential_derive_keys(struct credential_keys *keys, const struct settings *settings)
{
	hawk_derive_key(str_from(settings->hosting_hawk_secret), keys->hawk);
}

int credential_check(const struct credential_keys *keys, const struct operation *operation,
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
	if (hawk_check(keys->hawk, operation->context.guard->nonces, request->authorization,
		&signed_request, timestamp_now() / MICROSECONDS_PER_SECOND, &forged, error) != 0) {
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
