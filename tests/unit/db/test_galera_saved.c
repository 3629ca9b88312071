#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db/galera_saved.h"
#include "schema/resource.h"

#define UUID_A "67652627-ec2d-11f1-a869-93ac35e114af"

static void test_positions(void **state)
{
	static const struct {
		const char *text;
		int64_t seqno; /* -2 = refused */
	} rows[] = {
		{ UUID_A ":15", 15 },
		{ " " UUID_A ":15\n", 15 },
		{ UUID_A ":15,0-1-1", 15 },
		{ UUID_A ":15 0-1-1", 15 },
		{ UUID_A ":-1", -1 },
		{ "00000000-0000-0000-0000-000000000000:-1", -1 },
		{ UUID_A ":-2", -2 },
		{ UUID_A ":", -2 },
		{ UUID_A, -2 },
		{ UUID_A ":x", -2 },
		{ UUID_A ":99999999999999999999", -2 },
		{ "676526277ec2d11f1a86993ac35e114af:15", -2 },
		{ ":15", -2 },
		{ "", -2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct galera_position position;
		bool good = galera_saved_position(str_from(rows[i].text), &position);

		assert_int_equal(good ? position.seqno : -2, rows[i].seqno);
		if (good)
			assert_true(position.known);
	}
}

#define HEAD "# GALERA saved state\nversion: 2.1\n"

static void test_files(void **state)
{
	static const struct {
		const char *text;
		bool good, last;
		int64_t seqno; /* -1 = not known */
	} rows[] = {
		{ HEAD "uuid:    " UUID_A "\nseqno:   15\nsafe_to_bootstrap: 1\n", true, true, 15 },
		{ HEAD "uuid:    " UUID_A "\nseqno:   15\nsafe_to_bootstrap: 0\n\n", true, false,
		    15 },
		{ HEAD "uuid: " UUID_A "\nseqno: -1\nsafe_to_bootstrap: 0\n", true, false, -1 },
		{ HEAD "uuid: " UUID_A "\nseqno: -1\nsafe_to_bootstrap: 1\n", true, false, -1 },
		{ HEAD "uuid: 00000000-0000-0000-0000-000000000000\nseqno: -1\n", true, false, -1 },
		{ HEAD "uuid: 00000000-0000-0000-0000-000000000000\nseqno: 0\n", true, false, -1 },
		{ HEAD "uuid: " UUID_A "\nseqno: 15", true, false, 15 }, /* of an old version */
		{ HEAD "uuid: " UUID_A "\n", false, false, -1 },
		{ HEAD "uuid: \nseqno: 15\n", false, false, -1 },
		{ HEAD "uuid\nseqno\n", false, false, -1 },
		{ "\n:\n", false, false, -1 },
		{ "", false, false, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct galera_position position;
		bool last;

		assert_int_equal(
		    galera_saved_read(str_from(rows[i].text), &position, &last), rows[i].good);
		assert_int_equal(position.known ? position.seqno : -1, rows[i].seqno);
		assert_int_equal(last, rows[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
