#include "query/lexer.h"

#define SHOWN_LONGEST 32 /* bytes of what was found that an error repeats */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_name_start(char byte)
{
	char lower = str_lower(byte);

	return (lower >= 'a' && lower <= 'z') || byte == '_';
}

/* The byte at a place, NUL behind the end: no text holds one. */
static char byte_at(const struct lexer *lexer, size_t place)
{
	return place < lexer->text.length ? lexer->text.data[place] : '\0';
}

static size_t skip_digits(const struct lexer *lexer, size_t place)
{
	while (is_digit(byte_at(lexer, place)))
		place++;
	return place;
}

static size_t number_end(const struct lexer *lexer, size_t start)
{
	size_t end = skip_digits(lexer, start + (byte_at(lexer, start) == '-'));
	size_t exponent;

	if (byte_at(lexer, end) == '.' && is_digit(byte_at(lexer, end + 1)))
		end = skip_digits(lexer, end + 1);
	if (str_lower(byte_at(lexer, end)) != 'e')
		return end;
	exponent = end + 1;
	if (byte_at(lexer, exponent) == '-' || byte_at(lexer, exponent) == '+')
		exponent++;
	return is_digit(byte_at(lexer, exponent)) ? skip_digits(lexer, exponent) : end;
}

static size_t name_end(const struct lexer *lexer, size_t end)
{
	while (is_name_start(byte_at(lexer, end)) || is_digit(byte_at(lexer, end)))
		end++;
	return end;
}

/* Behind the closing quote; behind the end of all where there is none. */
static size_t text_end(const struct lexer *lexer, size_t start)
{
	char quote = byte_at(lexer, start);
	size_t end = start + 1;

	while (end < lexer->text.length) {
		if (byte_at(lexer, end) != quote)
			end++;
		else if (byte_at(lexer, end + 1) == quote)
			end += 2;
		else
			return end + 1;
	}
	return lexer->text.length + 1;
}

static size_t sign_length(const struct lexer *lexer, size_t start)
{
	/* The longer ones first: the first that fits is taken. */
	static const char *const signs[] = { "==", "!=", "<>", "<=", ">=", "&&", "||", "=", "<",
		">", "!", "(", ")", ",", ".", "*" };

	char first = byte_at(lexer, start);

	/* Most tokens are names and values. */
	if (first == '\0' || strchr("=!<>&|(),.*", first) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (signs[i][0] == first &&
		    (signs[i][1] == '\0' || signs[i][1] == byte_at(lexer, start + 1)))
			return strlen(signs[i]);
	}
	return 0;
}

static size_t character_length(const struct lexer *lexer, size_t start)
{
	size_t length = 1;

	while (((unsigned char)byte_at(lexer, start + length) & 0xC0) == 0x80)
		length++;
	return length;
}

void lexer_advance(struct lexer *lexer)
{
	struct token *token = &lexer->token;
	size_t start = lexer->next, end;
	char first;

	while (is_blank(byte_at(lexer, start)))
		start++;
	first = byte_at(lexer, start);
	end = start + sign_length(lexer, start);
	token->expected = NULL;
	if (start == lexer->text.length) {
		token->kind = TOKEN_END;
	} else if (is_name_start(first)) {
		token->kind = TOKEN_NAME;
		end = name_end(lexer, start);
	} else if (is_digit(first) || (first == '-' && is_digit(byte_at(lexer, start + 1)))) {
		token->kind = TOKEN_NUMBER;
		end = number_end(lexer, start);
	} else if (first == '"' || first == '\'') {
		token->kind = TOKEN_TEXT;
		end = text_end(lexer, start);
		if (end > lexer->text.length) {
			token->kind = TOKEN_BROKEN;
			token->expected = first == '"' ? "a closing \" for this text"
						       : "a closing ' for this text";
			end = lexer->text.length;
		}
	} else if (end > start) {
		token->kind = TOKEN_SIGN;
	} else {
		token->kind = TOKEN_BROKEN;
		end = start + character_length(lexer, start);
	}
	token->text = str_slice(lexer->text, start, end - start);
	lexer->next = end;
}

void lexer_begin(struct lexer *lexer, const char *parameter, struct str text, struct arena *arena,
    struct error *error)
{
	if (text.data == NULL)
		text.data = "";
	*lexer =
	    (struct lexer){ .parameter = parameter, .arena = arena, .error = error, .text = text };
	lexer_advance(lexer);
}

bool lexer_is_sign(const struct lexer *lexer, const char *sign)
{
	return lexer->token.kind == TOKEN_SIGN && str_equal(lexer->token.text, str_from(sign));
}

bool lexer_is_word(const struct lexer *lexer, const char *word)
{
	return lexer->token.kind == TOKEN_NAME &&
	       str_equal_ignore_case(lexer->token.text, str_from(word));
}

bool lexer_accept_sign(struct lexer *lexer, const char *sign)
{
	bool found = lexer_is_sign(lexer, sign);

	if (found)
		lexer_advance(lexer);
	return found;
}

bool lexer_accept_word(struct lexer *lexer, const char *word)
{
	bool found = lexer_is_word(lexer, word);

	if (found)
		lexer_advance(lexer);
	return found;
}

struct str lexer_text(const struct lexer *lexer)
{
	struct str inside = str_slice(lexer->token.text, 1, lexer->token.text.length - 2);
	char quote = lexer->token.text.data[0];
	char *copy;
	size_t length = 0;

	if (str_find(inside, quote) == inside.length)
		return inside;
	copy = arena_copy(lexer->arena, inside.data, inside.length);
	if (copy == NULL)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < inside.length; i++) {
		copy[length++] = inside.data[i];
		if (inside.data[i] == quote)
			i++;
	}
	return (struct str){ copy, length };
}

int lexer_fault(struct lexer *lexer, const struct token *token, const char *expected)
{
	size_t before = (size_t)(token->text.data - lexer->text.data);
	size_t position = str_utf8_length(str_slice(lexer->text, 0, before)) + 1;
	struct str shown = str_cut(token->text, SHOWN_LONGEST);

	if (token->expected != NULL)
		expected = token->expected;
	if (token->kind == TOKEN_END)
		return error_add_fault(lexer->error, lexer->parameter,
		    "The %s is wrong at position %zu: %s is expected, but it ends here.",
		    lexer->parameter, position, expected);
	return error_add_fault(lexer->error, lexer->parameter,
	    "The %s is wrong at position %zu: %s is expected, but '" STR_FORMAT "%s' was found.",
	    lexer->parameter, position, expected, STR_ARGUMENTS(shown),
	    shown.length < token->text.length ? "…" : "");
}
