#include "base/url.h"

#define HOST_MAX 262 /* a name of 255 bytes, ":" and a port */

static bool is_alphanumeric(char byte)
{
	byte = str_lower(byte);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool consists_of(struct str text, const char *others)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];

		if (!is_alphanumeric(byte) && (byte == '\0' || strchr(others, byte) == NULL))
			return false;
	}
	return text.length > 0;
}

static bool port_is_good(struct str port)
{
	int64_t number;

	return consists_of(port, "") && str_to_int64(port, &number) && number >= 1 &&
	       number <= 65535;
}

void url_append_encoded(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];

		if (is_alphanumeric(byte) || byte == '-' || byte == '.' || byte == '_')
			buf_append_char(out, byte);
		else
			buf_printf(out, "%%%02X", (unsigned char)byte);
	}
}

bool url_host_is_good(struct str host)
{
	struct str name = host, rest;
	bool six = host.length > 0 && host.data[0] == '[';
	size_t end = six ? str_find(host, ']') : str_find(host, ':');

	if (host.length > HOST_MAX || (six && end == host.length))
		return false;
	name = six ? str_slice(host, 1, end - 1) : str_slice(host, 0, end);
	rest = str_slice(host, six ? end + 1 : end, host.length);
	if (!consists_of(name, six ? ":.%" : "-._"))
		return false;
	return rest.length == 0 ||
	       (rest.data[0] == ':' && port_is_good(str_slice(rest, 1, rest.length)));
}

/* What stands behind "http://" or "https://"; data == NULL when neither does. */
static struct str without_scheme(struct str url)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct str scheme = str_from(schemes[i]);

		if (str_starts_with(url, scheme))
			return str_slice(url, scheme.length, url.length);
	}
	return (struct str){ NULL, 0 };
}

bool url_path_is_good(struct str path)
{
	struct str rest = str_slice(path, 1, path.length), segment;

	if (path.length < 2 || path.data[0] != '/' || path.data[path.length - 1] == '/')
		return false;
	while (str_next(&rest, '/', &segment)) {
		if (!consists_of(segment, "-._~%") || str_equal(segment, STR(".")) ||
		    str_equal(segment, STR("..")))
			return false;
	}
	return true;
}

bool url_base_is_good(struct str url)
{
	struct str rest = without_scheme(url);
	size_t slash = str_find(rest, '/');
	struct str path = str_slice(rest, slash, rest.length);

	return url_host_is_good(str_slice(rest, 0, slash)) &&
	       (path.length == 0 || url_path_is_good(path));
}

struct str url_base_path(struct str url)
{
	struct str rest = without_scheme(url);

	return str_slice(rest, str_find(rest, '/'), rest.length);
}

struct str url_target_host(struct str url)
{
	struct str rest = without_scheme(url);
	size_t end = str_find(rest, '/'), query = str_find(rest, '?');

	return str_slice(rest, 0, end < query ? end : query);
}

bool url_target_is_good(struct str url)
{
	struct str rest = without_scheme(url), host = url_target_host(url);
	struct str path = str_slice(rest, host.length, rest.length);

	return url_host_is_good(host) &&
	       (path.length == 0 || consists_of(path, "-._~:/?[]@!$&'()*+,;=%"));
}
