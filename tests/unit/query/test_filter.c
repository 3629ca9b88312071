#include <stdio.h>

#include "../lib/catalogue.h"
#include "../lib/rows.h"
#include "query/filter.h"

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

static int read_filter(const char *text, struct filter **filter, struct error *error)
{
	error_init(error, arena);
	return filter_read(
	    arena, &catalogue_sight, NULL, &catalogue_item, str_from(text), filter, error);
}

/* What is wrong: where (in characters, from 1), what is expected, what was found (NULL = the end).
 */
static const struct {
	const char *text;
	unsigned position;
	const char *expected, *found;
} malformed[] = {
	{ "nothing = 1", 1, "a member of the item", "nothing" },
	{ "= 1", 1, "a member of the item", "=" },
	{ "1 = id", 1, "a member of the item", "1" },
	{ "'x' = code", 1, "a member of the item", "'x'" },
	{ "id", 3, "an operator such as =, != or in", NULL },
	{ "id foo 1", 4, "an operator such as =, != or in", "foo" },
	{ "id => 1", 5, "a value of type int32 such as 1", ">" },
	{ "id =", 5, "a value of type int32", NULL },
	{ "id = 'x'", 6, "a value of type int32", "'x'" },
	{ "id = 1.5", 6, "a value of type int32", "1.5" },
	{ "id = true", 6, "a value of type int32", "true" },
	{ "id = 99999999999999999999", 6, "a value of type int32", "99999999999999999999" },
	{ "id = name", 6, "a value of type int32", "name" },
	{ "code = 5", 8, "text in quotes", "5" },
	{ "code = x", 8, "text in quotes", "x" },
	{ "code = \"open", 8, "a closing \" for this text", "\"open" },
	{ "code = 'open", 8, "a closing ' for this text", "'open" },
	{ "code = 'a' 'b'", 12, "and, or, or the end", "'b'" },
	{ "id = 1 & id = 2", 8, "and, or, or the end", "&" },
	{ "id = 1 | id = 2", 8, "and, or, or the end", "|" },
	{ "id = 1 and", 11, "a member of the item", NULL },
	{ "id = 1 && && id = 2", 11, "a member of the item", "&&" },
	{ "(id = 1", 8, "and, or, or a closing parenthesis", NULL },
	{ "id = 1)", 7, "and, or, or the end", ")" },
	{ "()", 2, "a member of the item", ")" },
	{ "!", 2, "a member of the item", NULL },
	{ "!!(id = 1)", 2, "a member of the item", "!" },
	{ "active", 7, "an operator", NULL },
	{ "active = 1", 10, "true or false", "1" },
	{ "active = 'true'", 10, "true or false", "'true'" },
	{ "active > true", 8, "= or !=", ">" },
	{ "serial = 5", 10, "a value of type uuid", "5" },
	{ "serial = 'x'", 10, "a value of type uuid", "'x'" },
	{ "serial < '53a15dd6-8768-4aa5-9ba6-770d614daeab'", 8, "= or !=", "<" },
	{ "id < null", 6, "a value of type int32", "null" },
	{ "id in (1, null)", 11, "a value of type int32", "null" },
	{ "id in 1", 7, "an opening parenthesis", "1" },
	{ "id in ()", 8, "a value of type int32", ")" },
	{ "id in (1", 9, "a comma or a closing parenthesis", NULL },
	{ "id in (1 2)", 10, "a comma or a closing parenthesis", "2" },
	{ "id in (1,)", 10, "a value of type int32", ")" },
	{ "id not 5", 8, "in is expected", "5" },
	{ "price = 1e15", 9, "a number with at most 15 digits before the point", "1e15" },
	{ "price = '1'", 9, "a value of type decimal", "'1'" },
	{ "weight = 1e999", 10, "a value of type double", "1e999" },
	{ "made = '2020-13-01'", 8, "a value of type datetime", "'2020-13-01'" },
	{ "made = 2020", 8, "a value of type datetime", "2020" },
	{ "made = DateTime", 16, "an opening parenthesis", NULL },
	{ "made = DateTime()", 17, "a whole number of a date or time", ")" },
	{ "made = DateTime(2020)", 21, "a comma", ")" },
	{ "made = DateTime(2020,1)", 23, "a comma", ")" },
	{ "made = DateTime(2020,1,2,3)", 27, "a comma", ")" },
	{ "made = DateTime(2020,1,'2')", 24, "a whole number", "'2'" },
	{ "made = DateTime(2020,1,2.5)", 24, "a whole number", "2.5" },
	{ "made = DateTime(2020,1,2,3,4,5,6)", 31, "a closing parenthesis", "," },
	{ "made = DateTime(2020,2,30)", 8, "a value of type datetime", "DateTime" },
	{ "made = DateTime(2020,1,2", 25, "a comma or a closing parenthesis", NULL },
	{ "kind = 'Paper'", 8, "File, Activation or Floating", "'Paper'" },
	{ "kind = 7", 8, "File, Activation or Floating", "7" },
	{ "level = 'Fatal'", 9, "Warning or Error", "'Fatal'" },
	{ "tags = 'a'", 1, "a member with a single value", "tags" },
	{ "extra = 'a'", 1, "a member with a single value", "extra" },
	{ "labels = 'a'", 1, "a member with a single value", "labels" },
	{ "labels.text = 'a'", 1, "a member with a single value", "labels" },
	{ "maker = 1", 1, "one of its members", "maker" },
	{ "size = null", 1, "one of its members", "size" },
	{ "maker. = 1", 8, "a member of the maker", "=" },
	{ "maker.nothing = 1", 7, "a member of the maker", "nothing" },
	{ "maker.country = 1", 7, "one of its members", "country" },
	{ "maker.items.id = 1", 7, "a member with a single value", "items" },
	{ "id.x = 1", 4, "Contains, StartsWith or EndsWith", "x" },
	{ "id.Contains('1')", 4, "an operator (only text has functions)", "Contains" },
	{ "code.Foo('1')", 6, "Contains, StartsWith or EndsWith", "Foo" },
	{ "code.Contains", 14, "an opening parenthesis", NULL },
	{ "code.Contains(1)", 15, "text in quotes", "1" },
	{ "code.Contains('1'", 18, "a closing parenthesis", NULL },
	{ "code.Contains('1') = true", 20, "and, or, or the end", "=" },
	{ "password = 'x'", 1, "a member that can be compared", "password" },
	{ "token = 'x'", 1, "a member that can be compared", "token" },
	{ "token.StartsWith('x')", 1, "a member that can be compared", "token" },
	{ "inner = 'x'", 1, "a member of the item", "inner" },
	{ "t.id = 1", 1, "a member of the item", "t" },
	{ "id = 1; DROP TABLE item", 7, "and, or, or the end", ";" },
	{ "id = 1 -- x", 8, "and, or, or the end", "-" },
	{ "code = '\xC3\xA4\xE2\x82\xAC' and \xC3\xA4 = 1", 17, "a member of the item",
	    "\xC3\xA4" },
	{ "code = 'x' or name = 'a\xC3\xA4\xC3\xA4' xyz", 28, "and, or, or the end", "xyz" },
	{ "aVeryLongNameThatNobodyWouldGiveToAnyMember = 1", 1, "a member",
	    "aVeryLongNameThatNobodyWouldGive\xE2\x80\xA6" },
};

static void test_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(malformed); i++) {
		struct filter *filter;
		struct error error;
		char place[80], found[120];

		assert_int_equal(read_filter(malformed[i].text, &filter, &error), -1);
		assert_int_equal(error.code, ERROR_INVALID);
		assert_int_equal(error.fault_count, 1);
		assert_string_equal(error.faults->path, "filter");
		snprintf(place, sizeof(place),
		    "The filter is wrong at position %u: ", malformed[i].position);
		if (malformed[i].found != NULL)
			snprintf(found, sizeof(found), "is expected, but '%s' was found.",
			    malformed[i].found);
		else
			snprintf(found, sizeof(found), "is expected, but it ends here.");
		if (strncmp(error.faults->message, place, strlen(place)) != 0 ||
		    strstr(error.faults->message, malformed[i].expected) == NULL ||
		    strstr(error.faults->message, found) == NULL)
			fail_msg("row %zu: %s\n  gives: %s\n  wanted: %s…%s…%s", i,
			    malformed[i].text, error.faults->message, place, malformed[i].expected,
			    found);
	}
}

static const char *const good[] = {
	"",
	"  ",
	"id=1",
	"ID EQ 1",
	"Id == 1 && Name <> \"x\"",
	"id ne 1 AndAlso id LT 5 orelse id Ge 7",
	"!(id = 1)",
	"not id = 1",
	"not (id = 1 or ! code.contains('x'))",
	"id not in (1,2,3)",
	"id In (-1)",
	"name = null or name != NULL",
	"size.width = null",
	"price >= -12.5 and weight < 1e3",
	"big = 9223372036854775807",
	"id = 3000000000",
	"made >= '2020-01-01T00:00:00Z' and made < \"2021-01-01\"",
	"made = '2020-01-01T00:00:00+02:00'",
	"made = DateTime(2020,1,2)",
	"day = DATETIME( 2020 , 1 , 2 , 3 , 4 , 5 )",
	"serial = '{53A15DD6-8768-4AA5-9BA6-770D614DAEAB}'",
	"serial in ('53a15dd687684aa59ba6770d614daeab')",
	"kind = 1 or kind = 'floating' or kind > 0",
	"level = 'error' or level.StartsWith('W')",
	"maker.name = 'x' and Maker.Country.Code = 'IT'",
	"maker.itemCount > 3",
	"code.EndsWith('100%')",
	"code = 'it''s' and code = \"say \"\"hi\"\"\"",
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct filter *filter;
		struct error error;

		if (read_filter(good[i], &filter, &error) != 0)
			fail_msg("row %zu: %s: %s", i, good[i], error.faults->message);
	}
}

/* `before`, `middle` so many times, `after`. */
static const char *repeat(const char *before, const char *middle, unsigned times, const char *after)
{
	struct buf text = { 0 };
	const char *copy;

	buf_append_text(&text, before);
	for (unsigned i = 0; i < times; i++)
		buf_append_text(&text, middle);
	buf_append_text(&text, after);
	copy = arena_str(arena, buf_str(&text)).data;
	buf_free(&text);
	return copy;
}

static void test_limits(void **state)
{
	struct filter *filter;
	struct error error;

	(void)state;
	assert_int_equal(
	    read_filter(repeat(repeat("", "(", 32, "id = 1"), ")", 32, ""), &filter, &error), 0);
	assert_int_equal(
	    read_filter(repeat(repeat("", "(", 33, "id = 1"), ")", 33, ""), &filter, &error), -1);
	assert_string_equal(error.faults->message,
	    "The filter is wrong at position 33: a condition (nesting goes 32 deep at most) is "
	    "expected, but '(' was found.");
	assert_int_equal(read_filter(repeat("id in (1", ",2", 999, ")"), &filter, &error), 0);
	assert_int_equal(filter->value_count, 1000);
	assert_int_equal(read_filter(repeat("id in (1", ",2", 1000, ")"), &filter, &error), -1);
	assert_non_null(strstr(error.faults->message, "at position 2007: a closing parenthesis"));
	assert_int_equal(read_filter(repeat("id = 1", " or id = 2", 9999, ""), &filter, &error), 0);
	assert_int_equal(
	    read_filter(repeat("id = 1", " or id = 2", 10000, ""), &filter, &error), -1);
	assert_non_null(strstr(error.faults->message, "at most 10000 values"));
}

static void test_tree(void **state)
{
	struct filter *filter, *child;
	struct error error;

	(void)state;
	assert_int_equal(read_filter("id = 1 or id = 2 and not name = null or code.startsWith('x')",
			     &filter, &error),
	    0);
	assert_int_equal(filter->kind, FILTER_OR);
	child = filter->children;
	assert_int_equal(child->kind, FILTER_COMPARE);
	assert_int_equal(child->values[0].integer, 1);
	child = child->next;
	assert_int_equal(child->kind, FILTER_AND);
	assert_int_equal(child->children->values[0].integer, 2);
	assert_int_equal(child->children->next->kind, FILTER_NOT);
	assert_true(child->children->next->children->values[0].null);
	assert_null(child->children->next->next);
	child = child->next;
	assert_int_equal(child->kind, FILTER_MATCH);
	assert_int_equal(child->comparison, FILTER_STARTS_WITH);
	assert_null(child->next);
	assert_int_equal(read_filter("day = DateTime(2020,2,29)", &filter, &error), 0);
	assert_int_equal(filter->values[0].integer, INT64_C(1582934400000000));
}

/* Each function counts, wherever it stands. */
static void test_searches(void **state)
{
	static const char three[] =
	    "not (code.Contains('a') or id = 1 and name.StartsWith('b')) and name.EndsWith('c')";
	struct limits limits = { .filter_searches = 3 };
	struct filter *filter;
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(filter_read(arena, &catalogue_sight, &limits, &catalogue_item,
			     str_from(three), &filter, &error),
	    0);
	assert_int_equal(filter_searches(filter), 3);
	assert_int_equal(filter_searches(NULL), 0);
	limits.filter_searches = 2;
	assert_int_equal(filter_read(arena, &catalogue_sight, &limits, &catalogue_item,
			     str_from(three), &filter, &error),
	    -1);
	assert_string_equal(error.faults->path, "filter");
	assert_non_null(strstr(error.faults->message, "position 70"));
	assert_non_null(strstr(error.faults->message, "at most 2 of Contains"));
}

static void test_print(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "ID eq 1", "id = 1" },
		{ "  id==1&&&&", NULL },
		{ "id==1 && name<>'a\"b'", "(id = 1 and name != \"a\"\"b\")" },
		{ "not(id in(1,2,3))", "not (id in (1, 2, 3))" },
		{ "id not in (1)", "not (id in (1))" },
		{ "!(id = 1 or name = null)", "not (id = 1 or name = null)" },
		{ "id = 1 or id = 2 and active eq true", "(id = 1 or (id = 2 and active = true))" },
		{ "Maker.Country.Code.StartsWith('d')", "maker.country.code.startsWith(\"d\")" },
		{ "price >= 1.50 and weight lt 2.5", "(price >= 1.5 and weight < 2.5)" },
		{ "kind = 'Floating' and level = 'error'", "(kind = 2 and level = \"Error\")" },
		{ "made > DateTime(2020,2,29,1,2,3)", "made > \"2020-02-29T01:02:03Z\"" },
		{ "day = '2020-02-29'", "day = \"2020-02-29\"" },
		{ "serial = '{0F8FAD5B-D9CB-469F-A165-70867728950E}'",
		    "serial = \"0f8fad5b-d9cb-469f-a165-70867728950e\"" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf first = { 0 }, second = { 0 };
		struct filter *filter;
		struct error error;

		expect_int(i, read_filter(rows[i].text, &filter, &error),
		    rows[i].printed != NULL ? 0 : -1);
		if (rows[i].printed == NULL)
			continue;
		filter_print(&first, filter);
		expect_str(i, buf_str(&first), rows[i].printed);
		/* What is printed is read as the same. */
		expect_int(i, read_filter(first.data, &filter, &error), 0);
		filter_print(&second, filter);
		expect_str(i, buf_str(&second), rows[i].printed);
		buf_free(&first);
		buf_free(&second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_searches),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
