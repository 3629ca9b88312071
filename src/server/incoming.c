#include "server/incoming.h"

#include "server/record.h"

#define ROLE_RESPONDER 1
#define FLAG_KEEP 1

void incoming_init(struct incoming *incoming, size_t body_limit)
{
	*incoming = (struct incoming){ .body_limit = body_limit };
}

void incoming_clear(struct incoming *incoming)
{
	buf_free(&incoming->parameters);
	buf_free(&incoming->body);
	incoming_init(incoming, incoming->body_limit);
}

bool incoming_begun(const struct incoming *incoming)
{
	return incoming->request_id != 0 || incoming->header_length > 0;
}

size_t incoming_held(const struct incoming *incoming)
{
	return incoming->parameters.capacity + incoming->body.capacity;
}

static enum incoming_event malformed(struct incoming *incoming, const char *reason)
{
	incoming->reason = reason;
	return INCOMING_MALFORMED;
}

static unsigned record_type(const struct incoming *incoming)
{
	return incoming->header[1];
}

static unsigned record_id(const struct incoming *incoming)
{
	return (unsigned)incoming->header[2] << 8 | incoming->header[3];
}

/* Whether the record belongs to the request in hand. */
static bool is_ours(const struct incoming *incoming)
{
	return incoming->request_id != 0 && record_id(incoming) == incoming->request_id;
}

static bool is_control(const struct incoming *incoming)
{
	return record_type(incoming) == RECORD_BEGIN_REQUEST ||
	       record_type(incoming) == RECORD_GET_VALUES;
}

/* Judges a record by its header, before any of its content. INCOMING_MORE means: go on. */
static enum incoming_event judge_header(struct incoming *incoming)
{
	unsigned type = record_type(incoming);

	if (incoming->header[0] != RECORD_VERSION)
		return malformed(incoming, "no FastCGI record");
	if (record_id(incoming) == 0)
		return type == RECORD_BEGIN_REQUEST
			   ? malformed(incoming, "a request without a number")
			   : INCOMING_MORE;
	if (type == RECORD_BEGIN_REQUEST && incoming->content != RECORD_BEGIN_LENGTH)
		return malformed(incoming, "a begin of the wrong length");
	if (incoming->request_id == 0)
		/* The end of a request may cross the word that it is given up. */
		return type == RECORD_BEGIN_REQUEST || type == RECORD_ABORT_REQUEST
			   ? INCOMING_MORE
			   : malformed(incoming, "a record before the begin of its request");
	if (!is_ours(incoming))
		return INCOMING_MORE;
	switch (type) {
	case RECORD_ABORT_REQUEST:
		return INCOMING_MORE;
	case RECORD_PARAMS:
		return incoming->parameters_ended
			   ? malformed(incoming, "parameters after their end")
			   : INCOMING_MORE;
	case RECORD_STDIN:
		return incoming->parameters_ended
			   ? INCOMING_MORE
			   : malformed(incoming, "a body before the end of the parameters");
	default:
		return malformed(incoming, "a record that no request has");
	}
}

static void keep_body(struct incoming *incoming, const unsigned char *bytes, size_t length)
{
	size_t room = incoming->body_limit + 1 - incoming->body.length;

	buf_append(&incoming->body, (const char *)bytes, length < room ? length : room);
}

/* Takes a part of a record's content. */
static enum incoming_event take_content(
    struct incoming *incoming, const unsigned char *bytes, size_t length)
{
	if (is_control(incoming)) {
		size_t room = sizeof(incoming->control) - incoming->control_length;
		size_t part = length < room ? length : room;

		memcpy(incoming->control + incoming->control_length, bytes, part);
		incoming->control_length += part;
		return INCOMING_MORE;
	}
	if (!is_ours(incoming))
		return INCOMING_MORE;
	if (record_type(incoming) == RECORD_PARAMS) {
		if (length > INCOMING_PARAMETERS_BYTES - incoming->parameters.length)
			return INCOMING_TOO_LARGE;
		buf_append(&incoming->parameters, (const char *)bytes, length);
	} else if (record_type(incoming) == RECORD_STDIN) {
		keep_body(incoming, bytes, length);
	}
	return incoming->parameters.failed || incoming->body.failed ? INCOMING_NO_MEMORY
								    : INCOMING_MORE;
}

static enum incoming_event end_begin(struct incoming *incoming)
{
	unsigned role = (unsigned)incoming->control[0] << 8 | incoming->control[1];

	incoming->event_id = record_id(incoming);
	if (incoming->request_id != 0)
		return is_ours(incoming) ? malformed(incoming, "a second begin of one request")
					 : INCOMING_BUSY;
	incoming->request_id = record_id(incoming);
	incoming->keep = (incoming->control[2] & FLAG_KEEP) != 0;
	return role == ROLE_RESPONDER ? INCOMING_MORE : INCOMING_ROLE;
}

/* A record is whole. */
static enum incoming_event end_record(struct incoming *incoming, size_t content)
{
	unsigned type = record_type(incoming);

	incoming->event_type = type;
	if (record_id(incoming) == 0)
		return type == RECORD_GET_VALUES ? INCOMING_VALUES : INCOMING_UNKNOWN;
	if (type == RECORD_BEGIN_REQUEST)
		return end_begin(incoming);
	if (!is_ours(incoming))
		return INCOMING_MORE;
	if (type == RECORD_ABORT_REQUEST)
		return INCOMING_ABORTED;
	if (type == RECORD_PARAMS && content == 0)
		incoming->parameters_ended = true;
	return type == RECORD_STDIN && content == 0 ? INCOMING_REQUEST : INCOMING_MORE;
}

static size_t content_length(const struct incoming *incoming)
{
	return (size_t)incoming->header[4] << 8 | incoming->header[5];
}

/* Takes a part of the header; judges it when it is whole. */
static enum incoming_event take_header(
    struct incoming *incoming, const unsigned char *bytes, size_t length, size_t *part)
{
	size_t missing = sizeof(incoming->header) - incoming->header_length;

	*part = length < missing ? length : missing;
	memcpy(incoming->header + incoming->header_length, bytes, *part);
	incoming->header_length += *part;
	/* What speaks another protocol is not waited for. */
	if (incoming->header[0] != RECORD_VERSION)
		return malformed(incoming, "no FastCGI record");
	if (incoming->header_length < sizeof(incoming->header))
		return INCOMING_MORE;
	incoming->content = content_length(incoming);
	incoming->padding = incoming->header[6];
	incoming->control_length = 0;
	return judge_header(incoming);
}

/* Takes a part of content or padding. */
static enum incoming_event take_rest(
    struct incoming *incoming, const unsigned char *bytes, size_t length, size_t *part)
{
	enum incoming_event event = INCOMING_MORE;

	if (incoming->content > 0) {
		*part = length < incoming->content ? length : incoming->content;
		event = take_content(incoming, bytes, *part);
		incoming->content -= *part;
	} else {
		*part = length < incoming->padding ? length : incoming->padding;
		incoming->padding -= *part;
	}
	return event;
}

enum incoming_event incoming_feed(
    struct incoming *incoming, const unsigned char *bytes, size_t length, size_t *taken)
{
	enum incoming_event event = INCOMING_MORE;

	*taken = 0;
	while (event == INCOMING_MORE && *taken < length) {
		size_t part;

		if (incoming->header_length < sizeof(incoming->header))
			event = take_header(incoming, bytes + *taken, length - *taken, &part);
		else
			event = take_rest(incoming, bytes + *taken, length - *taken, &part);
		*taken += part;
		if (event == INCOMING_MORE && incoming->header_length == sizeof(incoming->header) &&
		    incoming->content == 0 && incoming->padding == 0) {
			incoming->header_length = 0;
			event = end_record(incoming, content_length(incoming));
		}
	}
	return event;
}

/* Reads a length of one byte, or of four whose first bit is set. */
static bool read_length(const struct buf *bytes, size_t *position, size_t *length)
{
	const unsigned char *at = (const unsigned char *)bytes->data + *position;
	size_t left = bytes->length - *position;

	if (left < 1)
		return false;
	if (at[0] < 0x80) {
		*length = at[0];
		*position += 1;
		return true;
	}
	if (left < 4)
		return false;
	*length = (size_t)(at[0] & 0x7f) << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
	*position += 4;
	return true;
}

enum incoming_event incoming_environment(
    struct incoming *incoming, char *environment[INCOMING_PARAMETERS_MAX + 1])
{
	struct buf *bytes = &incoming->parameters;
	size_t position = 0, count = 0;
	char *out = bytes->data;

	environment[0] = NULL;
	while (position < bytes->length) {
		size_t name, value;
		const char *from;

		if (!read_length(bytes, &position, &name) || !read_length(bytes, &position, &value))
			return malformed(incoming, "a parameter whose lengths break off");
		if (name > bytes->length - position || value > bytes->length - position - name)
			return malformed(incoming, "a parameter longer than all of them");
		if (name > INCOMING_NAME_MAX || count == INCOMING_PARAMETERS_MAX)
			return INCOMING_TOO_LARGE;
		from = bytes->data + position;
		position += name + value;
		if (name == 0)
			continue;
		if (memchr(from, '=', name) != NULL || memchr(from, 0, name + value) != NULL)
			return malformed(incoming, "a parameter with a byte that none has");
		/* Two lengths have at least the bytes of '=' and NUL: writing stays behind. */
		environment[count++] = out;
		memmove(out, from, name);
		memmove(out + name + 1, from + name, value);
		out[name] = '=';
		out[name + 1 + value] = '\0';
		out += name + value + 2;
	}
	environment[count] = NULL;
	return INCOMING_REQUEST;
}
