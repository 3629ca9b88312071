#include "db/filter_sql.h"

#include "base/mail_address.h"

/* Each comparison, and its opposite where there are no nulls. */
static const struct {
	const char *text;
	enum filter_operator opposite;
} comparisons[] = {
	[FILTER_EQUAL] = { " = ", FILTER_NOT_EQUAL },
	[FILTER_NOT_EQUAL] = { " <> ", FILTER_EQUAL },
	[FILTER_LESS] = { " < ", FILTER_GREATER_EQUAL },
	[FILTER_LESS_EQUAL] = { " <= ", FILTER_GREATER },
	[FILTER_GREATER] = { " > ", FILTER_LESS_EQUAL },
	[FILTER_GREATER_EQUAL] = { " >= ", FILTER_LESS },
};

static void append_comparison(
    struct query_sql *query_sql, const struct filter *filter, bool negated)
{
	enum filter_operator comparison =
	    negated ? comparisons[filter->comparison].opposite : filter->comparison;

	query_sql_path(query_sql, &filter->path);
	if (filter->values[0].null) {
		sql_append(
		    query_sql->sql, comparison == FILTER_EQUAL ? " IS NULL" : " IS NOT NULL");
		return;
	}
	sql_append(query_sql->sql, comparisons[comparison].text);
	query_sql_value(query_sql, path_field(&filter->path), &filter->values[0]);
}

/* Padded to powers of two like sql_where_in(). */
static void append_in(struct query_sql *query_sql, const struct filter *filter, bool negated)
{
	unsigned padded = 1;

	while (padded < filter->value_count)
		padded *= 2;
	query_sql_path(query_sql, &filter->path);
	sql_append(query_sql->sql, negated ? " NOT IN (" : " IN (");
	for (unsigned i = 0; i < padded; i++) {
		unsigned number = i < filter->value_count ? i : filter->value_count - 1;

		if (i > 0)
			sql_append(query_sql->sql, ", ");
		query_sql_value(query_sql, path_field(&filter->path), &filter->values[number]);
	}
	sql_append(query_sql->sql, ")");
}

/* The text with what LIKE takes for more than itself escaped by '|'. */
static struct str like_pattern(struct arena *arena, struct str text, bool open_start, bool open_end)
{
	char *pattern = arena_alloc(arena, 2 * text.length + 3);
	size_t length = 0;

	if (pattern == NULL)
		return (struct str){ NULL, 0 };
	if (open_start)
		pattern[length++] = '%';
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '%' || text.data[i] == '_' || text.data[i] == '|')
			pattern[length++] = '|';
		pattern[length++] = text.data[i];
	}
	if (open_end)
		pattern[length++] = '%';
	return (struct str){ pattern, length };
}

static void append_like(
    struct query_sql *query_sql, const struct path *path, struct str pattern, bool negated)
{
	query_sql_path(query_sql, path);
	sql_append(query_sql->sql, negated ? " NOT LIKE ? ESCAPE '|'" : " LIKE ? ESCAPE '|'");
	sql_bind(query_sql->sql, BIND_STR(pattern));
}

/* The text and `count` times one character more. */
static struct str pad(struct sql *sql, struct str text, const char *character, size_t count)
{
	size_t width = strlen(character);
	char *padded = arena_alloc(sql->arena, text.length + width * count + 1);

	if (padded == NULL) {
		sql->failed = true;
		return text;
	}
	memcpy(padded, text.data, text.length);
	for (size_t i = 0; i < count; i++)
		memcpy(padded + text.length + width * i, character, width);
	return (struct str){ padded, text.length + width * count };
}

static void append_bound(
    struct query_sql *query_sql, const struct path *path, const char *comparison, struct str bound)
{
	query_sql_path(query_sql, path);
	sql_append(query_sql->sql, comparison);
	sql_bind(query_sql->sql, BIND_STR(bound));
}

/* Longest text, in characters, of a column that an index may be of. */
#define INDEXED_MAX 1000

/*
 * The database reads a range of an index for "LIKE 'a%'" and ends it where U+FFFF would follow the
 * "a". Behind that come, where texts are compared by their bytes, all characters beyond the basic
 * plane, and else U+FFFD, which is the last of all: for these a second range is read. The database
 * makes none from what IS TRUE encloses.
 */
static void append_beginning(
    struct query_sql *query_sql, const struct filter *filter, struct str pattern)
{
	static const char last[] = "\xEF\xBF\xBD", last_byte[] = "\xF4\x8F\xBF\xBF";
	const struct path *path = &filter->path;
	struct sql *sql = query_sql->sql;
	struct str text = filter->values[0].text;
	size_t longest = path_field(path)->max, length = str_utf8_length(text);

	if (longest > INDEXED_MAX || length == 0 || length >= longest) {
		append_like(query_sql, path, pattern, false);
		return;
	}
	sql_append(sql, "(");
	append_like(query_sql, path, pattern, false);
	sql_append(sql, " OR (");
	append_bound(query_sql, path, " >= ? AND (", pad(sql, text, last, 1));
	append_bound(query_sql, path, " <= ? OR ", pad(sql, text, last, longest - length));
	append_bound(query_sql, path, " <= ?) AND (", pad(sql, text, last_byte, longest - length));
	append_like(query_sql, path, pattern, false);
	sql_append(sql, ") IS TRUE))");
}

static void append_match(struct query_sql *query_sql, const struct filter *filter, bool negated)
{
	struct sql *sql = query_sql->sql;
	struct str pattern = like_pattern(sql->arena, filter->values[0].text,
	    filter->comparison != FILTER_STARTS_WITH, filter->comparison != FILTER_ENDS_WITH);

	if (pattern.data == NULL)
		sql->failed = true;
	else if (filter->comparison == FILTER_STARTS_WITH && !negated)
		append_beginning(query_sql, filter, pattern);
	else
		append_like(query_sql, &filter->path, pattern, negated);
}

/*
 * The values and their other forms, where a member is a mail address that is written in several
 * ways. Returns false where there are none, or memory is out: then the statement has failed.
 */
static bool other_forms(struct sql *sql, const struct filter *filter, struct filter *wide)
{
	unsigned most = MAIL_ADDRESS_FORMS * filter->value_count;
	struct value *values;

	if (!(path_field(&filter->path)->flags & FIELD_MAIL_ADDRESS) ||
	    filter->kind == FILTER_MATCH || filter->values[0].null ||
	    (filter->kind == FILTER_COMPARE && filter->comparison != FILTER_EQUAL &&
		filter->comparison != FILTER_NOT_EQUAL))
		return false;
	values = arena_alloc_array(sql->arena, most, sizeof(*values));
	*wide = *filter;
	wide->kind = FILTER_IN;
	wide->values = values;
	wide->value_count = 0;
	for (unsigned i = 0; values != NULL && i < filter->value_count; i++) {
		struct str forms[MAIL_ADDRESS_FORMS];
		unsigned count = mail_address_forms(sql->arena, filter->values[i].text, forms);

		sql->failed = sql->failed || count == 0;
		for (unsigned j = 0; j < count; j++)
			values[wide->value_count++] = (struct value){ .text = forms[j] };
	}
	sql->failed = sql->failed || values == NULL;
	return wide->value_count > filter->value_count;
}

/*
 * One comparison. SQL finds a null neither equal nor different; here it is different, as the
 * language says.
 */
static void append_leaf(struct query_sql *query_sql, const struct filter *filter, bool negated)
{
	bool with_null = filter->kind == FILTER_COMPARE && filter->values[0].null;
	bool differs = filter->kind == FILTER_COMPARE && filter->comparison == FILTER_NOT_EQUAL
			   ? !negated
			   : negated;
	bool add_null = differs && !with_null && path_may_be_null(&filter->path);
	struct filter wide;

	if (add_null)
		sql_append(query_sql->sql, "(");
	if (other_forms(query_sql->sql, filter, &wide))
		append_in(query_sql, &wide, differs);
	else if (filter->kind == FILTER_COMPARE)
		append_comparison(query_sql, filter, negated);
	else if (filter->kind == FILTER_IN)
		append_in(query_sql, filter, negated);
	else
		append_match(query_sql, filter, negated);
	if (add_null) {
		sql_append(query_sql->sql, " OR ");
		query_sql_path(query_sql, &filter->path);
		sql_append(query_sql->sql, " IS NULL)");
	}
}

/* Negations are carried down to the comparisons, where indexes can serve them. */
static void append_filter(struct query_sql *query_sql, const struct filter *filter, bool negated)
{
	bool both = (filter->kind == FILTER_AND) != negated;

	if (filter->kind == FILTER_NOT) {
		append_filter(query_sql, filter->children, !negated);
		return;
	}
	if (filter->kind != FILTER_AND && filter->kind != FILTER_OR) {
		append_leaf(query_sql, filter, negated);
		return;
	}
	sql_append(query_sql->sql, "(");
	for (const struct filter *child = filter->children; child != NULL; child = child->next) {
		if (child != filter->children)
			sql_append(query_sql->sql, both ? " AND " : " OR ");
		append_filter(query_sql, child, negated);
	}
	sql_append(query_sql->sql, ")");
}

void filter_sql(struct query_sql *query_sql, const struct filter *filter)
{
	append_filter(query_sql, filter, false);
}
