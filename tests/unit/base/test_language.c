#include "../lib/rows.h"

#include <stdlib.h>

#include "base/catalogue.h"
#include "base/error.h"
#include "base/language.h"

static struct arena *arena;

static const struct catalogue_text test_texts[] = {
	{ "%s", "{1~}" },
	{ "%s is %s", "{2} = {1}" },
	{ "%u of %d, %lld, %zu", "{4}-{3}-{2}-{1}" },
	{ "'%c' is U+%04X %.*s", "{1} {2} {3} {3}" },
	{ "The %s is %s.", "{1} must be {2!}." },
	{ "The a is b.", "A whole sentence." },
	{ "at most %u", "The field {0} is at most {1}." },
	{ "braces {%s}", "{{1}} {x} {9} {1" },
	{ "fish", "Fisch" },
	{ "nothing", "" },
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(((const struct catalogue_text *)a)->english,
	    ((const struct catalogue_text *)b)->english);
}

static struct catalogue_text sorted[ROWS(test_texts)];
static const struct catalogue_part part = { .texts = sorted, .count = ROWS(test_texts) };
static const struct catalogue_part *const parts[] = { &part };
static const struct catalogue catalogue = { .parts = parts, .part_count = 1, .by_sentence = true };

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4096, 1 << 20);
	memcpy(sorted, test_texts, sizeof(sorted));
	qsort(sorted, ROWS(sorted), sizeof(sorted[0]), by_bytes);
	return arena != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_printing(void **state)
{
	const char *at_most;

	(void)state;
	assert_string_equal(language_printf(arena, "%s is %s", "a", "b"), "a is b");
	language_begin(LANGUAGE_GERMAN, &catalogue);
	assert_string_equal(language_printf(arena, "%s is %s", "fish", "b"), "b = fish");
	assert_string_equal(
	    language_printf(arena, "%u of %d, %lld, %zu", 1u, -2, 3LL, (size_t)4), "4-3--2-1");
	assert_string_equal(
	    language_printf(arena, "'%c' is U+%04X %.*s", 'x', 0xAFu, 2, "abc"), "x 00AF ab ab");
	assert_string_equal(language_printf(arena, "braces {%s}", "b"), "{b} {x} {9} {1");
	assert_string_equal(language_printf(arena, "%s", "fish"), "Fisch");
	assert_string_equal(language_printf(arena, "unknown %d", 5), "unknown 5");
	assert_string_equal(language_text("fish"), "Fisch");
	assert_string_equal(language_text("bird"), "bird");
	assert_string_equal(language_text("nothing"), "");
	/* A part that is a whole sentence takes the place of all. */
	at_most = language_printf(arena, "at most %u", 5u);
	assert_string_equal(at_most, "The field {0} is at most 5.");
	assert_string_equal(language_printf(arena, "The %s is %s.", "name", at_most),
	    "The field name is at most 5.");
	assert_string_equal(
	    language_printf(arena, "The %s is %s.", "name", "fish"), "name must be Fisch.");
	language_end();
	assert_int_equal(language_now(), LANGUAGE_ENGLISH);
	assert_string_equal(language_text("fish"), "fish");
}

static unsigned asked;

static enum language choose(struct str header)
{
	asked++;
	return str_equal(header, STR("de")) ? LANGUAGE_GERMAN : LANGUAGE_ENGLISH;
}

/* Who needs no message asks for no language, and it is asked for once. */
static void test_later(void **state)
{
	(void)state;
	language_begin_later(choose, STR("de"));
	language_end();
	assert_int_equal(asked, 0);
	assert_int_equal(language_now(), LANGUAGE_ENGLISH);
	language_begin_later(choose, STR("de"));
	assert_string_equal(language_text("a number"), "eine Zahl");
	assert_string_equal(language_printf(arena, "%s", "a value"), "ein Wert");
	assert_int_equal(language_now(), LANGUAGE_GERMAN);
	assert_int_equal(asked, 1);
	language_begin_later(choose, STR("fr"));
	assert_int_equal(language_now(), LANGUAGE_ENGLISH);
	assert_string_equal(language_text("a number"), "a number");
	assert_int_equal(asked, 2);
	language_end();
}

/* What is printed may have a text of its own where the catalogue says so. */
static void test_sentences(void **state)
{
	static const struct catalogue_text own[] = { { "The a is b.", "A whole sentence." } };
	static const struct catalogue_part own_part = { .texts = own, .count = 1 };
	static const struct catalogue_part *const own_parts[] = { &own_part };
	static const struct catalogue sentences = { own_parts, 1, true },
				      alone = { own_parts, 1, false };

	(void)state;
	language_begin(LANGUAGE_ENGLISH, &sentences);
	assert_string_equal(language_printf(arena, "The %s is %s.", "a", "b"), "A whole sentence.");
	language_begin(LANGUAGE_ENGLISH, &alone);
	assert_string_equal(language_printf(arena, "The %s is %s.", "a", "b"), "The a is b.");
	language_end();
}

static void test_errors(void **state)
{
	struct error error, copy;

	(void)state;
	error_init(&error, arena);
	error_init(&copy, arena);
	language_begin(LANGUAGE_GERMAN, language_catalogue(LANGUAGE_GERMAN));
	assert_string_equal(error_code_message(ERROR_INVALID), "Die Anfrage ist ungültig.");
	(void)error_set(&error, ERROR_INVALID, "The %s field is required.", "name");
	(void)error_add_fault(&error, "a", "The %s field must be %s.", "a", "a GUID");
	(void)error_set_detail(&error, ERROR_INVALID, "The %s field is required.", "name");
	error_copy(&copy, &error);
	language_end();
	assert_string_equal(copy.message, "Das Feld name muss angegeben werden.");
	assert_string_equal(copy.faults->message, "Das Feld a muss eine GUID sein.");
	assert_string_equal(copy.detail, "The name field is required.");
}

static void test_conversions(void **state)
{
	static const struct {
		const char *format;
		unsigned count;
		bool known;
	} rows[] = {
		{ "", 0, true },
		{ "100 %%", 0, true },
		{ "%s %.*s %d %lld %zu %c %04X %%", 7, true },
		{ "%f", 0, false },
		{ "%", 0, false },
		{ "%5s", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		unsigned count;

		expect_int(i, language_count_conversions(rows[i].format, &count), rows[i].known);
		expect_int(i, count, rows[i].count);
	}
}

static void check_text(const struct catalogue_text *text)
{
	const char *at = text->text;
	struct catalogue_hole hole;
	unsigned count;

	if (!language_count_conversions(text->english, &count))
		fail_msg("conversions of \"%s\"", text->english);
	while (language_next_hole(&at, &hole)) {
		if (hole.number > count)
			fail_msg("\"%s\" has no {%u}", text->english, hole.number);
	}
	if (strchr(text->text, '%') != NULL)
		fail_msg("a conversion in \"%s\"", text->text);
	if (str_utf8_valid(str_from(text->text)) < strlen(text->text))
		fail_msg("no UTF-8: \"%s\"", text->text);
}

/* Every text of every catalogue: found, in order, and with places for what is printed. */
static void test_catalogues(void **state)
{
	static const struct catalogue *const all[] = { &catalogue_german, &catalogue_original_core,
		&catalogue_original_hosting, &catalogue_original_web_api };

	(void)state;
	for (size_t i = 0; i < ROWS(all); i++) {
		for (unsigned p = 0; p < all[i]->part_count; p++) {
			const struct catalogue_part *one = all[i]->parts[p];

			for (unsigned t = 0; t < one->count; t++) {
				check_text(&one->texts[t]);
				if (t > 0 &&
				    strcmp(one->texts[t - 1].english, one->texts[t].english) >= 0)
					fail_msg("not in order: \"%s\"", one->texts[t].english);
				/* A part may say otherwise what one after it says for all. */
				if (p == 0)
					assert_ptr_equal(
					    language_find(all[i], one->texts[t].english),
					    one->texts[t].text);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printing),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_conversions),
		cmocka_unit_test(test_catalogues),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
