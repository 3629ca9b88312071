#include "../lib/rows.h"
#include "schema/number.h"

#define NINES "999999999999999"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 64 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* What is stored, and what is compared; NULL = refused. */
static void test_round(void **state)
{
	static const struct {
		const char *text, *stored, *compared;
	} rows[] = {
		{ "0", "0", "0" },
		{ "-0", "0", "0" },
		{ "0e5", "0", "0" },
		{ "0.000e-99999999999", "0", "0" },
		{ "007.10", "7.1", "7.1" },
		{ "+7.1", "7.1", "7.1" },
		{ "-7.1", "-7.1", "-7.1" },
		{ "1e3", "1000", "1000" },
		{ "1E+3", "1000", "1000" },
		{ "1.5e3", "1500", "1500" },
		{ "1.23456e2", "123.456", "123.456" },
		{ "12e-1", "1.2", "1.2" },
		{ "100e-2", "1", "1" },
		{ "1e-4", "0.0001", "0.0001" },
		/* 7 × 1.1, 0.1 + 0.2 and 1.1 × 1.1 as a program computes them. */
		{ "7.700000000000001", "7.7", "7.7" },
		{ "0.30000000000000004", "0.3", "0.3" },
		{ "1.2100000000000002", "1.21", "1.21" },
		{ "0.00001", "0", "0.00001" },
		{ "-0.00001", "0", "-0.00001" },
		{ "1e-400", "0", "0" },
		/* Half to even. */
		{ "0.00005", "0", "0.00005" },
		{ "0.00015", "0.0002", "0.00015" },
		{ "0.00025", "0.0002", "0.00025" },
		{ "0.00035", "0.0004", "0.00035" },
		{ "-0.00015", "-0.0002", "-0.00015" },
		{ "2.00005", "2", "2.00005" },
		{ "2.00015", "2.0002", "2.00015" },
		{ "0.000050000000000000000000000000000000000000000000001", "0.0001", "0.00005" },
		{ "0.00005e0", "0", "0.00005" },
		{ "0.99995", "1", "0.99995" },
		{ "9.99995", "10", "9.99995" },
		{ "99.99994999", "99.9999", "99.99994999" },
		/* The column's limits. */
		{ NINES ".9999", NINES ".9999", NINES ".9999" },
		{ "-" NINES ".9999", "-" NINES ".9999", "-" NINES ".9999" },
		{ NINES ".99994", NINES ".9999", NINES ".9999" },
		{ NINES ".99995", NULL, NULL },
		{ "1e14", "100000000000000", "100000000000000" },
		{ "1e15", NULL, NULL },
		{ "1e400", NULL, NULL },
		{ "1e99999999999999999999", NULL, NULL },
		{ "0.000001e20", "100000000000000", "100000000000000" },
		{ "", NULL, NULL },
		{ "-", NULL, NULL },
		{ ".5", NULL, NULL },
		{ "5.", NULL, NULL },
		{ "1e", NULL, NULL },
		{ "1e+", NULL, NULL },
		{ "e3", NULL, NULL },
		{ "1e3.5", NULL, NULL },
		{ "1,5", NULL, NULL },
		{ "1 000", NULL, NULL },
		{ "--1", NULL, NULL },
		{ "0x10", NULL, NULL },
		{ "NaN", NULL, NULL },
		{ "INF", NULL, NULL },
		{ "Infinity", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str text = { NULL, 0 };

		expect_int(
		    i, number_round(arena, str_from(rows[i].text), &text), rows[i].stored != NULL);
		if (rows[i].stored != NULL)
			expect_str(i, text, rows[i].stored);
		expect_int(i, number_round_literal(arena, str_from(rows[i].text), &text),
		    rows[i].compared != NULL);
		if (rows[i].compared != NULL)
			expect_str(i, text, rows[i].compared);
	}
}

static void test_to_int64(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t number;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0.0", true, 0 },
		{ "6", true, 6 },
		{ "+6", true, 6 },
		{ "1e3", true, 1000 },
		{ "1.5e1", true, 15 },
		{ "5.0", true, 5 },
		{ "50e-1", true, 5 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "1e19", false, 0 },
		{ "1e18", true, INT64_C(1000000000000000000) },
		{ "2.5", false, 0 },
		{ "1e-1", false, 0 },
		{ "5.00000000000000000000000000000000000000000000000001", false, 0 },
		{ "x", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t number = 0;

		expect_int(i, number_to_int64(str_from(rows[i].text), &number), rows[i].good);
		if (rows[i].good)
			expect_int(i, number, rows[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_to_int64),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
