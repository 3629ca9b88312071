#include "query/filter.h"

#include "base/language.h"

#define OUT_OF_MEMORY "The request needs more memory than one request may use."

struct parser {
	struct lexer lexer;
	const struct sight *sight;
	const struct resource *resource;
	int64_t most_searches;
	unsigned depth, values, searches;
};

/* A comparison's operators: signs and words, and which members they are for. */
static const struct operator_row {
	const char *spelling;
	enum filter_operator comparison;
} operators[] = {
	{ "=", FILTER_EQUAL },
	{ "==", FILTER_EQUAL },
	{ "eq", FILTER_EQUAL },
	{ "!=", FILTER_NOT_EQUAL },
	{ "<>", FILTER_NOT_EQUAL },
	{ "ne", FILTER_NOT_EQUAL },
	{ "<", FILTER_LESS },
	{ "lt", FILTER_LESS },
	{ "<=", FILTER_LESS_EQUAL },
	{ "le", FILTER_LESS_EQUAL },
	{ ">", FILTER_GREATER },
	{ "gt", FILTER_GREATER },
	{ ">=", FILTER_GREATER_EQUAL },
	{ "ge", FILTER_GREATER_EQUAL },
};

static const struct operator_row functions[] = {
	{ "contains", FILTER_CONTAINS },
	{ "startswith", FILTER_STARTS_WITH },
	{ "endswith", FILTER_ENDS_WITH },
};

static const struct operator_row *find_operator(
    const struct lexer *lexer, const struct operator_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (lexer_is_sign(lexer, rows[i].spelling) ||
		    lexer_is_word(lexer, rows[i].spelling))
			return &rows[i];
	}
	return NULL;
}

static int fault(struct parser *parser, const char *expected)
{
	return lexer_fault(&parser->lexer, &parser->lexer.token, expected);
}

static int out_of_memory(struct parser *parser)
{
	return error_set(parser->lexer.error, ERROR_BUSY, OUT_OF_MEMORY);
}

static struct filter *new_filter(struct parser *parser, enum filter_kind kind)
{
	struct filter *filter = arena_alloc(parser->lexer.arena, sizeof(*filter));

	if (filter == NULL)
		out_of_memory(parser);
	else
		filter->kind = kind;
	return filter;
}

static unsigned literal_of(const struct lexer *lexer)
{
	if (lexer->token.kind == TOKEN_TEXT)
		return LITERAL_TEXT;
	if (lexer->token.kind == TOKEN_NUMBER)
		return LITERAL_NUMBER;
	if (lexer_is_word(lexer, "true") || lexer_is_word(lexer, "false"))
		return LITERAL_BOOLEAN;
	return lexer_is_word(lexer, "datetime") ? LITERAL_TIME : 0;
}

/* "a value such as 6" of a member's type. */
static const char *expected_value(const struct parser *parser, const struct field *field)
{
	const struct field_type_info *info = field_type_info(field->type);

	if (info->literal_name != NULL)
		return info->literal_name;
	return language_printf(
	    parser->lexer.arena, "a value of type %s such as %s", info->name, info->example);
}

/*
 * The text of DateTime(y,m,d[,h,mi,s]) as an ISO time without offset. The lexer is left on its last
 * token.
 */
static int read_time_call(struct parser *parser, struct str *text)
{
	int64_t parts[6] = { 0 };
	unsigned count = 0;

	lexer_advance(&parser->lexer);
	if (!lexer_accept_sign(&parser->lexer, "("))
		return fault(parser, "an opening parenthesis");
	for (;;) {
		if (parser->lexer.token.kind != TOKEN_NUMBER ||
		    !str_to_int64(parser->lexer.token.text, &parts[count]) || parts[count] < 0 ||
		    parts[count] > 9999)
			return fault(parser, "a whole number of a date or time");
		count++;
		lexer_advance(&parser->lexer);
		if (count == 6 || (count == 3 && lexer_is_sign(&parser->lexer, ")")))
			break;
		if (!lexer_accept_sign(&parser->lexer, ","))
			return fault(
			    parser, count == 3 ? "a comma or a closing parenthesis" : "a comma");
	}
	if (!lexer_is_sign(&parser->lexer, ")"))
		return fault(parser, "a closing parenthesis");
	*text = str_from(
	    arena_printf(parser->lexer.arena, "%04d-%02d-%02dT%02d:%02d:%02d", (int)parts[0],
		(int)parts[1], (int)parts[2], (int)parts[3], (int)parts[4], (int)parts[5]));
	return 0;
}

/*
 * Converts by the type's own row. The member's limits are left aside: a value beyond them is no
 * fault of a comparison, it just matches nothing.
 */
static int convert(struct parser *parser, const struct token *token, const struct field *field,
    struct str text, struct value *value)
{
	const struct node node = { .kind = NODE_TEXT, .text = text };
	const struct field_type_info *info = field_type_info(field->type);
	const char *reason = NULL;
	struct field any = *field;

	any.least = any.most = 0;
	any.max = UINT32_MAX;
	if ((info->parse_literal != NULL ? info->parse_literal : info->parse)(
		parser->lexer.arena, &any, BODY_FORM, &node, value, &reason))
		return 0;
	if (arena_exhausted(parser->lexer.arena))
		return out_of_memory(parser);
	return lexer_fault(
	    &parser->lexer, token, info->literal_reason ? reason : expected_value(parser, field));
}

/* One literal that is not null. */
static int read_value(struct parser *parser, const struct field *field, struct value *value)
{
	const struct token first = parser->lexer.token;
	unsigned literal = literal_of(&parser->lexer);
	struct str text = first.text;

	if (++parser->values > FILTER_VALUES_MAX)
		return fault(parser, "an end (at most 10000 values)");
	if ((literal & field_type_info(field->type)->literals) == 0)
		return fault(parser, expected_value(parser, field));
	if (literal == LITERAL_TEXT)
		text = lexer_text(&parser->lexer);
	else if (literal == LITERAL_TIME && read_time_call(parser, &text) != 0)
		return -1;
	if (text.data == NULL)
		return out_of_memory(parser);
	value->null = false;
	if (convert(parser, &first, field, text, value) != 0)
		return -1;
	lexer_advance(&parser->lexer);
	return 0;
}

/* path.Contains("text") behind the dot. */
static int read_match(struct parser *parser, struct filter *filter)
{
	const struct field *field = path_field(&filter->path);
	const struct operator_row *row =
	    find_operator(&parser->lexer, functions, COUNT_OF(functions));

	if (row == NULL)
		return fault(parser, "Contains, StartsWith or EndsWith");
	if (++parser->searches > parser->most_searches)
		return lexer_fault(&parser->lexer, &parser->lexer.token,
		    language_printf(parser->lexer.arena,
			"an end (at most %lld of Contains, StartsWith and EndsWith)",
			(long long)parser->most_searches));
	if (field_type_info(field->type)->text == TEXT_NONE)
		return fault(parser, "an operator (only text has functions)");
	filter->kind = FILTER_MATCH;
	filter->comparison = row->comparison;
	lexer_advance(&parser->lexer);
	if (!lexer_accept_sign(&parser->lexer, "("))
		return fault(parser, "an opening parenthesis");
	if (parser->lexer.token.kind != TOKEN_TEXT)
		return fault(parser, "text in quotes");
	filter->values = arena_alloc(parser->lexer.arena, sizeof(filter->values[0]));
	if (filter->values == NULL)
		return out_of_memory(parser);
	filter->value_count = 1;
	filter->values[0].text = lexer_text(&parser->lexer);
	if (filter->values[0].text.data == NULL)
		return out_of_memory(parser);
	lexer_advance(&parser->lexer);
	if (!lexer_accept_sign(&parser->lexer, ")"))
		return fault(parser, "a closing parenthesis");
	return 0;
}

/* ("in" was read.) Room for the values grows by doubling; what it leaves behind is small. */
static int read_items(struct parser *parser, struct filter *filter)
{
	unsigned capacity = 0;

	filter->kind = FILTER_IN;
	if (!lexer_accept_sign(&parser->lexer, "("))
		return fault(parser, "an opening parenthesis");
	for (;;) {
		if (filter->value_count == capacity) {
			struct value *larger;

			capacity = capacity > 0 ? capacity * 2 : 8;
			larger = arena_alloc_array(
			    parser->lexer.arena, capacity, sizeof(filter->values[0]));
			if (larger == NULL)
				return out_of_memory(parser);
			if (filter->value_count > 0)
				memcpy(larger, filter->values,
				    filter->value_count * sizeof(filter->values[0]));
			filter->values = larger;
		}
		if (read_value(parser, path_field(&filter->path),
			&filter->values[filter->value_count]) != 0)
			return -1;
		filter->value_count++;
		if (!lexer_is_sign(&parser->lexer, ","))
			break;
		if (filter->value_count == FILTER_ITEMS_MAX)
			return fault(parser, "a closing parenthesis (at most 1000 items)");
		lexer_advance(&parser->lexer);
	}
	if (!lexer_accept_sign(&parser->lexer, ")"))
		return fault(parser, "a comma or a closing parenthesis");
	return 0;
}

static int read_comparison(struct parser *parser, struct filter *filter)
{
	const struct field *field = path_field(&filter->path);
	const struct operator_row *row =
	    find_operator(&parser->lexer, operators, COUNT_OF(operators));
	bool equality;

	if (row == NULL)
		return fault(parser, "an operator such as =, != or in");
	equality = row->comparison == FILTER_EQUAL || row->comparison == FILTER_NOT_EQUAL;
	if (!equality && !field_type_info(field->type)->is_ordered)
		return fault(parser, "= or !=");
	filter->kind = FILTER_COMPARE;
	filter->comparison = row->comparison;
	filter->values = arena_alloc(parser->lexer.arena, sizeof(filter->values[0]));
	if (filter->values == NULL)
		return out_of_memory(parser);
	filter->value_count = 1;
	lexer_advance(&parser->lexer);
	if (equality && lexer_accept_word(&parser->lexer, "null")) {
		filter->values[0].null = true;
		return 0;
	}
	return read_value(parser, field, &filter->values[0]);
}

static struct filter *read_or(struct parser *parser);

static struct filter *read_nested(struct parser *parser)
{
	struct filter *inner;

	if (++parser->depth > FILTER_NESTING_MAX) {
		fault(parser, "a condition (nesting goes 32 deep at most)");
		return NULL;
	}
	lexer_advance(&parser->lexer);
	inner = read_or(parser);
	if (inner == NULL)
		return NULL;
	if (!lexer_accept_sign(&parser->lexer, ")")) {
		fault(parser, "and, or, or a closing parenthesis");
		return NULL;
	}
	parser->depth--;
	return inner;
}

/* Wraps a filter into its opposite. */
static struct filter *negate(struct parser *parser, struct filter *inner)
{
	struct filter *outer = new_filter(parser, FILTER_NOT);

	if (outer != NULL)
		outer->children = inner;
	return outer;
}

static struct filter *read_condition(struct parser *parser)
{
	struct filter *filter = new_filter(parser, FILTER_COMPARE);
	bool call = false;
	int result;

	if (filter == NULL ||
	    path_read(&parser->lexer, parser->sight, parser->resource, &filter->path, &call) != 0)
		return NULL;
	if (call)
		return read_match(parser, filter) == 0 ? filter : NULL;
	if (lexer_accept_word(&parser->lexer, "not")) {
		if (!lexer_accept_word(&parser->lexer, "in")) {
			fault(parser, "in");
			return NULL;
		}
		return read_items(parser, filter) == 0 ? negate(parser, filter) : NULL;
	}
	result = lexer_accept_word(&parser->lexer, "in") ? read_items(parser, filter)
							 : read_comparison(parser, filter);
	return result == 0 ? filter : NULL;
}

static struct filter *read_not(struct parser *parser)
{
	bool negated =
	    lexer_accept_sign(&parser->lexer, "!") || lexer_accept_word(&parser->lexer, "not");
	struct filter *inner =
	    lexer_is_sign(&parser->lexer, "(") ? read_nested(parser) : read_condition(parser);

	return negated && inner != NULL ? negate(parser, inner) : inner;
}

/* One operand, or a node of several that a sign or one of two words joins. */
static struct filter *read_joined(struct parser *parser, enum filter_kind kind,
    struct filter *(*operand)(struct parser *parser), const char *sign, const char *word,
    const char *other)
{
	struct filter *first = operand(parser), *joined, **next;

	if (first == NULL)
		return NULL;
	joined = first;
	next = &first->next;
	while (lexer_accept_sign(&parser->lexer, sign) || lexer_accept_word(&parser->lexer, word) ||
	       lexer_accept_word(&parser->lexer, other)) {
		if (joined == first) {
			joined = new_filter(parser, kind);
			if (joined == NULL)
				return NULL;
			joined->children = first;
		}
		*next = operand(parser);
		if (*next == NULL)
			return NULL;
		next = &(*next)->next;
	}
	return joined;
}

static struct filter *read_and(struct parser *parser)
{
	return read_joined(parser, FILTER_AND, read_not, "&&", "and", "andalso");
}

static struct filter *read_or(struct parser *parser)
{
	return read_joined(parser, FILTER_OR, read_and, "||", "or", "orelse");
}

unsigned filter_searches(const struct filter *filter)
{
	unsigned count = 0;

	for (; filter != NULL; filter = filter->next) {
		if (filter->kind == FILTER_MATCH)
			count++;
		else if (filter->kind != FILTER_COMPARE && filter->kind != FILTER_IN)
			count += filter_searches(filter->children);
	}
	return count;
}

int filter_read(struct arena *arena, const struct sight *sight, const struct limits *limits,
    const struct resource *resource, struct str text, struct filter **filter, struct error *error)
{
	struct parser parser = { .sight = sight,
		.resource = resource,
		.most_searches = limits != NULL ? limits->filter_searches : INT64_MAX };

	lexer_begin(&parser.lexer, "filter", text, arena, error);
	*filter = NULL;
	if (parser.lexer.token.kind == TOKEN_END)
		return 0;
	*filter = read_or(&parser);
	if (*filter == NULL)
		return -1;
	if (parser.lexer.token.kind != TOKEN_END)
		return fault(&parser, "and, or, or the end");
	return 0;
}
