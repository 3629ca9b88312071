/*
 * Whatever way rows are asked for, an actor has the same ones: all, its own, or none.
 */
#include "../lib/queries.h"
#include "../lib/server.h"
#include "query/sort.h"
#include "record/list.h"

#define MAKER_ID 0
#define COUNTRY_ID 0
#define COUNTRY_MAKERS 3
#define OWNER 2 /* country of the actor's makers */

static struct queries *queries;
static struct context *context;

/* Makers that belong to their country, and countries with such makers. */
static struct resource makers;
static struct relation makers_of_country;
static struct field country_fields[COUNTRY_MAKERS + 1];
static struct resource countries;

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE,
	    "INSERT INTO country (id, code) VALUES (1, 'de'), (2, 'fr'), (3, 'at');"
	    "INSERT INTO maker (id, name, country_id, deleted_at) VALUES (1, 'a', 1, NULL), "
	    "(2, 'b', 2, NULL), (3, 'c', 2, '2020-01-01'), (4, 'd', 3, NULL), (5, 'e', 2, NULL)");
	queries = *state;
	queries_prepare(queries, &catalogue_maker, NULL, NULL);
	context = &queries->operation.context;
	makers = catalogue_maker;
	makers.owner = OWNER_CUSTOMER;
	makers.owner_condition = "{}.country_id = ?";
	memcpy(country_fields, catalogue_country.fields, sizeof(country_fields));
	makers_of_country = *country_fields[COUNTRY_MAKERS].relation;
	makers_of_country.target = &makers;
	country_fields[COUNTRY_MAKERS].relation = &makers_of_country;
	countries = catalogue_country;
	countries.fields = country_fields;
	return result;
}

/* Bit per maker. */
static unsigned bits_of(const struct row_list *rows)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < rows->count; i++)
		bits |= 1u << rows->rows[i]->values[MAKER_ID].integer;
	return bits;
}

static unsigned count_bits(unsigned bits)
{
	return bits == 0 ? 0 : (bits & 1) + count_bits(bits >> 1);
}

static struct record_list list_of(
    struct selection *selection, struct sort *sort, int64_t take, int64_t skip)
{
	selection_begin(selection, &makers, FIELD_BIT(MAKER_ID));
	sort_own(&makers, 0, sort);
	return (struct record_list){ .set = { .resource = &makers },
		.query = { .resource = &makers,
		    .selection = selection,
		    .sort = sort,
		    .take = take,
		    .skip = skip } };
}

static unsigned ask_page(void)
{
	struct selection selection;
	struct record_page page;
	struct sort sort;
	struct record_list list = list_of(&selection, &sort, 10, 0);

	assert_int_equal(record_fetch_page(context, &list, &page, &queries->error), 0);
	assert_false(page.more);
	return bits_of(&page.rows);
}

/* Page after page, each behind the one before. */
static unsigned ask_pages(void)
{
	struct selection selection;
	struct record_page page;
	struct sort sort;
	struct record_list list = list_of(&selection, &sort, 1, 0);
	struct cursor last;
	unsigned bits = 0;

	do {
		assert_int_equal(record_fetch_page(context, &list, &page, &queries->error), 0);
		assert_int_equal(bits & bits_of(&page.rows), 0);
		bits |= bits_of(&page.rows);
		last = page.last;
		list.query.after = &last;
	} while (page.more);
	return bits;
}

/* The page of a deep skip is put together otherwise; there are no rows so far on. */
static unsigned ask_totals(void)
{
	struct selection selection;
	struct record_page page;
	struct sort sort;
	struct record_list list = list_of(&selection, &sort, 1, QUERY_DEEP_SKIP);
	const struct record_set set = { .resource = &makers };
	unsigned bits = ask_page();
	int64_t count;
	bool exists;

	assert_int_equal(record_fetch_page(context, &list, &page, &queries->error), 0);
	assert_int_equal(page.rows.count, 0);
	assert_int_equal(record_count_list(context, &list, false, &count, &queries->error), 0);
	assert_int_equal(count, count_bits(bits));
	assert_int_equal(record_count_list(context, &list, true, &count, &queries->error), 0);
	assert_in_range(count, 0, 5);
	assert_int_equal(record_count(context, &set, &count, &queries->error), 0);
	assert_int_equal(count, count_bits(bits));
	assert_int_equal(record_exists(context, &set, &exists, &queries->error), 0);
	assert_int_equal(exists, bits != 0);
	return bits;
}

static int take_rows(void *data, const struct row_list *rows, struct error *error)
{
	(void)error;
	*(unsigned *)data |= bits_of(rows);
	return 0;
}

static unsigned ask_set(void)
{
	const struct record_set set = { .resource = &makers };
	struct row_list rows;
	unsigned bits = 0;

	assert_int_equal(
	    record_fetch_all(context, &set, FIELD_BIT(MAKER_ID), &rows, &queries->error), 0);
	assert_int_equal(
	    record_each(context, &set, FIELD_BIT(MAKER_ID), take_rows, &bits, &queries->error), 0);
	assert_int_equal(bits_of(&rows), bits);
	return bits;
}

static unsigned ask_by_key(void)
{
	unsigned bits = 0;

	for (int id = 1; id <= 5; id++) {
		struct row *key = row_new(queries->arena, &makers), *row, *locked;
		int found;

		row_set_integer(key, MAKER_ID, id);
		found = record_fetch_one(
		    context, &makers, FIELD_BIT(MAKER_ID), key, &row, &queries->error);
		assert_int_equal(found == 0 ? ERROR_NONE : ERROR_NOT_FOUND, queries->error.code);
		error_clear(&queries->error);
		assert_int_equal(record_fetch_locked(context, &makers, FIELD_BIT(MAKER_ID), key,
				     &locked, &queries->error),
		    found);
		error_clear(&queries->error);
		if (found == 0)
			bits |= 1u << id;
	}
	return bits;
}

/* Those that rows of another resource lead to, which the actor is given. */
static unsigned ask_included(void)
{
	const struct record_set set = { .resource = &countries };
	uint64_t mask = FIELD_BIT(COUNTRY_ID) | FIELD_BIT(COUNTRY_MAKERS);
	bool own_rows_only = context->own_rows_only;
	struct row_list rows;
	unsigned bits = 0;

	context->own_rows_only = false;
	assert_int_equal(record_fetch_all(context, &set, mask, &rows, &queries->error), 0);
	context->own_rows_only = own_rows_only;
	assert_int_equal(rows.count, 3);
	for (unsigned i = 0; i < rows.count; i++)
		bits |= bits_of(&rows.rows[i]->values[COUNTRY_MAKERS].list);
	return bits;
}

static unsigned ask_seen(void)
{
	const struct record_set set = { .resource = &makers };
	unsigned bits = ask_included();
	int result = record_require_seen(context, &set, &queries->error);

	assert_int_equal(result == 0, bits != 0);
	error_clear(&queries->error);
	return bits;
}

static void test_ways(void **state)
{
	static unsigned (*const ways[])(void) = { ask_page, ask_pages, ask_totals, ask_set,
		ask_by_key, ask_included, ask_seen };
	static const struct {
		struct sight sight;
		bool own_rows_only;
		const char *owner_condition;
		unsigned bits;
	} actors[] = {
		{ { .areas = AREA_BIT(AREA_PRODUCTS) }, false, "{}.country_id = ?",
		    1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 },
		{ { .own = OWNER_BIT(OWNER_CUSTOMER) }, true, "{}.country_id = ?",
		    1 << 2 | 1 << 5 },
		/* Without an owner, the rows are nobody's. */
		{ { .own = OWNER_BIT(OWNER_CUSTOMER) }, true, NULL, 0 },
	};
	struct principal customer = { .customer_id = OWNER };

	(void)state;
	context->actor.principal = &customer;
	for (size_t i = 0; i < ROWS(actors); i++) {
		context->sight = actors[i].sight;
		context->own_rows_only = actors[i].own_rows_only;
		makers.owner_condition = actors[i].owner_condition;
		for (size_t way = 0; way < ROWS(ways); way++)
			expect_int(10 * i + way, ways[way](), actors[i].bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ways, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
