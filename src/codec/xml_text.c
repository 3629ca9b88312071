#include "codec/xml_text.h"

/* What stands for a character that XML cannot carry: U+FFFD. No reader takes such a one any more.
 */
#define XML_REPLACEMENT "\xEF\xBF\xBD"

/* Whether the byte may have to be replaced, or begin what has to be. */
static bool is_special(unsigned char byte)
{
	static const bool special[256] = {
		[0x00] = true,
		[0x01] = true,
		[0x02] = true,
		[0x03] = true,
		[0x04] = true,
		[0x05] = true,
		[0x06] = true,
		[0x07] = true,
		[0x08] = true,
		[0x0B] = true,
		[0x0C] = true,
		[0x0D] = true,
		[0x0E] = true,
		[0x0F] = true,
		[0x10] = true,
		[0x11] = true,
		[0x12] = true,
		[0x13] = true,
		[0x14] = true,
		[0x15] = true,
		[0x16] = true,
		[0x17] = true,
		[0x18] = true,
		[0x19] = true,
		[0x1A] = true,
		[0x1B] = true,
		[0x1C] = true,
		[0x1D] = true,
		[0x1E] = true,
		[0x1F] = true,
		['&'] = true,
		['<'] = true,
		['>'] = true,
		[0xEF] = true,
	};

	return special[byte];
}

/* What stands for the character at the beginning, of `length` bytes; NULL = it stays. */
static const char *replacement_of(struct str text, size_t *length)
{
	*length = 1;
	switch (text.data[0]) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#xD;";
	default:
		*length = (unsigned char)text.data[0] == 0xEF ? 3 : 1;
		return str_xml_valid(str_slice(text, 0, 3)) == 0 ? XML_REPLACEMENT : NULL;
	}
}

void xml_text_append(struct buf *out, struct str text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.length; i++) {
		const char *replacement;
		size_t length;

		if (!is_special((unsigned char)text.data[i]))
			continue;
		replacement = replacement_of(str_slice(text, i, text.length), &length);
		if (replacement == NULL)
			continue;
		buf_append(out, text.data + start, i - start);
		buf_append_text(out, replacement);
		start = i + length;
		i = start - 1;
	}
	buf_append(out, text.data + start, text.length - start);
}

/* The character at the beginning of valid UTF-8; sets its length in bytes. */
static uint32_t first_character(const char *text, size_t *length)
{
	unsigned char first = (unsigned char)text[0];
	size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	uint32_t character = bytes == 1 ? first : first & (0xFFu >> (bytes + 1));

	*length = 1;
	while (*length < bytes && ((unsigned char)text[*length] & 0xC0) == 0x80)
		character = character << 6 | ((unsigned char)text[(*length)++] & 0x3F);
	return character;
}

void xml_text_append_name(struct buf *out, const char *name)
{
	size_t length;

	for (const char *at = name; *at != '\0'; at += length) {
		uint32_t character = first_character(at, &length);
		char lower = str_lower(*at);
		bool letter = (lower >= 'a' && lower <= 'z') || *at == '_';
		bool later = (*at >= '0' && *at <= '9') || *at == '-' || *at == '.';

		if (letter || (later && at > name))
			buf_append_char(out, *at);
		else
			buf_printf(out, character > 0xFFFF ? "_x%08X_" : "_x%04X_", character);
	}
}
