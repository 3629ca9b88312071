#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST_CAPACITY 256

void buf_free(struct buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->length = 0;
	buf->capacity = 0;
	buf->failed = false;
}

void buf_reset(struct buf *buf, size_t keep)
{
	if (buf->capacity > keep) {
		buf_free(buf);
		return;
	}
	buf->length = 0;
	buf->failed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

void buf_truncate(struct buf *buf, size_t length)
{
	if (length >= buf->length)
		return;
	buf->length = length;
	buf->data[length] = '\0';
}

bool buf_reserve(struct buf *buf, size_t extra)
{
	size_t needed = buf->length + extra + 1;
	size_t capacity = buf->capacity > 0 ? buf->capacity : BUF_FIRST_CAPACITY;
	char *data;

	if (buf->failed)
		return false;
	/* Twice the capacity must be a number too. */
	if (needed <= extra || needed > SIZE_MAX / 2 ||
	    (buf->limit != 0 && needed - 1 > buf->limit)) {
		buf->failed = true;
		return false;
	}
	if (needed <= buf->capacity)
		return true;
	while (capacity < needed)
		capacity *= 2;
	if (buf->limit != 0 && capacity > buf->limit + 1)
		capacity = buf->limit + 1;
	data = realloc(buf->data, capacity);
	if (data == NULL) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

void buf_append_int64(struct buf *buf, int64_t value)
{
	char digits[STR_INT64_MAX];

	buf_append_str(buf, str_of_int64(value, digits));
}

/* Most texts fit into what is there; the others are printed once more. */
void buf_vprintf(struct buf *buf, const char *format, va_list arguments)
{
	size_t room = buf->capacity - buf->length;
	va_list again;
	int length;

	if (buf->failed)
		return;
	va_copy(again, arguments);
	length = vsnprintf(room > 0 ? buf->data + buf->length : NULL, room, format, again);
	va_end(again);
	if (length >= 0 && (size_t)length >= room) {
		if (!buf_reserve(buf, (size_t)length)) {
			if (room > 0)
				buf->data[buf->length] = '\0';
			return;
		}
		vsnprintf(buf->data + buf->length, (size_t)length + 1, format, arguments);
	}
	if (length > 0)
		buf->length += (size_t)length;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buf_vprintf(buf, format, arguments);
	va_end(arguments);
}

/* Bytes of the escapable character at `text` (0 = none): controls, quotes, U+0085, U+2028, U+2029.
 */
static size_t escapable(const unsigned char *text, size_t left)
{
	if (text[0] < 0x20 || text[0] == '"' || text[0] == '\\' || text[0] == 0x7F)
		return 1;
	if (left >= 2 && text[0] == 0xC2 && text[1] <= 0x9F)
		return 2;
	if (left >= 3 && text[0] == 0xE2 && text[1] == 0x80 && (text[2] == 0xA8 || text[2] == 0xA9))
		return 3;
	return 0;
}

/* Whether no escapable character begins with the byte, of all bytes. */
#define PLAIN(byte)                                                                               \
	((byte) >= 0x20 && (byte) != '"' && (byte) != '\\' && (byte) != 0x7F && (byte) != 0xC2 && \
	    (byte) != 0xE2)
#define PLAIN_4(byte) PLAIN(byte), PLAIN((byte) + 1), PLAIN((byte) + 2), PLAIN((byte) + 3)
#define PLAIN_16(byte) PLAIN_4(byte), PLAIN_4((byte) + 4), PLAIN_4((byte) + 8), PLAIN_4((byte) + 12)
#define PLAIN_64(byte) \
	PLAIN_16(byte), PLAIN_16((byte) + 16), PLAIN_16((byte) + 32), PLAIN_16((byte) + 48)
static const bool is_plain[256] = { PLAIN_64(0), PLAIN_64(64), PLAIN_64(128), PLAIN_64(192) };

static void append_escape(struct buf *buf, const unsigned char *text, size_t length)
{
	static const char short_names[] = "btn\0fr"; /* U+0008 to U+000D */

	if (length == 2)
		buf_printf(buf, "\\u%04x", text[1]);
	else if (length == 3)
		buf_append_text(buf, text[2] == 0xA8 ? "\\u2028" : "\\u2029");
	else if (text[0] == '"' || text[0] == '\\')
		buf_printf(buf, "\\%c", text[0]);
	else if (text[0] >= 0x08 && text[0] <= 0x0D && text[0] != 0x0B)
		buf_printf(buf, "\\%c", short_names[text[0] - 0x08]);
	else
		buf_printf(buf, "\\u%04x", text[0]);
}

void buf_append_cut(struct buf *buf, struct str text, size_t most)
{
	struct str kept = str_cut(text, most);

	buf_append_str(buf, kept);
	if (kept.length < text.length)
		buf_printf(buf, "… (%zu bytes)", text.length);
}

/* Controls, and marks of the direction of writing. */
static bool is_obeyed(struct str character)
{
	static const struct {
		const char *first, *last;
	} ranges[] = {
		{ "\x01", "\x1F" }, { "\x7F", "\x7F" }, { "\xC2\x80", "\xC2\x9F" },
		{ "\xD8\x9C", "\xD8\x9C" },         /* U+061C */
		{ "\xE2\x80\x8E", "\xE2\x80\x8F" }, /* U+200E, U+200F */
		{ "\xE2\x80\xA8", "\xE2\x80\xAE" }, /* U+2028 to U+202E */
		{ "\xE2\x81\xA6", "\xE2\x81\xA9" }, /* U+2066 to U+2069 */
	};

	if (character.data[0] == '\0')
		return true;
	/* Bytes of UTF-8 are in the order of their characters. */
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (character.length == strlen(ranges[i].first) &&
		    memcmp(character.data, ranges[i].first, character.length) >= 0 &&
		    memcmp(character.data, ranges[i].last, character.length) <= 0)
			return true;
	}
	return false;
}

void buf_append_visible(struct buf *buf, struct str text)
{
	while (text.length > 0) {
		size_t length = str_utf8_first(text);
		struct str character = str_slice(text, 0, length > 0 ? length : 1);

		if (length == 0 || is_obeyed(character))
			buf_append_char(buf, '?');
		else
			buf_append_str(buf, character);
		text = str_slice(text, character.length, text.length);
	}
}

#define WORD ((size_t)8)
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Whether eight bytes are plain ones of ASCII. A few words that are plain, too, are not found to be
 * so, since a byte may borrow from the one above.
 */
static bool is_plain_word(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return ((word | (word + EACH(0x01)) | (word - EACH(0x20)) |
		    ((word ^ EACH('"')) - EACH(0x01)) | ((word ^ EACH('\\')) - EACH(0x01))) &
		   EACH(0x80)) == 0;
}

/* How many bytes at the beginning are plain: words, and the bytes of those that may not be. */
static size_t plain_length(const unsigned char *bytes, size_t length)
{
	size_t i = 0;

	while (i < length) {
		size_t end = length - i < WORD ? length : i + WORD;

		if (end == i + WORD && is_plain_word(bytes + i)) {
			i = end;
			continue;
		}
		while (i < end && is_plain[bytes[i]])
			i++;
		if (i < end)
			break;
	}
	return i;
}

void buf_append_json_string(struct buf *buf, struct str text)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	size_t start = 0;
	size_t i = 0;

	buf_append_char(buf, '"');
	while (i < text.length) {
		size_t length;

		i += plain_length(bytes + i, text.length - i);
		if (i == text.length)
			break;
		length = escapable(bytes + i, text.length - i);
		if (length == 0) {
			i++;
			continue;
		}
		buf_append(buf, text.data + start, i - start);
		append_escape(buf, bytes + i, length);
		i += length;
		start = i;
	}
	if (start < text.length)
		buf_append(buf, text.data + start, text.length - start);
	buf_append_char(buf, '"');
}

struct str buf_str(const struct buf *buf)
{
	return (struct str){ buf->data, buf->length };
}
