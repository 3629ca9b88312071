#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "server/incoming.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define BEGIN "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
#define BEGIN_AUTHORIZER "\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0"
#define PARAMS "\1\4\0\1\0\4\0\0\1\1ab"
#define PARAMS_PADDED "\1\4\0\1\0\4\4\0\1\1abzzzz"
#define PARAMS_END "\1\4\0\1\0\0\0\0"
#define PARAMS_END_PADDED "\1\4\0\1\0\0\3\0zzz"
#define INPUT "\1\5\0\1\0\3\0\0xyz"
#define INPUT_END "\1\5\0\1\0\0\0\0"
#define ABORT "\1\2\0\1\0\0\0\0"
#define GET_VALUES "\1\11\0\0\0\0\0\0"
#define UNKNOWN "\1\310\0\0\0\2\1\0abz"
#define OTHER_BEGIN "\1\1\0\2\0\10\0\0\0\1\0\0\0\0\0\0"
#define OTHER_INPUT_END "\1\5\0\2\0\0\0\0"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t length;
	enum incoming_event event;
} rows[] = {
	{ BYTES("\1"), INCOMING_MORE },
	{ BYTES("\1\1\0\1\0\10\0"), INCOMING_MORE },
	{ BYTES("G"), INCOMING_MALFORMED },
	{ BYTES("\0\0\0\0\0\0\0\0"), INCOMING_MALFORMED },
	{ BYTES("\2\1\0\1\0\10\0\0"), INCOMING_MALFORMED },
	{ BYTES("\1\1\0\0\0\10\0\0"), INCOMING_MALFORMED },
	{ BYTES("\1\1\0\1\0\7\0\0"), INCOMING_MALFORMED },
	{ BYTES("\1\1\0\1\377\377\0\0"), INCOMING_MALFORMED },
	{ BYTES(PARAMS), INCOMING_MALFORMED },
	{ BYTES(INPUT), INCOMING_MALFORMED },
	{ BYTES(ABORT), INCOMING_MORE },
	{ BYTES(BEGIN), INCOMING_MORE },
	{ BYTES(BEGIN_AUTHORIZER), INCOMING_ROLE },
	{ BYTES(BEGIN BEGIN), INCOMING_MALFORMED },
	{ BYTES(BEGIN OTHER_BEGIN), INCOMING_BUSY },
	{ BYTES(BEGIN PARAMS "x"), INCOMING_MALFORMED },
	{ BYTES(BEGIN PARAMS PARAMS_END), INCOMING_MORE },
	{ BYTES(BEGIN PARAMS PARAMS_END PARAMS), INCOMING_MALFORMED },
	{ BYTES(BEGIN PARAMS PARAMS_END PARAMS_END), INCOMING_MALFORMED },
	{ BYTES(BEGIN PARAMS INPUT), INCOMING_MALFORMED },
	{ BYTES(BEGIN PARAMS INPUT_END), INCOMING_MALFORMED },
	{ BYTES(BEGIN "\1\10\0\1\0\0\0\0"), INCOMING_MALFORMED },
	{ BYTES(BEGIN "\1\377\0\1\0\0\0\0"), INCOMING_MALFORMED },
	{ BYTES(BEGIN "\1\13\0\1\0\0\0\0"), INCOMING_MALFORMED },
	{ BYTES(BEGIN PARAMS PARAMS_END INPUT_END), INCOMING_REQUEST },
	{ BYTES(BEGIN PARAMS PARAMS_END OTHER_INPUT_END), INCOMING_MORE },
	{ BYTES(BEGIN PARAMS PARAMS_END OTHER_INPUT_END INPUT_END), INCOMING_REQUEST },
	{ BYTES(BEGIN PARAMS_PADDED PARAMS_END_PADDED INPUT INPUT_END), INCOMING_REQUEST },
	{ BYTES(BEGIN PARAMS ABORT), INCOMING_ABORTED },
	{ BYTES(BEGIN PARAMS PARAMS_END INPUT ABORT), INCOMING_ABORTED },
	{ BYTES(GET_VALUES), INCOMING_VALUES },
	{ BYTES(BEGIN PARAMS GET_VALUES), INCOMING_VALUES },
	{ BYTES(UNKNOWN), INCOMING_UNKNOWN },
	{ BYTES(BEGIN PARAMS UNKNOWN), INCOMING_UNKNOWN },
};

/* Feeds pieces of `piece` bytes, each a copy of its own, so that the sanitizer sees a byte too far.
 */
static enum incoming_event feed(
    struct incoming *incoming, const char *bytes, size_t length, size_t piece, size_t *left)
{
	enum incoming_event event = INCOMING_MORE;

	while (length > 0 && event == INCOMING_MORE) {
		size_t size = length < piece ? length : piece, taken;
		unsigned char *copy = malloc(size);

		memcpy(copy, bytes, size);
		event = incoming_feed(incoming, copy, size, &taken);
		assert_true(event != INCOMING_MORE || taken == size);
		free(copy);
		bytes += taken;
		length -= taken;
	}
	*left = length;
	return event;
}

/* The same comes out, however the bytes are cut. */
static void test_events(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS(rows); i++) {
		for (size_t piece = 1; piece <= rows[i].length; piece++) {
			struct incoming incoming;
			enum incoming_event event;
			size_t left;

			incoming_init(&incoming, 100);
			event = feed(&incoming, rows[i].bytes, rows[i].length, piece, &left);
			if (event != rows[i].event)
				fail_msg("row %u, pieces of %zu: %d", i, piece, (int)event);
			if (event == INCOMING_MALFORMED)
				assert_non_null(incoming.reason);
			incoming_clear(&incoming);
		}
	}
}

/* No beginning of a request counts as more than a part of it, and what follows it is left. */
static void test_every_cut(void **state)
{
	static const char whole[] =
	    BEGIN PARAMS_PADDED PARAMS_END_PADDED INPUT INPUT INPUT_END "behind";
	const size_t length = sizeof(whole) - 1 - 6;

	(void)state;
	for (size_t cut = 1; cut < length; cut++) {
		struct incoming incoming;
		char *environment[INCOMING_PARAMETERS_MAX + 1];
		size_t left;

		incoming_init(&incoming, 100);
		assert_int_equal(feed(&incoming, whole, cut, SIZE_MAX, &left), INCOMING_MORE);
		assert_true(incoming_begun(&incoming));
		assert_int_equal(feed(&incoming, whole + cut, length + 6 - cut, SIZE_MAX, &left),
		    INCOMING_REQUEST);
		assert_int_equal(left, 6);
		assert_int_equal(incoming_environment(&incoming, environment), INCOMING_REQUEST);
		assert_string_equal(environment[0], "a=b");
		assert_null(environment[1]);
		assert_true(str_equal(buf_str(&incoming.body), STR("xyzxyz")));
		incoming_clear(&incoming);
		assert_false(incoming_begun(&incoming));
		assert_int_equal(incoming_held(&incoming), 0);
	}
}

/* Of a body over the limit, one byte more is kept. */
static void test_body_limit(void **state)
{
	static const size_t limits[] = { 0, 2, 3, 5, 6, 7 };
	static const char whole[] = BEGIN PARAMS PARAMS_END INPUT INPUT INPUT_END;

	(void)state;
	for (unsigned i = 0; i < ROWS(limits); i++) {
		struct incoming incoming;
		size_t left;

		incoming_init(&incoming, limits[i]);
		assert_int_equal(
		    feed(&incoming, whole, sizeof(whole) - 1, 1, &left), INCOMING_REQUEST);
		assert_int_equal(incoming.body.length, limits[i] < 6 ? limits[i] + 1 : 6);
		incoming_clear(&incoming);
	}
}

static const struct {
	const char *bytes;
	size_t length;
	enum incoming_event event;
	const char *environment; /* joined by ';' */
} parameter_rows[] = {
	{ BYTES(""), INCOMING_REQUEST, "" },
	{ BYTES("\1\0A"), INCOMING_REQUEST, "A=;" },
	{ BYTES("\1\2Abc\2\1DEf"), INCOMING_REQUEST, "A=bc;DE=f;" },
	{ BYTES("\200\0\0\1\200\0\0\2Abc\1\200\0\0\1Xy"), INCOMING_REQUEST, "A=bc;X=y;" },
	{ BYTES("\0\0"), INCOMING_REQUEST, "" },
	{ BYTES("\0\2xy\1\1Ab"), INCOMING_REQUEST, "A=b;" },
	{ BYTES("\1\3Ab=c"), INCOMING_REQUEST, "A=b=c;" },
	{ BYTES("\1"), INCOMING_MALFORMED, NULL },
	{ BYTES("\1\1A"), INCOMING_MALFORMED, NULL },
	{ BYTES("\2\1A"), INCOMING_MALFORMED, NULL },
	{ BYTES("\1\1Ab\1"), INCOMING_MALFORMED, NULL },
	{ BYTES("\200"), INCOMING_MALFORMED, NULL },
	{ BYTES("\200\0\0"), INCOMING_MALFORMED, NULL },
	{ BYTES("\1\200\0\0"), INCOMING_MALFORMED, NULL },
	{ BYTES("\377\377\377\377\1A"), INCOMING_MALFORMED, NULL },
	{ BYTES("\1\377\377\377\377A"), INCOMING_MALFORMED, NULL },
	{ BYTES("\377\377\377\377\377\377\377\377A"), INCOMING_MALFORMED, NULL },
	{ BYTES("\0\377\377\377\377"), INCOMING_MALFORMED, NULL },
	{ BYTES("\2\1A=b"), INCOMING_MALFORMED, NULL },
	{ BYTES("\2\1A\0b"), INCOMING_MALFORMED, NULL },
	{ BYTES("\1\2Ab\0"), INCOMING_MALFORMED, NULL },
};

static void test_parameters(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS(parameter_rows); i++) {
		struct incoming incoming;
		char *environment[INCOMING_PARAMETERS_MAX + 1];
		enum incoming_event event;
		struct buf joined = { 0 };

		incoming_init(&incoming, 0);
		buf_append(&incoming.parameters, parameter_rows[i].bytes, parameter_rows[i].length);
		event = incoming_environment(&incoming, environment);
		if (event != parameter_rows[i].event)
			fail_msg("row %u: %d", i, (int)event);
		buf_append_text(&joined, "");
		for (unsigned j = 0; event == INCOMING_REQUEST && environment[j] != NULL; j++)
			buf_printf(&joined, "%s;", environment[j]);
		if (event == INCOMING_REQUEST)
			assert_string_equal(joined.data, parameter_rows[i].environment);
		buf_free(&joined);
		incoming_clear(&incoming);
	}
}

/* Number, length of a name, and bytes in all: each limit, and one more. */
static void test_limits(void **state)
{
	char *environment[INCOMING_PARAMETERS_MAX + 1];
	struct incoming incoming;

	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		incoming_init(&incoming, 0);
		for (unsigned i = 0; i < INCOMING_PARAMETERS_MAX + more; i++)
			buf_append(&incoming.parameters, "\1\0A", 3);
		assert_int_equal(incoming_environment(&incoming, environment),
		    more ? INCOMING_TOO_LARGE : INCOMING_REQUEST);
		incoming_clear(&incoming);
		buf_append(&incoming.parameters, more ? "\200\0\1\1\0" : "\200\0\1\0\0", 5);
		for (unsigned i = 0; i < INCOMING_NAME_MAX + more; i++)
			buf_append_char(&incoming.parameters, 'N');
		assert_int_equal(incoming_environment(&incoming, environment),
		    more ? INCOMING_TOO_LARGE : INCOMING_REQUEST);
		incoming_clear(&incoming);
	}
}

static void test_too_many_bytes(void **state)
{
	static const char record[8 + 32768] = "\1\4\0\1\200\0\0\0";
	struct incoming incoming;
	size_t left;
	unsigned count = 0;

	(void)state;
	incoming_init(&incoming, 0);
	assert_int_equal(feed(&incoming, BYTES(BEGIN), SIZE_MAX, &left), INCOMING_MORE);
	while (feed(&incoming, record, sizeof(record), SIZE_MAX, &left) == INCOMING_MORE)
		count++;
	assert_int_equal(count, INCOMING_PARAMETERS_BYTES / 32768);
	assert_true(incoming_held(&incoming) <= 2 * INCOMING_PARAMETERS_BYTES);
	incoming_clear(&incoming);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_body_limit),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_too_many_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
