/*
 * Filters as text again: what was understood, not what was sent.
 */
#include "query/filter.h"

static const char *const signs[] = {
	[FILTER_EQUAL] = " = ",
	[FILTER_NOT_EQUAL] = " != ",
	[FILTER_LESS] = " < ",
	[FILTER_LESS_EQUAL] = " <= ",
	[FILTER_GREATER] = " > ",
	[FILTER_GREATER_EQUAL] = " >= ",
	[FILTER_CONTAINS] = ".contains(",
	[FILTER_STARTS_WITH] = ".startsWith(",
	[FILTER_ENDS_WITH] = ".endsWith(",
};

static void print_quoted(struct buf *out, struct str text)
{
	buf_append_char(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '"')
			buf_append_char(out, '"');
		buf_append_char(out, text.data[i]);
	}
	buf_append_char(out, '"');
}

static void print_value(struct buf *out, const struct field *field, const struct value *value)
{
	const struct print_style style = { .time = TIMESTAMP_UTC };
	const struct field_type_info *type = field_type_info(field->type);
	bool quoted = type->lexical != LEXICAL_LITERAL;

	if (value->null) {
		buf_append_text(out, "null");
	} else if (type->print == NULL && quoted) {
		print_quoted(out, value->text);
	} else if (type->print == NULL) {
		buf_append_str(out, value->text);
	} else {
		buf_append_text(out, quoted ? "\"" : "");
		type->print(out, field, value, &style);
		buf_append_text(out, quoted ? "\"" : "");
	}
}

static void print_path(struct buf *out, const struct path *path)
{
	for (unsigned i = 0; i < path->step_count; i++) {
		buf_append_text(out, i > 0 ? "." : "");
		buf_append_text(out, path->steps[i]->name);
	}
}

static void print_values(struct buf *out, const struct filter *filter)
{
	for (unsigned i = 0; i < filter->value_count; i++) {
		buf_append_text(out, i > 0 ? ", " : "");
		print_value(out, path_field(&filter->path), &filter->values[i]);
	}
}

/* Groups stand in parentheses, so that nobody needs to know what binds closer. */
static void print_group(struct buf *out, const struct filter *filter, const char *word)
{
	buf_append_char(out, '(');
	for (const struct filter *child = filter->children; child != NULL; child = child->next) {
		buf_append_text(out, child != filter->children ? word : "");
		filter_print(out, child);
	}
	buf_append_char(out, ')');
}

void filter_print(struct buf *out, const struct filter *filter)
{
	switch (filter->kind) {
	case FILTER_AND:
		print_group(out, filter, " and ");
		break;
	case FILTER_OR:
		print_group(out, filter, " or ");
		break;
	case FILTER_NOT:
		buf_append_text(out, "not ");
		if (filter->children->kind == FILTER_AND || filter->children->kind == FILTER_OR)
			filter_print(out, filter->children);
		else
			print_group(out, filter, "");
		break;
	case FILTER_IN:
		print_path(out, &filter->path);
		buf_append_text(out, " in (");
		print_values(out, filter);
		buf_append_char(out, ')');
		break;
	case FILTER_COMPARE:
	case FILTER_MATCH:
		print_path(out, &filter->path);
		buf_append_text(out, signs[filter->comparison]);
		print_values(out, filter);
		buf_append_text(out, filter->kind == FILTER_MATCH ? ")" : "");
		break;
	}
}
