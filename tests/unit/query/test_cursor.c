#define _GNU_SOURCE 1
#include <openssl/evp.h>

#include "../lib/catalogue.h"
#include "../lib/rows.h"
#include "query/cursor.h"

#define EVERY "name,price,weight,active,big,serial,made,day"

static struct arena *arena;
static struct seal_keys *keys, *others;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 16 << 20);
	keys = seal_keys_make();
	others = seal_keys_make();
	return arena != NULL && keys != NULL && others != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	seal_keys_free(keys);
	seal_keys_free(others);
	return 0;
}

static struct sort sort_of(const char *text)
{
	struct error error;
	struct sort sort;

	error_init(&error, arena);
	assert_int_equal(
	    sort_read(arena, &catalogue_sight, &catalogue_item, str_from(text), &sort, &error), 0);
	return sort;
}

static struct cursor example(void)
{
	struct cursor cursor = { .values = { [0] = { .text = STR("caf\xC3\xA9") },
				     [1] = { .text = STR("12.5") },
				     [2] = { .real = -0.25 },
				     [3] = { .boolean = true },
				     [4] = { .integer = INT64_MIN },
				     [6] = { .integer = -1 },
				     [7] = { .null = true },
				     [8] = { .integer = 7 } } };

	cursor.values[5].uuid = uuid_random();
	return cursor;
}

static void test_round_trip(void **state)
{
	struct sort sort = sort_of(EVERY);
	struct cursor cursor = example(), back;
	struct error error;
	struct str text;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(sort.count, 9);
	text = cursor_print(keys, arena, 42, &sort, &cursor);
	assert_non_null(text.data);
	for (size_t i = 0; i < text.length; i++)
		assert_non_null(
		    strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
			text.data[i]));
	assert_int_equal(cursor_read(keys, arena, text, 42, &sort, &back, &error), 0);
	expect_str(0, back.values[0].text, "caf\xC3\xA9");
	expect_str(1, back.values[1].text, "12.5");
	assert_true(back.values[2].real == -0.25);
	assert_true(back.values[3].boolean);
	assert_true(back.values[4].integer == INT64_MIN);
	assert_true(uuid_equal(&back.values[5].uuid, &cursor.values[5].uuid));
	assert_int_equal(back.values[6].integer, -1);
	assert_true(back.values[7].null);
	assert_int_equal(back.values[8].integer, 7);
}

static void refuse(struct str text, uint64_t identity, const struct sort *sort, const char *part)
{
	struct cursor cursor;
	struct error error;

	error_init(&error, arena);
	if (cursor_read(keys, arena, text, identity, sort, &cursor, &error) != -1)
		fail_msg("taken: " STR_FORMAT, STR_ARGUMENTS(text));
	assert_int_equal(error.fault_count, 1);
	assert_string_equal(error.faults->path, "after");
	assert_non_null(strstr(error.faults->message, part));
}

static void test_broken(void **state)
{
	struct sort sort = sort_of(EVERY), other = sort_of("name");
	struct cursor cursor = example();
	struct str text = cursor_print(keys, arena, 42, &sort, &cursor);
	static const char *const broken[] = { "", "x", "!!!!", "AAAA", "AA==", "abcd efgh",
		"AQAAAAAAAAAq", "AgAAAAAAAAAq" };

	(void)state;
	for (size_t i = 0; i < ROWS(broken); i++)
		refuse(str_from(broken[i]), 42, &sort, "must be the nextCursor");
	for (size_t length = 0; length < text.length; length++)
		refuse(str_slice(text, 0, length), 42, &sort, "The parameter after");
	refuse(text, 43, &sort, "a different filter or sort");
	refuse(text, 42, &other, "must be the nextCursor");
}

/* Whatever is changed in a cursor, it is refused, and so is one that was sealed elsewhere. */
static void test_changed(void **state)
{
	struct sort sort = sort_of(EVERY);
	struct cursor cursor = example();
	struct str text = cursor_print(keys, arena, 42, &sort, &cursor);

	(void)state;
	for (size_t i = 0; i < text.length; i++) {
		char *copy = arena_copy(arena, text.data, text.length);

		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		/* The last character has bits that stand for nothing. */
		if (i + 1 < text.length)
			refuse(
			    (struct str){ copy, text.length }, 42, &sort, "must be the nextCursor");
	}
	refuse(
	    cursor_print(others, arena, 42, &sort, &cursor), 42, &sort, "must be the nextCursor");
}

/* Nothing of the row shows in the text, nor that two pages ended at the same row. */
static void test_sealed(void **state)
{
	struct sort sort = sort_of("name");
	const struct cursor cursor = {
		.values = { [0] = { .text = STR("secret of a row") }, [1] = { .integer = 7 } }
	};
	struct str text = cursor_print(keys, arena, 42, &sort, &cursor);
	struct buf padded = { 0 };
	unsigned char bytes[CURSOR_TEXT_MAX];
	int length;

	(void)state;
	assert_false(str_equal(text, cursor_print(keys, arena, 42, &sort, &cursor)));
	for (size_t i = 0; i < text.length; i++)
		buf_append_char(&padded, text.data[i] == '-'   ? '+'
					 : text.data[i] == '_' ? '/'
							       : text.data[i]);
	while (padded.length % 4 != 0)
		buf_append_char(&padded, '=');
	length = EVP_DecodeBlock(bytes, (const unsigned char *)padded.data, (int)padded.length);
	assert_true(length > 0);
	assert_null(memmem(bytes, (size_t)length, "secret", 6));
	buf_free(&padded);
}

static void test_long(void **state)
{
	struct sort sort = sort_of("name");
	struct cursor cursor = { .values = { [1] = { .integer = 1 } } }, back;
	char *letters = arena_alloc(arena, 5000);
	struct error error;
	struct str text;

	(void)state;
	error_init(&error, arena);
	memset(letters, 'x', 5000);
	cursor.values[0].text = (struct str){ letters, 3016 };
	text = cursor_print(keys, arena, 1, &sort, &cursor);
	assert_non_null(text.data);
	assert_true(text.length <= CURSOR_TEXT_MAX);
	assert_int_equal(cursor_read(keys, arena, text, 1, &sort, &back, &error), 0);
	assert_int_equal(back.values[0].text.length, 3016);
	cursor.values[0].text.length = 3027;
	assert_null(cursor_print(keys, arena, 1, &sort, &cursor).data);
}

static void test_identity(void **state)
{
	uint64_t ab_c = cursor_identify(cursor_identify(0, STR("ab")), STR("c"));
	uint64_t a_bc = cursor_identify(cursor_identify(0, STR("a")), STR("bc"));

	(void)state;
	assert_true(ab_c != a_bc);
	assert_true(ab_c == cursor_identify(cursor_identify(0, STR("ab")), STR("c")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_sealed),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_identity),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
