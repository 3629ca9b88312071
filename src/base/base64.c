#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_append(struct buf *out, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < length; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (i + 1 < length)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < length)
			group |= bytes[i + 2];
		buf_append_char(out, alphabet[group >> 18]);
		buf_append_char(out, alphabet[group >> 12 & 63]);
		buf_append_char(out, i + 1 < length ? alphabet[group >> 6 & 63] : '=');
		buf_append_char(out, i + 2 < length ? alphabet[group & 63] : '=');
	}
}

static int digit_value(char byte)
{
	const char *place = byte != '\0' ? strchr(alphabet, byte) : NULL;

	return place != NULL ? (int)(place - alphabet) : -1;
}

bool base64_decode(struct str text, char *out, size_t *length)
{
	uint32_t group = 0;
	unsigned digits = 0, padding = 0;

	*length = 0;
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];
		int value = digit_value(byte);

		if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n')
			continue;
		if (byte == '=')
			padding++;
		if ((value < 0 && byte != '=') || (value >= 0 && padding > 0))
			return false;
		group = group << 6 | (uint32_t)(value < 0 ? 0 : value);
		if (++digits % 4 != 0)
			continue;
		if (padding > 2)
			return false;
		for (unsigned shift = 24; shift > 8 * padding; shift -= 8)
			out[(*length)++] = (char)(group >> (shift - 8));
		group = 0;
	}
	return digits % 4 == 0;
}
