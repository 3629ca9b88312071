#include "../lib/queries.h"
#include "../lib/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "query/cursor.h"

static const char few_rows[] =
    "INSERT INTO country VALUES (1,'IT','Italy'),(2,'DE',NULL);"
    "INSERT INTO maker (id,name,country_id,founded,deleted_at) VALUES "
    "(1,'Anna',1,'1990-05-01',NULL),"
    "(2,'bert',2,NULL,NULL),(3,'Gone',1,NULL,'2020-01-01'),(4,'Carl',NULL,NULL,NULL);"
    "INSERT INTO item (id,code,name,price,maker_id,width,active) VALUES (1,'a','One',12.5,1,3,1),"
    "(2,'b',NULL,0.1,2,NULL,1),(3,'c','three',NULL,NULL,7,0),(4,'d','Four',0.3,1,NULL,1),"
    "(5,'e','five',5,3,NULL,0);"
    "INSERT INTO label VALUES (1,'x'),(1,'y'),(4,'z');"
    "UPDATE row_count SET count = 5 WHERE table_name = 'item';"
    "UPDATE row_count SET count = 3 WHERE table_name = 'label';";

/* A list of the few rows: its query, its whole answer, and the statements it took. */
static const struct {
	const char *resource, *query, *answer;
	unsigned statements;
} lists[] = {
	{ "item", "select=id", "[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5}],5", 1 },
	{ "item", "select=id&sort=name",
	    "[{\"id\":2},{\"id\":5},{\"id\":4},{\"id\":1},{\"id\":3}],5", 1 },
	{ "item", "select=id&sort=name+desc",
	    "[{\"id\":3},{\"id\":1},{\"id\":4},{\"id\":5},{\"id\":2}],5", 1 },
	{ "item", "select=id&sort=maker.name,+id+desc",
	    "[{\"id\":5},{\"id\":3},{\"id\":4},{\"id\":1},{\"id\":2}],5", 1 },
	{ "item", "select=name&filter=‹id <= 2›",
	    "[{\"id\":1,\"name\":\"One\"},{\"id\":2,\"name\":null}],2", 1 },
	{ "item", "select=id&filter=‹name = \"ONE\"›", "[{\"id\":1}],1", 1 },
	{ "item", "select=id&filter=‹code = \"A\"›", "[],0", 1 },
	{ "item", "select=id&filter=‹price = 0.1 or price = 0.3›", "[{\"id\":2},{\"id\":4}],2", 1 },
	{ "item", "select=id&filter=‹price in (0.3, 5)›", "[{\"id\":4},{\"id\":5}],2", 1 },
	{ "item", "select=id&filter=‹maker.name = \"anna\"›", "[{\"id\":1},{\"id\":4}],2", 1 },
	{ "item", "select=id&filter=‹maker.name = null›", "[{\"id\":3},{\"id\":5}],2", 1 },
	{ "item", "select=id&filter=‹maker.country.code != \"IT\"›",
	    "[{\"id\":2},{\"id\":3},{\"id\":5}],3", 1 },
	{ "item", "select=id&filter=‹size.width > 3›", "[{\"id\":3}],1", 1 },
	{ "item", "select=size.width&filter=‹id <= 2›",
	    "[{\"id\":1,\"size\":{\"width\":3}},{\"id\":2,\"size\":null}],2", 1 },
	{ "item", "select=maker.name&filter=‹id <= 3›",
	    "[{\"id\":1,\"maker\":{\"id\":1,\"name\":\"Anna\"}},{\"id\":2,\"maker\":{\"id\":2,"
	    "\"name\":\"bert\"}},{\"id\":3,\"maker\":null}],3",
	    2 },
	{ "item", "select=maker.country.code&filter=‹id < 3›",
	    "[{\"id\":1,\"maker\":{\"id\":1,\"country\":{\"id\":1,\"code\":\"IT\"}}},{\"id\":2,"
	    "\"maker\":{\"id\":2,\"country\":{\"id\":2,\"code\":\"DE\"}}}],2",
	    3 },
	{ "item", "select=labels.text&filter=‹id in (1,3)›",
	    "[{\"id\":1,\"labels\":[{\"itemId\":1,\"text\":\"x\"},{\"itemId\":1,\"text\":\"y\"}]},"
	    "{\"id\":3,\"labels\":[]}],2",
	    2 },
	{ "maker", "filter=‹id=1›&include=*&select=name",
	    "[{\"id\":1,\"name\":\"Anna\",\"country\":{\"id\":1,\"code\":\"IT\",\"name\":\"Italy\"}"
	    ","
	    "\"items\":[",
	    3 },
	{ "maker", "",
	    "[{\"id\":4,\"name\":\"Carl\",\"countryId\":null,\"founded\":null},"
	    "{\"id\":2,\"name\":\"bert\",\"countryId\":2,\"founded\":null},"
	    "{\"id\":1,\"name\":\"Anna\",\"countryId\":1,\"founded\":\"1990-05-01\"}],3",
	    1 },
	{ "maker", "select=itemCount&filter=‹itemCount > 0›&sort=itemCount+desc",
	    "[{\"id\":1,\"itemCount\":2},{\"id\":2,\"itemCount\":1}],2", 1 },
	{ "item", "select=id&take=2", "[{\"id\":1},{\"id\":2}],5,…", 1 },
	{ "item", "select=id&take=2&total=none", "[{\"id\":1},{\"id\":2}],null,…", 1 },
	{ "item", "select=id&take=2&skip=2", "[{\"id\":3},{\"id\":4}],5,…", 1 },
	{ "item", "select=id&take=2&skip=4", "[{\"id\":5}],5", 1 },
	{ "item", "select=id&take=2&skip=9", "[],5", 2 },
	{ "item", "select=id&take=5", "[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5}],5",
	    1 },
	{ "item", "take=0", "[],5", 1 },
	{ "item", "take=0&total=none", "[],null", 0 },
	{ "item", "take=0&filter=‹active = true›", "[],3", 1 },
	{ "item", "select=id&take=1&filter=‹active = true›", "[{\"id\":1}],3,…", 2 },
	{ "maker", "take=0", "[],3", 1 },
	{ "label", "select=text&take=1", "[{\"itemId\":1,\"text\":\"x\"}],3,…", 1 },
	{ "item", "select=id&skip=1000", "[],5", 2 },
};

/* "[rows],total" and ",…" where there is a cursor, of an answer. */
static void print_answer(struct buf *out, const char *body)
{
	const char *rows = strstr(body, "\"rows\":") + 7;
	const char *total = strstr(body, ",\"total");
	const char *colon = strchr(total, ':');
	const char *cursor = strstr(colon, ",\"nextCursor\"");

	buf_append(out, rows, (size_t)(total - rows));
	buf_append_char(out, ',');
	buf_append(
	    out, colon + 1, cursor != NULL ? (size_t)(cursor - colon - 1) : strlen(colon) - 2);
	if (cursor != NULL)
		buf_append_text(out, ",\xE2\x80\xA6");
}

static void test_lists(void **state)
{
	struct queries *queries = *state;

	server_run(QUERIES_DATABASE, few_rows);
	for (size_t i = 0; i < ROWS(lists); i++) {
		const char *body = queries_list(
		    queries, catalogue_find(str_from(lists[i].resource)), lists[i].query);
		struct buf text = { 0 };

		if (body == NULL)
			fail_msg("row %zu: %s: %s %s", i, lists[i].query,
			    queries->error.faults != NULL ? queries->error.faults->message : "",
			    queries->error.detail != NULL ? queries->error.detail : "");
		print_answer(&text, body);
		if (!str_starts_with(buf_str(&text), str_from(lists[i].answer)) ||
		    (strchr(lists[i].answer, '\0')[-1] != '[' &&
			text.length != strlen(lists[i].answer)))
			fail_msg("row %zu: %s\n  got %s", i, lists[i].query, text.data);
		expect_int(i, queries->statements, lists[i].statements);
		buf_free(&text);
	}
}

static void test_faults(void **state)
{
	static const struct {
		const char *query, *parameter;
		unsigned faults;
	} rows[] = {
		{ "filter=x", "filter", 1 },
		{ "sort=x", "sort", 1 },
		{ "select=x", "select", 1 },
		{ "include=x", "include", 1 },
		{ "after=x", "after", 1 },
		{ "after=", "after", 1 },
		{ "take=-1", "take", 1 },
		{ "take=1001", "take", 1 },
		{ "take=x", "take", 1 },
		{ "skip=-1", "skip", 1 },
		{ "total=maybe", "total", 1 },
		{ "top=1", "top", 1 },
		{ "take=1&take=2", "take", 1 },
		{ "filter=x&sort=x&select=x&include=x&total=x", "filter", 5 },
	};
	struct queries *queries = *state;

	for (size_t i = 0; i < ROWS(rows); i++) {
		if (queries_list(queries, &catalogue_item, rows[i].query) != NULL)
			fail_msg("row %zu: %s was taken", i, rows[i].query);
		expect_int(i, queries->error.code, ERROR_INVALID);
		expect_int(i, queries->error.fault_count, rows[i].faults);
		assert_string_equal(queries->error.faults->path, rows[i].parameter);
		expect_int(i, queries->statements, 0);
	}
}

/* The cursor of an answer; "" when there is none. */
static void copy_cursor(const char *body, char cursor[CURSOR_TEXT_MAX + 1])
{
	const char *start = strstr(body, "\"nextCursor\":\"");

	cursor[0] = '\0';
	if (start != NULL)
		sscanf(start, "\"nextCursor\":\"%4096[^\"]", cursor);
}

static void test_cursor_of_another_list(void **state)
{
	struct queries *queries = *state;
	char cursor[CURSOR_TEXT_MAX + 1];
	const char *body;

	server_run(QUERIES_DATABASE, few_rows);
	body = queries_list(queries, &catalogue_item, "take=1&sort=name&filter=‹id < 9›");
	assert_non_null(body);
	copy_cursor(body, cursor);
	assert_true(cursor[0] != '\0');
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	assert_non_null(queries_run(queries,
	    arena_printf(queries->arena, "take=1&sort=name&filter=‹id < 9›&after=%s", cursor)));
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	assert_null(queries_run(queries,
	    arena_printf(queries->arena, "take=1&sort=name&filter=‹id < 8›&after=%s", cursor)));
	assert_non_null(strstr(queries->error.faults->message, "a different filter or sort"));
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	assert_null(
	    queries_run(queries, arena_printf(queries->arena,
				     "take=1&sort=name+desc&filter=‹id < 9›&after=%s", cursor)));
	assert_string_equal(queries->error.faults->path, "after");
}

static void test_captures(void **state)
{
	struct queries *queries = *state;
	struct buf text = { 0 };

	server_run(QUERIES_DATABASE, few_rows);
	queries_prepare(queries, &catalogue_item, "makerId", "1");
	print_answer(&text, queries_run(queries, "select=id"));
	expect_str(0, buf_str(&text), "[{\"id\":1},{\"id\":4}],2");
	queries_prepare(queries, &catalogue_item, "makerId", "1");
	buf_reset(&text, 0);
	print_answer(&text, queries_run(queries, "select=id&take=1"));
	expect_str(1, buf_str(&text), "[{\"id\":1}],2,\xE2\x80\xA6");
	assert_int_equal(queries->statements, 2);
	queries_prepare(queries, &catalogue_item, "makerId", "x");
	assert_null(queries_run(queries, "select=id"));
	buf_free(&text);
}

static int narrow_to_active(struct operation *operation, struct sql *sql, struct error *error)
{
	(void)operation, (void)error;
	sql_where(sql, "t.active = ?");
	sql_bind(sql, BIND_INT(1));
	return 0;
}

static void test_narrow(void **state)
{
	struct queries *queries = *state;
	struct buf text = { 0 };

	server_run(QUERIES_DATABASE, few_rows);
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	queries->route.narrow = narrow_to_active;
	print_answer(&text, queries_run(queries, "select=id&filter=‹id = 1 or id > 2›&take=1"));
	expect_str(0, buf_str(&text), "[{\"id\":1}],2,\xE2\x80\xA6");
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	queries->operation.context.own_rows_only = true;
	buf_reset(&text, 0);
	print_answer(&text, queries_run(queries, "select=id"));
	expect_str(1, buf_str(&text), "[],0");
	buf_free(&text);
}

static void test_count_only(void **state)
{
	static const struct parameter parameters[] = { OP_QUERY_PARAMETERS,
		{ .name = "countOnly", .kind = PARAMETER_BOOLEAN } };
	struct queries *queries = *state;
	struct buf text = { 0 };

	server_run(QUERIES_DATABASE, few_rows);
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	queries->route.parameters = parameters;
	queries->route.parameter_count = ROWS(parameters);
	print_answer(&text, queries_run(queries, "countOnly=true&filter=‹id > 2›&total=none"));
	expect_str(0, buf_str(&text), "[],3");
	assert_int_equal(queries->statements, 1);
	buf_free(&text);
}

static void test_estimate(void **state)
{
	struct queries *queries = *state;
	int total;

	server_run(QUERIES_DATABASE,
	    "INSERT INTO item (code,stock) SELECT CONCAT('c',seq), seq MOD 10 FROM seq_1_to_2000;"
	    "ANALYZE TABLE item; DELETE FROM row_count;");
	assert_int_equal(
	    sscanf(strstr(queries_list(queries, &catalogue_item, "select=id&take=1&total=estimate"),
		       "\"totalItemsCount\""),
		"\"totalItemsCount\":%d", &total),
	    1);
	assert_int_equal(queries->statements, 3);
	assert_in_range(total, 1000, 4000);
	assert_int_equal(sscanf(strstr(queries_list(queries, &catalogue_item,
					   "select=id&take=1&total=estimate&filter=‹stock = 3›"),
				    "\"totalItemsCount\""),
			     "\"totalItemsCount\":%d", &total),
	    1);
	assert_int_equal(queries->statements, 2);
	assert_in_range(total, 100, 800);
	/* A table that was not counted is scanned for an exact answer. */
	assert_non_null(strstr(queries_list(queries, &catalogue_item, "select=id&take=1"),
	    "\"totalItemsCount\":2000,"));
}

/* 1,000 items by fixed formulas, with nulls and many equal values. */
static const char many_rows[] =
    "INSERT INTO country VALUES (1,'IT','Italy'),(2,'DE',NULL),(3,'FR','France');"
    "INSERT INTO maker (id,name,country_id,founded,deleted_at) SELECT seq, "
    "CONCAT(ELT(seq MOD 3 + 1,'mak','MAK','Zed'),seq MOD 7), NULLIF(seq MOD 4,0), "
    "IF(seq MOD 3 = 0, NULL, DATE'1990-01-01' + INTERVAL seq DAY), "
    "IF(seq MOD 11 = 0, '2020-01-01', NULL) FROM seq_1_to_40;"
    "INSERT INTO item (id,code,name,price,weight,active,stock,big,serial,made,day,kind,level,"
    "maker_id,width,height) SELECT seq*2, "
    "CONCAT(ELT(seq MOD 4 + 1,'a','B','b','A'), seq MOD 13), "
    "IF(seq MOD 5 = 0, NULL, CONCAT(ELT(seq MOD 3 + 1,'Al','al','BE'), seq MOD 9)), "
    "IF(seq MOD 6 = 0, NULL, CAST(seq MOD 17 AS SIGNED) / 4 - 1), "
    "IF(seq MOD 7 = 0, NULL, CAST(seq MOD 23 AS SIGNED) * 0.1 - 1), seq MOD 2, "
    "IF(seq MOD 3 = 0, NULL, CAST(seq MOD 12 AS SIGNED) - 4), "
    "IF(seq MOD 10 = 0, NULL, (seq MOD 19) * 1000000000000), "
    "IF(seq MOD 4 = 0, NULL, CONCAT('00000000-0000-4000-8000-', LPAD(HEX(seq MOD 29),12,'0'))), "
    "IF(seq MOD 8 = 0, NULL, TIMESTAMP'2020-01-01 00:00:00' + INTERVAL (seq MOD 31) * 1000001 "
    "MICROSECOND), IF(seq MOD 9 = 0, NULL, DATE'2020-02-27' + INTERVAL seq MOD 5 DAY), "
    "IF(seq MOD 5 = 1, NULL, seq MOD 3), IF(seq MOD 4 = 1, NULL, ELT(seq MOD 2 + 1,'Warning',"
    "'Error')), IF(seq MOD 6 = 5, NULL, seq MOD 40 + 1), NULLIF(seq MOD 7, 0), "
    "IF(seq MOD 2 = 0, NULL, seq MOD 5) FROM seq_1_to_1000;"
    "UPDATE row_count SET count = 1000 WHERE table_name = 'item';";

#define ROW_COUNT 1000

/* Each way to go through the list. */
static const char *const walks[] = {
	"",
	"sort=‹id desc›",
	"sort=name",
	"sort=‹name desc›",
	"sort=‹price, name desc›",
	"sort=‹price desc, stock›",
	"sort=weight",
	"sort=‹active desc, made›",
	"sort=‹made desc, day›",
	"sort=serial",
	"sort=‹serial desc›",
	"sort=‹big desc, kind, level desc›",
	"sort=‹size.width, size.height desc›",
	"sort=‹maker.name desc, code›",
	"sort=‹maker.country.code, maker.founded desc, maker.itemCount›",
	"sort=stock&filter=‹stock != 3›",
	"sort=‹kind desc›&filter=‹name != null or price = null›",
};

/* Marks the ids of a page in `seen`, by their order in `order`. Returns how many there were. */
static unsigned take_page(const char *body, int *order, unsigned count)
{
	unsigned found = 0;

	for (const char *at = strstr(body, "{\"id\":"); at != NULL;
	     at = strstr(at + 1, "{\"id\":")) {
		assert_true(count + found < 2 * ROW_COUNT);
		order[count + found++] = atoi(at + 6);
	}
	return found;
}

/* Other rows come and go while the list is read; they have odd ids. */
static void disturb(unsigned round, int last)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO item (id,code,name,price,stock,made,maker_id) SELECT 2*id + 100001 + "
	    "%u*10000, "
	    "code,name,price,stock,made,maker_id FROM item WHERE id IN (%d, %u, %u);"
	    "DELETE FROM item WHERE id MOD 2 = 1 AND (id = %d OR RAND(%u) < 0.5)",
	    round, last, 2 * (round * 37 % ROW_COUNT + 1), 2 * (round * 91 % ROW_COUNT + 1), last,
	    round);
	server_run(QUERIES_DATABASE, sql);
}

/* Reads all pages by cursor. Returns how many ids there were, in their order. */
static unsigned walk(struct queries *queries, const char *query, unsigned take, bool disturbed,
    int order[2 * ROW_COUNT])
{
	char cursor[CURSOR_TEXT_MAX + 1] = "";
	unsigned count = 0, round = 0;

	do {
		const char *body;
		unsigned found;

		queries_prepare(queries, &catalogue_item, NULL, NULL);
		body = queries_run(
		    queries, arena_printf(queries->arena, "select=id&total=none&take=%u&%s%s%s",
				 take, query, cursor[0] != '\0' ? "&after=" : "", cursor));
		if (body == NULL)
			fail_msg("%s: %s %s", query,
			    queries->error.faults != NULL ? queries->error.faults->message : "",
			    queries->error.detail != NULL ? queries->error.detail : "");
		assert_int_equal(queries->statements, 1);
		found = take_page(body, order, count);
		copy_cursor(body, cursor);
		assert_true(found == take || cursor[0] == '\0');
		count += found;
		if (disturbed && found > 0)
			disturb(round++, order[count - 1]);
	} while (cursor[0] != '\0');
	return count;
}

static int compare_ids(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Pages by cursor are what one long list is; with other rows coming and going, each row once. */
static void test_walks(void **state)
{
	static int whole[2 * ROW_COUNT], paged[2 * ROW_COUNT];
	struct queries *queries = *state;

	server_run(QUERIES_DATABASE, many_rows);
	for (size_t i = 0; i < ROWS(walks); i++) {
		unsigned count = walk(queries, walks[i], 1000, false, whole);

		expect_int(i, walk(queries, walks[i], 37, false, paged), count);
		assert_memory_equal(whole, paged, count * sizeof(whole[0]));
		qsort(whole, count, sizeof(whole[0]), compare_ids);
		for (unsigned j = 1; j < count; j++)
			assert_true(whole[j] > whole[j - 1]);
		if (strstr(walks[i], "filter") == NULL)
			expect_int(i, count, ROW_COUNT);
	}
}

static void test_disturbed_walks(void **state)
{
	static int order[2 * ROW_COUNT];
	struct queries *queries = *state;

	server_run(QUERIES_DATABASE, many_rows);
	for (size_t i = 0; i < ROWS(walks); i++) {
		unsigned count, even = 0;

		/* Rows that a filter chooses, or whose place changes with others, are left out. */
		if (strstr(walks[i], "filter") != NULL || strstr(walks[i], "itemCount") != NULL)
			continue;
		server_run(QUERIES_DATABASE, "DELETE FROM item WHERE id MOD 2 = 1");
		count = walk(queries, walks[i], 53, true, order);
		qsort(order, count, sizeof(order[0]), compare_ids);
		for (unsigned j = 0; j < count; j++) {
			even += order[j] % 2 == 0;
			if (j > 0 && order[j] == order[j - 1])
				fail_msg("%s: %d came twice", walks[i], order[j]);
		}
		expect_int(i, even, ROW_COUNT);
	}
}

/* Skipping gives the same pages, in one step or in two. */
static void test_skip(void **state)
{
	static int whole[2 * ROW_COUNT], paged[2 * ROW_COUNT];
	struct queries *queries = *state;

	server_run(QUERIES_DATABASE, many_rows);
	server_run(QUERIES_DATABASE, "INSERT INTO item (id,code,name,maker_id) SELECT id + 1, "
				     "code, name, maker_id FROM item");
	for (size_t i = 0; i < ROWS(walks); i++) {
		unsigned count = walk(queries, walks[i], 500, false, whole);

		for (unsigned skip = 900; skip < count; skip += 50) {
			unsigned found;

			queries_prepare(queries, &catalogue_item, NULL, NULL);
			found = take_page(queries_run(queries,
					      arena_printf(queries->arena,
						  "select=id&take=50&skip=%u&%s", skip, walks[i])),
			    paged, 0);
			assert_memory_equal(whole + skip, paged, found * sizeof(whole[0]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lists, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_faults, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(
		    test_cursor_of_another_list, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_captures, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_narrow, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_count_only, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_estimate, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_walks, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_disturbed_walks, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_skip, queries_begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
