#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/password.h"
#include "auth/password_rule.h"
#include "schema/resource.h"

#define SHORT "The password field must have at least 12 characters."
#define LONG "The password field must have at most 511 bytes."
#define COMMON "The password field must not be a common password."
#define NAME "The password field must not be derived from the user name."
#define SEQUENCE "The password field must not be a sequence."
#define REPEATED "The password field must not repeat a few characters."

static const struct {
	const char *password, *user, *message; /* NULL = accepted */
} rows[] = {
	{ "correct horse battery", "anna", NULL },
	{ "x29384710294", "anna", NULL },
	{ "29384710294x", "anna", NULL },
	{ "482916750384", "anna", NULL },
	{ "passwordless living", "anna", NULL },
	{ "p\xc3\xa4sswort\xc3\xa4pfel!", "anna", NULL },
	{ "annas long password", "anna", NULL },
	{ "correct horse battery", "", NULL },
	/* too short: characters count, not bytes */
	{ "", "anna", SHORT },
	{ "kT5#wq8!zR2", "anna", SHORT },
	{ "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "anna", SHORT },
	/* common, in disguise too */
	{ "password1234", "anna", COMMON },
	{ "PassWord!2024", "anna", COMMON },
	{ "qwertyuiop123", "anna", COMMON },
	{ "iloveyou!!!!!!!!", "anna", COMMON },
	{ "passwordpassword", "anna", COMMON },
	{ "PasswordPassword1!", "anna", COMMON },
	{ "letmein1letmein1", "anna", COMMON },
	{ "letmein1letmein1let", "anna", COMMON },
	{ "1q2w3e4r5t6y", "anna", COMMON },
	/* the name */
	{ "margaret.hamilton", "margaret.hamilton", NAME },
	{ "anna-maria!12345", "Anna-Maria89", NAME },
	{ "Margaret.Hamilton1969", "margaret.hamilton", NAME },
	{ "margarethamilton2", "margarethamilton@example.org", NAME },
	{ "zebulonzebulon", "zebulon", NAME },
	{ "xyzannaxyz4812", "anna", NULL },
	/* too little in it */
	{ "aaaaaaaaaaaa", "anna", REPEATED },
	{ "abcabcabcabc", "anna", REPEATED },
	{ "aaaaaaaaaaa1!", "anna", REPEATED },
	{ "abcdefghijkl", "anna", SEQUENCE },
	{ "ABCDEFGHIJKLM1", "anna", SEQUENCE },
	{ "123456789012", "anna", SEQUENCE },
	{ "987654321098", "anna", SEQUENCE },
	{ "zyxwvutsrqponm", "anna", SEQUENCE },
};

static void test_rows(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int result;

		error_init(&error, arena);
		result = password_check_rule(
		    str_from(rows[i].password), str_from(rows[i].user), "password", &error);
		if ((result != 0) != (rows[i].message != NULL))
			fail_msg("'%s' of '%s': %d", rows[i].password, rows[i].user, result);
		if (rows[i].message == NULL)
			continue;
		assert_int_equal(error.code, ERROR_INVALID);
		assert_string_equal(error.faults->path, "password");
		assert_string_equal(error.faults->message, rows[i].message);
	}
	arena_free(arena);
}

static void test_longest(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	char *longest = malloc(PASSWORD_LONGEST + 1);
	struct error error;

	(void)state;
	for (size_t i = 0; i < PASSWORD_LONGEST + 1; i++)
		longest[i] = (char)('a' + i * i * 7 % 25);
	error_init(&error, arena);
	longest[100] = '%';
	assert_int_equal(password_check_rule((struct str){ longest, PASSWORD_LONGEST }, STR("anna"),
			     "password", &error),
	    0);
	assert_int_equal(password_check_rule((struct str){ longest, PASSWORD_LONGEST + 1 },
			     STR("anna"), "password", &error),
	    -1);
	assert_string_equal(error.faults->message, LONG);
	error_init(&error, arena);
	longest[50] = '\0';
	assert_int_equal(
	    password_check_rule((struct str){ longest, 200 }, STR("anna"), "password", &error), -1);
	free(longest);
	arena_free(arena);
}

/* No fault shows what was sent. */
static void test_discretion(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error error;

		error_init(&error, arena);
		if (rows[i].password[0] == '\0' || password_check_rule(str_from(rows[i].password),
						       str_from(rows[i].user), "x", &error) == 0)
			continue;
		assert_null(strstr(error.faults->message, rows[i].password));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_discretion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
