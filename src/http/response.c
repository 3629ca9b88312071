#include "http/response.h"

#include <stdio.h>

#define KEEP_CAPACITY (256 * 1024)
#define RETRY_AFTER_SECONDS 2

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

	for (size_t i = 0; i < COUNT_OF(phrases); i++) {
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
	for (size_t i = 0; i < value.length; i++) {
		if ((unsigned char)value.data[i] >= 0x20 && value.data[i] != 0x7F)
			buf_append_char(&response->headers, value.data[i]);
	}
	buf_append_text(&response->headers, "\r\n");
}

const char *response_begin(
    struct response *response, const struct answer *answer, struct writer *writer)
{
	response->has_body = true;
	writer_init(writer, answer->media.format, answer->family, &response->body);
	return answer->family->begin_answer != NULL ? answer->family->begin_answer(writer, answer)
						    : NULL;
}

void response_end(struct response *response, const struct answer *answer, struct writer *writer)
{
	(void)response;
	if (answer->family->end_answer != NULL)
		answer->family->end_answer(writer, answer);
}

/* "dto.ClientCode" of a member path; the body itself is "dto". */
static void append_fault_key(
    struct buf *out, const struct answer *answer, const struct fault *fault)
{
	const char *body = answer->route != NULL ? answer->route->body_name : NULL;

	if (!answer->family->error.fault_prefix || body == NULL) {
		buf_append_text(out, fault->path);
		return;
	}
	buf_append_text(out, body);
	if (fault->path[0] != '\0' && fault->path[0] != '[')
		buf_append_char(out, '.');
	buf_append_text(out, fault->path);
}

/* The character at the beginning of valid UTF-8; sets its length in bytes. */
static uint32_t first_character(const char *text, size_t *length)
{
	unsigned char first = (unsigned char)text[0];
	size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	uint32_t character = bytes == 1 ? first : first & (0xFFu >> (bytes + 1));

	*length = 1;
	while (*length < bytes && ((unsigned char)text[*length] & 0xC0) == 0x80)
		character = character << 6 | ((unsigned char)text[(*length)++] & 0x3F);
	return character;
}

/*
 * Element names take no brackets and no blanks: they are written as _xHHHH_, as the original does.
 * So is all that is not ASCII, of which a name takes a part only.
 */
static void encode_element_name(struct buf *out, const char *name)
{
	size_t length;

	for (const char *at = name; *at != '\0'; at += length) {
		uint32_t character = first_character(at, &length);
		char lower = str_lower(*at);
		bool letter = (lower >= 'a' && lower <= 'z') || *at == '_';
		bool later = (*at >= '0' && *at <= '9') || *at == '-' || *at == '.';

		if (letter || (later && at > name))
			buf_append_char(out, *at);
		else
			buf_printf(out, character > 0xFFFF ? "_x%08X_" : "_x%04X_", character);
	}
}

static bool same_key(const struct fault *a, const struct fault *b)
{
	return strcmp(a->path, b->path) == 0;
}

static bool is_first_of_key(const struct error *error, const struct fault *fault)
{
	for (const struct fault *earlier = error->faults; earlier != fault;
	     earlier = earlier->next) {
		if (same_key(earlier, fault))
			return false;
	}
	return true;
}

/* JSON: a list of messages per key. XML: one element per key, its messages joined by a blank. */
static void write_messages(struct writer *writer, const char *key, const struct fault *fault)
{
	struct buf joined = { 0 };

	if (writer->format == MEDIA_JSON)
		writer_array_begin(writer, key, "string");
	for (const struct fault *next = fault; next != NULL; next = next->next) {
		if (!same_key(next, fault))
			continue;
		if (writer->format == MEDIA_JSON) {
			writer_text(writer, NULL, str_from(next->message));
			continue;
		}
		if (joined.length > 0)
			buf_append_char(&joined, ' ');
		buf_append_text(&joined, next->message);
	}
	if (writer->format == MEDIA_JSON)
		writer_array_end(writer);
	else
		writer_text(writer, key, buf_str(&joined));
	buf_free(&joined);
}

void response_write_faults(
    struct writer *writer, const struct answer *answer, const char *name, const struct error *error)
{
	struct buf key = { 0 };

	writer_object_begin(writer, name);
	writer->plain_names = true;
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		struct buf encoded = { 0 };

		if (!is_first_of_key(error, fault))
			continue;
		buf_reset(&key, SIZE_MAX);
		append_fault_key(&key, answer, fault);
		/* An element cannot be without a name. */
		if (key.length == 0)
			buf_append_text(&key, "body");
		if (writer->format == MEDIA_XML)
			encode_element_name(&encoded, key.data);
		write_messages(
		    writer, writer->format == MEDIA_XML ? encoded.data : key.data, fault);
		buf_free(&encoded);
	}
	writer->plain_names = false;
	writer_object_end(writer);
	buf_free(&key);
}

static void write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	const struct error_shape *shape = &answer->family->error;
	const char *message = error->message;

	if (message == NULL)
		message = error_code_message(error->code);
	/* A body that cannot be read is a fault of the whole body under the body's name. */
	if (error->code == ERROR_MALFORMED && error->faults == NULL) {
		struct fault whole = { .path = "", .message = message };
		struct error invalid = *error;

		invalid.faults = &whole;
		invalid.code = ERROR_INVALID;
		invalid.message = NULL;
		write_error(writer, answer, &invalid);
		return;
	}
	writer->plain_root = true;
	writer_object_begin(writer, shape->xml_root);
	writer_text(writer, shape->message, str_from(message));
	if (error->faults != NULL)
		response_write_faults(writer, answer, shape->faults, error);
	writer_object_end(writer);
}

static void add_retry_after(struct response *response, int64_t seconds)
{
	char text[24];
	int length = snprintf(
	    text, sizeof(text), "%lld", (long long)(seconds > 0 ? seconds : RETRY_AFTER_SECONDS));

	response_header(response, "Retry-After", (struct str){ text, (size_t)length });
}

/* Nobody is told to repeat what may have been done, unless the repetition does nothing twice. */
static bool is_worth_waiting(const struct request *request, enum error_code code)
{
	return code == ERROR_BUSY || code == ERROR_UNAVAILABLE || code == ERROR_TOO_MANY ||
	       (code == ERROR_OUTCOME_UNKNOWN && request != NULL &&
		   request->idempotency_key.length > 0);
}

static void add_error_headers(
    struct response *response, const struct answer *answer, const struct error *error)
{
	enum error_code code = error->code;
	struct buf allow = { 0 };

	if (code == ERROR_UNAUTHENTICATED)
		response_header(response, "WWW-Authenticate",
		    str_from(error->challenge != NULL ? error->challenge
						      : "Bearer realm=\"clientele\""));
	if (is_worth_waiting(answer->request, code))
		add_retry_after(response, error->retry_after);
	if (code == ERROR_OUTCOME_UNKNOWN)
		response_header(response, "Outcome", STR("unknown"));
	if (code == ERROR_METHOD) {
		route_allow(answer->methods, &allow);
		response_header(response, "Allow", buf_str(&allow));
	}
	buf_free(&allow);
}

void response_error(
    struct response *response, const struct answer *answer, const struct error *error)
{
	struct writer writer;

	if (response->sent > 0) {
		response->status = statuses[error->code];
		response->broken = true;
		return;
	}
	response_reset(response);
	response->status = statuses[error->code];
	response->has_body = true;
	add_error_headers(response, answer, error);
	writer_init(&writer, answer->media.format, answer->family, &response->body);
	if (answer->family->write_error != NULL)
		answer->family->write_error(&writer, answer, error);
	else
		write_error(&writer, answer, error);
}

static bool has_body(const struct response *response)
{
	return response->has_body && response->status != 204 && response->status != 304;
}

/* Status and headers; the length only of a body that is there as a whole. */
static void print_head(
    const struct response *response, const struct answer *answer, bool whole, struct buf *out)
{
	buf_printf(out, "Status: %d %s\r\n", response->status, reason_phrase(response->status));
	if (has_body(response)) {
		if (response->content_type != NULL)
			buf_printf(out, "Content-Type: %s\r\n", response->content_type);
		else
			buf_printf(out, "Content-Type: %s; charset=utf-8\r\n", answer->media.type);
		if (whole)
			buf_printf(out, "Content-Length: %zu\r\n", response->body.length);
	}
	/* What one caller may see is kept by nobody in between, nor on a disk. */
	buf_printf(out, "Vary: Accept\r\nCache-Control: no-store\r\nX-Request-Id: %s\r\n",
	    answer->request->id);
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

static bool send_head(struct response *response, const struct answer *answer)
{
	struct buf head = { 0 };
	bool sent;

	response->sink->begin(response->sink->context);
	print_head(response, answer, false, &head);
	sent = !head.failed && send_part(response, buf_str(&head));
	buf_free(&head);
	return sent;
}

bool response_flush(struct response *response, const struct answer *answer)
{
	bool head_only = answer->request->method == METHOD_HEAD;

	if (response->sink == NULL || response->body.failed || response->body.length < PART)
		return true;
	if (response->sent == 0 && !send_head(response, answer))
		return false;
	if (!head_only && !send_part(response, buf_str(&response->body)))
		return false;
	buf_truncate(&response->body, 0);
	return !head_only;
}

void response_print(const struct response *response, const struct answer *answer, struct buf *out)
{
	if (response->broken)
		return;
	if (response->sent == 0)
		print_head(response, answer, true, out);
	if (has_body(response) && answer->request->method != METHOD_HEAD)
		buf_append_str(out, buf_str(&response->body));
}
