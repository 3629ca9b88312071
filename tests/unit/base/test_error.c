#include "../lib/rows.h"
#include "base/error.h"
#include "schema/resource.h"

static struct arena *arena;
static struct error error;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(4096, 1 << 20);
	error_init(&error, arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_set(void **state)
{
	(void)state;
	assert_int_equal(error.code, ERROR_NONE);
	assert_int_equal(error_set(&error, ERROR_NOT_FOUND, "No %s.", "client"), -1);
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_string_equal(error.message, "No client.");
	assert_null(error.word);
	assert_null(error.detail);
	error_clear(&error);
	assert_int_equal(error.code, ERROR_NONE);
	assert_null(error.message);
	assert_ptr_equal(error.arena, arena);
	assert_int_equal(error_set_word(&error, ERROR_CONFLICT, "DUPLICATE_NAME", "%d", 5), -1);
	assert_string_equal(error.word, "DUPLICATE_NAME");
	assert_string_equal(error.message, "5");
	error_clear(&error);
	assert_int_equal(error_set_detail(&error, ERROR_INTERNAL, "errno %d", 5), -1);
	assert_string_equal(error.detail, "errno 5");
	assert_null(error.message);
}

static void test_faults(void **state)
{
	char path[] = "a.b";

	(void)state;
	assert_int_equal(error_add_fault(&error, path, "Wrong: %s.", "x"), -1);
	path[0] = 'z';
	assert_int_equal(error_add_fault(&error, "", "Second."), -1);
	assert_int_equal(error.code, ERROR_INVALID);
	assert_int_equal(error.fault_count, 2);
	assert_string_equal(error.faults->path, "a.b");
	assert_string_equal(error.faults->message, "Wrong: x.");
	assert_string_equal(error.faults->next->path, "");
	assert_ptr_equal(error.last_fault, error.faults->next);
	assert_null(error.faults->next->next);
}

/* A code that is there already stays. */
static void test_fault_keeps_code(void **state)
{
	(void)state;
	error.code = ERROR_CONFLICT;
	error_add_fault(&error, "name", "Taken.");
	assert_int_equal(error.code, ERROR_CONFLICT);
}

static void test_faults_max(void **state)
{
	unsigned count = 0;

	(void)state;
	for (int i = 0; i < 2 * ERROR_FAULTS_MAX; i++)
		assert_int_equal(error_add_fault(&error, "x", "%d", i), -1);
	for (const struct fault *fault = error.faults; fault != NULL; fault = fault->next)
		count++;
	assert_int_equal(count, ERROR_FAULTS_MAX);
	assert_int_equal(error.fault_count, ERROR_FAULTS_MAX);
}

/* A copy needs nothing of the arena that the first one lives in. */
static void test_copy(void **state)
{
	struct arena *other = arena_new(4096, 4096);
	struct error copy, again;

	(void)state;
	error_set_word(&error, ERROR_CONFLICT, "TAKEN", "Number %d.", 1);
	error_add_fault(&error, "a", "First.");
	error_add_fault(&error, "b", "100%% of the second.");
	error.detail = "detail";
	error.retry_after = 7;
	error_init(&copy, other);
	error_copy(&copy, &error);
	arena_reset(arena);
	memset(arena_alloc(arena, 1000), 'x', 1000);
	assert_ptr_equal(copy.arena, other);
	assert_int_equal(copy.code, ERROR_CONFLICT);
	assert_string_equal(copy.word, "TAKEN");
	assert_string_equal(copy.message, "Number 1.");
	assert_string_equal(copy.detail, "detail");
	assert_null(copy.challenge);
	assert_int_equal(copy.retry_after, 7);
	assert_int_equal(copy.fault_count, 2);
	assert_string_equal(copy.faults->path, "a");
	assert_string_equal(copy.faults->next->message, "100% of the second.");
	assert_ptr_equal(copy.last_fault, copy.faults->next);

	while (arena_alloc(other, 16) != NULL)
		;
	error_init(&again, other);
	error_copy(&again, &copy);
	assert_int_equal(again.code, ERROR_CONFLICT);
	assert_null(again.message);
	assert_int_equal(again.fault_count, 0);
	arena_free(other);
}

/* What says "later", or is somebody else's fault, is no refusal of what was sent. */
static void test_refusals(void **state)
{
	static const enum error_code refusals[] = { ERROR_MALFORMED, ERROR_INVALID, ERROR_FORBIDDEN,
		ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_IN_USE, ERROR_STALE, ERROR_TOO_LARGE,
		ERROR_MISMATCH };
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++)
		assert_true(error_is_refusal(refusals[i]));
	for (int i = 0; i < ERROR__MAX; i++)
		found += error_is_refusal((enum error_code)i);
	assert_int_equal(found, COUNT_OF(refusals));
}

/* An exhausted arena loses the fault, not the code; and no message is empty. */
static void test_exhausted(void **state)
{
	(void)state;
	while (arena_alloc(arena, 16) != NULL)
		;
	assert_int_equal(error_add_fault(&error, "x", "y"), -1);
	assert_int_equal(error.code, ERROR_INVALID);
	assert_null(error.faults);
	error_clear(&error);
	error_set(&error, ERROR_NOT_FOUND, "A text without conversions.");
	assert_string_equal(error.message, "A text without conversions.");
	error_set(&error, ERROR_NOT_FOUND, "long %100d", 1);
	assert_string_equal(error.message, error_code_message(ERROR_NOT_FOUND));
	error_set_wait(&error, ERROR_TOO_MANY, 7, "long %100d", 1);
	assert_string_equal(error.message, error_code_message(ERROR_TOO_MANY));
}

static void test_codes(void **state)
{
	(void)state;
	for (int i = 0; i < ERROR__MAX; i++) {
		const char *word = error_code_word((enum error_code)i);
		const char *message = error_code_message((enum error_code)i);

		assert_non_null(word);
		assert_non_null(message);
		for (const char *at = word; *at != '\0'; at++)
			assert_true((*at >= 'A' && *at <= 'Z') || *at == '_');
		if (i != ERROR_NONE)
			assert_true(message[0] != '\0' && message[strlen(message) - 1] == '.');
		for (int j = 0; j < i; j++)
			assert_string_not_equal(word, error_code_word((enum error_code)j));
	}
	assert_string_equal(error_code_word(ERROR_INVALID), "VALIDATION_FAILED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_set, begin, end),
		cmocka_unit_test_setup_teardown(test_faults, begin, end),
		cmocka_unit_test_setup_teardown(test_fault_keeps_code, begin, end),
		cmocka_unit_test_setup_teardown(test_faults_max, begin, end),
		cmocka_unit_test_setup_teardown(test_copy, begin, end),
		cmocka_unit_test_setup_teardown(test_refusals, begin, end),
		cmocka_unit_test_setup_teardown(test_exhausted, begin, end),
		cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
