#include <inttypes.h>
#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <json-c/json_tokener.h>

#include "codec/body_text.h"
#include "codec/reader.h"

#define FORMAT_NAME "JSON"

/*
 * json-c clamps integers that do not fit into 64 bits, and turns -0 into 0. An exponent that
 * changes nothing makes it take them as reals, of which it keeps the source text. This spelling is
 * one that nobody sends.
 */
#define EXPONENT "e-000"

/* Integers of up to so many digits always fit into 64 bits. */
#define PLAIN_DIGITS 18

/* A piece of the text for which json-c is given another one. */
struct edit {
	size_t start, end;
	char text[8];
	struct edit *next;
};

/*
 * The guard: one pass over the text that refuses whatever is not strict JSON or is over a limit. It
 * builds nothing, so that json-c, which spends 60 bytes and more on each value, sees only texts
 * that are known to be correct and small.
 */
struct guard {
	struct arena *arena;
	const struct limits *limits;
	struct error *error;
	struct str text;
	size_t at;
	int64_t depth;
	int64_t values;
	struct edit *edits;
	struct edit *last_edit;
};

static int guard_value(struct guard *guard);

/* The byte at the current position, -1 at the end. */
static int guard_peek(const struct guard *guard)
{
	return guard->at < guard->text.length ? (unsigned char)guard->text.data[guard->at] : -1;
}

static bool guard_take(struct guard *guard, char byte)
{
	if (guard_peek(guard) != (unsigned char)byte)
		return false;
	guard->at++;
	return true;
}

static bool is_digit(int byte)
{
	return byte >= '0' && byte <= '9';
}

static size_t guard_take_digits(struct guard *guard)
{
	size_t start = guard->at;

	while (is_digit(guard_peek(guard)))
		guard->at++;
	return guard->at - start;
}

static void guard_skip_blanks(struct guard *guard)
{
	for (;;) {
		int byte = guard_peek(guard);

		if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
			return;
		guard->at++;
	}
}

static int guard_expected(struct guard *guard, const char *expected)
{
	int byte = guard_peek(guard);

	if (byte > ' ' && byte < 0x7f)
		return body_text_fail(guard->text, guard->at, FORMAT_NAME, guard->error,
		    "expected %s, found '%c'.", expected, byte);
	return body_text_fail(guard->text, guard->at, FORMAT_NAME, guard->error,
	    "expected %s, found %s.", expected,
	    byte < 0                     ? "the end of the body"
	    : byte == ' '                ? "a blank"
	    : byte < ' ' || byte == 0x7f ? "a control character"
					 : "a character outside ASCII");
}

/* Reads the four digits of a \u escape; -1 when they are not four hexadecimal digits. */
static int guard_unicode_digits(struct guard *guard)
{
	int code = 0;

	for (int i = 0; i < 4; i++) {
		int byte = guard_peek(guard);
		int digit = byte < 0 ? -1 : str_hex_digit((char)byte);

		if (digit < 0)
			return guard_expected(guard, "four hexadecimal digits after \\u");
		code = code * 16 + digit;
		guard->at++;
	}
	return code;
}

static int guard_edit(struct guard *guard, size_t start, const char *text)
{
	struct edit *edit = arena_alloc(guard->arena, sizeof(*edit));

	if (edit == NULL)
		return body_text_too_large(FORMAT_NAME, guard->error);
	*edit = (struct edit){ .start = start, .end = guard->at };
	memcpy(edit->text, text, strlen(text) + 1);
	if (guard->last_edit != NULL)
		guard->last_edit->next = edit;
	else
		guard->edits = edit;
	guard->last_edit = edit;
	return 0;
}

/*
 * json-c looks at the lower 16 bits of a character that was written as two escapes, and takes some
 * for half of a pair again: these are given to it as they are.
 */
static int guard_pair(struct guard *guard, size_t start, int high, int low)
{
	unsigned code = 0x10000 + (((unsigned)high & 0x3ff) << 10) + ((unsigned)low & 0x3ff);
	const char utf8[] = { (char)(0xF0 | code >> 18), (char)(0x80 | (code >> 12 & 0x3F)),
		(char)(0x80 | (code >> 6 & 0x3F)), (char)(0x80 | (code & 0x3F)), '\0' };

	return (code & 0xf800) == 0xd800 ? guard_edit(guard, start, utf8) : 0;
}

/* One rule for all formats: what is taken comes out again, in XML too. */
static int guard_character(struct guard *guard, size_t start, int code)
{
	if (code < ' ' ? code == '\t' || code == '\n' || code == '\r' : code < 0xfffe)
		return 0;
	return body_text_fail(guard->text, start, FORMAT_NAME, guard->error,
	    "the character U+%04X cannot be stored.", code);
}

static int guard_unicode_escape(struct guard *guard, size_t start)
{
	int code = guard_unicode_digits(guard);

	if (code < 0 || guard_character(guard, start, code) < 0)
		return -1;
	if (code >= 0xd800 && code <= 0xdbff) {
		if (guard_take(guard, '\\') && guard_take(guard, 'u')) {
			int low = guard_unicode_digits(guard);

			if (low < 0)
				return -1;
			if (low >= 0xdc00 && low <= 0xdfff)
				return guard_pair(guard, start, code, low);
		}
		return body_text_fail(guard->text, start, FORMAT_NAME, guard->error,
		    "half of a surrogate pair; expected \\uDC00 to \\uDFFF after it.");
	}
	if (code >= 0xdc00 && code <= 0xdfff)
		return body_text_fail(guard->text, start, FORMAT_NAME, guard->error,
		    "second half of a surrogate pair without the first.");
	return 0;
}

/* `expected` names the string for the message when there is none. */
static int guard_string(struct guard *guard, const char *expected)
{
	if (!guard_take(guard, '"'))
		return guard_expected(guard, expected);
	for (;;) {
		size_t start = guard->at;
		int byte = guard_peek(guard);

		if (byte < 0)
			return guard_expected(guard, "a closing double quote");
		if (byte < ' ')
			return body_text_fail(guard->text, start, FORMAT_NAME, guard->error,
			    "control characters inside a string must be escaped.");
		guard->at++;
		if (byte == '"')
			return 0;
		if (byte == 0xEF && str_xml_valid(str_slice(guard->text, start, 3)) == 0)
			return guard_character(guard, start,
			    0xff00 | (unsigned char)guard->text.data[start + 2] | 0xc0);
		if (byte != '\\')
			continue;
		if (guard_take(guard, 'u')) {
			if (guard_unicode_escape(guard, start) < 0)
				return -1;
			continue;
		}
		byte = guard_peek(guard);
		if (byte <= 0 || strchr("\"\\/bfnrt", byte) == NULL)
			return guard_expected(
			    guard, "one of \" \\ / b f n r t u after a backslash");
		if ((byte == 'b' || byte == 'f') &&
		    guard_character(guard, start, byte == 'b' ? '\b' : '\f') < 0)
			return -1;
		guard->at++;
	}
}

static int guard_number(struct guard *guard)
{
	bool negative = guard_take(guard, '-');
	bool zero = guard_peek(guard) == '0';
	bool integer = true;
	size_t digits = 1;

	if (zero)
		guard->at++;
	else
		digits = guard_take_digits(guard);
	if (digits == 0)
		return guard_expected(guard, "a digit");
	if (zero && is_digit(guard_peek(guard)))
		return body_text_fail(guard->text, guard->at - 1, FORMAT_NAME, guard->error,
		    "a number must not have leading zeros.");
	if (guard_take(guard, '.')) {
		integer = false;
		if (guard_take_digits(guard) == 0)
			return guard_expected(guard, "a digit after the decimal point");
	}
	if (guard_take(guard, 'e') || guard_take(guard, 'E')) {
		integer = false;
		if (!guard_take(guard, '-'))
			guard_take(guard, '+');
		if (guard_take_digits(guard) == 0)
			return guard_expected(guard, "a digit of the exponent");
	}
	if (integer && (digits > PLAIN_DIGITS || (negative && zero)))
		return guard_edit(guard, guard->at, EXPONENT);
	return 0;
}

static int guard_word(struct guard *guard, struct str word)
{
	if (!str_equal(str_slice(guard->text, guard->at, word.length), word))
		return guard_expected(guard, "a value");
	guard->at += word.length;
	return 0;
}

static int guard_member(struct guard *guard)
{
	if (guard_string(guard, "a member name in double quotes") < 0)
		return -1;
	guard_skip_blanks(guard);
	if (!guard_take(guard, ':'))
		return guard_expected(guard, "':' after the member name");
	guard_skip_blanks(guard);
	return guard_value(guard);
}

/* The inside of an object or array; the opening bracket is taken. */
static int guard_children(struct guard *guard, bool object)
{
	char close = object ? '}' : ']';

	if (++guard->depth > guard->limits->body_depth)
		return body_text_fail_limit(guard->text, guard->at - 1, FORMAT_NAME, guard->error,
		    "levels of nesting", guard->limits->body_depth);
	guard_skip_blanks(guard);
	if (!guard_take(guard, close)) {
		do {
			guard_skip_blanks(guard);
			if ((object ? guard_member(guard) : guard_value(guard)) < 0)
				return -1;
			guard_skip_blanks(guard);
		} while (guard_take(guard, ','));
		if (!guard_take(guard, close))
			return guard_expected(guard, object ? "',' or '}'" : "',' or ']'");
	}
	guard->depth--;
	return 0;
}

static int guard_value(struct guard *guard)
{
	int byte = guard_peek(guard);

	if (++guard->values > guard->limits->body_values)
		return body_text_fail_limit(guard->text, guard->at, FORMAT_NAME, guard->error,
		    "values", guard->limits->body_values);
	if (byte == '-' || is_digit(byte))
		return guard_number(guard);
	switch (byte) {
	case '{':
	case '[':
		guard->at++;
		return guard_children(guard, byte == '{');
	case '"':
		return guard_string(guard, "a value");
	case 't':
		return guard_word(guard, STR("true"));
	case 'f':
		return guard_word(guard, STR("false"));
	case 'n':
		return guard_word(guard, STR("null"));
	default:
		return guard_expected(guard, "a value");
	}
}

static int guard_text(struct guard *guard)
{
	guard_skip_blanks(guard);
	if (guard_value(guard) < 0)
		return -1;
	guard_skip_blanks(guard);
	if (guard->at < guard->text.length)
		return guard_expected(guard, "the end of the body");
	return 0;
}

/* Runs the text through the tokener in pieces, with the edits between them. */
static struct json_object *tokenize(struct json_tokener *tokener, const struct guard *guard)
{
	struct json_object *value;
	size_t start = 0;

	for (const struct edit *edit = guard->edits; edit != NULL; edit = edit->next) {
		json_tokener_parse_ex(
		    tokener, guard->text.data + start, (int)(edit->start - start));
		json_tokener_parse_ex(tokener, edit->text, (int)strlen(edit->text));
		start = edit->end;
	}
	value = json_tokener_parse_ex(
	    tokener, guard->text.data + start, (int)(guard->text.length - start));
	/* A number or word at the very end is complete only when something follows it. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		value = json_tokener_parse_ex(tokener, " ", 1);
	return value;
}

static struct node *convert(
    struct arena *arena, struct node *parent, struct str name, struct json_object *value);

static bool convert_members(struct arena *arena, struct node *node, struct json_object *object)
{
	struct json_object_iterator at = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		struct str name = arena_str(arena, str_from(json_object_iter_peek_name(&at)));

		if (name.data == NULL ||
		    convert(arena, node, name, json_object_iter_peek_value(&at)) == NULL)
			return false;
	}
	return true;
}

static bool convert_items(struct arena *arena, struct node *node, struct json_object *array)
{
	size_t count = json_object_array_length(array);

	for (size_t i = 0; i < count; i++) {
		if (convert(arena, node, STR(""), json_object_array_get_idx(array, i)) == NULL)
			return false;
	}
	return true;
}

static struct str integer_text(struct arena *arena, struct json_object *value)
{
	return str_from(arena_printf(arena, "%" PRId64, json_object_get_int64(value)));
}

/* json-c keeps the source text of a real as its user data. */
static struct str real_text(struct arena *arena, struct json_object *value)
{
	struct str text = str_from(json_object_get_userdata(value));

	if (str_ends_with(text, STR(EXPONENT)))
		text.length -= strlen(EXPONENT);
	return arena_str(arena, text);
}

static struct str string_text(struct arena *arena, struct json_object *value)
{
	struct str text = { json_object_get_string(value),
		(size_t)json_object_get_string_len(value) };

	return arena_str(arena, text);
}

/* Returns NULL when the arena is exhausted. Recursion is as deep as the guard allowed. */
static struct node *convert(
    struct arena *arena, struct node *parent, struct str name, struct json_object *value)
{
	struct node *node = node_new(arena, parent, NODE_NULL, name);
	bool complete = true;

	if (node == NULL)
		return NULL;
	switch (json_object_get_type(value)) {
	case json_type_null:
		return node;
	case json_type_boolean:
		node->kind = NODE_BOOLEAN;
		node->text = json_object_get_boolean(value) ? STR("true") : STR("false");
		return node;
	case json_type_int:
		node->kind = NODE_NUMBER;
		node->text = integer_text(arena, value);
		complete = node->text.length > 0;
		break;
	case json_type_double:
		node->kind = NODE_NUMBER;
		node->text = real_text(arena, value);
		complete = node->text.data != NULL;
		break;
	case json_type_string:
		node->kind = NODE_TEXT;
		node->text = string_text(arena, value);
		complete = node->text.data != NULL;
		break;
	case json_type_object:
		node->kind = NODE_OBJECT;
		complete = convert_members(arena, node, value);
		break;
	case json_type_array:
		node->kind = NODE_ARRAY;
		complete = convert_items(arena, node, value);
		break;
	}
	return complete ? node : NULL;
}

static int parse(const struct guard *guard, struct body *body)
{
	/* The guard has counted the depth; json-c counts scalars as a level of their own. */
	struct json_tokener *tokener = json_tokener_new_ex((int)guard->limits->body_depth + 2);
	struct json_object *value;
	int result = -1;

	if (tokener == NULL)
		return body_text_too_large(FORMAT_NAME, guard->error);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	value = tokenize(tokener, guard);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		body_text_fail(guard->text, json_tokener_get_parse_end(tokener), FORMAT_NAME,
		    guard->error, "%s.", json_tokener_error_desc(json_tokener_get_error(tokener)));
	} else {
		if (value != NULL)
			body->root = convert(guard->arena, NULL, STR(""), value);
		if (body->root == NULL)
			body_text_too_large(FORMAT_NAME, guard->error);
		else
			result = 0;
	}
	json_object_put(value);
	json_tokener_free(tokener);
	return result;
}

int json_read(struct arena *arena, const struct limits *limits, struct str text, struct body *body,
    struct error *error)
{
	struct guard guard = { .arena = arena, .limits = limits, .error = error };

	*body = (struct body){ .format = BODY_JSON };
	if (body_text_open(&text, FORMAT_NAME, error) < 0)
		return -1;
	if (body_text_is_blank(text))
		return 0;
	guard.text = text;
	if (guard_text(&guard) < 0)
		return -1;
	/* json-c returns NULL both for a lone null and for want of memory: keep them apart. */
	if (str_equal(str_trim(text), STR("null")))
		return 0;
	return parse(&guard, body);
}
