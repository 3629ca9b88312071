#include "config.h"

#include "api/activation/reason.h"
#include "api/contracts.h"
#include "api/events.h"
#include "api/licensing/server_setting.h"
#include "api/openapi/parts.h"
#include "auth/role.h"
#include "codec/reader.h"
#include "http/response.h"

#define DOCUMENT_BLOCK ((size_t)256 * 1024)
#define DOCUMENT_MEMORY ((size_t)64 * 1024 * 1024)

static const char description[] =
    "A registry of applications, accounts, licenses and their credentials, at the addresses that "
    "their callers already use.\n\n"
    "`Accept` chooses between JSON and XML; bodies may be JSON, XML or a form, as `Content-Type` "
    "says. "
    "Member names of JSON bodies and forms fold case, unknown members are skipped, and read-only "
    "ones "
    "are ignored. `PUT` merges: what is absent stays, `null` clears. Errors are listed "
    "completely. "
    "Each answer has an `X-Request-Id`, taken from the request where it has one; the server's log "
    "has "
    "it too. After a 503, wait as long as `Retry-After` says and try again; with `Outcome: "
    "unknown` "
    "look first whether the change is stored.";

/* Parts that belong to no table: they are the same for all families. */
static const struct {
	const char *name, *json;
} security_schemes[] = {
	{ "apiKey", "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x-api-key\","
		    "\"description\":\"A key, made with `clientele key create`.\"}" },
	{ "bearer", "{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An access token "
		    "of /oauth2/token, or a key.\"}" },
	{ "client", "{\"type\":\"http\",\"scheme\":\"basic\",\"description\":\"Identifier and "
		    "secret of an API client.\"}" },
	{ "registration",
	    "{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An initial "
	    "access token; for one registration, the access token that registering answered.\"}" },
	{ "userKey", "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x-user-key\","
		     "\"description\":\"The user key of a license; the body takes it, too.\"}" },
	{ "apiKeyParameter",
	    "{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"apiKey\","
	    "\"description\":\"A key, in the address; the headers are better, since addresses get "
	    "logged.\"}" },
	{ "session", "{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"clientele-session\","
		     "\"description\":\"The cookie of a browser that has signed in with POST "
		     "/v1/session; with "
		     "TLS its name begins with __Host-, or with __Secure- below a prefix.\"}" },
	{ "csrf", "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-CSRF-Token\","
		  "\"description\":\"csrfToken of the session; changes need it, and an Origin of "
		  "this server. "
		  "Reading needs the cookie alone.\"}" },
};

static const char parameters[] =
    "{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":"
    "\"Repeating a "
    "request with the same key and body answers what the first one was answered; kept for a day.\","
    "\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}},"
    "\"IfMatch\":{\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"Entity tag that the "
    "item must "
    "still have.\",\"schema\":{\"type\":\"string\"}},"
    "\"IfNoneMatch\":{\"name\":\"If-None-Match\",\"in\":\"header\",\"description\":\"Entity tag of "
    "what "
    "the caller has already.\",\"schema\":{\"type\":\"string\"}}}";

static const char headers[] =
    "{\"RequestId\":{\"description\":\"Identifies the request in the server's log.\","
    "\"required\":true,\"schema\":{\"type\":\"string\"}},"
    "\"ETag\":{\"description\":\"Tag of the item as it is now; a null has none.\","
    "\"schema\":{\"type\":\"string\"}},"
    "\"VersionTag\":{\"description\":\"Version of the group, as a weak tag.\",\"required\":true,"
    "\"schema\":{\"type\":\"string\"}},"
    "\"HelloInterval\":{\"description\":\"Seconds after which the next hello is expected; absent "
    "without a lease.\",\"schema\":{\"type\":\"integer\"}},"
    "\"Location\":{\"description\":\"Path of the new item.\",\"required\":true,"
    "\"schema\":{\"type\":\"string\"}},"
    "\"TotalCount\":{\"description\":\"Number of rows on all pages; of CSV and JSON Lines, where "
    "the request has `total`.\",\"schema\":{\"type\":\"integer\"}},"
    "\"Link\":{\"description\":\"Address of the next page, as `rel=\\\"next\\\"`; of a page of CSV "
    "or JSON Lines that is not the last one.\",\"schema\":{\"type\":\"string\"}},"
    "\"RetryAfter\":{\"description\":\"Seconds to wait.\",\"required\":true,"
    "\"schema\":{\"type\":\"integer\"}},"
    "\"RetryAfterUnlessUnknown\":{\"description\":\"Seconds to wait. Absent where the outcome "
    "is unknown, unless the request had an Idempotency-Key.\","
    "\"schema\":{\"type\":\"integer\"}},"
    "\"Outcome\":{\"description\":\"`unknown`: the change may or may not be stored. Absent from "
    "every other error: nothing is stored.\","
    "\"schema\":{\"type\":\"string\",\"enum\":[\"unknown\"]}},"
    "\"WWWAuthenticate\":{\"description\":\"What kind of credential is missing.\","
    "\"required\":true,\"schema\":{\"type\":\"string\"}}}";

/* What the versions of OpenAPI have and have not. */
static const struct dialect dialects[OPENAPI_VERSION__MAX] = {
	[OPENAPI_3_1] = { .version = "3.1.0",
	    .license = "{\"name\":\"Apache License 2.0\",\"identifier\":\"Apache-2.0\"}",
	    .null_type = true,
	    .type_lists = true,
	    .reference_siblings = true,
	    .example_lists = true },
	[OPENAPI_3_0] = { .version = "3.0.3",
	    .license = "{\"name\":\"Apache License 2.0\",\"url\":"
		       "\"https://www.apache.org/licenses/LICENSE-2.0\"}" },
};

static void write_info(struct openapi *openapi)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "info");
	openapi_text(openapi, "title", "Clientele");
	openapi_text(openapi, "version", PACKAGE_VERSION);
	openapi_text(openapi, "description", description);
	openapi_raw(openapi, "license", openapi->dialect->license);
	openapi_raw(openapi, "contact", "{\"name\":\"The operator of this server\"}");
	writer_object_end(writer);
}

const char *openapi_server(const struct settings *settings)
{
	if (settings->public_url[0] != '\0')
		return settings->public_url;
	return settings->base_path[0] != '\0' ? settings->base_path : "/";
}

static void write_servers(struct openapi *openapi, const char *server)
{
	struct writer *writer = &openapi->writer;

	writer_array_begin(writer, "servers", "server");
	writer_object_begin(writer, NULL);
	openapi_text(openapi, "url", server);
	openapi_text(openapi, "description", "The server that returned this document.");
	writer_object_end(writer);
	writer_array_end(writer);
}

static bool write_event(void *data, struct str name, const struct resource *resource)
{
	struct openapi *openapi = data;
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, NULL);
	writer_text(writer, "name", name);
	openapi_text(openapi, "description", resource->doc);
	openapi_text(openapi, "x-area", area_name(resource->area));
	writer_object_end(writer);
	return true;
}

/* What webhooks can subscribe to. */
static void write_events(struct openapi *openapi)
{
	writer_array_begin(&openapi->writer, "x-events", "event");
	events_each(write_event, openapi);
	writer_array_end(&openapi->writer);
}

/* Why programs' calls are refused. */
static void write_reasons(struct openapi *openapi)
{
	struct writer *writer = &openapi->writer;

	writer_array_begin(writer, "x-reasons", "reason");
	for (unsigned i = 0; i < REASON__MAX; i++) {
		const struct reason_info *info = reason_info((enum reason)i);

		writer_object_begin(writer, NULL);
		writer_integer(writer, "code", info->number);
		openapi_text(openapi, "name", info->name);
		writer_integer(
		    writer, "status", info->code != ERROR_NONE ? response_status(info->code) : 200);
		openapi_text(openapi, "description", info->message);
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

static void write_permissions(struct openapi *openapi, const struct role *role)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "permissions");
	for (unsigned area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (role->permissions[area] == 0)
			continue;
		writer_array_begin(writer, area_name((enum area)area), "permission");
		for (unsigned bit = 1; bit <= PERMISSION_ALL; bit <<= 1) {
			if (role->permissions[area] & bit)
				openapi_text(openapi, NULL, permission_name((enum permission)bit));
		}
		writer_array_end(writer);
	}
	writer_object_end(writer);
}

/* What users may do by their roles. */
static void write_roles(struct openapi *openapi)
{
	struct writer *writer = &openapi->writer;
	unsigned count;
	const struct role *roles = role_table(&count);

	writer_array_begin(writer, "x-roles", "role");
	for (unsigned i = 0; i < count; i++) {
		writer_object_begin(writer, NULL);
		openapi_text(openapi, "name", roles[i].name);
		openapi_text(openapi, "description", roles[i].doc);
		write_permissions(openapi, &roles[i]);
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

/* The settings of the server; those of the configuration file are read only. */
static void write_settings(struct openapi *openapi)
{
	struct writer *writer = &openapi->writer;

	writer_array_begin(writer, "x-settings", "setting");
	for (unsigned i = 0; i < SERVER_SETTING_COUNT; i++) {
		const struct server_setting *setting = &server_setting_table[i];

		writer_object_begin(writer, NULL);
		openapi_text(openapi, "group", setting->group);
		openapi_text(openapi, "name", setting->name);
		openapi_text(openapi, "type", server_setting_type(setting));
		openapi_text(openapi, "description", setting->doc);
		if (!setting->stored)
			writer_boolean(writer, "readOnly", true);
		else
			openapi_raw(openapi, "default", setting->fallback);
		if (setting->most > 0) {
			writer_integer(writer, "minimum", setting->least);
			writer_integer(writer, "maximum", setting->most);
		}
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

/* What a token brings is asked for by words: of roles, and of permissions. */
static void write_scopes(struct openapi *openapi)
{
	struct writer *writer = &openapi->writer;
	unsigned count;
	const struct role *roles = role_table(&count);

	writer_object_begin(writer, "scopes");
	for (unsigned bit = 1; bit <= PERMISSION_ALL; bit <<= 1)
		openapi_text(openapi, permission_name((enum permission)bit),
		    arena_printf(openapi->arena, "What the roles may %s, and nothing else.",
			permission_name((enum permission)bit)));
	for (unsigned i = 0; i < count; i++)
		openapi_text(openapi, roles[i].name, roles[i].doc);
	writer_object_end(writer);
}

static void write_security_schemes(struct openapi *openapi, const char *server)
{
	struct writer *writer = &openapi->writer;
	struct str base = str_from(server);

	if (str_ends_with(base, STR("/")))
		base.length--;
	writer_object_begin(writer, "securitySchemes");
	for (size_t i = 0; i < COUNT_OF(security_schemes); i++)
		openapi_raw(openapi, security_schemes[i].name, security_schemes[i].json);
	writer_object_begin(writer, OPENAPI_OAUTH);
	openapi_text(openapi, "type", "oauth2");
	openapi_text(openapi, "description",
	    "Tokens for API clients. Without a scope, a token brings all that its client may do.");
	writer_object_begin(writer, "flows");
	writer_object_begin(writer, "clientCredentials");
	openapi_text(openapi, "tokenUrl",
	    arena_printf(openapi->arena, STR_FORMAT "/oauth2/token", STR_ARGUMENTS(base)));
	write_scopes(openapi);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object_end(writer);
}

static void write_components(struct openapi *openapi, const char *server)
{
	writer_object_begin(&openapi->writer, "components");
	openapi_error_answers(openapi);
	openapi_schemas(openapi);
	openapi_raw(openapi, "parameters", parameters);
	openapi_raw(openapi, "headers", headers);
	write_security_schemes(openapi, server);
	writer_object_end(&openapi->writer);
}

void openapi_print(enum openapi_version version, const char *server, struct buf *out)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);
	struct openapi openapi = { .arena = arena_new(DOCUMENT_BLOCK, DOCUMENT_MEMORY),
		.dialect = &dialects[version] };

	if (openapi.arena != NULL)
		openapi.schemas =
		    arena_alloc_array(openapi.arena, OPENAPI_SCHEMAS_MAX, sizeof(*openapi.schemas));
	if (openapi.schemas == NULL) {
		arena_free(openapi.arena);
		out->failed = true;
		return;
	}
	writer_init(&openapi.writer, MEDIA_JSON, &contracts[0]->family, out);
	writer_object_begin(&openapi.writer, "openapi");
	openapi_text(&openapi, "openapi", openapi.dialect->version);
	write_info(&openapi);
	write_servers(&openapi, server);
	openapi_tags(&openapi);
	openapi_paths(&openapi);
	write_components(&openapi, server);
	write_events(&openapi);
	write_reasons(&openapi);
	write_roles(&openapi);
	write_settings(&openapi);
	writer_object_end(&openapi.writer);
	out->failed = out->failed || arena_exhausted(openapi.arena);
	arena_free(openapi.arena);
}

void openapi_print_indented(enum openapi_version version, const char *server, struct buf *out)
{
	struct arena *arena = arena_new(DOCUMENT_BLOCK, DOCUMENT_MEMORY);
	const struct node *document = NULL;
	struct buf compact = { 0 };
	struct writer writer;

	openapi_print(version, server, &compact);
	if (arena != NULL && !compact.failed)
		document = json_read_stored(arena, buf_str(&compact));
	if (document == NULL) {
		out->failed = true;
	} else {
		writer_init(&writer, MEDIA_JSON, NULL, out);
		writer.layout = WRITER_INDENTED;
		writer_node(&writer, STR(""), document);
		buf_append_char(out, '\n');
	}
	arena_free(arena);
	buf_free(&compact);
}
