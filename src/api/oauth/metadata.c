/*
 * What this authorization server can do (RFC 8414).
 */
#include "api/oauth/oauth.h"

static void write_texts(
    struct writer *writer, const char *name, const char *const *texts, unsigned count)
{
	writer_array_begin(writer, name, "item");
	for (unsigned i = 0; i < count; i++)
		writer_text(writer, NULL, str_from(texts[i]));
	writer_array_end(writer);
}

static void write_scopes(struct writer *writer)
{
	static const char *const permissions[] = { "read", "update", "delete", "create" };
	unsigned count;
	const struct role *roles = role_table(&count);

	writer_array_begin(writer, "scopes_supported", "item");
	for (unsigned i = 0; i < count; i++)
		writer_text(writer, NULL, str_from(roles[i].name));
	for (unsigned i = 0; i < COUNT_OF(permissions); i++)
		writer_text(writer, NULL, str_from(permissions[i]));
	writer_array_end(writer);
}

static void write_url(struct operation *operation, struct writer *writer, const char *name,
    const char *base, const char *path)
{
	writer_text(
	    writer, name, str_from(arena_printf(operation->context.arena, "%s%s", base, path)));
}

int oauth_metadata(struct operation *operation, struct error *error)
{
	static const char *const grants[] = { "client_credentials", "password", "refresh_token" };
	static const char *const methods[] = { "client_secret_basic", "client_secret_post" };
	static const char *const revoking[] = { "client_secret_basic", "client_secret_post",
		"none" };
	const char *base = operation->request->base_url;
	struct writer writer;

	if (base == NULL)
		return error_out_of_memory(error);
	oauth_begin(operation, 200, &writer);
	writer_text(&writer, "issuer", str_from(base));
	write_url(operation, &writer, "token_endpoint", base, OAUTH_TOKEN_PATH);
	write_url(operation, &writer, "introspection_endpoint", base, OAUTH_INTROSPECT_PATH);
	write_url(operation, &writer, "revocation_endpoint", base, OAUTH_REVOKE_PATH);
	if (operation->context.settings->oauth_registration != OAUTH_REGISTRATION_OFF)
		write_url(operation, &writer, "registration_endpoint", base, OAUTH_REGISTER_PATH);
	write_url(operation, &writer, "service_documentation", base, "/docs");
	write_texts(&writer, "response_types_supported", NULL, 0);
	write_texts(&writer, "grant_types_supported", grants, COUNT_OF(grants));
	write_texts(&writer, "token_endpoint_auth_methods_supported", methods, COUNT_OF(methods));
	write_texts(
	    &writer, "introspection_endpoint_auth_methods_supported", methods, COUNT_OF(methods));
	write_texts(
	    &writer, "revocation_endpoint_auth_methods_supported", revoking, COUNT_OF(revoking));
	write_scopes(&writer);
	oauth_end(operation, &writer);
	return 0;
}
