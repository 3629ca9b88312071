/*
 * OAuth 2: what the files of this family share.
 */
#ifndef CLIENTELE_API_OAUTH_OAUTH_H
#define CLIENTELE_API_OAUTH_OAUTH_H

#include "api/contracts.h"
#include "auth/scope.h"
#include "auth/session.h"
#include "op/operation.h"

/* Error words of RFC 6749 §5.2, RFC 6750 §3.1 and RFC 7591 §3.2.2. */
#define OAUTH_INVALID_REQUEST "invalid_request"
#define OAUTH_INVALID_CLIENT "invalid_client"
#define OAUTH_INVALID_GRANT "invalid_grant"
#define OAUTH_INVALID_SCOPE "invalid_scope"
#define OAUTH_INVALID_TOKEN "invalid_token"
#define OAUTH_UNAUTHORIZED_CLIENT "unauthorized_client"
#define OAUTH_UNSUPPORTED_GRANT "unsupported_grant_type"
#define OAUTH_INVALID_METADATA "invalid_client_metadata"
#define OAUTH_INVALID_REDIRECT "invalid_redirect_uri"

/* Paths that the metadata tells. */
#define OAUTH_TOKEN_PATH "/oauth2/token"
#define OAUTH_INTROSPECT_PATH "/oauth2/introspect"
#define OAUTH_REVOKE_PATH "/oauth2/revoke"
#define OAUTH_REGISTER_PATH "/oauth2/register"

/* An API client that has proved who it is. */
struct oauth_client {
	struct uuid id;
	struct uuid user;
	struct str name;
	struct str scope;       /* upper bound of its own; empty = none */
	struct str grant_types; /* JSON list of those that it may use; empty = all */
	int64_t secret_number;
	struct str secret_hash; /* of the secret that fitted, as it is stored */
};

/*
 * A parameter of the form body; data == NULL when it is absent or empty. Returns 0, or -1 with
 * invalid_request when it is there twice.
 */
int oauth_parameter(struct operation *operation, const char *name, struct str *value,
    struct error *error) MUST_CHECK;

/* The same where it must be there. */
int oauth_required_parameter(struct operation *operation, const char *name, struct str *value,
    struct error *error) MUST_CHECK;

/* Refuses bodies that are no forms. */
int oauth_check_form(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * Checks the client's credentials, by HTTP Basic or in the body. Returns 1 when they are right, 0
 * when there are none, -1 with invalid_client, invalid_request, or throttled.
 */
int oauth_authenticate_client(
    struct operation *operation, struct oauth_client *client, struct error *error) MUST_CHECK;

/* The same where there must be some. Returns 0 or -1. */
int oauth_require_client(
    struct operation *operation, struct oauth_client *client, struct error *error) MUST_CHECK;

/* Whether a client may use a grant: `grant_types` as in struct oauth_client. */
bool oauth_may_use(struct str grant_types, const char *grant_type);

/* Refuses a grant that the client has not registered for. */
int oauth_check_grant(
    struct str grant_types, const char *grant_type, struct error *error) MUST_CHECK;

/* Opens and ends a JSON answer. */
void oauth_begin(struct operation *operation, int status, struct writer *writer);
void oauth_end(struct operation *operation, struct writer *writer);

/* A moment in seconds since 1970, as RFC 7519 and RFC 7591 print it. */
void oauth_write_moment(struct writer *writer, const char *name, int64_t moment);

/* Bodies of registrations, and of their changes. */
extern const struct resource oauth_metadata_resource;
extern const struct resource oauth_metadata_change_resource;

/* Handlers. */
int oauth_token(struct operation *operation, struct error *error);
int oauth_introspect(struct operation *operation, struct error *error);
int oauth_revoke(struct operation *operation, struct error *error);
int oauth_metadata(struct operation *operation, struct error *error);
int oauth_register(struct operation *operation, struct error *error);
int oauth_registration_get(struct operation *operation, struct error *error);
int oauth_registration_put(struct operation *operation, struct error *error);
int oauth_registration_delete(struct operation *operation, struct error *error);

#endif
