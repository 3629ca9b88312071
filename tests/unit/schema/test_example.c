#include "../lib/rows.h"
#include "schema/example.h"

static const char *two_letters(struct str text)
{
	return text.length == 2 ? NULL : "two letters";
}

static const struct enumerator words[] = { { 7, "one" }, { 8, "two" } };
static const struct enumeration choice = { "Choice", words, ROWS(words) };

static const struct field account_fields[] = {
	{ STRING("id", "id", 7), .flags = FIELD_KEY | FIELD_READONLY, .example = "\"b61cd4a\"" },
};

static const struct resource account = {
	.name = "account",
	.type_name = "Account",
	FIELDS(account_fields),
};

static const struct field fields[] = {
	{ STRING("told", "told", 9), .example = "\"ACME\"" },
	{ STRING("text", "text", 9) },
	{ STRING("short", "short", 2) },
	{ STRING("country", "country", 2), .check = two_letters },
	{ STRING("accountId", "account_id", 7) },
	{ INT32("otherId", "other_id") },
	{ ENUM("number", "number", &choice) },
	{ CODE("word", "word", &choice) },
	{ INT32("seconds", "seconds"), .least = 60, .most = 90 },
	{ DATETIME("due", "due") },
};

static const struct reference references[] = {
	{ .constraint = "a", .member = "accountId", .target = &account, .message = "m" },
	/* Of another type: what it refers to is no example for it. */
	{ .constraint = "b", .member = "otherId", .target = &account, .message = "m" },
};

static const struct resource resource = {
	.name = "thing",
	.type_name = "Thing",
	FIELDS(fields),
	REFERENCES(references),
};

static const char *const expected[] = { "\"ACME\"", "\"text\"", NULL, NULL, "\"b61cd4a\"", "1", "7",
	"\"one\"", "60", "\"2026-01-31T12:00:00Z\"" };

static void test_examples(void **state)
{
	static const struct print_style style = { .time = TIMESTAMP_UTC };
	struct arena *arena = arena_new(4096, 65536);

	(void)state;
	for (size_t i = 0; i < ROWS(fields); i++) {
		const char *example = field_example(arena, &resource, &fields[i], &style);

		if (expected[i] == NULL)
			expect_int(i, example == NULL, true);
		else
			expect_str(i, str_from(example), expected[i]);
	}
	assert_string_equal(field_example(arena, NULL, &fields[4], &style), "\"text\"");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_examples) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
