/*
 * Filters against a naive evaluation: what the database finds for a filter is what a loop over all
 * rows finds that follows the language's words one by one.
 */
#include "../lib/queries.h"
#include "../lib/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "query/filter.h"
#include "record/select.h"

#define ROW_COUNT 600
#define FILTER_COUNT 1500

static const char rows_sql[] =
    "INSERT INTO country VALUES (1,'IT','Italy'),(2,'DE',NULL),(3,'FR','france');"
    "INSERT INTO maker (id,name,country_id,founded) SELECT seq, "
    "CONCAT(ELT(seq MOD 3 + 1,'mak','MAK','Zed'),seq MOD 4), NULLIF(seq MOD 4,0), "
    "IF(seq MOD 3 = 0, NULL, DATE'2020-01-01' + INTERVAL seq MOD 5 DAY) FROM seq_1_to_20;"
    "INSERT INTO item (id,code,name,price,weight,active,stock,big,serial,made,day,kind,level,"
    "maker_id,width,height) SELECT seq, "
    "CONCAT(ELT(seq MOD 6 + 1,'a','B','b','A','a%','_a|'), seq MOD 7), "
    "IF(seq MOD 5 = 0, NULL, CONCAT(ELT(seq MOD 3 + 1,'Al','al','BE'), seq MOD 4)), "
    "IF(seq MOD 6 = 0, NULL, CAST(seq MOD 17 AS SIGNED) / 4 - 1), "
    "IF(seq MOD 7 = 0, NULL, CAST(seq MOD 9 AS SIGNED) * 0.5 - 1), seq MOD 2, "
    "IF(seq MOD 3 = 0, NULL, CAST(seq MOD 12 AS SIGNED) - 4), "
    "IF(seq MOD 10 = 0, NULL, (seq MOD 5) * 1000000000000), "
    "IF(seq MOD 4 = 0, NULL, CONCAT('00000000-0000-4000-8000-00000000000', seq MOD 5)), "
    "IF(seq MOD 8 = 0, NULL, TIMESTAMP'2020-01-01 00:00:00' + INTERVAL (seq MOD 3) SECOND), "
    "IF(seq MOD 9 = 0, NULL, DATE'2020-02-27' + INTERVAL seq MOD 5 DAY), "
    "IF(seq MOD 5 = 1, NULL, seq MOD 3), "
    "IF(seq MOD 4 = 1, NULL, ELT(seq MOD 2 + 1,'Warning','Error')), "
    "IF(seq MOD 6 = 5, NULL, seq MOD 20 + 1), NULLIF(seq MOD 7, 0), "
    "IF(seq MOD 2 = 0, NULL, seq MOD 5) FROM seq_1_to_600";

/* Members, and values that some rows have. */
static const struct {
	const char *path;
	const char *values[4];
	bool text, ordered;
} members[] = {
	{ "id", { "7", "300", "601", "-1" }, false, true },
	{ "CODE", { "'a1'", "'B2'", "'a%3'", "'_a|0'" }, true, true },
	{ "name", { "'al1'", "\"BE2\"", "'AL'", "''" }, true, true },
	{ "price", { "0", "0.25", "-1", "1.5" }, false, true },
	{ "weight", { "0", "0.5", "-1", "2.5e0" }, false, true },
	{ "active", { "true", "false", "TRUE", "False" }, false, false },
	{ "stock", { "0", "-4", "3", "99999999999" }, false, true },
	{ "big", { "1000000000000", "0", "4000000000000", "5" }, false, true },
	{ "serial",
	    { "'00000000-0000-4000-8000-000000000001'", "'{00000000-0000-4000-8000-000000000002}'",
		"'00000000000040008000000000000003'", "'00000000-0000-4000-8000-00000000000f'" },
	    false, false },
	{ "made",
	    { "'2020-01-01T00:00:01Z'", "DateTime(2020,1,1)", "'2020-01-01T01:00:02+01:00'",
		"'2021-01-01'" },
	    false, true },
	{ "day", { "'2020-02-29'", "DateTime(2020,3,1)", "'2020-02-27'", "'2019-01-01'" }, false,
	    true },
	{ "kind", { "0", "'Activation'", "2", "'file'" }, false, true },
	{ "level", { "'error'", "'Warning'", "'ERROR'", "'warning'" }, true, false },
	{ "size.width", { "1", "2", "6", "7" }, false, true },
	{ "Size.Height", { "1", "3", "0", "9" }, false, true },
	{ "maker.name", { "'MAK1'", "'zed2'", "'mak0'", "'x'" }, true, true },
	{ "maker.founded", { "'2020-01-02'", "'2020-01-05'", "'2020-01-01'", "'2000-01-01'" },
	    false, true },
	{ "maker.country.code", { "'IT'", "'DE'", "'it'", "'XX'" }, true, true },
	{ "maker.country.name", { "'Italy'", "'france'", "'X'", "''" }, true, true },
};

/* A fixed sequence: a failure can be repeated. */
static unsigned draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static void make_condition(struct buf *out, unsigned *seed)
{
	static const char *const equals[] = { "=", "!=", "==", "<>", "eq", "ne" };
	static const char *const orders[] = { "<", "<=", ">", ">=", "lt", "ge" };
	static const char *const functions[] = { "Contains", "startswith", "EndsWith" };
	static const char *const pieces[] = { "'a'", "'1'", "'%'", "'_'", "'|'", "''", "'AL'" };
	unsigned member = draw(seed, ROWS(members)), form = draw(seed, 8);
	const char *const *values = members[member].values;

	buf_append_text(out, members[member].path);
	if (form == 0) {
		buf_append_text(out, draw(seed, 2) ? " = null" : " != null");
	} else if (form == 1) {
		buf_printf(out, "%s in (%s, %s)", draw(seed, 2) ? " not" : "",
		    values[draw(seed, 4)], values[draw(seed, 4)]);
	} else if (form < 4 && members[member].text) {
		buf_printf(
		    out, ".%s(%s)", functions[draw(seed, 3)], pieces[draw(seed, ROWS(pieces))]);
	} else if (form < 6 && members[member].ordered) {
		buf_printf(out, " %s %s", orders[draw(seed, 6)], values[draw(seed, 4)]);
	} else {
		buf_printf(out, " %s %s", equals[draw(seed, 6)], values[draw(seed, 4)]);
	}
}

static void make_filter(struct buf *out, unsigned *seed, unsigned depth)
{
	static const char *const joiners[] = { " and ", " or ", " && ", " || ", " OrElse " };
	unsigned count = 1 + draw(seed, 3);

	for (unsigned i = 0; i < count; i++) {
		bool nested = depth > 0 && draw(seed, 3) == 0;

		if (i > 0)
			buf_append_text(out, joiners[draw(seed, ROWS(joiners))]);
		if (draw(seed, 4) == 0)
			buf_append_text(out, draw(seed, 2) ? "!" : "not ");
		if (nested) {
			buf_append_char(out, '(');
			make_filter(out, seed, depth - 1);
			buf_append_char(out, ')');
		} else {
			make_condition(out, seed);
		}
	}
}

/* The value at the end of a path; NULL when it is null or something on the way is. */
static const struct value *follow(const struct row *row, const struct path *path)
{
	const struct value *value = NULL;

	for (unsigned i = 0; i < path->step_count; i++) {
		value = &row->values[path->steps[i] - row->resource->fields];
		if (value->null)
			return NULL;
		if (i + 1 < path->step_count)
			row = value->row;
	}
	return value;
}

/* Names ignore case, codes do not: the two collations of the tables, for letters and digits. */
static bool folds(const struct path *path)
{
	return strcmp(path_field(path)->name, "name") == 0 &&
	       !(path->step_count > 1 &&
		   strcmp(path->steps[path->step_count - 2]->name, "country") == 0);
}

static char fold(char byte, bool folded)
{
	return folded ? str_lower(byte) : byte;
}

static int compare_text(struct str a, struct str b, bool folded)
{
	for (size_t i = 0; i < a.length && i < b.length; i++) {
		int order =
		    (unsigned char)fold(a.data[i], folded) - (unsigned char)fold(b.data[i], folded);

		if (order != 0)
			return order;
	}
	return (a.length > b.length) - (a.length < b.length);
}

static int compare(const struct path *path, const struct value *a, const struct value *b)
{
	const struct field *field = path_field(path);

	if (field->type == FIELD_STRING || field->type == FIELD_CODE)
		return compare_text(a->text, b->text, folds(path));
	if (field->type == FIELD_DECIMAL)
		return (atof(a->text.data) > atof(b->text.data)) -
		       (atof(a->text.data) < atof(b->text.data));
	return field_type_info(field->type)->compare(a, b);
}

static bool matches(const struct filter *filter, const struct value *value)
{
	struct str part = filter->values[0].text, text = value->text;
	size_t from = 0, to = text.length - part.length;

	if (part.length > text.length)
		return false;
	if (filter->comparison == FILTER_STARTS_WITH)
		to = 0;
	if (filter->comparison == FILTER_ENDS_WITH)
		from = to;
	for (size_t at = from; at <= to; at++) {
		if (compare_text(str_slice(text, at, part.length), part, folds(&filter->path)) == 0)
			return true;
	}
	return false;
}

static bool evaluate_leaf(const struct filter *filter, const struct row *row)
{
	const struct value *value = follow(row, &filter->path);
	bool equality =
	    filter->comparison == FILTER_EQUAL || filter->comparison == FILTER_NOT_EQUAL;
	int order;

	if (filter->kind == FILTER_COMPARE && filter->values[0].null)
		return (value == NULL) == (filter->comparison == FILTER_EQUAL);
	if (value == NULL)
		return filter->kind == FILTER_COMPARE && filter->comparison == FILTER_NOT_EQUAL;
	if (filter->kind == FILTER_MATCH)
		return matches(filter, value);
	for (unsigned i = 0; filter->kind == FILTER_IN && i < filter->value_count; i++) {
		if (compare(&filter->path, value, &filter->values[i]) == 0)
			return true;
	}
	if (filter->kind == FILTER_IN)
		return false;
	order = compare(&filter->path, value, &filter->values[0]);
	if (equality)
		return (order == 0) == (filter->comparison == FILTER_EQUAL);
	switch (filter->comparison) {
	case FILTER_LESS:
		return order < 0;
	case FILTER_LESS_EQUAL:
		return order <= 0;
	case FILTER_GREATER:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool evaluate(const struct filter *filter, const struct row *row)
{
	bool result = filter->kind == FILTER_AND;

	if (filter->kind == FILTER_NOT)
		return !evaluate(filter->children, row);
	if (filter->kind != FILTER_AND && filter->kind != FILTER_OR)
		return evaluate_leaf(filter, row);
	for (const struct filter *child = filter->children; child != NULL; child = child->next) {
		if (filter->kind == FILTER_AND)
			result = result && evaluate(child, row);
		else
			result = result || evaluate(child, row);
	}
	return result;
}

/* All rows with their makers and the makers' countries, in an arena of their own. */
static struct row_list read_rows(struct queries *queries, struct arena *arena)
{
	struct selection *selection;
	struct row_list rows;
	struct error error;
	struct sql sql;

	error_init(&error, arena);
	queries_prepare(queries, &catalogue_item, NULL, NULL);
	queries->operation.context.arena = arena;
	assert_int_equal(selection_read(arena, &catalogue_sight, &catalogue_item, STR(""),
			     STR("maker.country"), &selection, &error),
	    0);
	sql_init(&sql, arena);
	sql_select(&sql, &catalogue_item, selection->fetched);
	sql_append(&sql, " ORDER BY t.id");
	assert_int_equal(
	    record_fetch_selection(&queries->operation.context, &sql, selection, &rows, &error), 0);
	return rows;
}

/* Which rows, by their numbers, an answer has. */
static void read_found(const char *body, bool found[ROW_COUNT + 1])
{
	static const char before[] = "{\"id\":";

	memset(found, 0, (ROW_COUNT + 1) * sizeof(*found));
	for (const char *at = strstr(body, before); at != NULL; at = strstr(at, before)) {
		char *end;
		long id = strtol(at + strlen(before), &end, 10);

		assert_int_equal(*end, '}');
		assert_in_range(id, 1, ROW_COUNT);
		assert_false(found[id]);
		found[id] = true;
		at = end;
	}
}

static void check_filter(struct queries *queries, const struct row_list *rows, const char *text)
{
	struct filter *filter;
	bool found[ROW_COUNT + 1];
	unsigned expected = 0;
	const char *body;

	queries_prepare(queries, &catalogue_item, NULL, NULL);
	body = queries_run(
	    queries, arena_printf(queries->arena, "select=id&take=1000&filter=‹%s›", text));
	if (body == NULL)
		fail_msg("%s: %s %s", text,
		    queries->error.faults != NULL ? queries->error.faults->message : "",
		    queries->error.detail != NULL ? queries->error.detail : "");
	assert_int_equal(filter_read(queries->arena, &catalogue_sight, NULL, &catalogue_item,
			     str_from(text), &filter, &queries->error),
	    0);
	read_found(body, found);
	for (unsigned i = 0; i < rows->count; i++) {
		int64_t id = rows->rows[i]->values[0].integer;
		bool wanted = evaluate(filter, rows->rows[i]);

		expected += wanted;
		if (found[id] != wanted)
			fail_msg(
			    "%s: row %d is %s", text, (int)id, wanted ? "missing" : "too much");
	}
	assert_non_null(
	    strstr(body, arena_printf(queries->arena, ",\"totalItemsCount\":%u", expected)));
}

static void test_random_filters(void **state)
{
	struct arena *arena = arena_new(65536, 64 << 20);
	struct queries *queries = *state;
	struct buf text = { 0 };
	struct row_list rows;
	unsigned seed = 20261122;

	server_run(QUERIES_DATABASE, rows_sql);
	rows = read_rows(queries, arena);
	assert_int_equal(rows.count, ROW_COUNT);
	for (unsigned i = 0; i < FILTER_COUNT; i++) {
		buf_reset(&text, SIZE_MAX);
		make_filter(&text, &seed, 3);
		check_filter(queries, &rows, text.data);
	}
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_filters, queries_begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
