#include <stdio.h>

#include "../lib/catalogue.h"
#include "../lib/rows.h"
#include "query/filter.h"
#include "query/select.h"
#include "query/sort.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 16 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void print_names(struct buf *out, const struct selection *selection, uint64_t mask)
{
	const char *before = "";

	for (unsigned i = 0; i < selection->resource->field_count; i++) {
		if (!(mask & FIELD_BIT(i)))
			continue;
		buf_append_text(out, before);
		buf_append_text(out, selection->resource->fields[i].name);
		before = " ";
		if (selection->parts[i] == NULL)
			continue;
		buf_append_char(out, '(');
		if (selection->parts[i]->narrowed)
			print_names(out, selection->parts[i], selection->parts[i]->shown);
		else
			buf_append_char(out, '+');
		buf_append_char(out, ')');
	}
}

/* What is shown of an item, and what is read for it where that is more; "+" = all ordinary members.
 */
static const struct {
	const char *select, *include, *shown, *fetched;
} selections[] = {
	{ "id", "", "id", "id" },
	{ "name", "", "id name", "id name" },
	{ "NAME , Code", "", "id code name", "id code name" },
	{ "name,name", "", "id name", "id name" },
	{ "maker", "", "id maker(+)", "id makerId maker(+)" },
	{ "maker.name", "", "id maker(id name)", "id makerId maker(id name)" },
	{ "maker.name,maker", "", "id maker(+)", "id makerId maker(+)" },
	{ "maker,maker.name", "", "id maker(+)", "id makerId maker(+)" },
	{ "maker.country.code", "", "id maker(id country(id code))",
	    "id makerId maker(id country(id code))" },
	{ "name", "maker", "id name maker(+)", "id name makerId maker(+)" },
	{ "maker.name", "maker", "id maker(id name)", "id makerId maker(id name)" },
	{ "code", "*", "id code maker(+) labels(+)", "id code makerId maker(+) labels(+)" },
	{ "labels.text", "", "id labels(itemId text)", "id labels(itemId text)" },
	{ "size.width", "", "id size(width)", "id size(width)" },
	{ "size", "", "id size(+)", "id size(+)" },
	{ "password", "", "id password", "id" },
	{ "tags,extra", "", "id tags extra", "id tags extra" },
};

static void test_select(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(selections); i++) {
		struct selection *selection;
		struct error error;
		struct buf text = { 0 };

		error_init(&error, arena);
		if (selection_read(arena, &catalogue_sight, &catalogue_item,
			str_from(selections[i].select), str_from(selections[i].include), &selection,
			&error) != 0)
			fail_msg("row %zu: %s", i, error.faults->message);
		assert_true(selection->narrowed);
		print_names(&text, selection, selection->shown);
		expect_str(i, buf_str(&text), selections[i].shown);
		buf_reset(&text, 0);
		print_names(&text, selection, selection->fetched);
		expect_str(i, buf_str(&text), selections[i].fetched);
		buf_free(&text);
	}
}

static void test_include(void **state)
{
	const struct resource *item = &catalogue_item;
	uint64_t ordinary = resource_default_mask(item);
	unsigned maker = (unsigned)resource_field(item, "maker");
	unsigned labels = (unsigned)resource_field(item, "labels");
	unsigned country = (unsigned)resource_field(&catalogue_maker, "country");
	struct selection *selection;
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(
	    selection_read(arena, &catalogue_sight, item, STR(""), STR(""), &selection, &error), 0);
	assert_false(selection->narrowed);
	assert_int_equal(selection->fetched, ordinary);
	assert_int_equal(
	    selection_read(arena, &catalogue_sight, item, STR(""), STR("*"), &selection, &error),
	    0);
	assert_int_equal(selection->fetched, ordinary | FIELD_BIT(maker) | FIELD_BIT(labels));
	assert_int_equal(selection->parts[maker]->fetched, resource_default_mask(&catalogue_maker));
	assert_int_equal(selection_read(arena, &catalogue_sight, item, STR(""),
			     STR("Maker.Country"), &selection, &error),
	    0);
	assert_true(selection->parts[maker]->fetched & FIELD_BIT(country));
	assert_null(selection->parts[labels]);
	assert_int_equal(selection_read(arena, &catalogue_sight, item, STR(""), STR("maker.*"),
			     &selection, &error),
	    0);
	assert_non_null(selection->parts[maker]->parts[country]);
}

/* Parameter, its text, and the fault. */
static const struct {
	const char *parameter, *text;
	unsigned position;
	const char *expected;
} malformed[] = {
	{ "select", "nothing", 1, "a member of the item" },
	{ "select", "id,", 4, "a member of the item" },
	{ "select", "id code", 4, "a comma or the end" },
	{ "select", "inner", 1, "a member of the item" },
	{ "select", "id.x", 3, "a comma or the end" },
	{ "select", "maker.nothing", 7, "a member of the maker" },
	{ "select", "maker.", 7, "a member of the maker" },
	{ "select", "*", 1, "a member of the item" },
	{ "select", "maker.items.maker.items.id", 25, "a path of at most 4 names" },
	{ "include", "name", 1, "a relation of the item or *" },
	{ "include", "size", 1, "a relation of the item or *" },
	{ "include", "maker.name", 7, "a relation of the maker or *" },
	{ "include", ",maker", 1, "a member of the item" },
	{ "include", "maker labels", 7, "a comma or the end" },
	{ "include", "*.maker", 2, "a comma or the end" },
	{ "include", "maker.items.maker.items.maker", 25, "a path of at most 4 names" },
	{ "sort", "nothing", 1, "a member of the item" },
	{ "sort", "id up", 4, "asc, desc, a comma or the end" },
	{ "sort", "id asc desc", 8, "a comma or the end" },
	{ "sort", "id,", 4, "a member to sort by" },
	{ "sort", ",id", 1, "a member of the item" },
	{ "sort", "id;code", 3, "asc, desc, a comma or the end" },
	{ "sort", "tags", 1, "a member with a single value" },
	{ "sort", "password", 1, "a member that can be compared" },
	{ "sort", "maker", 1, "one of its members" },
	{ "sort", "name.Contains('x')", 5, "the end of the path" },
	{ "sort", "labels.text", 1, "a member with a single value" },
	{ "sort", "id,code,name,price,weight,active,stock,big,made", 44, "the end" },
};

static void test_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(malformed); i++) {
		struct str text = str_from(malformed[i].text), none = { NULL, 0 };
		bool select = strcmp(malformed[i].parameter, "select") == 0;
		struct selection *selection;
		struct error error;
		struct sort sort;
		char place[80];
		int result;

		error_init(&error, arena);
		if (strcmp(malformed[i].parameter, "sort") == 0)
			result = sort_read(
			    arena, &catalogue_sight, &catalogue_item, text, &sort, &error);
		else
			result = selection_read(arena, &catalogue_sight, &catalogue_item,
			    select ? text : none, select ? none : text, &selection, &error);
		expect_int(i, result, -1);
		assert_string_equal(error.faults->path, malformed[i].parameter);
		snprintf(place, sizeof(place),
		    "The %s is wrong at position %u: ", malformed[i].parameter,
		    malformed[i].position);
		if (strncmp(error.faults->message, place, strlen(place)) != 0 ||
		    strstr(error.faults->message, malformed[i].expected) == NULL)
			fail_msg("row %zu: %s: %s", i, malformed[i].text, error.faults->message);
	}
}

static const struct {
	const char *resource, *text, *order;
} sorts[] = {
	{ "item", "", "id" },
	{ "item", "name", "name id" },
	{ "item", "name desc", "name- id-" },
	{ "item", "name Descending, CODE ASC", "name- code id" },
	{ "item", "id desc, name", "id- name" },
	{ "item", "name, name desc", "name id" },
	{ "item", "maker.country.code ascending", "code id" },
	{ "maker", "", "name- id" },
	{ "label", "", "itemId text" },
	{ "label", "text desc", "text- itemId-" },
};

static void test_sort(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(sorts); i++) {
		struct buf text = { 0 };
		struct error error;
		struct sort sort;

		error_init(&error, arena);
		expect_int(i,
		    sort_read(arena, &catalogue_sight, catalogue_find(str_from(sorts[i].resource)),
			str_from(sorts[i].text), &sort, &error),
		    0);
		for (unsigned j = 0; j < sort.count; j++)
			buf_printf(&text, "%s%s%s", j > 0 ? " " : "",
			    path_field(&sort.keys[j].path)->name,
			    sort.keys[j].descending ? "-" : "");
		expect_str(i, buf_str(&text), sorts[i].order);
		buf_free(&text);
	}
}

/* What somebody asks for who may not read countries, and where that is refused. */
static const struct {
	const char *parameter, *text;
	unsigned position; /* 0 = taken */
} unseen[] = {
	{ "select", "maker.name", 0 },
	{ "select", "maker.country", 7 },
	{ "select", "name,maker.country.code", 12 },
	{ "include", "maker", 0 },
	{ "include", "maker.*", 0 },
	{ "include", "maker.country", 7 },
	{ "include", "maker.country.makers", 7 },
	{ "sort", "maker.name", 0 },
	{ "sort", "maker.country.code", 7 },
	{ "sort", "name,maker.country.code desc", 12 },
	{ "filter", "maker.name = 'x'", 0 },
	{ "filter", "maker.country.code = 'x'", 7 },
	{ "filter", "id = 1 or not (Maker.Country.Code in ('x'))", 22 },
	{ "filter", "maker.country.code.startswith('x')", 7 },
};

static int read_by(const struct sight *sight, const char *parameter, const char *text,
    struct selection **selection, struct error *error)
{
	struct filter *filter;
	struct sort sort;

	if (strcmp(parameter, "filter") == 0)
		return filter_read(
		    arena, sight, NULL, &catalogue_item, str_from(text), &filter, error);
	if (strcmp(parameter, "sort") == 0)
		return sort_read(arena, sight, &catalogue_item, str_from(text), &sort, error);
	return selection_read(arena, sight, &catalogue_item,
	    str_from(strcmp(parameter, "select") == 0 ? text : NULL),
	    str_from(strcmp(parameter, "include") == 0 ? text : NULL), selection, error);
}

static void test_unseen(void **state)
{
	const struct sight sight = { .areas = AREA_BIT(AREA_PRODUCTS) };

	(void)state;
	for (size_t i = 0; i < ROWS(unseen); i++) {
		struct selection *selection;
		struct error error;

		error_init(&error, arena);
		expect_int(i,
		    read_by(&sight, unseen[i].parameter, unseen[i].text, &selection, &error),
		    unseen[i].position == 0 ? 0 : -1);
		if (unseen[i].position == 0)
			continue;
		assert_string_equal(error.faults->path, unseen[i].parameter);
		assert_non_null(strstr(error.faults->message,
		    arena_printf(arena, "at position %u: a member that this credential may read",
			unseen[i].position)));
	}
}

/* "*" is what is seen: nothing of another area comes with it. */
static void test_star_leaves_out(void **state)
{
	const struct sight sight = { .areas = AREA_BIT(AREA_PRODUCTS) };
	unsigned country = (unsigned)resource_field(&catalogue_maker, "country");
	unsigned maker = (unsigned)resource_field(&catalogue_item, "maker");
	struct selection *selection;
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(read_by(&sight, "include", "maker.*", &selection, &error), 0);
	assert_false(selection->parts[maker]->shown & FIELD_BIT(country));
	assert_null(selection->parts[maker]->parts[country]);
}

/* Conditions and orders tell of rows that are not seen themselves. */
static void test_blind(void **state)
{
	const struct sight blind = { 0 };
	struct selection *selection;
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(read_by(&blind, "filter", "id = 1", &selection, &error), -1);
	assert_int_equal(read_by(&blind, "sort", "id", &selection, &error), -1);
	assert_int_equal(error.fault_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_star_leaves_out),
		cmocka_unit_test(test_blind),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
