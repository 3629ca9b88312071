#include "http/cross_origin.h"

#include "base/url.h"

/* How long a browser may remember what it was told, in seconds. */
#define MAX_AGE "600"

/* Header fields that pages may send, beside those that need no permission. */
#define ALLOWED                                                                              \
	"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Api-Key, " \
	"X-Client-Secret, X-Request-Id, X-Requested-With, X-User-Key"

/* Header fields of answers that are for browsers, not for their pages. */
static const char *const hidden[] = { "Access-Control-Allow-Origin", "Set-Cookie", "Vary" };

bool cross_origin_is_good(struct str origin)
{
	for (size_t i = 0; i < origin.length; i++) {
		if (origin.data[i] >= 'A' && origin.data[i] <= 'Z')
			return false;
	}
	return url_base_is_good(origin) && url_base_path(origin).length == 0;
}

static bool is_allowed(const struct settings *settings, struct str origin)
{
	struct str rest = str_from(settings->cors_origins), allowed;

	while (str_next_word(&rest, &allowed)) {
		if (str_equal(allowed, origin))
			return true;
	}
	return false;
}

static bool is_hidden(struct str name)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (str_equal(name, str_from(hidden[i])))
			return true;
	}
	return false;
}

/* Pages may read whatever the answer has, so that none is forgotten here. */
static void expose_all(struct response *response)
{
	struct str rest = buf_str(&response->headers), line;
	struct buf names = { 0 };

	/* Every answer has it, from response_print(). */
	buf_append_text(&names, "X-Request-Id");
	while (str_next(&rest, '\n', &line)) {
		struct str name = str_slice(line, 0, str_find(line, ':'));

		if (name.length == 0 || is_hidden(name))
			continue;
		buf_append_text(&names, ", ");
		buf_append_str(&names, name);
	}
	response_header(response, "Access-Control-Expose-Headers", buf_str(&names));
	response->headers.failed = response->headers.failed || names.failed;
	buf_free(&names);
}

void cross_origin_write(struct response *response, const struct settings *settings,
    const struct request *request, struct str allow)
{
	/* Who asks from another origin gets another answer. */
	response_header(response, "Vary", STR("Origin"));
	if (!is_allowed(settings, request->origin))
		return;
	response_header(response, "Access-Control-Allow-Origin", request->origin);
	if (request->method != METHOD_OPTIONS) {
		expose_all(response);
		return;
	}
	if (allow.length == 0 || request->asked_method.length == 0)
		return;
	response_header(response, "Access-Control-Allow-Methods", allow);
	response_header(response, "Access-Control-Allow-Headers", STR(ALLOWED));
	response_header(response, "Access-Control-Max-Age", STR(MAX_AGE));
}
