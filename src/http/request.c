#include "http/request.h"

#include "base/limits.h"
#include "base/url.h"
#include "base/uuid.h"
#include "codec/reader.h"

static const char *const method_names[] = {
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE",
	[METHOD_OPTIONS] = "OPTIONS",
	[METHOD_OTHER] = "?",
};

const char *request_method_name(enum method method)
{
	return method_names[method];
}

/* CGI variables that are no members of a request as they come. */
struct variables {
	struct request *request;
	struct str method, script_name, path_info, request_uri, content_length, request_id, https,
	    server_name;
};

#define VARIABLE(name, member)                                                    \
	{                                                                         \
		name, sizeof(name) - 1, offsetof(struct variables, member), false \
	}
#define MEMBER(name, member)                                                   \
	{                                                                      \
		name, sizeof(name) - 1, offsetof(struct request, member), true \
	}

/* Where those go that are wanted. */
static const struct {
	const char *name;
	size_t length, offset;
	bool of_request;
} wanted[] = {
	VARIABLE("REQUEST_METHOD", method),
	VARIABLE("SCRIPT_NAME", script_name),
	VARIABLE("PATH_INFO", path_info),
	VARIABLE("REQUEST_URI", request_uri),
	MEMBER("QUERY_STRING", query),
	VARIABLE("CONTENT_LENGTH", content_length),
	MEMBER("CONTENT_TYPE", content_type),
	MEMBER("HTTP_ACCEPT", accept),
	MEMBER("HTTP_ACCEPT_LANGUAGE", accept_language),
	MEMBER("HTTP_X_REQUESTED_WITH", requested_with),
	MEMBER("HTTP_AUTHORIZATION", authorization),
	MEMBER("HTTP_X_API_KEY", api_key),
	MEMBER("HTTP_X_CLIENT_SECRET", client_secret),
	MEMBER("HTTP_X_USER_KEY", user_key),
	MEMBER("HTTP_IF_MATCH", if_match),
	MEMBER("HTTP_IF_NONE_MATCH", if_none_match),
	MEMBER("HTTP_IDEMPOTENCY_KEY", idempotency_key),
	MEMBER("HTTP_COOKIE", cookie),
	MEMBER("HTTP_X_CSRF_TOKEN", csrf_token),
	MEMBER("HTTP_ORIGIN", origin),
	MEMBER("HTTP_ACCESS_CONTROL_REQUEST_METHOD", asked_method),
	MEMBER("HTTP_SEC_FETCH_SITE", fetch_site),
	MEMBER("HTTP_USER_AGENT", user_agent),
	VARIABLE("HTTP_X_REQUEST_ID", request_id),
	MEMBER("HTTP_HOST", host),
	VARIABLE("HTTPS", https),
	VARIABLE("SERVER_NAME", server_name),
	MEMBER("REMOTE_ADDR", remote_address),
	/* No header: those are called HTTP_…, whatever a caller sends. */
	MEMBER("SSL_CLIENT_VERIFY", client_verify),
	MEMBER("SSL_CLIENT_CERT", client_certificate),
};

const char *request_variable_name(unsigned number)
{
	return number < sizeof(wanted) / sizeof(wanted[0]) ? wanted[number].name : NULL;
}

static void take_variable(struct variables *variables, struct str name, struct str value)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char *base = wanted[i].of_request ? (char *)variables->request : (char *)variables;
		struct str *target;

		if (wanted[i].length != name.length ||
		    memcmp(wanted[i].name, name.data, name.length) != 0)
			continue;
		target = (struct str *)(void *)(base + wanted[i].offset);
		/* The first of a repeated variable counts, as in every FastCGI library. */
		if (target->data == NULL)
			*target = value;
		return;
	}
}

static void read_environment(struct variables *variables, char *const *environment)
{
	for (; environment != NULL && *environment != NULL; environment++) {
		struct str entry = str_from(*environment);
		size_t equals = str_find(entry, '=');

		take_variable(variables, str_slice(entry, 0, equals),
		    str_slice(entry, equals + 1, entry.length));
	}
}

static enum method find_method(struct str name)
{
	for (unsigned i = 0; i < METHOD_OTHER; i++) {
		if (str_equal_ignore_case(str_from(method_names[i]), name))
			return (enum method)i;
	}
	return METHOD_OTHER;
}

static bool id_is_good(struct str id)
{
	if (id.length == 0 || id.length > REQUEST_ID_MAX)
		return false;
	for (size_t i = 0; i < id.length; i++) {
		char byte = str_lower(id.data[i]);

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') && byte != '.' &&
		    byte != '_' && byte != '-')
			return false;
	}
	return true;
}

static const char *choose_id(struct arena *arena, struct str sent)
{
	char made[25];

	if (id_is_good(sent))
		return arena_join(arena, &sent, 1);
	random_text(made, sizeof(made) - 1, RANDOM_HEX_LOWER);
	sent = (struct str){ made, sizeof(made) - 1 };
	return arena_join(arena, &sent, 1);
}

/* Most texts have nothing to decode. */
static struct str decode(struct arena *arena, struct str text)
{
	return str_find(text, '%') == text.length ? text : form_decode(arena, text, false);
}

/* Path of a request target: without query, and without "http://host" of the absolute form. */
static struct str target_path(struct str target)
{
	size_t scheme;

	target = str_slice(target, 0, str_find(target, '?'));
	scheme = str_find(target, ':');
	if (target.length > 0 && target.data[0] != '/' && scheme + 3 < target.length &&
	    str_equal(str_slice(target, scheme, 3), STR("://"))) {
		target = str_slice(target, scheme + 3, target.length);
		target = str_slice(target, str_find(target, '/'), target.length);
	}
	return target;
}

/*
 * The end of `raw` whose decoded form is `decoded`; data == NULL when raw does not end so. Web
 * servers hand the path over decoded, and only the raw one still tells "%2F" from "/".
 */
static struct str raw_tail(struct arena *arena, struct str raw, struct str decoded)
{
	struct str whole = decode(arena, raw);
	size_t skip, position = 0;

	if (!str_ends_with(whole, decoded))
		return (struct str){ NULL, 0 };
	skip = whole.length - decoded.length;
	while (skip-- > 0) {
		bool escaped = raw.data[position] == '%' && raw.length - position >= 3 &&
			       str_hex_digit(raw.data[position + 1]) >= 0 &&
			       str_hex_digit(raw.data[position + 2]) >= 0;

		position += escaped ? 3 : 1;
	}
	return str_slice(raw, position, raw.length);
}

static bool segment_is_good(struct str segment)
{
	for (size_t i = 0; i < segment.length; i++) {
		if ((unsigned char)segment.data[i] < 0x20 || segment.data[i] == 0x7F)
			return false;
	}
	return segment.length > 0 && str_utf8_valid(segment) == segment.length;
}

static void split_path(struct request *request, struct arena *arena, struct str path, bool is_raw)
{
	struct str part;

	request->path_valid = path.length > 0 && path.data[0] == '/';
	if (!request->path_valid)
		return;
	path = str_slice(path, 1, path.length);
	while (str_next(&path, '/', &part)) {
		/* One trailing slash is tolerated. */
		bool last_empty = part.length == 0 && path.data == NULL;

		if (last_empty)
			return;
		if (is_raw)
			part = decode(arena, part);
		if (request->segment_count == SEGMENTS_MAX || !segment_is_good(part)) {
			request->path_valid = false;
			return;
		}
		request->segments[request->segment_count++] = part;
	}
}

/*
 * An issuer with a path has its metadata at "/.well-known/NAME" and that path behind it (RFC 8414,
 * section 3.1): the path without it.
 */
static struct str strip_issuer(struct str path, struct str issuer)
{
	struct str folder = STR("/.well-known/"), rest;
	size_t end;

	if (!str_starts_with_ignore_case(path, folder))
		return path;
	end = folder.length + str_find(str_slice(path, folder.length, path.length), '/');
	rest = str_slice(path, end, path.length);
	if (str_ends_with(rest, STR("/")))
		rest.length--;
	return issuer.length > 0 && str_equal_ignore_case(rest, issuer) ? str_slice(path, 0, end)
									: path;
}

static struct str without_slashes(struct str base)
{
	while (base.length > 0 && base.data[base.length - 1] == '/')
		base.length--;
	return base;
}

static void find_path(struct request *request, struct arena *arena,
    const struct variables *variables, const char *base_path)
{
	const struct str parts[] = { variables->script_name, variables->path_info };
	struct str path = str_from(arena_join(arena, parts, 2));
	struct str base = without_slashes(str_from(base_path));
	struct str raw;

	if (path.length == 0)
		path = decode(arena, target_path(variables->request_uri));
	if (base.length > 0 && str_starts_with_ignore_case(path, base) &&
	    (path.length == base.length || path.data[base.length] == '/'))
		path = str_slice(path, base.length, path.length);
	path = strip_issuer(path, without_slashes(str_from(request->base_path)));
	request->path = arena_join(arena, &path, 1);
	raw = raw_tail(arena, target_path(variables->request_uri), path);
	split_path(request, arena, raw.data != NULL ? raw : path, raw.data != NULL);
}

/* Reads to the end; what is over the limit is read and dropped. */
static void read_body(struct request *request, const struct exchange_input *input, struct buf *body,
    size_t limit, struct str announced)
{
	char block[16384];
	int64_t length = -1;
	uint64_t seen = 0;
	ssize_t count = 0;

	if (announced.length > 0 && str_to_int64(announced, &length) && length > (int64_t)limit)
		request->body_too_large = true;
	while (input->read_body != NULL &&
	       (count = input->read_body(input->context, block, sizeof(block))) > 0) {
		seen += (uint64_t)count;
		if (seen > limit)
			request->body_too_large = true;
		if (!request->body_too_large)
			buf_append(body, block, (size_t)count);
	}
	request->body_broken = count < 0 || (length > 0 && seen < (uint64_t)length);
	if (body->failed)
		request->body_too_large = true;
	request->body = buf_str(body);
}

/* What a caller says of the host is believed only where the operator has not said it. */
static void find_base(struct request *request, struct arena *arena, const struct settings *settings)
{
	struct str public_url = str_from(settings->public_url);
	const struct str parts[] = { str_from(request->https ? "https://" : "http://"),
		request->host, str_from(settings->base_path) };

	request->base_path = settings->base_path;
	request->error_links = settings->error_links;
	request->base_url = settings->public_url;
	if (public_url.length > 0)
		request->base_path = url_base_path(public_url).data;
	else
		request->base_url = arena_join(arena, parts, 3);
}

int request_read(struct request *request, struct arena *arena, const struct settings *settings,
    const struct exchange_input *input, struct buf *body, struct error *error)
{
	struct variables variables = { .request = request };
	bool host_is_good;

	*request = (struct request){ .method = METHOD_OTHER };
	read_environment(&variables, input->environment);
	request->method = find_method(variables.method);
	variables.method = str_slice(variables.method, 0, 16);
	request->method_name = arena_join(arena, &variables.method, 1);
	request->id = choose_id(arena, variables.request_id);
	request->https = str_equal_ignore_case(variables.https, STR("on"));
	if (request->host.length == 0)
		request->host = variables.server_name;
	host_is_good = request->host.length == 0 || url_host_is_good(request->host);
	request->host_refused = !host_is_good;
	if (!host_is_good)
		request->host = STR("");
	find_base(request, arena, settings);
	request->target = variables.request_uri;
	find_path(request, arena, &variables, settings->base_path);
	read_body(request, input, body, (size_t)limits_of_list(&settings->limits).body_bytes,
	    variables.content_length);
	return request_check(request, settings, error);
}

int request_check(
    const struct request *request, const struct settings *settings, struct error *error)
{
	if (request->host_refused)
		return error_set(error, ERROR_MALFORMED,
		    "The Host header is neither a host name nor an address.");
	if (request->query.length > (size_t)settings->limits.query_bytes)
		return error_set(error, ERROR_URI_TOO_LONG,
		    "The query string is longer than %lld bytes.",
		    (long long)settings->limits.query_bytes);
	return 0;
}
