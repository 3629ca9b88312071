/*
 * One pass over the text checks it and builds its tree. A string without escapes, and every number,
 * stays where it is: its node points into the text.
 */
#include "codec/body_text.h"
#include "codec/reader.h"

#define FORMAT_NAME "JSON"

/* Levels of a text of our own: far more than any has. */
#define STORED_DEPTH 64

struct parser {
	struct arena *arena;
	const struct limits *limits;
	struct error *error;
	struct str text;
	size_t at;
	int64_t depth;
	int64_t values;
	bool stored; /* what may stand in it was decided on its way in */
};

static struct node *parse_value(struct parser *parser, struct node *parent, struct str name);

/* The byte at the current position, -1 at the end. */
static int peek(const struct parser *parser)
{
	return parser->at < parser->text.length ? (unsigned char)parser->text.data[parser->at] : -1;
}

static bool take_byte(struct parser *parser, char byte)
{
	if (peek(parser) != (unsigned char)byte)
		return false;
	parser->at++;
	return true;
}

static bool is_digit(int byte)
{
	return byte >= '0' && byte <= '9';
}

static size_t take_digits(struct parser *parser)
{
	size_t start = parser->at;

	while (is_digit(peek(parser)))
		parser->at++;
	return parser->at - start;
}

static void skip_blanks(struct parser *parser)
{
	for (;;) {
		int byte = peek(parser);

		if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
			return;
		parser->at++;
	}
}

static int fail_at(struct parser *parser, size_t offset, const char *sentence)
{
	return body_text_fail(parser->text, offset, FORMAT_NAME, parser->error, "%s", sentence);
}

static int fail_limit(struct parser *parser, size_t offset, const char *what, int64_t most)
{
	return body_text_fail_limit(parser->text, offset, FORMAT_NAME, parser->error, what, most);
}

static int fail_expected(struct parser *parser, const char *expected)
{
	int byte = peek(parser);

	if (byte > ' ' && byte < 0x7f)
		return body_text_fail(parser->text, parser->at, FORMAT_NAME, parser->error,
		    "expected %s, found '%c'.", expected, byte);
	return body_text_fail(parser->text, parser->at, FORMAT_NAME, parser->error,
	    byte < 0                     ? "expected %s, found the end of the body."
	    : byte == ' '                ? "expected %s, found a blank."
	    : byte < ' ' || byte == 0x7f ? "expected %s, found a control character."
					 : "expected %s, found a character outside ASCII.",
	    expected);
}

/* Reads the four digits of a \u escape; -1 when they are not four hexadecimal digits. */
static int take_unicode_digits(struct parser *parser)
{
	int code = 0;

	for (int i = 0; i < 4; i++) {
		int byte = peek(parser);
		int digit = byte < 0 ? -1 : str_hex_digit((char)byte);

		if (digit < 0)
			return fail_expected(parser, "four hexadecimal digits after \\u");
		code = code * 16 + digit;
		parser->at++;
	}
	return code;
}

/* One rule for all formats: what is taken comes out again, in XML too. */
static int check_character(struct parser *parser, size_t start, int code)
{
	if (parser->stored)
		return 0;
	if (code < ' ' ? code == '\t' || code == '\n' || code == '\r' : code < 0xfffe)
		return 0;
	return body_text_fail(parser->text, start, FORMAT_NAME, parser->error,
	    "the character U+%04X cannot be stored.", code);
}

static bool is_high_surrogate(int code)
{
	return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low_surrogate(int code)
{
	return code >= 0xdc00 && code <= 0xdfff;
}

/* What follows "\u"; `start` is the place of the backslash. */
static int check_unicode_escape(struct parser *parser, size_t start)
{
	int code = take_unicode_digits(parser);

	if (code < 0 || check_character(parser, start, code) < 0)
		return -1;
	if (is_high_surrogate(code)) {
		if (take_byte(parser, '\\') && take_byte(parser, 'u')) {
			int low = take_unicode_digits(parser);

			if (low < 0)
				return -1;
			if (is_low_surrogate(low))
				return 0;
		}
		return fail_at(parser, start,
		    "half of a surrogate pair; expected \\uDC00 to \\uDFFF after it.");
	}
	if (is_low_surrogate(code))
		return fail_at(parser, start, "second half of a surrogate pair without the first.");
	return 0;
}

/* What follows a backslash, which stands at `start`. */
static int check_escape(struct parser *parser, size_t start)
{
	int byte;

	if (take_byte(parser, 'u'))
		return check_unicode_escape(parser, start);
	byte = peek(parser);
	if (byte <= 0 || strchr("\"\\/bfnrt", byte) == NULL)
		return fail_expected(parser, "one of \" \\ / b f n r t u after a backslash");
	if ((byte == 'b' || byte == 'f') &&
	    check_character(parser, start, byte == 'b' ? '\b' : '\f') < 0)
		return -1;
	parser->at++;
	return 0;
}

/* Bytes that stand for themselves, and cannot begin a character that is refused. */
static void skip_plain(struct parser *parser)
{
	const unsigned char *bytes = (const unsigned char *)parser->text.data;

	while (parser->at < parser->text.length) {
		unsigned char byte = bytes[parser->at];

		if (byte < ' ' || byte == '"' || byte == '\\' || byte == 0xEF)
			return;
		parser->at++;
	}
}

/* The inside of a string and its closing quote. Returns 1 where it has escapes, 0 or -1. */
static int check_string(struct parser *parser)
{
	int escapes = 0;

	for (;;) {
		size_t start;
		int byte;

		skip_plain(parser);
		start = parser->at;
		byte = peek(parser);
		if (byte < 0)
			return fail_expected(parser, "a closing double quote");
		if (byte < ' ')
			return fail_at(
			    parser, start, "control characters inside a string must be escaped.");
		parser->at++;
		if (byte == '"')
			return escapes;
		if (byte == 0xEF && str_xml_valid(str_slice(parser->text, start, 3)) == 0 &&
		    check_character(parser, start,
			0xff00 | (unsigned char)parser->text.data[start + 2] | 0xc0) < 0)
			return -1;
		if (byte != '\\')
			continue;
		escapes = 1;
		if (check_escape(parser, start) < 0)
			return -1;
	}
}

static size_t print_utf8(char *out, unsigned code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

static unsigned unicode_at(struct str checked, size_t at)
{
	unsigned code = 0;

	for (size_t i = at; i < at + 4; i++)
		code = code * 16 + (unsigned)str_hex_digit(checked.data[i]);
	return code;
}

/* What the \u whose digits begin at `*at` stands for; moves behind it, and behind its pair. */
static unsigned take_unicode(struct str checked, size_t *at)
{
	unsigned code = unicode_at(checked, *at);

	*at += 4;
	if (!is_high_surrogate((int)code))
		return code;
	code = 0x10000 + ((code & 0x3ff) << 10) + (unicode_at(checked, *at + 2) & 0x3ff);
	*at += 6;
	return code;
}

static char escaped_byte(char letter)
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *found = strchr(letters, letter);

	return found != NULL ? bytes[found - letters] : letter;
}

/* Each escape is longer than what it stands for, so the source's length is enough. */
static int unescape(struct parser *parser, struct str checked, struct str *text)
{
	char *out = arena_alloc(parser->arena, checked.length + 1);
	size_t length = 0;

	if (out == NULL)
		return body_text_too_large(FORMAT_NAME, parser->error);
	for (size_t at = 0; at < checked.length;) {
		char byte = checked.data[at++];

		if (byte != '\\') {
			out[length++] = byte;
			continue;
		}
		byte = checked.data[at++];
		if (byte == 'u')
			length += print_utf8(out + length, take_unicode(checked, &at));
		else
			out[length++] = escaped_byte(byte);
	}
	*text = (struct str){ out, length };
	return 0;
}

/* `expected` names the string for the message when there is none. */
static int parse_string(struct parser *parser, const char *expected, struct str *text)
{
	size_t start;
	int escapes;

	if (!take_byte(parser, '"'))
		return fail_expected(parser, expected);
	start = parser->at;
	escapes = check_string(parser);
	if (escapes < 0)
		return -1;
	*text = str_slice(parser->text, start, parser->at - 1 - start);
	return escapes > 0 ? unescape(parser, *text, text) : 0;
}

static int parse_number(struct parser *parser, struct node *node)
{
	size_t start = parser->at;
	bool zero;

	(void)take_byte(parser, '-');
	zero = take_byte(parser, '0');
	if (!zero && take_digits(parser) == 0)
		return fail_expected(parser, "a digit");
	if (zero && is_digit(peek(parser)))
		return fail_at(parser, parser->at - 1, "a number must not have leading zeros.");
	if (take_byte(parser, '.') && take_digits(parser) == 0)
		return fail_expected(parser, "a digit after the decimal point");
	if (take_byte(parser, 'e') || take_byte(parser, 'E')) {
		if (!take_byte(parser, '-'))
			(void)take_byte(parser, '+');
		if (take_digits(parser) == 0)
			return fail_expected(parser, "a digit of the exponent");
	}
	node->kind = NODE_NUMBER;
	node->text = str_slice(parser->text, start, parser->at - start);
	return 0;
}

static int parse_word(struct parser *parser, struct node *node, struct str word)
{
	if (!str_equal(str_slice(parser->text, parser->at, word.length), word))
		return fail_expected(parser, "a value");
	parser->at += word.length;
	if (word.data[0] == 'n')
		return 0;
	node->kind = NODE_BOOLEAN;
	node->text = word;
	return 0;
}

static int parse_member(struct parser *parser, struct node *object)
{
	struct str name;

	if (parse_string(parser, "a member name in double quotes", &name) < 0)
		return -1;
	skip_blanks(parser);
	if (!take_byte(parser, ':'))
		return fail_expected(parser, "':' after the member name");
	skip_blanks(parser);
	return parse_value(parser, object, name) != NULL ? 0 : -1;
}

static int parse_item(struct parser *parser, struct node *array)
{
	return parse_value(parser, array, STR("")) != NULL ? 0 : -1;
}

/* The inside of an object or array; the opening bracket is taken. */
static int parse_children(struct parser *parser, struct node *node, enum node_kind kind)
{
	bool object = kind == NODE_OBJECT;
	char close = object ? '}' : ']';

	node->kind = kind;
	if (++parser->depth > parser->limits->body_depth)
		return fail_limit(
		    parser, parser->at - 1, "levels of nesting", parser->limits->body_depth);
	skip_blanks(parser);
	if (!take_byte(parser, close)) {
		do {
			skip_blanks(parser);
			if ((object ? parse_member(parser, node) : parse_item(parser, node)) < 0)
				return -1;
			skip_blanks(parser);
		} while (take_byte(parser, ','));
		if (!take_byte(parser, close))
			return fail_expected(parser, object ? "',' or '}'" : "',' or ']'");
	}
	parser->depth--;
	if (!node_merge_members(parser->arena, node))
		return body_text_too_large(FORMAT_NAME, parser->error);
	return 0;
}

static int parse_content(struct parser *parser, struct node *node)
{
	int byte = peek(parser);

	if (byte == '-' || is_digit(byte))
		return parse_number(parser, node);
	switch (byte) {
	case '{':
	case '[':
		parser->at++;
		return parse_children(parser, node, byte == '{' ? NODE_OBJECT : NODE_ARRAY);
	case '"':
		node->kind = NODE_TEXT;
		return parse_string(parser, "a value", &node->text);
	case 't':
		return parse_word(parser, node, STR("true"));
	case 'f':
		return parse_word(parser, node, STR("false"));
	case 'n':
		return parse_word(parser, node, STR("null"));
	default:
		return fail_expected(parser, "a value");
	}
}

/* NULL with the error filled. Recursion is as deep as the limit allows. */
static struct node *parse_value(struct parser *parser, struct node *parent, struct str name)
{
	struct node *node;

	if (++parser->values > parser->limits->body_values) {
		fail_limit(parser, parser->at, "values", parser->limits->body_values);
		return NULL;
	}
	node = node_new(parser->arena, parent, NODE_NULL, name);
	if (node == NULL)
		body_text_too_large(FORMAT_NAME, parser->error);
	return node != NULL && parse_content(parser, node) == 0 ? node : NULL;
}

static struct node *parse_text(struct parser *parser)
{
	struct node *root;

	skip_blanks(parser);
	root = parse_value(parser, NULL, STR(""));
	if (root == NULL)
		return NULL;
	skip_blanks(parser);
	if (parser->at == parser->text.length)
		return root;
	fail_expected(parser, "the end of the body");
	return NULL;
}

int json_read(struct arena *arena, const struct limits *limits, struct str text, struct body *body,
    struct error *error)
{
	struct parser parser = { .arena = arena, .limits = limits, .error = error };
	struct node *root;

	*body = (struct body){ .format = BODY_JSON };
	if (body_text_open(&text, FORMAT_NAME, error) < 0)
		return -1;
	if (body_text_is_blank(text))
		return 0;
	parser.text = text;
	root = parse_text(&parser);
	if (root == NULL)
		return -1;
	if (root->kind != NODE_NULL)
		body->root = root;
	return 0;
}

const struct node *json_read_stored(struct arena *arena, struct str text)
{
	static const struct limits limits = { .body_values = INT64_MAX,
		.body_depth = STORED_DEPTH };
	struct parser parser = { .arena = arena, .limits = &limits, .stored = true };
	struct error error;

	error_init(&error, arena);
	parser.error = &error;
	if (body_text_open(&text, FORMAT_NAME, &error) < 0)
		return NULL;
	parser.text = text;
	return parse_text(&parser);
}

/* --- value by value --- */

int json_cursor_open(struct json_cursor *cursor, struct str text, struct error *error)
{
	if (body_text_open(&text, FORMAT_NAME, error) < 0)
		return -1;
	*cursor = (struct json_cursor){ .text = text };
	return 0;
}

static struct parser begin_at(const struct json_cursor *cursor, struct error *error)
{
	return (struct parser){
		.text = cursor->text, .at = cursor->at, .stored = true, .error = error
	};
}

int json_cursor_peek(struct json_cursor *cursor)
{
	struct parser parser = begin_at(cursor, NULL);

	skip_blanks(&parser);
	cursor->at = parser.at;
	return peek(&parser);
}

int json_cursor_take(
    struct json_cursor *cursor, char byte, const char *expected, struct error *error)
{
	struct parser parser = begin_at(cursor, error);

	skip_blanks(&parser);
	if (!take_byte(&parser, byte))
		return fail_expected(&parser, expected);
	cursor->at = parser.at;
	return 0;
}

int json_cursor_read(struct json_cursor *cursor, struct arena *arena, const struct limits *limits,
    struct node **node, struct error *error)
{
	struct parser parser = begin_at(cursor, error);

	parser.arena = arena;
	parser.limits = limits;
	skip_blanks(&parser);
	*node = parse_value(&parser, NULL, STR(""));
	cursor->at = parser.at;
	return *node != NULL ? 0 : -1;
}
