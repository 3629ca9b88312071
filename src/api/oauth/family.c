#include "api/oauth/oauth.h"
#include "api/oauth/registered_client.h"
#include "api/openapi/openapi.h"

#define CLIENT_PARAMETERS                                                      \
	{ STRING("client_id", NULL, 36), .flags = FIELD_NOT_STORED,            \
		.doc = "Identifier of the client, unless sent by HTTP Basic.", \
		.example = "\"53a15dd6-8768-4aa5-9ba6-770d614daeab\"" },       \
	{                                                                      \
		STRING("client_secret", NULL, 0),                              \
		    .flags = FIELD_NOT_STORED | FIELD_SECRET,                  \
		    .doc = "Secret of the client, unless sent by HTTP Basic.", \
		    .example = "\"correct horse battery staple\""              \
	}

static const struct field token_request_fields[] = {
	{ STRING("grant_type", NULL, 0), .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc = "client_credentials, password or refresh_token.",
	    .example = "\"client_credentials\"" },
	CLIENT_PARAMETERS,
	{ STRING("username", NULL, 0), .flags = FIELD_NOT_STORED,
	    .doc = "Name of the user; with password.", .example = "\"ada\"" },
	{ STRING("password", NULL, 0), .flags = FIELD_NOT_STORED | FIELD_SECRET,
	    .doc = "Password of the user; with password.",
	    .example = "\"a passphrase of several words\"" },
	{ STRING("code", NULL, 0), .flags = FIELD_NOT_STORED | FIELD_SECRET,
	    .doc = "Code of the user's second factor, or a recovery code; with password, where the "
		   "user has one." },
	{ STRING("refresh_token", NULL, 0), .flags = FIELD_NOT_STORED | FIELD_SECRET,
	    .doc = "The newest refresh token of a session; with refresh_token." },
	{ STRING("scope", NULL, 0), .flags = FIELD_NOT_STORED,
	    .doc = "Names of roles, and read, update, delete, create, separated by blanks; "
		   "default: all.",
	    .example = "\"LicenseManager read\"" },
};

static const struct resource token_request = {
	.name = "token request",
	.type_name = "TokenRequest",
	FIELDS(token_request_fields),
	.doc = "Request for tokens, as a form.",
};

static const struct field token_query_fields[] = {
	{ STRING("token", NULL, 0), .flags = FIELD_NOT_STORED | FIELD_REQUIRED | FIELD_SECRET,
	    .doc = "The token in question.",
	    .example = "\"cat_2zZ1c3pW8qk0d5Yb7xR9tV4mN6sL1hGfJ3uE8aQwKvI\"" },
	{ STRING("token_type_hint", NULL, 0), .flags = FIELD_NOT_STORED,
	    .doc = "access_token or refresh_token; optional." },
	CLIENT_PARAMETERS,
};

static const struct resource token_query = {
	.name = "token query",
	.type_name = "TokenQuery",
	FIELDS(token_query_fields),
	.doc = "The token in question, as a form.",
};

#define ANSWERED (FIELD_NOT_STORED | FIELD_NOT_NULL)
#define SOMETIMES (ANSWERED | FIELD_OMIT_ABSENT)

static const struct field token_fields[] = {
	{ STRING("access_token", NULL, 0), .flags = ANSWERED | FIELD_SECRET,
	    .doc = "Access token, to be sent as Authorization: Bearer." },
	{ STRING("token_type", NULL, 0), .flags = ANSWERED, .doc = "Bearer." },
	{ INT64("expires_in", NULL), .flags = ANSWERED, .doc = "Lifetime in seconds." },
	{ STRING("refresh_token", NULL, 0), .flags = SOMETIMES | FIELD_SECRET,
	    .doc = "Exchanged once for the next pair; not issued for client_credentials." },
	{ STRING("scope", NULL, 0), .flags = ANSWERED, .doc = "Scope of the token.",
	    .example = "\"LicenseManager read\"" },
};

static const struct resource token_answer = {
	.name = "tokens",
	.type_name = "Tokens",
	FIELDS(token_fields),
	.doc = "An access token, and usually a refresh token.",
};

static const struct field introspection_fields[] = {
	{ BOOLEAN("active", NULL), .flags = ANSWERED, .doc = "Whether the token is valid." },
	{ STRING("scope", NULL, 0), .flags = SOMETIMES, .doc = "Scope of the token.",
	    .example = "\"LicenseManager read\"" },
	{ UUID("client_id", NULL), .flags = SOMETIMES | FIELD_TYPICAL,
	    .doc = "Client that it was issued to.",
	    .example = "\"53a15dd6-8768-4aa5-9ba6-770d614daeab\"" },
	{ STRING("username", NULL, 0), .flags = SOMETIMES, .doc = "User for whom it acts.",
	    .example = "\"ada\"" },
	{ STRING("token_type", NULL, 0), .flags = SOMETIMES, .doc = "Bearer." },
	{ INT64("exp", NULL), .flags = SOMETIMES,
	    .doc = "When it expires, in seconds since 1970." },
	{ INT64("iat", NULL), .flags = SOMETIMES, .doc = "When it was issued." },
	{ UUID("sub", NULL), .flags = SOMETIMES, .doc = "Identifier of the user." },
	{ STRING("iss", NULL, 0), .flags = SOMETIMES, .doc = "This server." },
};

static const struct resource introspection = {
	.name = "introspection",
	.type_name = "Introspection",
	FIELDS(introspection_fields),
	.doc = "Description of a token.",
};

static const struct field registration_fields[] = {
	{ UUID("client_id", NULL), .flags = ANSWERED | FIELD_TYPICAL,
	    .doc = "Identifier of the client.",
	    .example = "\"53a15dd6-8768-4aa5-9ba6-770d614daeab\"" },
	{ STRING("client_secret", NULL, 0), .flags = SOMETIMES | FIELD_SECRET | FIELD_TYPICAL,
	    .doc = "Its secret; shown once, when it is registered.",
	    .example = "\"correct horse battery staple\"" },
	{ INT64("client_secret_expires_at", NULL), .flags = SOMETIMES, .doc = "0: never." },
	{ INT64("client_id_issued_at", NULL), .flags = ANSWERED,
	    .doc = "When it was registered, in seconds since 1970." },
	{ STRING("registration_access_token", NULL, 0), .flags = ANSWERED | FIELD_SECRET,
	    .doc = "Token to manage the registration." },
	{ STRING("registration_client_uri", NULL, 0), .flags = ANSWERED,
	    .doc = "Address at which the registration is managed." },
	{ STRING("client_name", NULL, 0), .flags = SOMETIMES, .doc = "Name for people." },
	{ STRING("client_uri", NULL, 0), .flags = SOMETIMES, .doc = "Page about the program." },
	{ STRING_LIST("contacts", NULL, 16), .flags = SOMETIMES,
	    .doc = "Contacts of those responsible." },
	{ STRING_LIST("grant_types", NULL, 16), .flags = SOMETIMES,
	    .doc = "Grants that the client may use." },
	{ STRING("token_endpoint_auth_method", NULL, 0), .flags = SOMETIMES,
	    .doc = "How it authenticates itself." },
	{ STRING("scope", NULL, 0), .flags = SOMETIMES, .doc = "Largest scope of its tokens.",
	    .example = "\"LicenseManager read\"" },
	{ STRING("software_id", NULL, 0), .flags = SOMETIMES, .doc = "Identifier of the program." },
	{ STRING("software_version", NULL, 0), .flags = SOMETIMES,
	    .doc = "Version of the program." },
};

static const struct resource registration = {
	.name = "registration",
	.type_name = "ClientRegistration",
	FIELDS(registration_fields),
	.doc = "A client that has registered itself.",
};

static const struct field error_fields[] = {
	{ STRING("error", NULL, 0), .flags = FIELD_NOT_NULL, .doc = "Error code of the RFCs." },
	{ STRING("error_description", NULL, 0), .flags = FIELD_NOT_NULL,
	    .doc = "What is wrong, in full sentences." },
};

static const struct resource error_body = {
	.name = "error",
	.type_name = "OAuthError",
	FIELDS(error_fields),
	.doc = "Body of every error.",
};

/* Words of the RFCs for faults that the handlers have not named themselves. */
static const char *error_word(const struct answer *answer, const struct error *error)
{
	if (error->word != NULL)
		return error->word;
	switch (error->code) {
	case ERROR_UNAUTHENTICATED:
		return OAUTH_INVALID_TOKEN;
	case ERROR_FORBIDDEN:
		return "insufficient_scope";
	case ERROR_TOO_MANY:
	case ERROR_BUSY:
	case ERROR_UNAVAILABLE:
		return "temporarily_unavailable";
	case ERROR_OUTCOME_UNKNOWN:
		return "outcome_unknown";
	case ERROR_INTERNAL:
		return "server_error";
	case ERROR_INVALID:
		return answer->route != NULL &&
			       (answer->route->body == &oauth_metadata_resource ||
				   answer->route->body == &oauth_metadata_change_resource)
			   ? OAUTH_INVALID_METADATA
			   : OAUTH_INVALID_REQUEST;
	default:
		return OAUTH_INVALID_REQUEST;
	}
}

static void write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	struct buf text = { 0 };

	if (error->faults == NULL)
		buf_append_text(&text,
		    error->message != NULL ? error->message : error_code_message(error->code));
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next)
		buf_printf(&text, "%s%s", text.length > 0 ? " " : "", fault->message);
	writer_object_begin(writer, NULL);
	writer_text(writer, "error", str_from(error_word(answer, error)));
	writer_text(writer, "error_description", buf_str(&text));
	writer_object_end(writer);
	buf_free(&text);
}

#define TOKEN_ROUTE(operation_name, route_path, more)                                   \
	{                                                                               \
		.name = (operation_name), .method = METHOD_POST, .path = (route_path),  \
		.run = oauth_token, .resource = &token_answer, .body = &token_request,  \
		.media = "application/json", .access = ACCESS_CLIENT,                   \
		.flags = ROUTE_NO_REPLAY | ROUTE_FORM | (more),                         \
		.errors = ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY), \
		.status = 200, .doc = "Exchanges credentials for tokens (RFC 6749)."    \
	}

static const struct route routes[] = {
	TOKEN_ROUTE("requestToken", OAUTH_TOKEN_PATH, 0),
	TOKEN_ROUTE("requestTokenAtOldPath", "/Token", ROUTE_DEPRECATED),
	{ .name = "introspectToken",
	    .method = METHOD_POST,
	    .path = OAUTH_INTROSPECT_PATH,
	    .run = oauth_introspect,
	    .resource = &introspection,
	    .body = &token_query,
	    .media = "application/json",
	    .access = ACCESS_KEY_OR_CLIENT,
	    .area = AREA_CREDENTIALS,
	    .permission = PERMISSION_READ,
	    .flags = ROUTE_NO_REPLAY | ROUTE_FORM,
	    .status = 200,
	    .doc = "Describes a token (RFC 7662): API clients may ask about their own, callers "
		   "that may read credentials about any." },
	{ .name = "revokeToken",
	    .method = METHOD_POST,
	    .path = OAUTH_REVOKE_PATH,
	    .run = oauth_revoke,
	    .body = &token_query,
	    .resource = &openapi_anything,
	    .media = "application/json",
	    .access = ACCESS_CLIENT,
	    .flags = ROUTE_NO_REPLAY | ROUTE_FORM,
	    .errors = ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY),
	    .status = 200,
	    .doc = "Revokes a token (RFC 7009), a refresh token with its whole session." },
	{ .name = "getAuthorizationServer",
	    .method = METHOD_GET,
	    .path = "/.well-known/oauth-authorization-server",
	    .run = oauth_metadata,
	    .resource = &openapi_anything,
	    .media = "application/json",
	    .access = ACCESS_PUBLIC,
	    .doc = "Returns the metadata of the authorization server (RFC 8414)." },
	{ .name = "registerClient",
	    .method = METHOD_POST,
	    .path = OAUTH_REGISTER_PATH,
	    .run = oauth_register,
	    .resource = &registration,
	    .body = &oauth_metadata_resource,
	    .media = "application/json",
	    .access = ACCESS_REGISTRATION,
	    .flags = ROUTE_NO_REPLAY | ROUTE_OPEN_BODY,
	    .errors = ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY) |
		      ERROR_BIT(ERROR_NO_ROUTE),
	    .status = 201,
	    .doc = "Registers a client (RFC 7591); needs an initial access token as bearer." },
	{ .name = "getRegisteredClient",
	    .method = METHOD_GET,
	    .path = OAUTH_REGISTER_PATH "/{client_id}",
	    .run = oauth_registration_get,
	    .resource = &registration,
	    .media = "application/json",
	    .access = ACCESS_REGISTRATION,
	    .errors = ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY),
	    .doc = "Returns one registration (RFC 7592); needs its registration access token as "
		   "bearer." },
	{ .name = "replaceRegisteredClient",
	    .method = METHOD_PUT,
	    .path = OAUTH_REGISTER_PATH "/{client_id}",
	    .run = oauth_registration_put,
	    .resource = &registration,
	    .body = &oauth_metadata_change_resource,
	    .media = "application/json",
	    .access = ACCESS_REGISTRATION,
	    .flags = ROUTE_OPEN_BODY,
	    .errors = ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY),
	    .doc = "Replaces the metadata. Omitted members are cleared, except the scope, which "
		   "keeps its value and never becomes wider." },
	{ .name = "deleteRegisteredClient",
	    .method = METHOD_DELETE,
	    .path = OAUTH_REGISTER_PATH "/{client_id}",
	    .run = oauth_registration_delete,
	    .resource = &registration,
	    .media = "application/json",
	    .access = ACCESS_REGISTRATION,
	    .shape = SHAPE_NOTHING,
	    .errors = ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY),
	    .status = 204,
	    .doc = "Removes the client and ends all its sessions." },
};

static const struct resource *const views[] = {
	&oauth_login_view,
	&oauth_secret_view,
	&oauth_token_view,
	&oauth_initial_view,
	&oauth_registered_client_resource,
};

const struct contract oauth_contract = {
	.family = {
		.name = "oauth",
		.title = "OAuth 2",
		.prefix = "/oauth2",
		.beyond_prefix = true,
		.doc = "Programs and users exchange credentials for tokens.",
		.xml_style = XML_SERIALIZER,
		.json_time = TIMESTAMP_UTC,
		.xml_time = TIMESTAMP_UTC,
		.json_only = true,
		.insert_status = 200,
		.delete_status = 204,
		.error_body = &error_body,
		.english_only = true,
		.views = views,
		.view_count = COUNT_OF(views),
	},
	.write_error = write_error,
	.routes = routes,
	.route_count = COUNT_OF(routes),
};
