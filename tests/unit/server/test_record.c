#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"
#include "server/record.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define BYTES(text) (text), sizeof(text) - 1

/* Sends in pieces of `piece` bytes and gives what came out. */
static unsigned char *collect(struct record_output *output, size_t piece, size_t *length)
{
	unsigned char *bytes = malloc(1);
	struct iovec *vector;
	size_t count;

	*length = 0;
	while (record_next(output, &vector, &count)) {
		size_t sent = 0;

		assert_true(count > 0);
		for (size_t i = 0; i < count && sent < piece; i++) {
			size_t part =
			    vector[i].iov_len < piece - sent ? vector[i].iov_len : piece - sent;

			bytes = realloc(bytes, *length + part + 1);
			memcpy(bytes + *length, vector[i].iov_base, part);
			*length += part;
			sent += part;
		}
		record_sent(output, sent);
	}
	return bytes;
}

/* Takes the records apart again and compares the content. */
static void check_records(const unsigned char *bytes, size_t length, struct str content)
{
	size_t position = 0, seen = 0;
	bool stdout_ended = false;

	while (position < length && bytes[position + 1] == 6) {
		size_t size = (size_t)bytes[position + 4] << 8 | bytes[position + 5];

		assert_int_equal(bytes[position], 1);
		assert_int_equal((bytes[position + 2] << 8) | bytes[position + 3], 258);
		assert_int_equal(bytes[position + 6], 0);
		assert_false(stdout_ended);
		assert_true(seen + size <= content.length);
		assert_memory_equal(bytes + position + 8, content.data + seen, size);
		stdout_ended = size == 0;
		seen += size;
		position += 8 + size;
	}
	assert_true(stdout_ended);
	assert_int_equal(seen, content.length);
	assert_int_equal(length - position, 16);
	assert_memory_equal(bytes + position, "\1\3\1\2\0\10\0\0\0\0\0\0\0\0\0\0", 16);
}

static void test_output(void **state)
{
	static const size_t sizes[] = { 0, 1, 600, 65527, 65528, 65529, 200000, 64 * 65528,
		64 * 65528 + 1, 6000000 };
	static const size_t pieces[] = { 7919, 65536, 1000000, SIZE_MAX };
	char *content = malloc(6000000);

	(void)state;
	for (size_t i = 0; i < 6000000; i++)
		content[i] = (char)(i * 7 + i / 251);
	for (unsigned i = 0; i < ROWS(sizes); i++) {
		for (unsigned j = 0; j < ROWS(pieces); j++) {
			static struct record_output output;
			struct str text = { content, sizes[i] };
			unsigned char *bytes;
			size_t length;

			record_begin(&output, 258, text);
			bytes = collect(&output, pieces[j], &length);
			check_records(bytes, length, text);
			free(bytes);
		}
	}
	free(content);
}

/* Parts, and the end behind them, are the records of one answer. */
static void test_parts(void **state)
{
	struct record_output output;
	struct buf all = { 0 };
	const struct str parts[] = { STR("hel"), STR("l") };
	unsigned char *bytes;
	size_t length;

	(void)state;
	for (unsigned i = 0; i < ROWS(parts); i++) {
		record_begin_part(&output, 258, parts[i]);
		bytes = collect(&output, 5, &length);
		buf_append(&all, (const char *)bytes, length);
		free(bytes);
	}
	record_begin(&output, 258, STR("o"));
	bytes = collect(&output, 5, &length);
	buf_append(&all, (const char *)bytes, length);
	free(bytes);
	bytes = malloc(all.length);
	memcpy(bytes, all.data, all.length);
	check_records(bytes, all.length, STR("hello"));
	free(bytes);
	buf_free(&all);
}

static void test_single_bytes(void **state)
{
	struct record_output output;
	unsigned char *bytes;
	size_t length;

	(void)state;
	record_begin(&output, 258, STR("hello"));
	bytes = collect(&output, 1, &length);
	check_records(bytes, length, STR("hello"));
	free(bytes);
}

static const struct {
	const char *question;
	size_t question_length;
	const char *answer;
	size_t answer_length;
} value_rows[] = {
	{ BYTES(""), BYTES("\1\12\0\0\0\0\0\0") },
	{ BYTES("\17\0FCGI_MPXS_CONNS"), BYTES("\1\12\0\0\0\22\0\0\17\1FCGI_MPXS_CONNS0") },
	{ BYTES("\4\0NONE\15\0FCGI_MAX_REQS"), BYTES("\1\12\0\0\0\20\0\0\15\1FCGI_MAX_REQS1") },
	{ BYTES("\17\0FC"), BYTES("\1\12\0\0\0\0\0\0") },
	{ BYTES("\200\0\0\0"), BYTES("\1\12\0\0\0\0\0\0") },
	{ BYTES("\17"), BYTES("\1\12\0\0\0\0\0\0") },
};

static void test_values(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS(value_rows); i++) {
		/* A copy of its own, so that the sanitizer sees a byte too far. */
		char *question = malloc(value_rows[i].question_length + 1);
		unsigned char answer[RECORD_VALUES_MAX];
		size_t length;

		memcpy(question, value_rows[i].question, value_rows[i].question_length);
		question = realloc(question,
		    value_rows[i].question_length > 0 ? value_rows[i].question_length : 1);
		length = record_answer_values(
		    (struct str){ question, value_rows[i].question_length }, answer);
		if (length != value_rows[i].answer_length)
			fail_msg("row %u: %zu", i, length);
		assert_memory_equal(answer, value_rows[i].answer, length);
		free(question);
	}
}

/* The same question many times does not overflow the answer. */
static void test_many_values(void **state)
{
	char question[50 * 15];
	unsigned char answer[RECORD_VALUES_MAX];

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		memcpy(question + (size_t)i * 15, "\15\0FCGI_MAX_REQS", 15);
	assert_in_range(record_answer_values((struct str){ question, sizeof(question) }, answer), 8,
	    RECORD_VALUES_MAX);
}

static void test_short(void **state)
{
	unsigned char answer[RECORD_SHORT_LENGTH];

	(void)state;
	record_answer_end(261, RECORD_UNKNOWN_ROLE, answer);
	assert_memory_equal(answer, "\1\3\1\5\0\10\0\0\0\0\0\0\3\0\0\0", 16);
	record_answer_unknown(200, answer);
	assert_memory_equal(answer, "\1\13\0\0\0\10\0\0\310\0\0\0\0\0\0\0", 16);
	record_answer_broken(261, answer);
	assert_int_not_equal(answer[0], RECORD_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_single_bytes),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
