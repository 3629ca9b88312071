#include "base/uuid.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/timestamp.h"

/* Bytes of the five parts that dashes stand between. */
static const uint8_t parts[] = { 4, 2, 2, 2, 6 };

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

/* Reads 32 digits, with all four dashes or with none. */
static bool parse_digits(struct str text, struct uuid *uuid)
{
	bool dashes = text.length == UUID_TEXT_LENGTH;
	const char *at = text.data;
	struct uuid read = { .bytes = { 0 } };
	uint8_t *byte = read.bytes;

	if (!dashes && text.length != 32)
		return false;
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (dashes && i > 0 && *at++ != '-')
			return false;
		for (size_t left = parts[i]; left > 0; left--, at += 2) {
			int high = str_hex_digit(at[0]), low = str_hex_digit(at[1]);

			if (high < 0 || low < 0)
				return false;
			*byte++ = (uint8_t)(high << 4 | low);
		}
	}
	*uuid = read;
	return true;
}

bool uuid_parse(struct str text, struct uuid *uuid)
{
	text = str_trim(text);
	if (text.length == UUID_TEXT_LENGTH + 2) {
		char first = text.data[0], last = text.data[text.length - 1];

		if (!(first == '{' && last == '}') && !(first == '(' && last == ')'))
			return false;
		text = str_slice(text, 1, UUID_TEXT_LENGTH);
	}
	return parse_digits(text, uuid);
}

void uuid_print(const struct uuid *uuid, char text[UUID_TEXT_LENGTH])
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = uuid->bytes;

	for (size_t i = 0; i < PART_COUNT; i++) {
		if (i > 0)
			*text++ = '-';
		for (size_t left = parts[i]; left > 0; left--, byte++) {
			*text++ = digits[*byte >> 4];
			*text++ = digits[*byte & 0x0F];
		}
	}
}

struct uuid uuid_random(void)
{
	struct uuid uuid;

	random_bytes(uuid.bytes, sizeof(uuid.bytes));
	uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0F) | 0x40);
	uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3F) | 0x80);
	return uuid;
}

struct uuid uuid_new(void)
{
	struct uuid uuid = uuid_random();
	int64_t now = timestamp_now();
	uint64_t milliseconds = (uint64_t)(now / 1000);
	unsigned fraction = (unsigned)(now % 1000 * 4096 / 1000); /* of a millisecond, 12 bits */

	for (unsigned i = 0; i < 6; i++)
		uuid.bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
	uuid.bytes[6] = (uint8_t)(0x70 | fraction >> 8);
	uuid.bytes[7] = (uint8_t)fraction;
	return uuid;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool uuid_is_zero(const struct uuid *uuid)
{
	static const struct uuid zero;

	return uuid_equal(uuid, &zero);
}

void random_bytes(void *out, size_t length)
{
	/* Without randomness no secret can be made; going on would be worse than stopping. */
	while (length > 0) {
		size_t step = length < 256 ? length : 256;

		if (getentropy(out, step) != 0)
			abort();
		out = (char *)out + step;
		length -= step;
	}
}

void random_text(char *out, size_t length, const char *alphabet)
{
	size_t letters = strlen(alphabet);
	unsigned limit =
	    (unsigned)(256 - 256 % letters); /* bytes above would favour the first letters */
	size_t filled = 0;

	while (filled < length) {
		uint8_t bytes[64];

		random_bytes(bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes) && filled < length; i++) {
			if (bytes[i] < limit)
				out[filled++] = alphabet[bytes[i] % letters];
		}
	}
	out[length] = '\0';
}
