#include "db/query_bounds.h"

/* What conditions leave to be read, by an index. */
enum reach {
	REACH_ALL,
	REACH_RANGE, /* a part of an index, of any length */
	REACH_FEW,   /* the rows of a few values that few rows have */
};

static bool is_column(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* What is left of a table where a column has one value. */
static enum reach reach_of_value(const struct resource *resource, const char *column)
{
	enum reach reach = REACH_ALL;
	struct table_index known;

	for (unsigned i = 0; reach < REACH_FEW && resource_index(resource, i, &known); i++) {
		if (is_column(known.columns[0], column))
			reach = known.broad ? REACH_RANGE : REACH_FEW;
	}
	return reach;
}

/* The column of the resource's own table that a path names; NULL = it names another. */
static const char *own_column(const struct path *path)
{
	for (unsigned i = 0; i < path->step_count; i++) {
		if (path->steps[i]->relation != NULL)
			return NULL;
	}
	return path_field(path)->column;
}

/* Where a path goes through relations, each step back must be along an index as well. */
static enum reach reach_of_path(const struct resource *resource, const struct path *path)
{
	const struct resource *owner = resource;
	enum reach reach = REACH_FEW, step;

	for (unsigned i = 0; i < path->step_count; i++) {
		const struct field *field = path->steps[i];
		const char *column = field->column;

		if (field->object != NULL)
			continue;
		if (field->relation != NULL)
			column =
			    owner->fields[resource_member(owner, field->relation->local)].column;
		step = reach_of_value(owner, column);
		reach = step < reach ? step : reach;
		if (field->relation != NULL)
			owner = field->relation->target;
	}
	return reach;
}

/* How a condition compares its member, once negations have come down to it. */
enum comparison {
	COMPARES_NOTHING, /* that an index is of use for */
	COMPARES_RANGE,
	COMPARES_VALUES,
	COMPARES_VALUE, /* one */
};

static enum comparison comparison_of(const struct filter *filter, bool negated)
{
	bool null = filter->kind == FILTER_COMPARE && filter->values[0].null;

	if (filter->kind == FILTER_IN)
		return negated ? COMPARES_NOTHING : COMPARES_VALUES;
	if (filter->kind == FILTER_MATCH)
		return filter->comparison == FILTER_STARTS_WITH && !negated ? COMPARES_RANGE
									    : COMPARES_NOTHING;
	if (filter->comparison == FILTER_EQUAL || filter->comparison == FILTER_NOT_EQUAL) {
		if ((filter->comparison == FILTER_NOT_EQUAL) != negated)
			return COMPARES_NOTHING;
		return null ? COMPARES_RANGE : COMPARES_VALUE;
	}
	return COMPARES_RANGE;
}

static enum reach reach_of_leaf(
    const struct resource *resource, const struct filter *filter, bool negated)
{
	enum comparison comparison = comparison_of(filter, negated);

	if (comparison == COMPARES_NOTHING)
		return REACH_ALL;
	if (comparison != COMPARES_RANGE)
		return reach_of_path(resource, &filter->path);
	if (own_column(&filter->path) == NULL ||
	    reach_of_value(resource, own_column(&filter->path)) == REACH_ALL)
		return REACH_ALL;
	return REACH_RANGE;
}

/* Of conditions that all hold, the one that leaves least counts; of others, the one that leaves
 * most. */
static enum reach reach_of_filter(
    const struct resource *resource, const struct filter *filter, bool negated)
{
	bool both = (filter->kind == FILTER_AND) != negated;
	enum reach reach = both ? REACH_ALL : REACH_FEW;

	if (filter->kind == FILTER_NOT)
		return reach_of_filter(resource, filter->children, !negated);
	if (filter->kind != FILTER_AND && filter->kind != FILTER_OR)
		return reach_of_leaf(resource, filter, negated);
	for (const struct filter *child = filter->children; child != NULL; child = child->next) {
		enum reach next = reach_of_filter(resource, child, negated);

		if (both ? next > reach : next < reach)
			reach = next;
	}
	return reach;
}

static enum reach reach_of_keys(const struct resource *resource, const struct row *keys)
{
	enum reach reach = REACH_ALL;

	for (unsigned i = 0; keys != NULL && i < resource->field_count; i++) {
		if (row_has(keys, i)) {
			enum reach next = reach_of_value(resource, resource->fields[i].column);

			reach = next > reach ? next : reach;
		}
	}
	return reach;
}

/* Whether all conditions are about one column; *single where they leave one value of it. */
static bool is_about(const struct query *query, const struct row *keys, bool others,
    const char *column, bool *single)
{
	const struct resource *resource = query->resource;
	const struct filter *filter = query->filter;

	*single = false;
	for (unsigned i = 0; keys != NULL && i < resource->field_count; i++) {
		if (!row_has(keys, i))
			continue;
		if (!is_column(resource->fields[i].column, column))
			return false;
		*single = true;
	}
	if (others || filter == NULL)
		return !others;
	filter = filter->kind == FILTER_AND ? filter->children : filter;
	for (; filter != NULL; filter = filter->next) {
		enum comparison comparison = filter->kind >= FILTER_COMPARE
						 ? comparison_of(filter, false)
						 : COMPARES_NOTHING;

		if (comparison == COMPARES_NOTHING || !is_column(own_column(&filter->path), column))
			return false;
		*single = *single || comparison == COMPARES_VALUE;
	}
	return true;
}

/* What a row of an index begins with, from column `first` on: the key is its end. */
static unsigned list_columns(const struct resource *resource, const struct table_index *index,
    unsigned first, const char *columns[2 * INDEX_COLUMNS_MAX])
{
	const struct table_index *parts[2] = { index };
	struct table_index primary;
	unsigned count = 0;

	(void)resource_index(resource, 0, &primary);
	parts[1] = &primary;
	for (unsigned part = 0; part < 2; part++, first = 0) {
		for (unsigned i = first; parts[part]->columns[i] != NULL; i++)
			columns[count++] = parts[part]->columns[i];
	}
	return count;
}

/* Whether the rows of an index, which are alike in its first column where that is `single`, come in
 * the order. */
static bool has_order(const struct query *query, const struct table_index *index, bool single)
{
	const char *columns[2 * INDEX_COLUMNS_MAX], *first = index->columns[0];
	unsigned count = list_columns(query->resource, index, single, columns), next = 0;

	for (unsigned i = 0; i < query->sort->count && next < count; i++) {
		const struct sort_key *key = &query->sort->keys[i];
		const char *column = own_column(&key->path);

		if (single && is_column(column, first))
			continue;
		if (index->partial || key->text_max > 0 || !is_column(column, columns[next++]) ||
		    key->descending != query->sort->keys[query->sort->count - 1].descending)
			return false;
	}
	return true;
}

/* Whether the database can go along an index that has all that is asked for, in the order. */
static bool follows_index(const struct query *query, const struct row *keys, bool others)
{
	struct table_index known;
	bool single;

	for (unsigned i = 0; resource_index(query->resource, i, &known); i++) {
		const char *first = known.columns[0];

		if (first != NULL && is_about(query, keys, others, first, &single) &&
		    has_order(query, &known, single))
			return true;
	}
	return false;
}

/* Whether any index has the order, whatever is looked for. */
static bool any_has_order(const struct query *query)
{
	struct table_index known;

	for (unsigned i = 0; resource_index(query->resource, i, &known); i++) {
		if (known.columns[0] != NULL && has_order(query, &known, false))
			return true;
	}
	return false;
}

struct query_bounds query_bounds(const struct query *query, const struct row *keys, bool others)
{
	enum reach reach = reach_of_keys(query->resource, keys);
	bool whole = !others && query->filter == NULL && (keys == NULL || keys->present == 0);

	if (query->filter != NULL) {
		enum reach filtered = reach_of_filter(query->resource, query->filter, false);

		reach = filtered > reach ? filtered : reach;
	}
	if (reach == REACH_FEW)
		return (struct query_bounds){ true, true, true };
	return (struct query_bounds){
		.page = follows_index(query, keys, others),
		.total = whole,
		.order = any_has_order(query),
	};
}

void query_bounds_print_members(struct buf *out, const struct resource *resource)
{
	struct table_index known;
	const char *separator = "";

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		bool found = false;

		if (field->flags & FIELD_HIDDEN)
			continue;
		for (unsigned j = 0; !found && resource_index(resource, j, &known); j++)
			found = is_column(known.columns[0], field->column) && !known.partial;
		if (!found)
			continue;
		buf_append_text(out, separator);
		buf_append_text(out, field->name);
		separator = ", ";
	}
}
