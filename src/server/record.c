#include "server/record.h"

#include <fastcgi.h>

/* One record header, taken apart. */
struct record {
	unsigned type;
	unsigned id;
	size_t content;
	size_t padding;
};

static bool read_header(const unsigned char *bytes, struct record *record)
{
	record->type = bytes[1];
	record->id = (unsigned)bytes[2] << 8 | bytes[3];
	record->content = (size_t)bytes[4] << 8 | bytes[5];
	record->padding = bytes[6];
	return bytes[0] == FCGI_VERSION_1;
}

/* Progress through one request. */
struct scan {
	struct record_summary *summary;
	bool parameters_ended;
	bool input_ended;
};

/* Judges one record whose header is there. RECORD_PARTIAL means: go on. */
static enum record_scan judge(
    struct scan *scan, const struct record *record, const unsigned char *content, size_t available)
{
	unsigned role;

	if (record->id == FCGI_NULL_REQUEST_ID)
		return RECORD_PARTIAL; /* management */
	if (scan->summary->request_id == 0) {
		if (record->type != FCGI_BEGIN_REQUEST ||
		    record->content != sizeof(FCGI_BeginRequestBody))
			return RECORD_REFUSED;
		scan->summary->request_id = record->id;
		if (available < 2)
			return RECORD_PARTIAL;
		role = (unsigned)content[0] << 8 | content[1];
		return role == FCGI_RESPONDER ? RECORD_PARTIAL : RECORD_ROLE;
	}
	if (record->id != scan->summary->request_id)
		return RECORD_PARTIAL;
	if (record->type == FCGI_ABORT_REQUEST)
		return RECORD_REFUSED;
	if (record->type == FCGI_PARAMS && record->content == 0)
		scan->parameters_ended = true;
	if (record->type == FCGI_STDIN && record->content == 0)
		scan->input_ended = scan->parameters_ended;
	return RECORD_PARTIAL;
}

static bool is_question(const struct record *record)
{
	return record->id == FCGI_NULL_REQUEST_ID && record->type == FCGI_GET_VALUES;
}

enum record_scan record_scan(
    const unsigned char *bytes, size_t length, struct record_summary *summary)
{
	struct scan scan = { .summary = summary };

	*summary = (struct record_summary){ 0 };
	while (length >= FCGI_HEADER_LEN && !scan.input_ended) {
		struct record record;
		enum record_scan verdict;
		size_t size;

		if (!read_header(bytes, &record))
			return RECORD_REFUSED;
		verdict = judge(&scan, &record, bytes + FCGI_HEADER_LEN, length - FCGI_HEADER_LEN);
		if (verdict != RECORD_PARTIAL)
			return verdict;
		size = FCGI_HEADER_LEN + record.content + record.padding;
		if (size > length)
			return RECORD_PARTIAL;
		if (is_question(&record) && summary->request_id == 0) {
			summary->values_length = size;
			return RECORD_VALUES;
		}
		bytes += size;
		length -= size;
	}
	if (scan.input_ended)
		return length > 0 ? RECORD_PIPELINED : RECORD_COMPLETE;
	return length > 0 && bytes[0] != FCGI_VERSION_1 ? RECORD_REFUSED : RECORD_PARTIAL;
}

static void write_header(unsigned char *out, unsigned type, unsigned id, size_t content)
{
	out[0] = FCGI_VERSION_1;
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
	static const struct {
		struct str name;
		char value;
	} values[] = {
		{ { FCGI_MAX_CONNS, sizeof(FCGI_MAX_CONNS) - 1 }, '1' },
		{ { FCGI_MAX_REQS, sizeof(FCGI_MAX_REQS) - 1 }, '1' },
		{ { FCGI_MPXS_CONNS, sizeof(FCGI_MPXS_CONNS) - 1 }, '0' },
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

size_t record_answer_values(const unsigned char *bytes, unsigned char answer[RECORD_VALUES_MAX])
{
	struct record record;
	size_t length = FCGI_HEADER_LEN;
	size_t position = FCGI_HEADER_LEN;

	(void)read_header(bytes, &record);
	/* The names that are known are short: a long one, or one with a value, ends the reading. */
	while (position + 2 <= FCGI_HEADER_LEN + record.content && bytes[position + 1] == 0) {
		struct str name = { (const char *)bytes + position + 2, bytes[position] };

		if (name.length > 0x7f ||
		    position + 2 + name.length > FCGI_HEADER_LEN + record.content)
			break;
		length = answer_value(name, answer, length);
		position += 2 + name.length;
	}
	write_header(
	    answer, FCGI_GET_VALUES_RESULT, FCGI_NULL_REQUEST_ID, length - FCGI_HEADER_LEN);
	return length;
}

static void start(struct record_output *output, unsigned request_id, unsigned protocol_status)
{
	output->request_id = request_id;
	output->protocol_status = protocol_status;
	output->ended = false;
	output->count = 0;
	output->first = 0;
}

void record_begin(struct record_output *output, unsigned request_id, struct str content)
{
	start(output, request_id, FCGI_REQUEST_COMPLETE);
	output->content = content;
	output->end_stdout = true;
}

void record_begin_refusal(
    struct record_output *output, unsigned request_id, unsigned protocol_status)
{
	start(output, request_id, protocol_status);
	output->content = STR("");
	output->end_stdout = false;
}

static void add(struct record_output *output, const void *data, size_t length)
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
	unsigned char *end = output->tail + (output->end_stdout ? FCGI_HEADER_LEN : 0);

	if (output->end_stdout)
		write_header(output->tail, FCGI_STDOUT, output->request_id, 0);
	write_header(end, FCGI_END_REQUEST, output->request_id, sizeof(FCGI_EndRequestBody));
	memset(end + FCGI_HEADER_LEN, 0, sizeof(FCGI_EndRequestBody));
	end[FCGI_HEADER_LEN + 4] = (unsigned char)output->protocol_status;
	add(output, output->tail,
	    (size_t)(end - output->tail) + FCGI_HEADER_LEN + sizeof(FCGI_EndRequestBody));
	output->ended = true;
}

static void fill(struct record_output *output)
{
	output->count = 0;
	output->first = 0;
	for (unsigned i = 0; i < RECORD_BATCH && output->content.length > 0; i++) {
		struct str part = str_slice(output->content, 0, RECORD_CONTENT);

		write_header(output->headers[i], FCGI_STDOUT, output->request_id, part.length);
		add(output, output->headers[i], FCGI_HEADER_LEN);
		add(output, part.data, part.length);
		output->content = str_slice(output->content, part.length, output->content.length);
	}
	if (output->content.length == 0)
		add_tail(output);
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
