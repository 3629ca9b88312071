#include "base/str.h"

#include <limits.h>

struct str str_from(const char *text)
{
	return (struct str){ text, text != NULL ? strlen(text) : 0 };
}

struct str str_slice(struct str text, size_t start, size_t length)
{
	if (start > text.length)
		start = text.length;
	if (length > text.length - start)
		length = text.length - start;
	return (struct str){ text.data != NULL ? text.data + start : NULL, length };
}

bool str_equal(struct str a, struct str b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

char str_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

char str_upper(char byte)
{
	return byte >= 'a' && byte <= 'z' ? (char)(byte - ('a' - 'A')) : byte;
}

bool str_equal_ignore_case(struct str a, struct str b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++) {
		if (a.data[i] != b.data[i] && str_lower(a.data[i]) != str_lower(b.data[i]))
			return false;
	}
	return true;
}

bool str_starts_with(struct str text, struct str prefix)
{
	return str_equal(str_slice(text, 0, prefix.length), prefix);
}

bool str_starts_with_ignore_case(struct str text, struct str prefix)
{
	return str_equal_ignore_case(str_slice(text, 0, prefix.length), prefix);
}

bool str_ends_with(struct str text, struct str suffix)
{
	return text.length >= suffix.length &&
	       str_equal(str_slice(text, text.length - suffix.length, suffix.length), suffix);
}

bool str_contains_ignore_case(struct str text, struct str needle)
{
	for (size_t i = 0; i + needle.length <= text.length; i++) {
		if (str_equal_ignore_case(str_slice(text, i, needle.length), needle))
			return true;
	}
	return false;
}

size_t str_find(struct str text, char byte)
{
	const char *found = text.length > 0 ? memchr(text.data, byte, text.length) : NULL;

	return found != NULL ? (size_t)(found - text.data) : text.length;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct str str_trim(struct str text)
{
	while (text.length > 0 && is_blank(text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

bool str_next(struct str *rest, char separator, struct str *part)
{
	size_t end;

	if (rest->data == NULL)
		return false;
	end = str_find(*rest, separator);
	*part = str_slice(*rest, 0, end);
	if (end == rest->length)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_slice(*rest, end + 1, rest->length);
	return true;
}

bool str_next_word(struct str *rest, struct str *word)
{
	static const char separators[] = { ' ', '\t', ',' };
	size_t start = 0, end;

	while (start < rest->length &&
	       memchr(separators, rest->data[start], sizeof(separators)) != NULL)
		start++;
	for (end = start;
	     end < rest->length && memchr(separators, rest->data[end], sizeof(separators)) == NULL;)
		end++;
	*word = str_slice(*rest, start, end - start);
	*rest = str_slice(*rest, end, rest->length);
	return word->length > 0;
}

bool str_to_int64(struct str text, int64_t *value)
{
	uint64_t limit = INT64_MAX;
	uint64_t number = 0;
	bool negative = false;
	size_t i = 0;

	if (text.length > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
		negative = text.data[0] == '-';
		i = 1;
	}
	if (i == text.length)
		return false;
	if (negative)
		limit++;
	for (; i < text.length; i++) {
		unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';

		if (digit > 9 || number > (limit - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*value = negative ? (int64_t)(0 - number) : (int64_t)number;
	return true;
}

struct str str_of_int64(int64_t value, char digits[STR_INT64_MAX])
{
	uint64_t number = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t start = STR_INT64_MAX;

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	if (value < 0)
		digits[--start] = '-';
	return (struct str){ digits + start, STR_INT64_MAX - start };
}

const uint8_t str_hex_digits[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
	['A'] = 11,
	['B'] = 12,
	['C'] = 13,
	['D'] = 14,
	['E'] = 15,
	['F'] = 16,
};

/* Length of the well-formed sequence at `text`, 0 when there is none. `left` bytes may be read. */
static size_t utf8_sequence(const unsigned char *text, size_t left)
{
	unsigned least = 0x80, most = 0xBF; /* bounds of the second byte (RFC 3629, section 4) */
	size_t length;

	if (text[0] < 0x80)
		return 1;
	if (text[0] >= 0xC2 && text[0] <= 0xDF)
		length = 2;
	else if (text[0] >= 0xE0 && text[0] <= 0xEF)
		length = 3;
	else if (text[0] >= 0xF0 && text[0] <= 0xF4)
		length = 4;
	else
		return 0;
	if (text[0] == 0xE0)
		least = 0xA0;
	else if (text[0] == 0xED)
		most = 0x9F;
	else if (text[0] == 0xF0)
		least = 0x90;
	else if (text[0] == 0xF4)
		most = 0x8F;
	if (left < length || text[1] < least || text[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++) {
		if ((text[i] & 0xC0) != 0x80)
			return 0;
	}
	return length;
}

size_t str_utf8_first(struct str text)
{
	return text.length > 0 ? utf8_sequence((const unsigned char *)text.data, text.length) : 0;
}

/* Bytes of a word of ASCII, which most texts are made of; 0 where it is none, or there are fewer.
 */
static size_t ascii_word(const unsigned char *text, size_t left)
{
	uint64_t word;

	if (left < sizeof(word))
		return 0;
	memcpy(&word, text, sizeof(word));
	return (word & UINT64_C(0x8080808080808080)) == 0 ? sizeof(word) : 0;
}

size_t str_utf8_valid(struct str text)
{
	size_t position = 0;

	while (position < text.length) {
		const unsigned char *at = (const unsigned char *)text.data + position;
		size_t length = ascii_word(at, text.length - position);

		if (length == 0)
			length = utf8_sequence(at, text.length - position);
		if (length == 0)
			break;
		position += length;
	}
	return position;
}

size_t str_xml_valid(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')
			return i;
		if (byte == 0xEF && text.length - i >= 3 &&
		    (unsigned char)text.data[i + 1] == 0xBF &&
		    (unsigned char)text.data[i + 2] >= 0xBE)
			return i;
	}
	return text.length;
}

struct str str_cut(struct str text, size_t most)
{
	if (text.length <= most)
		return text;
	while (most > 0 && ((unsigned char)text.data[most] & 0xC0) == 0x80)
		most--;
	return (struct str){ text.data, most };
}

size_t str_utf8_length(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
	return count;
}
