#include "query/cursor.h"

#include <math.h>
#include <openssl/evp.h>

#define VERSION 2
#define SEALED_MAX (CURSOR_TEXT_MAX / 4 * 3)
#define BYTES_MAX (SEALED_MAX - SEAL_OVERHEAD)

#define HEAD 9 /* bytes in front of the values */

_Static_assert(HEAD + SORT_BYTES_MAX <= BYTES_MAX, "a cursor holds the values of any sort");

/* FNV-1a, 64 bits: it tells lists apart, it protects nothing. The values are only ever bound. */
#define HASH_BASIS UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

/* A cursor's bytes: while they are written, and while they are read. */
struct bytes {
	uint8_t data[BYTES_MAX];
	size_t length, next;
	bool failed;
};

uint64_t cursor_identify(uint64_t identity, struct str text)
{
	if (identity == 0)
		identity = HASH_BASIS;
	for (size_t i = 0; i < text.length; i++)
		identity = (identity ^ (unsigned char)text.data[i]) * HASH_PRIME;
	/* The end counts too: "ab", "c" is not "a", "bc". */
	return (identity ^ 0xFF) * HASH_PRIME;
}

static void put(struct bytes *bytes, const void *data, size_t length)
{
	if (bytes->failed || length > BYTES_MAX - bytes->length) {
		bytes->failed = true;
		return;
	}
	if (length > 0)
		memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
}

static void put_number(struct bytes *bytes, uint64_t number, unsigned width)
{
	uint8_t data[8];

	for (unsigned i = 0; i < width; i++)
		data[i] = (uint8_t)(number >> (8 * (width - 1 - i)));
	put(bytes, data, width);
}

static const uint8_t *take_bytes(struct bytes *bytes, size_t length)
{
	const uint8_t *data = bytes->data + bytes->next;

	if (bytes->failed || length > bytes->length - bytes->next) {
		bytes->failed = true;
		return NULL;
	}
	bytes->next += length;
	return data;
}

static uint64_t take_number(struct bytes *bytes, unsigned width)
{
	const uint8_t *data = take_bytes(bytes, width);
	uint64_t number = 0;

	for (unsigned i = 0; data != NULL && i < width; i++)
		number = number << 8 | data[i];
	return number;
}

static void put_value(struct bytes *bytes, const struct field *field, const struct value *value)
{
	uint64_t number;

	put_number(bytes, value->null, 1);
	if (value->null)
		return;
	switch (field_holds(field)) {
	case VALUE_BOOLEAN:
		put_number(bytes, value->boolean, 8);
		break;
	case VALUE_INTEGER:
		put_number(bytes, (uint64_t)value->integer, 8);
		break;
	case VALUE_REAL:
		memcpy(&number, &value->real, sizeof(number));
		put_number(bytes, number, 8);
		break;
	case VALUE_UUID:
		put(bytes, value->uuid.bytes, sizeof(value->uuid.bytes));
		break;
	default:
		bytes->failed = bytes->failed || value->text.length > UINT16_MAX;
		put_number(bytes, value->text.length, 2);
		put(bytes, value->text.data, value->text.length);
		break;
	}
}

static void take_text(struct arena *arena, struct bytes *bytes, struct value *value)
{
	size_t length = (size_t)take_number(bytes, 2);
	const uint8_t *data = take_bytes(bytes, length);

	if (data == NULL)
		return;
	value->text = arena_str(arena, (struct str){ (const char *)data, length });
	if (value->text.data == NULL || str_utf8_valid(value->text) < length ||
	    str_find(value->text, '\0') < length)
		bytes->failed = true;
}

/* Whether the database takes the number for the member: moments and days end with the calendar. */
static bool fits(const struct field *field, int64_t number)
{
	return field_type_info(field->type)->bind == BIND_INTEGER ||
	       (number >= TIMESTAMP_MINIMUM && number <= TIMESTAMP_MAXIMUM);
}

static void take_value(
    struct arena *arena, struct bytes *bytes, const struct field *field, struct value *value)
{
	uint64_t number;
	const uint8_t *data;

	number = take_number(bytes, 1);
	bytes->failed = bytes->failed || number > 1;
	value->null = number == 1;
	if (value->null)
		return;
	switch (field_holds(field)) {
	case VALUE_BOOLEAN:
		value->boolean = take_number(bytes, 8) != 0;
		break;
	case VALUE_INTEGER:
		value->integer = (int64_t)take_number(bytes, 8);
		bytes->failed = bytes->failed || !fits(field, value->integer);
		break;
	case VALUE_REAL:
		number = take_number(bytes, 8);
		memcpy(&value->real, &number, sizeof(number));
		bytes->failed = bytes->failed || !isfinite(value->real);
		break;
	case VALUE_UUID:
		data = take_bytes(bytes, sizeof(value->uuid.bytes));
		if (data != NULL)
			memcpy(value->uuid.bytes, data, sizeof(value->uuid.bytes));
		break;
	default:
		take_text(arena, bytes, value);
		break;
	}
}

bool cursor_keep(const struct sort *sort, struct cursor *cursor, struct cursor_texts *texts)
{
	size_t used = 0;

	for (unsigned i = 0; i < sort->count; i++) {
		struct value *value = &cursor->values[i];
		char *copy = texts->bytes + used;

		if (value->null || field_holds(path_field(&sort->keys[i].path)) != VALUE_TEXT)
			continue;
		if (value->text.length > sizeof(texts->bytes) - used)
			return false;
		if (value->text.length > 0)
			memcpy(copy, value->text.data, value->text.length);
		value->text.data = copy;
		used += value->text.length;
	}
	return true;
}

struct str cursor_print(const struct seal_keys *keys, struct arena *arena, uint64_t identity,
    const struct sort *sort, const struct cursor *cursor)
{
	struct bytes bytes = { .length = 0 };
	struct str sealed = { NULL, 0 };
	char *text;
	size_t length;

	put_number(&bytes, VERSION, 1);
	put_number(&bytes, identity, 8);
	for (unsigned i = 0; i < sort->count; i++)
		put_value(&bytes, path_field(&sort->keys[i].path), &cursor->values[i]);
	if (!bytes.failed)
		sealed = seal(keys, SEAL_CURSOR, STR(""),
		    (struct str){ (const char *)bytes.data, bytes.length }, arena);
	text = sealed.data == NULL ? NULL : arena_alloc(arena, CURSOR_TEXT_MAX + 1);
	if (text == NULL)
		return (struct str){ NULL, 0 };
	length = (size_t)EVP_EncodeBlock(
	    (unsigned char *)text, (const unsigned char *)sealed.data, (int)sealed.length);
	while (length > 0 && text[length - 1] == '=')
		length--;
	text[length] = '\0';
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
	return (struct str){ text, length };
}

/* base64url without padding; *length bytes into `data`; false when it is not. */
static bool decode(struct str text, unsigned char data[SEALED_MAX + 4], size_t *length)
{
	unsigned char copy[CURSOR_TEXT_MAX + 4];
	size_t padded = (text.length + 3) / 4 * 4;
	int decoded;

	if (text.length == 0 || text.length > CURSOR_TEXT_MAX || text.length % 4 == 1)
		return false;
	for (size_t i = 0; i < padded; i++) {
		char byte = i < text.length ? text.data[i] : '=';
		char lower = str_lower(byte);
		bool known = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
			     byte == '-' || byte == '_';

		if (i < text.length && !known)
			return false;
		copy[i] = (unsigned char)(byte == '-' ? '+' : byte == '_' ? '/' : byte);
	}
	decoded = EVP_DecodeBlock(data, copy, (int)padded);
	if (decoded < 0)
		return false;
	*length = (size_t)decoded - (padded - text.length);
	return true;
}

/* The bytes of a cursor that was made here or by another node. */
static enum seal_state open_text(
    struct seal_keys *keys, struct arena *arena, struct str text, struct bytes *bytes)
{
	unsigned char sealed[SEALED_MAX + 4];
	struct str plain;
	size_t length;
	enum seal_state state;

	if (!decode(text, sealed, &length))
		return SEAL_BROKEN;
	state = unseal(keys, SEAL_CURSOR, STR(""), (struct str){ (const char *)sealed, length },
	    arena, &plain);
	if (state == SEAL_GOOD)
		put(bytes, plain.data, plain.length);
	return state;
}

int cursor_read(struct seal_keys *keys, struct arena *arena, struct str text, uint64_t identity,
    const struct sort *sort, struct cursor *cursor, struct error *error)
{
	struct bytes bytes = { .length = 0 };
	enum seal_state state = open_text(keys, arena, text, &bytes);

	if (state == SEAL_FAILED)
		return error_set(
		    error, ERROR_BUSY, "The request needs more memory than one request may use.");
	bytes.failed = bytes.failed || state != SEAL_GOOD;
	if (take_number(&bytes, 1) != VERSION)
		bytes.failed = true;
	else if (take_number(&bytes, 8) != identity && !bytes.failed)
		return error_add_fault(error, "after",
		    "The parameter after is the cursor of a list with a different filter or sort.");
	for (unsigned i = 0; i < sort->count; i++)
		take_value(arena, &bytes, path_field(&sort->keys[i].path), &cursor->values[i]);
	if (bytes.failed || bytes.next != bytes.length)
		return error_add_fault(error, "after",
		    "The parameter after must be the nextCursor of the previous page.");
	return 0;
}
