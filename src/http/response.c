#include "http/response.h"

#include <stdio.h>

#include "base/language.h"

#define KEEP_CAPACITY (256 * 1024)

/* Bodies are sent in parts of this size at least; shorter ones are handed over whole. */
#define PART ((size_t)128 * 1024)

static const int statuses[ERROR__MAX] = {
	[ERROR_NONE] = 200,
	[ERROR_MALFORMED] = 400,
	[ERROR_INVALID] = 400,
	[ERROR_UNAUTHENTICATED] = 401,
	[ERROR_FORBIDDEN] = 403,
	[ERROR_NO_ROUTE] = 404,
	[ERROR_METHOD] = 405,
	[ERROR_NOT_FOUND] = 404,
	[ERROR_CONFLICT] = 409,
	[ERROR_IN_USE] = 409,
	[ERROR_STALE] = 412,
	[ERROR_TOO_LARGE] = 413,
	[ERROR_URI_TOO_LONG] = 414,
	[ERROR_MEDIA_TYPE] = 415,
	[ERROR_MISMATCH] = 422,
	[ERROR_TOO_MANY] = 429,
	[ERROR_BUSY] = 503,
	[ERROR_UNAVAILABLE] = 503,
	[ERROR_OUTCOME_UNKNOWN] = 503,
	[ERROR_INTERNAL] = 500,
};

int response_status(enum error_code code)
{
	return statuses[code];
}

static const char *reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 207, "Multi-Status" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Unknown";
}

void response_reset(struct response *response)
{
	response->status = 0;
	response->has_body = false;
	response->content_type = NULL;
	response->sent = 0;
	response->broken = false;
	buf_reset(&response->headers, KEEP_CAPACITY);
	buf_reset(&response->body, KEEP_CAPACITY);
}

struct response_mark response_mark(const struct response *response)
{
	return (struct response_mark){ response->status, response->has_body, response->content_type,
		response->headers.length, response->body.length };
}

void response_go_back(struct response *response, const struct response_mark *mark)
{
	response->status = mark->status;
	response->has_body = mark->has_body;
	response->content_type = mark->content_type;
	buf_truncate(&response->headers, mark->headers);
	buf_truncate(&response->body, mark->body);
}

void response_free(struct response *response)
{
	buf_free(&response->headers);
	buf_free(&response->body);
}

void response_header(struct response *response, const char *name, struct str value)
{
	buf_append_text(&response->headers, name);
	buf_append_text(&response->headers, ": ");
	while (value.length > 0) {
		size_t kept = 0;

		while (kept < value.length && (unsigned char)value.data[kept] >= 0x20 &&
		       value.data[kept] != 0x7F)
			kept++;
		buf_append(&response->headers, value.data, kept);
		value = str_slice(value, kept + 1, value.length);
	}
	buf_append_text(&response->headers, "\r\n");
}

void response_speak(struct response *response)
{
	response_header(response, "Content-Language", str_from(language_tag(language_now())));
	response_header(response, "Vary", STR("Accept-Language"));
}

static bool has_body(const struct response *response)
{
	return response->has_body && response->status != 204 && response->status != 304;
}

/* Status and headers; the length only of a body that is there as a whole. */
static void print_head(
    const struct response *response, const struct request *request, bool whole, struct buf *out)
{
	buf_append_text(out, "Status: ");
	buf_append_int64(out, response->status);
	buf_append_char(out, ' ');
	buf_append_text(out, reason_phrase(response->status));
	if (has_body(response)) {
		const char *type = response->content_type;

		buf_append_text(out, "\r\nContent-Type: ");
		buf_append_text(out, type != NULL ? type : response->media_type);
		if (type == NULL)
			buf_append_text(out, "; charset=utf-8");
		if (whole) {
			buf_append_text(out, "\r\nContent-Length: ");
			buf_append_int64(out, (int64_t)response->body.length);
		}
	}
	/* What one caller may see is kept by nobody in between, nor on a disk. */
	buf_append_text(out, "\r\nVary: Accept\r\nCache-Control: no-store\r\nX-Request-Id: ");
	buf_append_text(out, request->id);
	buf_append_text(out, "\r\n");
	buf_append_str(out, buf_str(&response->headers));
	buf_append_text(out, "\r\n");
}

static bool send_part(struct response *response, struct str part)
{
	response->sent += part.length;
	if (!response->sink->send(response->sink->context, part))
		response->broken = true;
	return !response->broken;
}

static bool send_head(struct response *response, const struct request *request)
{
	struct buf head = { 0 };
	bool sent;

	if (response->sink->body_only)
		return true;
	response->sink->begin(response->sink->context);
	print_head(response, request, false, &head);
	sent = !head.failed && send_part(response, buf_str(&head));
	buf_free(&head);
	return sent;
}

bool response_flush(struct response *response, const struct request *request)
{
	bool head_only = request->method == METHOD_HEAD;

	if (response->sink == NULL || response->body.failed || response->body.length < PART)
		return true;
	if (response->sent == 0 && !send_head(response, request))
		return false;
	if (!head_only && !send_part(response, buf_str(&response->body)))
		return false;
	buf_truncate(&response->body, 0);
	return !head_only;
}

bool response_finish(struct response *response)
{
	return !response->broken && send_part(response, buf_str(&response->body));
}

void response_print(const struct response *response, const struct request *request, struct buf *out)
{
	if (response->broken)
		return;
	if (response->sent == 0)
		print_head(response, request, true, out);
	if (has_body(response) && request->method != METHOD_HEAD)
		buf_append_str(out, buf_str(&response->body));
}
