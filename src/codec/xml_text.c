#include "codec/xml_text.h"

/* What stands for a character that XML cannot carry: U+FFFD. No reader takes such a one any more.
 */
#define XML_REPLACEMENT "\xEF\xBF\xBD"

void xml_text_append(struct buf *out, struct str text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		const char *replacement = NULL;
		size_t length = 1;

		if (byte == '&')
			replacement = "&amp;";
		else if (byte == '<')
			replacement = "&lt;";
		else if (byte == '>')
			replacement = "&gt;";
		else if (byte == '\r')
			replacement = "&#xD;";
		else if ((byte < 0x20 || byte == 0xEF) && str_xml_valid(str_slice(text, i, 3)) == 0)
			replacement = XML_REPLACEMENT, length = byte == 0xEF ? 3 : 1;
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
