#include "codec/json_lenient.h"

struct lenient {
	struct str text;
	size_t at;
	char *out;
	size_t length;
	char last; /* character that was copied last, other than blanks; 0 = none */
};

static void put(struct lenient *lenient, char byte)
{
	lenient->out[lenient->length++] = byte;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Length of the comment at that place; 0 where there is none, or one that does not end. */
static size_t comment_length(struct str text, size_t at)
{
	struct str rest = str_slice(text, at, text.length);
	size_t end;

	if (str_starts_with(rest, STR("//")))
		return str_find(rest, '\n');
	if (!str_starts_with(rest, STR("/*")))
		return 0;
	for (end = 2; end + 1 < rest.length; end++) {
		if (rest.data[end] == '*' && rest.data[end + 1] == '/')
			return end + 2;
	}
	return 0;
}

static size_t skip(struct str text, size_t at)
{
	for (;;) {
		size_t comment = comment_length(text, at);

		if (comment > 0)
			at += comment;
		else if (at < text.length && is_blank(text.data[at]))
			at++;
		else
			return at;
	}
}

/* White space that a text in JSON can only have escaped. */
static void put_escaped(struct lenient *lenient, char byte)
{
	put(lenient, '\\');
	put(lenient, byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't');
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       byte == '$';
}

/* Length of the name of a member at this place that has no quotes; 0 where there is none. */
static size_t bare_name_length(const struct lenient *lenient)
{
	struct str text = lenient->text;
	size_t end = lenient->at, colon;

	if ((lenient->last != '{' && lenient->last != ',') || !is_letter(text.data[end]))
		return 0;
	while (end < text.length &&
	       (is_letter(text.data[end]) || (text.data[end] >= '0' && text.data[end] <= '9')))
		end++;
	colon = skip(text, end);
	return colon < text.length && text.data[colon] == ':' ? end - lenient->at : 0;
}

static void copy_bare_name(struct lenient *lenient, size_t length)
{
	put(lenient, '"');
	for (size_t end = lenient->at + length; lenient->at < end; lenient->at++)
		put(lenient, lenient->text.data[lenient->at]);
	put(lenient, '"');
	lenient->last = '"';
}

/* A text in either quotes comes out in double ones; without an end it has none here either. */
static void copy_string(struct lenient *lenient)
{
	struct str text = lenient->text;
	char quote = text.data[lenient->at++];

	put(lenient, '"');
	for (; lenient->at < text.length && text.data[lenient->at] != quote; lenient->at++) {
		char byte = text.data[lenient->at];
		bool pair = byte == '\\' && lenient->at + 1 < text.length;

		if (pair && text.data[lenient->at + 1] == '\'') {
			put(lenient, '\'');
			lenient->at++;
			continue;
		}
		if (byte == '"')
			put(lenient, '\\');
		if (byte == '\n' || byte == '\r' || byte == '\t')
			put_escaped(lenient, byte);
		else
			put(lenient, byte);
		if (pair)
			put(lenient, text.data[++lenient->at]);
	}
	if (lenient->at < text.length) {
		put(lenient, '"');
		lenient->at++;
	}
	lenient->last = '"';
}

/* Whether the comma at this place only ends an object or a list that is not empty. */
static bool is_needless(const struct lenient *lenient)
{
	size_t next = skip(lenient->text, lenient->at + 1);

	return next < lenient->text.length &&
	       (lenient->text.data[next] == '}' || lenient->text.data[next] == ']') &&
	       lenient->last != '\0' && strchr("{[,:", lenient->last) == NULL;
}

static void copy_blanks(struct lenient *lenient, size_t end)
{
	for (; lenient->at < end; lenient->at++)
		put(lenient, lenient->text.data[lenient->at] == '\n' ? '\n' : ' ');
}

struct str json_make_strict(struct arena *arena, struct str text)
{
	struct lenient lenient = { .text = text, .out = arena_alloc(arena, 2 * text.length + 1) };

	if (lenient.out == NULL)
		return (struct str){ NULL, 0 };
	while (lenient.at < text.length) {
		size_t name;
		char byte;

		copy_blanks(&lenient, skip(text, lenient.at));
		if (lenient.at == text.length)
			break;
		byte = text.data[lenient.at];
		if (byte == '"' || byte == '\'') {
			copy_string(&lenient);
			continue;
		}
		name = bare_name_length(&lenient);
		if (name > 0) {
			copy_bare_name(&lenient, name);
			continue;
		}
		put(&lenient, byte == ',' && is_needless(&lenient) ? ' ' : byte);
		lenient.last = byte;
		lenient.at++;
	}
	return (struct str){ lenient.out, lenient.length };
}
