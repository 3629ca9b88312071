/*
 * What data-driven tests share: cmocka, and comparisons that name the row that failed.
 */
#ifndef CLIENTELE_TESTS_ROWS_H
#define CLIENTELE_TESTS_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

/* Slice of a literal that may hold NUL bytes. */
#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

/* Fails unless the text is the expected one; NULL expects data == NULL. */
static inline void expect_str(size_t row, struct str actual, const char *expected)
{
	if (expected == NULL ? actual.data != NULL : !str_equal(actual, str_from(expected)))
		fail_msg("row %zu: got \"" STR_FORMAT "\", expected \"%s\"", row,
		    STR_ARGUMENTS(actual), expected != NULL ? expected : "(none)");
}

static inline void expect_int(size_t row, int64_t actual, int64_t expected)
{
	if (actual != expected)
		fail_msg("row %zu: got %lld, expected %lld", row, (long long)actual,
		    (long long)expected);
}

#endif
