/*
 * The columns of a list: whatever is selected and included, an imagined row has the members that
 * rows have.
 */
#include "../lib/queries.h"
#include "../lib/server.h"
#include "codec/reader.h"
#include "record/sample.h"

#include <stdio.h>

/* All of the first item's members and relations are there, down to the last. */
static const char full_rows[] =
    "INSERT INTO country VALUES (1,'IT','Italy');"
    "INSERT INTO maker (id,name,country_id,founded) VALUES (1,'Anna',1,'1990-05-01');"
    "INSERT INTO item (id,code,name,price,weight,active,stock,big,serial,made,day,kind,level,"
    "maker_id,width,height,tags,extra,password,token,inner_text) VALUES (1,'a','One',12.5,0.5,1,2,"
    "3,'53a15dd6-8768-4aa5-9ba6-770d614daeab','2020-01-01','2020-01-01',1,'Error',1,3,4,'[\"t\"]',"
    "'{\"k\":1}','never','secret','hidden');"
    "INSERT INTO label VALUES (1,'x');"
    "UPDATE row_count SET count = 1;";

static const struct {
	const struct resource *resource;
	const char *select, *include;
} selections[] = {
	{ &catalogue_item, "", "" },
	{ &catalogue_item, "", "*" },
	{ &catalogue_item, "", "maker" },
	{ &catalogue_item, "", "maker.country" },
	{ &catalogue_item, "", "maker.*,labels" },
	{ &catalogue_item, "id", "" },
	{ &catalogue_item, "name,id,code", "" },
	{ &catalogue_item, "size", "" },
	{ &catalogue_item, "size.height", "" },
	{ &catalogue_item, "password", "" },
	{ &catalogue_item, "token,tags,extra", "" },
	{ &catalogue_item, "maker", "" },
	{ &catalogue_item, "maker.name", "" },
	{ &catalogue_item, "maker.country.code,size.width,labels", "" },
	{ &catalogue_item, "maker.itemCount,labels.text", "" },
	{ &catalogue_item, "code", "maker.country" },
	{ &catalogue_item, "maker.name", "maker.country" },
	{ &catalogue_maker, "", "" },
	{ &catalogue_maker, "", "*" },
	{ &catalogue_maker, "itemCount", "country" },
	{ &catalogue_maker, "items", "items.labels" },
	{ &catalogue_country, "", "makers" },
	{ &catalogue_country, "makers.name,code", "" },
	{ &catalogue_label, "", "" },
};

static struct arena *arena;

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE, full_rows);
	arena = arena_new(65536, 1024 * 1024);
	return arena != NULL ? result : -1;
}

static int end(void **state)
{
	arena_free(arena);
	return queries_end(state);
}

/* The first row of the list, as the API shows it. */
static const struct node *read_row(struct queries *queries, size_t number)
{
	char query[256];
	const struct node *answer;
	const char *body;

	snprintf(query, sizeof(query), "select=‹%s›&include=‹%s›", selections[number].select,
	    selections[number].include);
	body = queries_list(queries, selections[number].resource, query);
	if (body == NULL)
		fail_msg("row %zu: %s is refused", number, query);
	answer = json_read_stored(arena, arena_str(arena, str_from(body)));
	assert_non_null(answer);
	assert_int_equal(answer->children->child_count, 1);
	return answer->children->children;
}

static const struct node *imagine_row(size_t number)
{
	struct selection *selection;
	const struct row *sample;
	struct buf json = { 0 };
	const struct node *node;
	struct writer writer;
	struct error error;

	error_init(&error, arena);
	assert_int_equal(selection_read(arena, &catalogue_sight, selections[number].resource,
			     str_from(selections[number].select),
			     str_from(selections[number].include), &selection, &error),
	    0);
	sample = record_sample(arena, selection);
	assert_non_null(sample);
	writer_init(&writer, MEDIA_JSON, &catalogue_contract.family, &json);
	row_write(&writer, NULL, sample);
	node = json_read_stored(arena, arena_str(arena, buf_str(&json)));
	buf_free(&json);
	return node;
}

/* Names and order of members, also of the rows within; the rows of lists are no columns. */
static void expect_same_members(
    size_t number, const struct node *imagined, const struct node *actual)
{
	const struct node *one = imagined->children, *other = actual->children;

	for (; one != NULL && other != NULL; one = one->next, other = other->next) {
		expect_int(number, str_equal(one->name, other->name), true);
		/* A map is a value, which an imagined row has not. */
		if (one->kind == NODE_OBJECT)
			expect_same_members(number, one, other);
	}
	if (one != NULL || other != NULL)
		fail_msg("row %zu: " STR_FORMAT " is there once only", number,
		    STR_ARGUMENTS(one != NULL ? one->name : other->name));
}

static void test_members(void **state)
{
	for (size_t i = 0; i < ROWS(selections); i++) {
		arena_reset(arena);
		expect_same_members(i, imagine_row(i), read_row(*state, i));
	}
}

/* Without memory there is no row, rather than a part of one. */
static void test_memory(void **state)
{
	unsigned refused = 0;
	bool made = false;

	(void)state;
	for (size_t most = 128; !made; most += 128) {
		struct arena *small = arena_new(64, most);
		struct selection *selection;
		struct error error;

		assert_non_null(small);
		arena_reset(arena);
		error_init(&error, arena);
		assert_int_equal(selection_read(arena, &catalogue_sight, &catalogue_item, STR(""),
				     STR("maker.country,labels"), &selection, &error),
		    0);
		made = record_sample(small, selection) != NULL;
		refused += !made;
		arena_free(small);
	}
	assert_true(refused >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_members, begin, end),
		cmocka_unit_test_setup_teardown(test_memory, begin, end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
