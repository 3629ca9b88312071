#include "../lib/rows.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(1024, 8192);
	return arena == NULL ? -1 : 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_alloc(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 8, 15, 16, 17, 100, 1000, 3000 };

	(void)state;
	for (size_t i = 0; i < ROWS(sizes); i++) {
		unsigned char *memory = arena_alloc(arena, sizes[i]);

		assert_non_null(memory);
		expect_int(i, (int64_t)((uintptr_t)memory % _Alignof(max_align_t)), 0);
		for (size_t j = 0; j < sizes[i]; j++)
			expect_int(i, memory[j], 0);
		memset(memory, 0xFF, sizes[i]);
	}
	assert_false(arena_exhausted(arena));
}

/* Memory is zeroed again after a reset, although the block is the same. */
static void test_reset(void **state)
{
	char *first = arena_alloc(arena, 512);

	(void)state;
	memset(first, 0xFF, 512);
	assert_true(arena_used(arena) >= 512);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	assert_ptr_equal(arena_alloc(arena, 512), first);
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(first[i], 0);
}

/* What was allocated behind a mark is given back, whole blocks and their share of the limit too. */
static void test_go_back(void **state)
{
	char *kept = arena_copy(arena, "kept", 4);
	struct arena_mark mark = arena_mark(arena);
	size_t used = arena_used(arena);
	void *first = arena_alloc(arena, 100);

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		arena_go_back(arena, &mark);
		assert_int_equal(arena_used(arena), used);
		assert_ptr_equal(arena_alloc(arena, 100), first);
		assert_non_null(arena_alloc(arena, 3000));
		assert_non_null(arena_alloc(arena, 1000));
	}
	assert_false(arena_exhausted(arena));
	assert_string_equal(kept, "kept");
}

static void test_limit(void **state)
{
	unsigned count = 0;

	(void)state;
	while (arena_alloc(arena, 1000) != NULL)
		assert_true(++count <= 8);
	assert_true(count >= 7);
	assert_true(arena_exhausted(arena));
	assert_int_equal(arena_str(arena, STR("")).length, 0);
	arena_reset(arena);
	assert_false(arena_exhausted(arena));
	assert_non_null(arena_alloc(arena, 7000));
	assert_null(arena_alloc(arena, 7000));
	assert_true(arena_exhausted(arena));
}

static void test_overflow(void **state)
{
	static const struct {
		size_t count, size;
	} rows[] = {
		{ 1, SIZE_MAX },
		{ SIZE_MAX, 1 },
		{ SIZE_MAX, SIZE_MAX },
		{ SIZE_MAX / 2 + 1, 2 },
		{ SIZE_MAX / 16 + 2, 16 },
		{ 1, SIZE_MAX - 15 },
		{ 1, SIZE_MAX / 2 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		arena_reset(arena);
		if (arena_alloc_array(arena, rows[i].count, rows[i].size) != NULL)
			fail_msg("row %zu: was allocated", i);
		expect_int(i, arena_exhausted(arena), 1);
	}
	arena_reset(arena);
	assert_non_null(arena_alloc_array(arena, 0, 8));
	assert_non_null(arena_alloc_array(arena, 8, 0));
	assert_false(arena_exhausted(arena));
}

static void test_text(void **state)
{
	char *copy = arena_copy(arena, "abcdef", 3);
	struct str text;

	(void)state;
	assert_string_equal(copy, "abc");
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	text = arena_str(arena, STR("a\0b"));
	assert_int_equal(text.length, 3);
	assert_memory_equal(text.data, "a\0b", 4);
	assert_string_equal(arena_printf(arena, "%s-%d", "x", 7), "x-7");
	/* Longer than a block. */
	assert_int_equal(strlen(arena_printf(arena, "%3000d", 1)), 3000);
}

/* One request may hold more, the next may not. */
static void test_widen(void **state)
{
	(void)state;
	assert_null(arena_alloc(arena, 12000));
	arena_reset(arena);
	arena_widen(arena, 16384);
	assert_non_null(arena_alloc(arena, 12000));
	arena_reset(arena);
	assert_null(arena_alloc(arena, 12000));
}

/* What does not fit is reported as nothing, never as a bad pointer. */
static void test_exhausted_text(void **state)
{
	struct str text;

	(void)state;
	assert_string_equal(arena_printf(arena, "%9000d", 1), "");
	assert_true(arena_exhausted(arena));
	while (arena_alloc(arena, 16) != NULL)
		;
	assert_null(arena_copy(arena, "a", 1));
	text = arena_str(arena, STR("abc"));
	assert_null(text.data);
	assert_int_equal(text.length, 0);
}

static void test_join(void **state)
{
	const struct str parts[] = { STR("one "), { NULL, 0 }, STR("two"), STR("") };
	struct str whole = { "0123456789abcdef", 16 };

	(void)state;
	assert_string_equal(arena_join(arena, parts, 4), "one two");
	assert_string_equal(arena_join(arena, parts, 0), "");
	assert_string_equal(arena_join(arena, &(struct str){ "cut here", 3 }, 1), "cut");
	while (arena_alloc(arena, 16) != NULL)
		;
	assert_string_equal(arena_join(arena, &whole, 1), "");
	assert_true(arena_exhausted(arena));
}

static void test_free_nothing(void **state)
{
	(void)state;
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alloc, begin, end),
		cmocka_unit_test_setup_teardown(test_reset, begin, end),
		cmocka_unit_test_setup_teardown(test_go_back, begin, end),
		cmocka_unit_test_setup_teardown(test_limit, begin, end),
		cmocka_unit_test_setup_teardown(test_overflow, begin, end),
		cmocka_unit_test_setup_teardown(test_widen, begin, end),
		cmocka_unit_test_setup_teardown(test_text, begin, end),
		cmocka_unit_test_setup_teardown(test_exhausted_text, begin, end),
		cmocka_unit_test_setup_teardown(test_join, begin, end),
		cmocka_unit_test(test_free_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
