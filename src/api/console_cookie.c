#include "api/console_cookie.h"

#include <openssl/crypto.h>

#include "base/digest.h"
#include "base/url.h"

#define NAME "clientele-session"

static bool is_secure(const struct request *request)
{
	return str_starts_with_ignore_case(str_from(request->base_url), STR("https://"));
}

/*
 * Browsers take a prefixed name from nobody but this host over TLS (RFC 6265bis §4.1.3). No other
 * name is read there, so that a neighbour cannot put a cookie of its own before it.
 */
static struct str name_cookie(const struct request *request)
{
	if (!is_secure(request))
		return STR(NAME);
	return request->base_path[0] == '\0' ? STR("__Host-" NAME) : STR("__Secure-" NAME);
}

struct str console_cookie_find(const struct request *request)
{
	struct str name = name_cookie(request), rest = request->cookie, pair;

	while (str_next(&rest, ';', &pair)) {
		size_t equals = str_find(pair, '=');

		if (str_equal(str_trim(str_slice(pair, 0, equals)), name))
			return str_trim(str_slice(pair, equals + 1, pair.length));
	}
	return (struct str){ NULL, 0 };
}

void console_cookie_set(
    const struct request *request, struct response *response, struct arena *arena, struct str token)
{
	struct str name = name_cookie(request);
	const char *path = request->base_path[0] == '\0' ? "/" : request->base_path;
	const char *text = arena_printf(arena,
	    STR_FORMAT "=" STR_FORMAT "; Path=%s; HttpOnly; SameSite=Strict%s%s",
	    STR_ARGUMENTS(name), STR_ARGUMENTS(token), path, is_secure(request) ? "; Secure" : "",
	    token.length == 0 ? "; Max-Age=0" : "");

	response_header(response, "Set-Cookie", str_from(text));
}

void console_cookie_csrf(struct str token, char csrf[CONSOLE_CSRF_TEXT])
{
	/* The database has the digest of the token alone: nobody learns this one from there. */
	const struct str parts[] = { STR("clientele CSRF token\n"), token };
	uint8_t digest[DIGEST_LENGTH];

	digest_parts(parts, sizeof(parts) / sizeof(parts[0]), digest);
	digest_print(digest, sizeof(digest), csrf);
}

static bool changes(const struct request *request)
{
	return request->method != METHOD_GET && request->method != METHOD_HEAD &&
	       request->method != METHOD_OPTIONS;
}

int console_cookie_check_origin(const struct request *request, bool required, struct error *error)
{
	struct str own = url_target_host(str_from(request->base_url));

	if (request->fetch_site.length > 0 &&
	    !str_equal_ignore_case(request->fetch_site, STR("same-origin")))
		return error_set(error, ERROR_FORBIDDEN,
		    "The browser sent this for another site (Sec-Fetch-Site).");
	if (request->origin.length == 0 && !required)
		return 0;
	if (own.length > 0 && str_equal_ignore_case(url_target_host(request->origin), own))
		return 0;
	return error_set(error, ERROR_FORBIDDEN,
	    "The Origin header must name this server, " STR_FORMAT ", as public_url or Host says.",
	    STR_ARGUMENTS(own));
}

int console_cookie_check(const struct request *request, struct str token, struct error *error)
{
	char csrf[CONSOLE_CSRF_TEXT];

	if (!changes(request))
		return 0;
	console_cookie_csrf(token, csrf);
	if (request->csrf_token.length != CONSOLE_CSRF_TEXT - 1 ||
	    CRYPTO_memcmp(request->csrf_token.data, csrf, CONSOLE_CSRF_TEXT - 1) != 0)
		return error_set(error, ERROR_FORBIDDEN,
		    "The X-CSRF-Token header is missing, or is not that of the session.");
	return console_cookie_check_origin(request, true, error);
}
