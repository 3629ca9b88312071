#include "server/record.h"

static void write_header(unsigned char *out, unsigned type, unsigned id, size_t content)
{
	out[0] = RECORD_VERSION;
	out[1] = (unsigned char)type;
	out[2] = (unsigned char)(id >> 8);
	out[3] = (unsigned char)(id & 0xff);
	out[4] = (unsigned char)(content >> 8);
	out[5] = (unsigned char)(content & 0xff);
	out[6] = 0;
	out[7] = 0;
}

/* Appends "name=value" to an answer when `name` is known; returns the new length. */
static size_t answer_value(struct str name, unsigned char *answer, size_t length)
{
	const struct {
		struct str name;
		char value;
	} values[] = {
		{ STR("FCGI_MAX_CONNS"), '1' },
		{ STR("FCGI_MAX_REQS"), '1' },
		{ STR("FCGI_MPXS_CONNS"), '0' },
	};

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (!str_equal(name, values[i].name) ||
		    length + name.length + 3 > RECORD_VALUES_MAX)
			continue;
		answer[length++] = (unsigned char)name.length;
		answer[length++] = 1;
		memcpy(answer + length, name.data, name.length);
		length += name.length;
		answer[length++] = (unsigned char)values[i].value;
	}
	return length;
}

size_t record_answer_values(struct str question, unsigned char answer[RECORD_VALUES_MAX])
{
	size_t length = RECORD_HEADER_LENGTH;
	size_t position = 0;

	/* The names that are known are short: a long one, or one with a value, ends the reading. */
	while (position + 2 <= question.length && question.data[position + 1] == 0) {
		struct str name = { question.data + position + 2,
			(unsigned char)question.data[position] };

		if (name.length > 0x7f || position + 2 + name.length > question.length)
			break;
		length = answer_value(name, answer, length);
		position += 2 + name.length;
	}
	write_header(answer, RECORD_GET_VALUES_RESULT, 0, length - RECORD_HEADER_LENGTH);
	return length;
}

static void write_short(
    unsigned char *out, enum record_type type, unsigned id, unsigned number, unsigned char value)
{
	write_header(out, type, id, RECORD_END_LENGTH);
	memset(out + RECORD_HEADER_LENGTH, 0, RECORD_END_LENGTH);
	out[RECORD_HEADER_LENGTH + number] = value;
}

void record_answer_unknown(unsigned type, unsigned char answer[RECORD_SHORT_LENGTH])
{
	write_short(answer, RECORD_UNKNOWN_TYPE, 0, 0, (unsigned char)type);
}

void record_answer_end(
    unsigned request_id, enum record_status status, unsigned char answer[RECORD_SHORT_LENGTH])
{
	write_short(answer, RECORD_END_REQUEST, request_id, 4, (unsigned char)status);
}

void record_answer_broken(unsigned request_id, unsigned char answer[RECORD_SHORT_LENGTH])
{
	write_short(answer, RECORD_STDOUT, request_id, 0, 0);
	answer[0] = 0; /* the version: there is none of this number */
}

void record_begin(struct record_output *output, unsigned request_id, struct str content)
{
	output->request_id = request_id;
	output->content = content;
	output->partial = false;
	output->ended = false;
	output->count = 0;
	output->first = 0;
}

void record_begin_part(struct record_output *output, unsigned request_id, struct str content)
{
	record_begin(output, request_id, content);
	output->partial = true;
}

static void add_piece(struct record_output *output, const void *data, size_t length)
{
	/* sendmsg() does not write to it. */
	union {
		const void *constant;
		void *plain;
	} pointer = { .constant = data };

	output->vector[output->count++] =
	    (struct iovec){ .iov_base = pointer.plain, .iov_len = length };
}

static void add_tail(struct record_output *output)
{
	write_header(output->tail, RECORD_STDOUT, output->request_id, 0);
	record_answer_end(output->request_id, RECORD_COMPLETE, output->tail + RECORD_HEADER_LENGTH);
	add_piece(output, output->tail, sizeof(output->tail));
}

static void fill(struct record_output *output)
{
	output->count = 0;
	output->first = 0;
	for (unsigned i = 0; i < RECORD_BATCH && output->content.length > 0; i++) {
		struct str part = str_slice(output->content, 0, RECORD_CONTENT);

		write_header(output->headers[i], RECORD_STDOUT, output->request_id, part.length);
		add_piece(output, output->headers[i], RECORD_HEADER_LENGTH);
		add_piece(output, part.data, part.length);
		output->content = str_slice(output->content, part.length, output->content.length);
	}
	if (output->content.length == 0 && !output->partial)
		add_tail(output);
	output->ended = output->content.length == 0;
}

bool record_next(struct record_output *output, struct iovec **vector, size_t *count)
{
	if (output->first == output->count) {
		if (output->ended)
			return false;
		fill(output);
	}
	*vector = &output->vector[output->first];
	*count = output->count - output->first;
	return true;
}

void record_sent(struct record_output *output, size_t length)
{
	while (length > 0) {
		struct iovec *entry = &output->vector[output->first];
		size_t part = length < entry->iov_len ? length : entry->iov_len;

		entry->iov_base = (char *)entry->iov_base + part;
		entry->iov_len -= part;
		length -= part;
		if (entry->iov_len == 0)
			output->first++;
	}
}
