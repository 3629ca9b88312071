/*
 * One-time passwords against the vectors of RFC 6238 (appendix B, SHA-1) and RFC 4226 (appendix D).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/totp.h"
#include "base/timestamp.h"
#include "schema/resource.h"

/* "12345678901234567890" */
#define SECRET STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

static const struct {
	int64_t seconds;
	const char *code; /* of eight digits; the last six are those of six */
} vectors[] = {
	{ 59, "94287082" },
	{ 1111111109, "07081804" },
	{ 1111111111, "14050471" },
	{ 1234567890, "89005924" },
	{ 2000000000, "69279037" },
	{ 20000000000, "65353130" },
};

static const char *const counted[] = { "755224", "287082", "359152", "969429", "338314", "254676",
	"287922", "162583", "399871", "520489" };

static struct arena *arena;
static struct error error;

static void test_vectors(void **state)
{
	char code[TOTP_CODE_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		assert_int_equal(
		    totp_code(SECRET, vectors[i].seconds / TOTP_STEP, 8, code, &error), 0);
		assert_string_equal(code, vectors[i].code);
		assert_int_equal(
		    totp_code(SECRET, vectors[i].seconds / TOTP_STEP, 6, code, &error), 0);
		assert_string_equal(code, vectors[i].code + 2);
	}
	for (size_t i = 0; i < COUNT_OF(counted); i++) {
		assert_int_equal(totp_code(SECRET, (int64_t)i, 6, code, &error), 0);
		assert_string_equal(code, counted[i]);
	}
}

static int find(const char *code, int64_t seconds, int64_t last, int64_t *step)
{
	return totp_find(
	    SECRET, str_from(code), seconds * MICROSECONDS_PER_SECOND, last, step, &error);
}

/* The step itself and its neighbours, each once, and nothing beyond. */
static void test_window(void **state)
{
	int64_t at = 1234567890 / TOTP_STEP, step = 0;

	(void)state;
	for (int64_t shift = -3; shift <= 3; shift++) {
		int64_t seconds = 1234567890 + shift * TOTP_STEP;
		bool near = shift >= -1 && shift <= 1;

		assert_int_equal(find("005924", seconds, 0, &step), near ? 1 : 0);
		if (near)
			assert_int_equal(step, at);
		assert_int_equal(find("005924", seconds, at, &step), 0);
		assert_int_equal(find("005924", seconds, at - 1, &step), near ? 1 : 0);
	}
}

static void test_texts(void **state)
{
	static const char *const wrong[] = { "", "00592", "0059240", "005925", "00592a", "-05924",
		"005924\n", "0x5924", "      ", "89005924" };
	int64_t step;

	(void)state;
	assert_int_equal(find("005 924", 1234567890, 0, &step), 1);
	assert_int_equal(find(" 005924 ", 1234567890, 0, &step), 1);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(find(wrong[i], 1234567890, 0, &step), 0);
}

static void test_secrets(void **state)
{
	char first[TOTP_SECRET_TEXT], second[TOTP_SECRET_TEXT], code[TOTP_CODE_MAX];

	(void)state;
	assert_int_equal(totp_make_secret(first, &error), 0);
	assert_int_equal(totp_make_secret(second, &error), 0);
	assert_int_equal(strlen(first), TOTP_SECRET_TEXT - 1);
	assert_string_not_equal(first, second);
	assert_int_equal(totp_code(str_from(first), 1, 6, code, &error), 0);
	assert_int_equal(totp_code(STR("not base 32!"), 1, 6, code, &error), -1);
	assert_int_equal(error.code, ERROR_INTERNAL);
	error_clear(&error);
}

static void test_address(void **state)
{
	struct buf text = { 0 };

	(void)state;
	totp_print_address(
	    STR("registry.example:8443"), STR("anna@example.org"), STR("GEZDGNBV"), &text);
	buf_append_char(&text, '\0');
	assert_string_equal(text.data,
	    "otpauth://totp/registry.example%3A8443:anna%40example.org?secret=GEZDGNBV"
	    "&issuer=registry.example%3A8443&algorithm=SHA1&digits=6&period=30");
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_address),
	};
	int failed;

	arena = arena_new(4096, 1 << 20);
	error_init(&error, arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
