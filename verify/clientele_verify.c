/*
 * All of the library in one file, so that it can be copied into a program; the chapters are:
 * memory, text, encodings, moments, JSON, XML, keys, signatures, the formats, what a license says,
 * files, offline use, and what a license is held against. What comes from outside is bounded first,
 * and nothing recurses.
 */
#include "clientele_verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <unistd.h>
#define HAS_FILE_MODES 1
#endif

#define KEYS_MAX 64
#define KEY_TEXT_MAX 65536
#define KEY_ID_SIZE 128
#define RSA_BITS_LEAST 2048
#define RSA_BITS_LEGACY 1024
#define RSA_BITS_MOST 8192
#define DEPTH_MAX 80 /* 64 of them may be a vendor's own XML */
#define NODES_MAX 100000
#define SIBLINGS_MAX 1000 /* names of an object or element are compared with each other */
#define DETAIL_SIZE 256
#define VERSION_PARTS 4
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A text that does not end with a zero byte. */
struct text {
	const char *data;
	size_t length;
};

#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })

struct list {
	struct clientele_item *items;
	size_t count;
};

/* What a license owns besides its fixed members. */
struct block {
	struct block *next;
	union {
		int64_t number;
		void *pointer;
	} data[];
};

struct clientele_license {
	struct block *blocks;
	bool memory_failed;
	enum clientele_result result;
	bool authentic; /* the signature was right: members may be shown */
	char detail[DETAIL_SIZE];
	const char *texts[CLIENTELE_TEXT__MAX];
	int64_t times[CLIENTELE_TIME__MAX];
	int64_t seats;
	struct list lists[CLIENTELE_LIST__MAX];
	unsigned char
	    *serial; /* the fixed bytes of a serial, with its hashes; NULL = another format */
};

/* --- Memory --- */

/* Memory that the license owns, zeroed; NULL when there is none, which the license notes. */
static void *take(struct clientele_license *license, size_t size)
{
	struct block *block = calloc(1, sizeof(*block) + size);

	if (block == NULL) {
		license->memory_failed = true;
		return NULL;
	}
	block->next = license->blocks;
	license->blocks = block;
	return block->data;
}

static void free_blocks(struct clientele_license *license)
{
	while (license->blocks != NULL) {
		struct block *next = license->blocks->next;

		free(license->blocks);
		license->blocks = next;
	}
}

static const char *take_text(struct clientele_license *license, struct text text)
{
	char *copy = take(license, text.length + 1);

	if (copy != NULL && text.length > 0)
		memcpy(copy, text.data, text.length);
	return copy;
}

/* Notes the first result that is not good, and why. Returns it. */
static enum clientele_result refuse_license(struct clientele_license *license,
    enum clientele_result result, const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum clientele_result refuse_license(
    struct clientele_license *license, enum clientele_result result, const char *format, ...)
{
	va_list arguments;

	license->result = result;
	va_start(arguments, format);
	vsnprintf(license->detail, sizeof(license->detail), format, arguments);
	va_end(arguments);
	return result;
}

static enum clientele_result refuse_for_memory(struct clientele_license *license)
{
	return refuse_license(license, CLIENTELE_OUT_OF_MEMORY, "Out of memory.");
}

/* A text that grows; `failed` after memory ran out, which the license notes, if there is one. */
struct buffer {
	struct clientele_license *license;
	char *data;
	size_t length, size;
	bool failed;
};

static void buffer_add(struct buffer *buffer, const void *data, size_t length)
{
	if (buffer->failed || length == 0)
		return;
	if (length > buffer->size - buffer->length) {
		size_t size = 2 * (buffer->length + length) + 64;
		char *grown = realloc(buffer->data, size);

		buffer->failed = grown == NULL;
		if (grown == NULL && buffer->license != NULL)
			buffer->license->memory_failed = true;
		if (grown == NULL)
			return;
		buffer->data = grown;
		buffer->size = size;
	}
	memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
}

static void buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

static void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

/* --- Text --- */

static bool text_is(struct text text, const char *other)
{
	return text.length == strlen(other) && memcmp(text.data, other, text.length) == 0;
}

static bool text_begins(struct text text, const char *beginning)
{
	size_t length = strlen(beginning);

	return text.length >= length && memcmp(text.data, beginning, length) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower_letter(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct text text_trim(struct text text)
{
	while (text.length > 0 && is_blank(text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

/* What stands before the first `separator`, or all of it; *rest goes on behind it. */
static struct text text_cut(struct text *rest, char separator)
{
	struct text part = *rest;
	const char *found = part.length > 0 ? memchr(part.data, separator, part.length) : NULL;

	if (found == NULL) {
		*rest = (struct text){ part.data + part.length, 0 };
		return part;
	}
	part.length = (size_t)(found - part.data);
	*rest = (struct text){ found + 1, rest->length - part.length - 1 };
	return part;
}

/* Reads one character of UTF-8; -1 for what is none. */
static int32_t take_character(struct text *text)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text->data[0];
	unsigned more = first < 0x80   ? 0
			: first < 0xc0 ? 4
			: first < 0xe0 ? 1
			: first < 0xf0 ? 2
				       : 3;
	int32_t character = more == 0 ? first : first & (0x3f >> more);

	if (more == 4 || first > 0xf4 || text->length <= more)
		return -1;
	for (unsigned i = 1; i <= more; i++) {
		unsigned char next = (unsigned char)text->data[i];

		if ((next & 0xc0) != 0x80)
			return -1;
		character = character << 6 | (next & 0x3f);
	}
	if (character < least[more] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return -1;
	text->data += more + 1;
	text->length -= more + 1;
	return character;
}

static void add_character(struct buffer *out, int32_t character)
{
	unsigned more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
	static const unsigned char marks[] = { 0, 0xc0, 0xe0, 0xf0 };
	unsigned char bytes[4];

	for (unsigned i = more; i > 0; i--) {
		bytes[i] = (unsigned char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	bytes[0] = (unsigned char)(marks[more] | character);
	buffer_add(out, bytes, more + 1);
}

static bool is_utf8(struct text text)
{
	while (text.length > 0) {
		if (take_character(&text) < 0)
			return false;
	}
	return true;
}

/* Reads UTF-16 of either order into UTF-8. False when it is none. */
static bool read_utf16(struct text text, bool big, struct buffer *out)
{
	if (text.length % 2 != 0)
		return false;
	for (size_t i = 0; i < text.length; i += 2) {
		unsigned a = (unsigned char)text.data[i], b = (unsigned char)text.data[i + 1];
		int32_t unit = (int32_t)(big ? a << 8 | b : b << 8 | a);

		if (unit >= 0xd800 && unit <= 0xdbff && i + 3 < text.length) {
			unsigned c = (unsigned char)text.data[i + 2];
			unsigned d = (unsigned char)text.data[i + 3];
			int32_t low = (int32_t)(big ? c << 8 | d : d << 8 | c);

			if (low < 0xdc00 || low > 0xdfff)
				return false;
			unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (unit >= 0xd800 && unit <= 0xdfff) {
			return false;
		}
		add_character(out, unit);
	}
	return true;
}

/* Writes UTF-8 as UTF-16, little end first, with its mark. */
static void write_utf16(struct text text, struct buffer *out)
{
	buffer_add(out, "\xff\xfe", 2);
	while (text.length > 0) {
		int32_t character = take_character(&text);
		int32_t units[2] = { character, 0 };
		unsigned count = 1;

		if (character >= 0x10000) {
			units[0] = 0xd800 + ((character - 0x10000) >> 10);
			units[1] = 0xdc00 + ((character - 0x10000) & 0x3ff);
			count = 2;
		}
		for (unsigned i = 0; i < count; i++) {
			unsigned char bytes[2] = { (unsigned char)(units[i] & 0xff),
				(unsigned char)(units[i] >> 8) };

			buffer_add(out, bytes, 2);
		}
	}
}

/* --- Encodings --- */

enum base64_form { BASE64_PADDED, BASE64_URL };

static int base64_digit(char c, enum base64_form form)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == (form == BASE64_URL ? '-' : '+'))
		return 62;
	return c == (form == BASE64_URL ? '_' : '/') ? 63 : -1;
}

/*
 * Reads base64 (RFC 4648) that has exactly one form: padded, or without padding and of the alphabet
 * for addresses; unused bits are zero. `out` has room for 3/4 of the text.
 */
static bool read_base64(struct text text, enum base64_form form, unsigned char *out, size_t *length)
{
	unsigned bits = 0;
	uint32_t value = 0;

	*length = 0;
	if (form == BASE64_PADDED) {
		if (text.length % 4 != 0)
			return false;
		for (unsigned i = 0; i < 2 && text.length > 0 && text.data[text.length - 1] == '=';
		     i++)
			text.length--;
	}
	if (text.length % 4 == 1)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		int digit = base64_digit(text.data[i], form);

		if (digit < 0)
			return false;
		value = (value << 6 | (uint32_t)digit) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[(*length)++] = (unsigned char)(value >> bits & 0xff);
		}
	}
	return (value & ((1u << bits) - 1)) == 0;
}

/* The same into memory of the license. False when it is no base64, or memory runs out. */
static bool take_base64(
    struct clientele_license *license, struct text text, enum base64_form form, struct text *bytes)
{
	unsigned char *out = take(license, text.length + 1);
	size_t length;

	if (out == NULL || !read_base64(text, form, out, &length))
		return false;
	*bytes = (struct text){ (const char *)out, length };
	return true;
}

static void add_base64_url(struct buffer *out, const unsigned char *data, size_t length)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t value = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < length; i++) {
		value = value << 8 | data[i];
		for (bits += 8; bits >= 6; bits -= 6)
			buffer_add(out, &digits[value >> (bits - 6) & 63], 1);
		value &= 63;
	}
	if (bits > 0)
		buffer_add(out, &digits[value << (6 - bits) & 63], 1);
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower_letter(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct text text, unsigned char *out, size_t size)
{
	if (text.length != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* A whole number in decimal digits, at most 18 of them. */
static bool read_number(struct text text, int64_t *number)
{
	bool negative = text.length > 0 && text.data[0] == '-';

	*number = 0;
	if (negative) {
		text.data++;
		text.length--;
	}
	if (text.length == 0 || text.length > 18)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (!is_digit(text.data[i]))
			return false;
		*number = *number * 10 + (text.data[i] - '0');
	}
	if (negative)
		*number = -*number;
	return true;
}

/* --- Moments --- */

#define SECONDS_PER_DAY 86400
#define MOMENT_SIZE 128

/* Days since 1970-01-01 in the calendar of ISO 8601. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = shifted / 400, of_era = shifted - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Takes `digits` digits and the mark behind them, if it is not 0. */
static bool take_digits(struct text *text, size_t digits, char mark, int64_t *number)
{
	size_t length = digits + (mark != 0 ? 1 : 0);

	if (text->length < length || (mark != 0 && text->data[digits] != mark) ||
	    !read_number((struct text){ text->data, digits }, number) || *number < 0)
		return false;
	text->data += length;
	text->length -= length;
	return true;
}

static bool take_date(struct text *text, int64_t *days)
{
	static const int64_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t year, month, day, leap;

	if (!take_digits(text, 4, '-', &year) || !take_digits(text, 2, '-', &month) ||
	    !take_digits(text, 2, 0, &day) || year < 1 || month < 1 || month > 12)
		return false;
	leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 1 : 0;
	*days = days_of_date(year, month, day);
	return day >= 1 && day <= lengths[month - 1] + leap;
}

/* "Z", "+02:00", or nothing, which is UTC. */
static bool take_offset(struct text text, int64_t *offset)
{
	int64_t hours, minutes;
	bool west = text.length > 0 && text.data[0] == '-';

	*offset = 0;
	if (text.length == 0 || text_is(text, "Z") || text_is(text, "z"))
		return true;
	if (text.data[0] != '+' && !west)
		return false;
	text.data++;
	text.length--;
	if (!take_digits(&text, 2, ':', &hours) || !take_digits(&text, 2, 0, &minutes) ||
	    text.length > 0 || hours > 14 || minutes > 59)
		return false;
	*offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

/* Reads a date, or a date and time, of ISO 8601; fractions of a second are left out. */
static bool read_moment(struct text text, int64_t *moment)
{
	int64_t days, hours = 0, minutes = 0, seconds = 0, offset = 0;

	if (!take_date(&text, &days))
		return false;
	if (text.length > 0) {
		if (text.data[0] != 'T' && text.data[0] != 't' && text.data[0] != ' ')
			return false;
		text.data++;
		text.length--;
		if (!take_digits(&text, 2, ':', &hours) || !take_digits(&text, 2, ':', &minutes) ||
		    !take_digits(&text, 2, 0, &seconds) || hours > 23 || minutes > 59 ||
		    seconds > 60)
			return false;
		if (text.length > 1 && text.data[0] == '.' && is_digit(text.data[1])) {
			do {
				text.data++;
				text.length--;
			} while (text.length > 0 && is_digit(text.data[0]));
		}
		if (!take_offset(text, &offset))
			return false;
	}
	*moment = days * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds - offset;
	return true;
}

static void add_seconds(int64_t *moment, int64_t seconds)
{
	if (seconds > 0 && *moment > INT64_MAX - seconds)
		*moment = INT64_MAX;
	else
		*moment += seconds;
}

/* Writes a moment of the years 1 to 9999 for people. */
static void print_moment(int64_t moment, char out[MOMENT_SIZE])
{
	int64_t days = moment / SECONDS_PER_DAY, seconds = moment % SECONDS_PER_DAY;
	int64_t era, of_era, of_year, year, month;

	if (seconds < 0) {
		seconds += SECONDS_PER_DAY;
		days--;
	}
	if (days < -719162 || days > 2932896) {
		snprintf(out, MOMENT_SIZE, "%lld", (long long)moment);
		return;
	}
	days += 719468;
	era = days / 146097;
	days -= era * 146097;
	of_era = (days - days / 1460 + days / 36524 - days / 146096) / 365;
	of_year = days - (365 * of_era + of_era / 4 - of_era / 100);
	month = (5 * of_year + 2) / 153;
	year = of_era + era * 400 + (month >= 10 ? 1 : 0);
	snprintf(out, MOMENT_SIZE, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", (long long)year,
	    (long long)(month < 10 ? month + 3 : month - 9),
	    (long long)(of_year - (153 * month + 2) / 5 + 1), (long long)(seconds / 3600),
	    (long long)(seconds / 60 % 60), (long long)(seconds % 60));
}

/* --- Trees --- */

enum node_kind {
	NODE_NULL,
	NODE_BOOLEAN,
	NODE_NUMBER,
	NODE_TEXT,
	NODE_LIST,
	NODE_OBJECT,
	NODE_ELEMENT
};

/* A value of JSON, or an element of XML with its attributes as texts before its elements. */
struct node {
	enum node_kind kind;
	bool attribute;
	struct text name; /* of a member, element or attribute */
	struct text text; /* as it is meant: without escapes */
	struct node *parent, *first, *last, *next;
	size_t count; /* of children */
};

/* What both readers work with. */
struct reader {
	struct clientele_license *license; /* owns the nodes */
	struct text rest;
	struct node *root, *open; /* what is read now */
	unsigned depth, nodes;
	const char *fault; /* why it was not read */
	bool too_large;
};

static bool fail_reader(struct reader *reader, const char *fault)
{
	if (reader->fault == NULL)
		reader->fault = fault;
	return false;
}

static bool fail_limit(struct reader *reader, const char *fault)
{
	reader->too_large = true;
	return fail_reader(reader, fault);
}

/* A node below the open one, or the root. NULL after a failure. */
static struct node *add_node(struct reader *reader, enum node_kind kind, struct text name)
{
	struct node *node;

	if (++reader->nodes > NODES_MAX) {
		fail_limit(reader, "it has too many parts");
		return NULL;
	}
	node = take(reader->license, sizeof(*node));
	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->name = name;
	node->parent = reader->open;
	if (reader->open == NULL) {
		reader->root = node;
		return node;
	}
	if (reader->open->last != NULL)
		reader->open->last->next = node;
	else
		reader->open->first = node;
	reader->open->last = node;
	reader->open->count++;
	return node;
}

static bool enter_node(struct reader *reader, struct node *node)
{
	if (reader->depth == DEPTH_MAX)
		return fail_limit(reader, "it is nested too deeply");
	reader->depth++;
	reader->open = node;
	return true;
}

static void leave_node(struct reader *reader)
{
	reader->depth--;
	reader->open = reader->open->parent;
}

/* Names must differ: two that are the same would be read differently by others. */
static bool is_new_name(struct reader *reader, struct text name, bool attribute)
{
	if (reader->open->count >= SIBLINGS_MAX)
		return fail_limit(reader, "it has too many members in one place");
	for (const struct node *n = reader->open->first; n != NULL; n = n->next) {
		if (n->attribute == attribute && n->name.length == name.length &&
		    (name.length == 0 || memcmp(n->name.data, name.data, name.length) == 0))
			return fail_reader(reader, "a name occurs twice");
	}
	return true;
}

static char next_character(const struct reader *reader)
{
	return reader->rest.length > 0 ? reader->rest.data[0] : 0;
}

static void skip_characters(struct reader *reader, size_t count)
{
	reader->rest.data += count;
	reader->rest.length -= count;
}

static void skip_blanks(struct reader *reader)
{
	while (reader->rest.length > 0 && is_blank(reader->rest.data[0]))
		skip_characters(reader, 1);
}

static bool skip_word(struct reader *reader, const char *word)
{
	if (!text_begins(reader->rest, word))
		return false;
	skip_characters(reader, strlen(word));
	return true;
}

/* The child of that name; NULL when there is none, or `node` is NULL. */
static const struct node *find_node(const struct node *node, const char *name)
{
	const struct node *n = node != NULL ? node->first : NULL;

	while (n != NULL && !text_is(n->name, name))
		n = n->next;
	return n;
}

static struct text node_text(const struct node *node)
{
	return node != NULL && node->kind == NODE_TEXT ? node->text : TEXT("");
}

/* The text of a child; NULL when there is none. */
static const char *take_child(
    struct clientele_license *license, const struct node *node, const char *name)
{
	const struct node *child = find_node(node, name);

	return child != NULL && (child->kind == NODE_TEXT || child->kind == NODE_NUMBER ||
				    child->kind == NODE_BOOLEAN)
		   ? take_text(license, child->text)
		   : NULL;
}

/* --- JSON (RFC 8259), strictly: each name once, no zero characters, whole surrogates --- */

static int32_t take_hex4(struct reader *reader)
{
	unsigned char bytes[2];

	if (reader->rest.length < 4 || !read_hex((struct text){ reader->rest.data, 4 }, bytes, 2))
		return -1;
	skip_characters(reader, 4);
	return bytes[0] << 8 | bytes[1];
}

/* What stands behind a backslash. */
static bool read_escape(struct reader *reader, struct buffer *out)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char letter = next_character(reader);
	const char *known = letter != 0 ? strchr(letters, letter) : NULL;
	int32_t character, low;

	if (reader->rest.length == 0)
		return false;
	skip_characters(reader, 1);
	if (known != NULL) {
		buffer_add(out, &meant[known - letters], 1);
		return true;
	}
	character = letter == 'u' ? take_hex4(reader) : -1;
	if (character >= 0xd800 && character <= 0xdbff) {
		low = skip_word(reader, "\\u") ? take_hex4(reader) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return false;
		character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
	}
	if (character <= 0 || (character >= 0xdc00 && character <= 0xdfff))
		return false;
	add_character(out, character);
	return true;
}

/* Reads a text, from its quotation mark on. */
static bool read_json_text(struct reader *reader, struct text *text)
{
	struct buffer out = { .license = reader->license };
	bool good = skip_word(reader, "\"");

	while (good && next_character(reader) != '"') {
		char c = next_character(reader);

		good = (unsigned char)c >= 0x20;
		if (!good)
			break;
		skip_characters(reader, 1);
		if (c == '\\')
			good = read_escape(reader, &out);
		else
			buffer_add(&out, &c, 1);
	}
	if (good) {
		skip_characters(reader, 1);
		text->data = take_text(reader->license, (struct text){ out.data, out.length });
		text->length = out.length;
		good = !out.failed && text->data != NULL;
	}
	buffer_free(&out);
	return good || fail_reader(reader, "a text of JSON is not one");
}

static size_t count_digits(struct text text)
{
	size_t count = 0;

	while (count < text.length && is_digit(text.data[count]))
		count++;
	return count;
}

static struct text text_from(struct text text, size_t offset)
{
	return (struct text){ text.data + offset, text.length - offset };
}

/* How long the number is that stands there; 0 = there is none. */
static size_t number_length(struct text text)
{
	size_t length = text_begins(text, "-") ? 1 : 0, digits;

	digits = count_digits(text_from(text, length));
	if (digits == 0 || (digits > 1 && text.data[length] == '0'))
		return 0;
	length += digits;
	if (length < text.length && text.data[length] == '.') {
		digits = count_digits(text_from(text, length + 1));
		if (digits == 0)
			return 0;
		length += 1 + digits;
	}
	if (length < text.length && (text.data[length] == 'e' || text.data[length] == 'E')) {
		length++;
		if (length < text.length && (text.data[length] == '+' || text.data[length] == '-'))
			length++;
		digits = count_digits(text_from(text, length));
		if (digits == 0)
			return 0;
		length += digits;
	}
	return length;
}

static bool read_json_scalar(struct reader *reader, struct text name)
{
	static const struct {
		const char *word;
		enum node_kind kind;
	} words[] = { { "null", NODE_NULL }, { "true", NODE_BOOLEAN }, { "false", NODE_BOOLEAN } };
	struct node *node = add_node(reader, NODE_NUMBER, name);
	size_t length;

	if (node == NULL)
		return false;
	if (next_character(reader) == '"') {
		node->kind = NODE_TEXT;
		return read_json_text(reader, &node->text);
	}
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (skip_word(reader, words[i].word)) {
			node->kind = words[i].kind;
			node->text = (struct text){ words[i].word, strlen(words[i].word) };
			return true;
		}
	}
	length = number_length(reader->rest);
	node->text = (struct text){ reader->rest.data, length };
	skip_characters(reader, length);
	return length > 0 || fail_reader(reader, "a value of JSON is not one");
}

/* Reads a value, or the beginning of one. */
static bool read_json_value(struct reader *reader)
{
	struct text name = TEXT("");
	struct node *node;
	char c;

	if (reader->open != NULL && reader->open->kind == NODE_OBJECT) {
		if (!read_json_text(reader, &name) || !is_new_name(reader, name, false))
			return false;
		skip_blanks(reader);
		if (!skip_word(reader, ":"))
			return fail_reader(reader, "a colon of JSON is missing");
		skip_blanks(reader);
	}
	c = next_character(reader);
	if (c != '{' && c != '[')
		return read_json_scalar(reader, name);
	skip_characters(reader, 1);
	node = add_node(reader, c == '{' ? NODE_OBJECT : NODE_LIST, name);
	return node != NULL && enter_node(reader, node);
}

/*
 * Closes what ends here, and steps over a comma. False after a failure; the whole value has been
 * read when nothing is open any more.
 */
static bool end_json_value(struct reader *reader)
{
	while (reader->open != NULL) {
		bool list = reader->open->kind == NODE_LIST;

		skip_blanks(reader);
		if (skip_word(reader, list ? "]" : "}")) {
			leave_node(reader);
			continue;
		}
		if (reader->open->count == 0)
			return true;
		if (!skip_word(reader, ","))
			return fail_reader(reader, "a comma of JSON is missing");
		skip_blanks(reader);
		return true;
	}
	return true;
}

/* Reads a whole text of JSON. NULL with reader->fault set, or when memory runs out. */
static const struct node *read_json(struct reader *reader)
{
	if (!is_utf8(reader->rest)) {
		fail_reader(reader, "it is not UTF-8");
		return NULL;
	}
	skip_blanks(reader);
	do {
		if (!read_json_value(reader) || !end_json_value(reader))
			return NULL;
	} while (reader->open != NULL);
	skip_blanks(reader);
	if (reader->rest.length > 0) {
		fail_reader(reader, "something stands behind the JSON");
		return NULL;
	}
	return reader->root;
}

/*
 * --- XML: elements, attributes and texts ---
 *
 * No document type, entities of its own, comments, CDATA or instructions: nothing of these is in a
 * license, and each has been used to show a reader something else than was signed. Text of white
 * space alone is dropped.
 */

static bool is_name_character(char c, bool first)
{
	return is_letter(c) || c == '_' || (unsigned char)c >= 0x80 ||
	       (!first && (is_digit(c) || c == '-' || c == '.' || c == ':'));
}

static bool read_xml_name(struct reader *reader, struct text *name)
{
	size_t length = 0;

	while (length < reader->rest.length &&
	       is_name_character(reader->rest.data[length], length == 0))
		length++;
	*name = (struct text){ reader->rest.data, length };
	skip_characters(reader, length);
	return length > 0 || fail_reader(reader, "a name of XML is not one");
}

static bool is_xml_character(int32_t character)
{
	return character == '\t' || character == '\n' || character == '\r' ||
	       (character >= 0x20 && character != 0xfffe && character != 0xffff);
}

/* "&amp;", "&#10;" and their like. */
static bool read_reference(struct reader *reader, struct buffer *out)
{
	static const struct {
		const char *word;
		const char *meant;
	} entities[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" },
		{ "&apos;", "'" } };
	int base = text_begins(reader->rest, "&#x") ? 16 : 10;
	int32_t character = 0;
	unsigned digits = 0;

	for (size_t i = 0; i < COUNT_OF(entities); i++) {
		if (skip_word(reader, entities[i].word)) {
			buffer_add_text(out, entities[i].meant);
			return true;
		}
	}
	if (!skip_word(reader, base == 16 ? "&#x" : "&#"))
		return fail_reader(reader, "an entity is not one of the five of XML");
	for (; reader->rest.length > 0 && digits < 7; digits++) {
		int digit = hex_digit(next_character(reader));

		if (digit < 0 || digit >= base)
			break;
		character = character * base + digit;
		skip_characters(reader, 1);
	}
	if (digits == 0 || !skip_word(reader, ";") || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff) || !is_xml_character(character))
		return fail_reader(reader, "a character reference is not one");
	add_character(out, character);
	return true;
}

/*
 * Reads text up to one of `ends`, as readers of XML do: line ends become line feeds and, in
 * attributes, white space becomes blanks. *blank tells whether there was only white space, none of
 * it a reference.
 */
static bool read_characters(struct reader *reader, char end, struct buffer *out, bool *blank)
{
	*blank = true;
	while (reader->rest.length > 0 && next_character(reader) != end) {
		struct text before = reader->rest;
		int32_t character;

		if (next_character(reader) == '&') {
			*blank = false;
			if (!read_reference(reader, out))
				return false;
			continue;
		}
		if (next_character(reader) == '<' ||
		    (end == '<' && text_begins(reader->rest, "]]>")))
			return fail_reader(reader, "a character of XML must be escaped");
		character = take_character(&reader->rest);
		if (character < 0 || !is_xml_character(character))
			return fail_reader(reader, "a character is not allowed in XML");
		*blank = *blank && is_blank((char)character) && character < 0x80;
		if (character == '\r') {
			if (next_character(reader) == '\n')
				skip_characters(reader, 1);
			character = '\n';
		}
		if (end != '<' && (character == '\n' || character == '\t'))
			character = ' ';
		if (character < 0x80)
			add_character(out, character);
		else
			buffer_add(out, before.data, before.length - reader->rest.length);
	}
	return !out->failed;
}

static bool keep_text(struct reader *reader, const struct buffer *out, struct node *node)
{
	node->text.data = take_text(reader->license, (struct text){ out->data, out->length });
	node->text.length = out->length;
	return node->text.data != NULL;
}

/* Reads name="value". */
static bool read_attribute(struct reader *reader)
{
	struct buffer out = { .license = reader->license };
	struct node *node;
	struct text name;
	bool good, blank;
	char quote;

	if (!read_xml_name(reader, &name) || !is_new_name(reader, name, true))
		return false;
	skip_blanks(reader);
	if (!skip_word(reader, "="))
		return fail_reader(reader, "an attribute has no value");
	skip_blanks(reader);
	quote = next_character(reader);
	if (quote != '"' && quote != '\'')
		return fail_reader(reader, "an attribute has no quotation marks");
	skip_characters(reader, 1);
	node = add_node(reader, NODE_TEXT, name);
	if (node == NULL)
		return false;
	node->attribute = true;
	good = read_characters(reader, quote, &out, &blank) && keep_text(reader, &out, node);
	buffer_free(&out);
	if (!good || reader->rest.length == 0)
		return fail_reader(reader, "an attribute does not end");
	skip_characters(reader, 1);
	return true;
}

/* Reads <name …> or <name …/>. */
static bool begin_element(struct reader *reader)
{
	struct node *node;
	struct text name;

	skip_characters(reader, 1);
	if (!read_xml_name(reader, &name))
		return false;
	node = add_node(reader, NODE_ELEMENT, name);
	if (node == NULL || !enter_node(reader, node))
		return false;
	for (;;) {
		size_t before = reader->rest.length;

		skip_blanks(reader);
		if (skip_word(reader, "/>")) {
			leave_node(reader);
			return true;
		}
		if (skip_word(reader, ">"))
			return true;
		if (reader->rest.length == before)
			return fail_reader(reader, "a tag of XML is not one");
		if (!read_attribute(reader))
			return false;
	}
}

static bool end_element(struct reader *reader)
{
	struct text name;

	skip_characters(reader, 2);
	if (!read_xml_name(reader, &name))
		return false;
	skip_blanks(reader);
	if (reader->open == NULL || name.length != reader->open->name.length ||
	    memcmp(name.data, reader->open->name.data, name.length) != 0 || !skip_word(reader, ">"))
		return fail_reader(reader, "an element is not closed");
	leave_node(reader);
	return true;
}

/* The text before the next tag, which becomes a node unless it is white space. */
static bool read_element_text(struct reader *reader)
{
	struct buffer out = { .license = reader->license };
	struct node *node = NULL;
	bool blank, good = read_characters(reader, '<', &out, &blank);

	if (good && !blank) {
		node = reader->open != NULL ? add_node(reader, NODE_TEXT, TEXT("")) : NULL;
		good = node != NULL && keep_text(reader, &out, node);
	}
	buffer_free(&out);
	return good || fail_reader(reader, "text stands where none may be");
}

static bool read_xml_part(struct reader *reader)
{
	if (next_character(reader) != '<')
		return read_element_text(reader);
	if (text_begins(reader->rest, "</"))
		return end_element(reader);
	if (text_begins(reader->rest, "<!") || text_begins(reader->rest, "<?"))
		return fail_reader(reader, "comments, instructions and declarations are refused");
	if (reader->root != NULL && reader->open == NULL)
		return fail_reader(reader, "there are several roots");
	return begin_element(reader);
}

/* <?xml …?>; what it says of the encoding is left out: files of other writers say what is wrong. */
static bool skip_declaration(struct reader *reader)
{
	if (!text_begins(reader->rest, "<?xml") || reader->rest.length < 6 ||
	    !is_blank(reader->rest.data[5]))
		return true;
	while (reader->rest.length > 0 && !text_begins(reader->rest, "?>")) {
		char c = next_character(reader);

		if (!is_letter(c) && !is_digit(c) && !is_blank(c) && strchr("<?=\"'.-_", c) == NULL)
			break;
		skip_characters(reader, 1);
	}
	return skip_word(reader, "?>") || fail_reader(reader, "the XML declaration is not one");
}

/* Reads a whole document of XML. NULL with reader->fault set, or when memory runs out. */
static const struct node *read_xml(struct reader *reader)
{
	if (reader->rest.length == 0 || !is_utf8(reader->rest) ||
	    memchr(reader->rest.data, 0, reader->rest.length) != NULL) {
		fail_reader(reader, "it is not text");
		return NULL;
	}
	if (!skip_declaration(reader))
		return NULL;
	while (reader->rest.length > 0) {
		if (!read_xml_part(reader))
			return NULL;
	}
	if (reader->root == NULL || reader->open != NULL) {
		fail_reader(reader, "the XML ends too early");
		return NULL;
	}
	return reader->root;
}

/* How a tree is written: as XmlWriter of .NET does, or as Exclusive XML Canonicalization has it. */
enum xml_form { XML_WRITER, XML_CANONICAL };

/* Escapes in texts, in attributes as XmlWriter writes them, and in canonical attributes. */
enum xml_place { XML_TEXT = 1, XML_ATTRIBUTE = 2, XML_CANONICAL_ATTRIBUTE = 4 };

static void write_xml_text(struct text text, unsigned place, struct buffer *out)
{
	static const struct {
		char meant;
		unsigned places;
		const char *word;
	} escapes[] = { { '&', XML_TEXT | XML_ATTRIBUTE | XML_CANONICAL_ATTRIBUTE, "&amp;" },
		{ '<', XML_TEXT | XML_ATTRIBUTE | XML_CANONICAL_ATTRIBUTE, "&lt;" },
		{ '>', XML_TEXT | XML_ATTRIBUTE, "&gt;" },
		{ '"', XML_ATTRIBUTE | XML_CANONICAL_ATTRIBUTE, "&quot;" },
		{ '\r', XML_TEXT | XML_ATTRIBUTE | XML_CANONICAL_ATTRIBUTE, "&#xD;" },
		{ '\n', XML_ATTRIBUTE | XML_CANONICAL_ATTRIBUTE, "&#xA;" },
		{ '\t', XML_ATTRIBUTE | XML_CANONICAL_ATTRIBUTE, "&#x9;" } };

	for (size_t i = 0; i < text.length; i++) {
		const char *word = NULL;

		for (size_t e = 0; e < COUNT_OF(escapes); e++) {
			if (text.data[i] == escapes[e].meant && (escapes[e].places & place) != 0)
				word = escapes[e].word;
		}
		if (word != NULL)
			buffer_add_text(out, word);
		else
			buffer_add(out, &text.data[i], 1);
	}
}

static bool is_empty(const struct node *node)
{
	return node->last == NULL || node->last->attribute;
}

/* <name a="b">; an element without content ends here, unless the form is canonical. */
static void write_xml_tag(const struct node *node, enum xml_form form, struct buffer *out)
{
	buffer_add_text(out, "<");
	buffer_add(out, node->name.data, node->name.length);
	for (const struct node *n = node->first; n != NULL && n->attribute; n = n->next) {
		buffer_add_text(out, " ");
		buffer_add(out, n->name.data, n->name.length);
		buffer_add_text(out, "=\"");
		write_xml_text(
		    n->text, form == XML_CANONICAL ? XML_CANONICAL_ATTRIBUTE : XML_ATTRIBUTE, out);
		buffer_add_text(out, "\"");
	}
	buffer_add_text(out, is_empty(node) && form == XML_WRITER ? " />" : ">");
}

static void write_xml_end(const struct node *node, enum xml_form form, struct buffer *out)
{
	if (node->kind != NODE_ELEMENT || (is_empty(node) && form == XML_WRITER))
		return;
	buffer_add_text(out, "</");
	buffer_add(out, node->name.data, node->name.length);
	buffer_add_text(out, ">");
}

/* `node` or the first behind it that is content, and not the one that is left out. */
static const struct node *content_from(const struct node *node, const struct node *without)
{
	while (node != NULL && (node->attribute || node == without))
		node = node->next;
	return node;
}

/* Writes an element without white space, and without one of the elements in it. */
static void write_xml(
    const struct node *root, const struct node *without, enum xml_form form, struct buffer *out)
{
	const struct node *node = root;

	while (node != NULL) {
		const struct node *next = content_from(node->first, without);

		if (node->kind == NODE_ELEMENT)
			write_xml_tag(node, form, out);
		else
			write_xml_text(node->text, XML_TEXT, out);
		while (next == NULL && node != NULL) {
			write_xml_end(node, form, out);
			next = node != root ? content_from(node->next, without) : NULL;
			node = node != root ? node->parent : NULL;
		}
		node = next;
	}
}

/* --- Keys --- */

enum key_type { KEY_NONE, KEY_ED25519, KEY_RSA, KEY_EC };

struct key {
	EVP_PKEY *public_key;
	enum key_type type;
	bool legacy;
	char thumbprint[KEY_ID_SIZE];
	char id[KEY_ID_SIZE];        /* what it is called by */
	char algorithm[KEY_ID_SIZE]; /* that its JWK names; "" = any of its type */
};

struct clientele_keys {
	struct key keys[KEYS_MAX];
	size_t count;
};

struct clientele_keys *clientele_keys_new(void)
{
	return calloc(1, sizeof(struct clientele_keys));
}

static void drop_keys(struct clientele_keys *keys, size_t count)
{
	while (keys->count > count) {
		EVP_PKEY_free(keys->keys[--keys->count].public_key);
		memset(&keys->keys[keys->count], 0, sizeof(keys->keys[0]));
	}
}

void clientele_keys_free(struct clientele_keys *keys)
{
	if (keys == NULL)
		return;
	drop_keys(keys, 0);
	free(keys);
}

size_t clientele_keys_count(const struct clientele_keys *keys)
{
	return keys != NULL ? keys->count : 0;
}

const char *clientele_keys_id(const struct clientele_keys *keys, size_t number)
{
	return keys != NULL && number < keys->count ? keys->keys[number].id : NULL;
}

/* A parameter of a key as base64url: `size` bytes, or as many as there are. */
static bool add_parameter(struct buffer *out, const EVP_PKEY *key, const char *name, size_t size)
{
	unsigned char bytes[RSA_BITS_MOST / 8];
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(key, name, &number) == 1;

	if (good && size == 0)
		size = (size_t)BN_num_bytes(number);
	good = good && size <= sizeof(bytes) && BN_bn2binpad(number, bytes, (int)size) >= 0;
	if (good)
		add_base64_url(out, bytes, size);
	BN_free(number);
	return good;
}

/* The members of a JWK that its thumbprint is made of (RFC 7638, RFC 8037). */
static bool write_jwk(const struct key *key, struct buffer *out)
{
	unsigned char bytes[32];
	size_t length = sizeof(bytes);
	bool good;

	switch (key->type) {
	case KEY_ED25519:
		buffer_add_text(out, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"");
		good = EVP_PKEY_get_raw_public_key(key->public_key, bytes, &length) == 1;
		if (good)
			add_base64_url(out, bytes, length);
		break;
	case KEY_RSA:
		buffer_add_text(out, "{\"e\":\"");
		good = add_parameter(out, key->public_key, OSSL_PKEY_PARAM_RSA_E, 0);
		buffer_add_text(out, "\",\"kty\":\"RSA\",\"n\":\"");
		good = good && add_parameter(out, key->public_key, OSSL_PKEY_PARAM_RSA_N, 0);
		break;
	case KEY_EC:
		buffer_add_text(out, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
		good = add_parameter(out, key->public_key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
		buffer_add_text(out, "\",\"y\":\"");
		good = good && add_parameter(out, key->public_key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
		break;
	default:
		return false;
	}
	buffer_add_text(out, "\"}");
	return good && !out->failed;
}

static bool read_digest(const char *algorithm, struct text text, unsigned char digest[32])
{
	size_t length;

	return EVP_Q_digest(NULL, algorithm, NULL, text.data, text.length, digest, &length) == 1;
}

#define HEX_SIZE 65 /* of a digest, with its end */

/* The SHA-256 of a text in hexadecimal digits; none where the library fails. */
static bool print_digest(struct text text, char digits[HEX_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[32];
	bool good = read_digest("SHA256", text, digest);

	for (size_t i = 0; good && i < sizeof(digest); i++) {
		digits[2 * i] = hex[digest[i] >> 4];
		digits[2 * i + 1] = hex[digest[i] & 15];
	}
	digits[good ? HEX_SIZE - 1 : 0] = 0;
	return good;
}

static bool name_key(struct key *key)
{
	struct buffer jwk = { 0 }, name = { 0 };
	unsigned char digest[32];
	bool good = write_jwk(key, &jwk) &&
		    read_digest("SHA256", (struct text){ jwk.data, jwk.length }, digest);

	if (good) {
		add_base64_url(&name, digest, sizeof(digest));
		good = !name.failed && name.length < KEY_ID_SIZE;
	}
	if (good)
		memcpy(key->thumbprint, name.data, name.length);
	buffer_free(&jwk);
	buffer_free(&name);
	if (key->id[0] == 0)
		memcpy(key->id, key->thumbprint, KEY_ID_SIZE);
	return good;
}

static enum clientele_result check_rsa(const EVP_PKEY *key, bool legacy)
{
	int bits = EVP_PKEY_get_bits(key);
	enum clientele_result result = CLIENTELE_KEY_WEAK;
	BIGNUM *exponent = NULL;

	if (bits < (legacy ? RSA_BITS_LEGACY : RSA_BITS_LEAST) || bits > RSA_BITS_MOST)
		return CLIENTELE_KEY_WEAK;
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
	    BN_is_odd(exponent) && !BN_is_one(exponent) && BN_num_bits(exponent) <= 64)
		result = CLIENTELE_VALID;
	BN_free(exponent);
	return result;
}

/* Of which type a key is, and whether it may be used. */
static enum clientele_result check_key(struct key *key)
{
	char group[64] = "";
	size_t length;

	switch (EVP_PKEY_get_base_id(key->public_key)) {
	case EVP_PKEY_ED25519:
		key->type = KEY_ED25519;
		return CLIENTELE_VALID;
	case EVP_PKEY_RSA:
		key->type = KEY_RSA;
		return check_rsa(key->public_key, key->legacy);
	case EVP_PKEY_EC:
		key->type = KEY_EC;
		if (EVP_PKEY_get_group_name(key->public_key, group, sizeof(group), &length) == 1 &&
		    strcmp(group, "prime256v1") == 0)
			return CLIENTELE_VALID;
		return CLIENTELE_ALGORITHM_REFUSED;
	default:
		return CLIENTELE_ALGORITHM_REFUSED;
	}
}

/* Adds a key, which belongs to the set or is freed. `public_key` NULL is a malformed one. */
static enum clientele_result keep_key(struct clientele_keys *keys, const struct key *given)
{
	struct key *key = &keys->keys[keys->count];
	enum clientele_result result;

	if (given->public_key == NULL)
		return CLIENTELE_KEY_MALFORMED;
	if (keys->count == KEYS_MAX) {
		EVP_PKEY_free(given->public_key);
		return CLIENTELE_TOO_LARGE;
	}
	*key = *given;
	result = check_key(key);
	if (result == CLIENTELE_VALID && !name_key(key))
		result = CLIENTELE_OUT_OF_MEMORY;
	keys->count++;
	if (result != CLIENTELE_VALID)
		drop_keys(keys, keys->count - 1);
	return result;
}

/* A key of the DER of a SubjectPublicKeyInfo, with nothing behind it. */
static enum clientele_result add_der(
    struct clientele_keys *keys, const unsigned char *der, size_t length, bool legacy)
{
	const unsigned char *end = der;
	struct key key = { .public_key = d2i_PUBKEY(NULL, &end, (long)length), .legacy = legacy };

	if (key.public_key != NULL && end != der + length) {
		EVP_PKEY_free(key.public_key);
		return CLIENTELE_KEY_MALFORMED;
	}
	return keep_key(keys, &key);
}

static enum clientele_result add_pem(struct clientele_keys *keys, struct text text, bool legacy)
{
	BIO *input = BIO_new_mem_buf(text.data, (int)text.length);
	enum clientele_result result = CLIENTELE_KEY_MALFORMED;
	char *name, *header;
	unsigned char *der;
	long length;

	if (input == NULL)
		return CLIENTELE_OUT_OF_MEMORY;
	while (PEM_read_bio(input, &name, &header, &der, &length) == 1) {
		if (strstr(name, "PRIVATE KEY") != NULL)
			result = CLIENTELE_KEY_PRIVATE;
		else if (strcmp(name, "PUBLIC KEY") != 0)
			result = CLIENTELE_KEY_MALFORMED;
		else
			result = add_der(keys, der, (size_t)length, legacy);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)length);
		if (result != CLIENTELE_VALID)
			break;
	}
	/* Behind the last one there is no other. */
	if (result == CLIENTELE_VALID &&
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		result = CLIENTELE_KEY_MALFORMED;
	BIO_free(input);
	return result;
}

/* A number or point of a JWK. */
static bool take_parameter(
    struct clientele_license *license, const struct node *jwk, const char *name, struct text *bytes)
{
	const struct node *node = find_node(jwk, name);

	return node != NULL && node->kind == NODE_TEXT && node->text.length > 0 &&
	       take_base64(license, node->text, BASE64_URL, bytes);
}

/* Makes a public key of parameters. NULL when they are not one. */
static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *parameters)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *given = OSSL_PARAM_BLD_to_param(parameters);
	EVP_PKEY *key = NULL;

	if (context == NULL || given == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, given) != 1)
		key = NULL;
	OSSL_PARAM_free(given);
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *make_rsa(struct clientele_license *license, const struct node *jwk)
{
	struct text n, e;
	OSSL_PARAM_BLD *parameters;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *key = NULL;

	if (!take_parameter(license, jwk, "n", &n) || !take_parameter(license, jwk, "e", &e) ||
	    n.length > RSA_BITS_MOST / 8 || e.length > 8)
		return NULL;
	parameters = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn((const unsigned char *)n.data, (int)n.length, NULL);
	exponent = BN_bin2bn((const unsigned char *)e.data, (int)e.length, NULL);
	if (parameters != NULL && modulus != NULL && exponent != NULL &&
	    OSSL_PARAM_BLD_push_BN(parameters, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
	    OSSL_PARAM_BLD_push_BN(parameters, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		key = make_key("RSA", parameters);
	BN_free(modulus);
	BN_free(exponent);
	OSSL_PARAM_BLD_free(parameters);
	return key;
}

static EVP_PKEY *make_ec(struct clientele_license *license, const struct node *jwk)
{
	unsigned char point[65] = { 4 };
	OSSL_PARAM_BLD *parameters;
	EVP_PKEY *key = NULL;
	struct text x, y;

	if (!take_parameter(license, jwk, "x", &x) || !take_parameter(license, jwk, "y", &y) ||
	    x.length != 32 || y.length != 32)
		return NULL;
	memcpy(point + 1, x.data, 32);
	memcpy(point + 33, y.data, 32);
	parameters = OSSL_PARAM_BLD_new();
	if (parameters != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(
		parameters, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
		parameters, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
		key = make_key("EC", parameters);
	OSSL_PARAM_BLD_free(parameters);
	return key;
}

static EVP_PKEY *make_ed25519(struct clientele_license *license, const struct node *jwk)
{
	struct text x;

	if (!take_parameter(license, jwk, "x", &x) || x.length != 32)
		return NULL;
	return EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, (const unsigned char *)x.data, x.length);
}

/* Types of JWKs, with the curve where there are several. */
static const struct {
	const char *type, *curve;
	EVP_PKEY *(*make)(struct clientele_license *license, const struct node *jwk);
} jwk_types[] = {
	{ "RSA", "", make_rsa },
	{ "EC", "P-256", make_ec },
	{ "OKP", "Ed25519", make_ed25519 },
};

static bool copy_name(struct text text, char out[KEY_ID_SIZE])
{
	if (text.length >= KEY_ID_SIZE || memchr(text.data, 0, text.length) != NULL)
		return false;
	memcpy(out, text.data, text.length);
	return true;
}

/* Whether the JWK may verify signatures at all. */
static bool is_for_signatures(const struct node *jwk)
{
	const struct node *use = find_node(jwk, "use"), *operations = find_node(jwk, "key_ops");
	const struct node *n = operations != NULL ? operations->first : NULL;

	if (use != NULL && !text_is(use->text, "sig"))
		return false;
	while (n != NULL && !text_is(n->text, "verify"))
		n = n->next;
	return operations == NULL || n != NULL;
}

static enum clientele_result add_jwk(struct clientele_keys *keys, struct clientele_license *license,
    const struct node *jwk, bool legacy)
{
	struct text type = node_text(find_node(jwk, "kty")),
		    curve = node_text(find_node(jwk, "crv"));
	struct key key = { .legacy = legacy };

	if (jwk->kind != NODE_OBJECT || type.length == 0)
		return CLIENTELE_KEY_MALFORMED;
	if (find_node(jwk, "d") != NULL)
		return CLIENTELE_KEY_PRIVATE;
	if (!is_for_signatures(jwk))
		return CLIENTELE_ALGORITHM_REFUSED;
	if (!copy_name(node_text(find_node(jwk, "kid")), key.id) ||
	    !copy_name(node_text(find_node(jwk, "alg")), key.algorithm))
		return CLIENTELE_KEY_MALFORMED;
	for (size_t i = 0; i < COUNT_OF(jwk_types); i++) {
		if (text_is(type, jwk_types[i].type) &&
		    (jwk_types[i].curve[0] == 0 || text_is(curve, jwk_types[i].curve))) {
			key.public_key = jwk_types[i].make(license, jwk);
			return keep_key(keys, &key);
		}
	}
	return CLIENTELE_ALGORITHM_REFUSED;
}

/* A JWK, or a set of them, in which those that are of no use here are left out (RFC 7517, 5). */
static enum clientele_result add_jwks(struct clientele_keys *keys,
    struct clientele_license *license, const struct node *root, bool legacy)
{
	const struct node *list = find_node(root, "keys");
	enum clientele_result refusal = CLIENTELE_KEY_MALFORMED;
	size_t before = keys->count;

	if (list == NULL)
		return add_jwk(keys, license, root, legacy);
	if (list->kind != NODE_LIST)
		return CLIENTELE_KEY_MALFORMED;
	for (const struct node *jwk = list->first; jwk != NULL; jwk = jwk->next) {
		enum clientele_result result = add_jwk(keys, license, jwk, legacy);

		if (result != CLIENTELE_VALID)
			refusal = result;
		if (result != CLIENTELE_VALID && result != CLIENTELE_ALGORITHM_REFUSED &&
		    result != CLIENTELE_KEY_WEAK)
			return result;
	}
	return keys->count > before ? CLIENTELE_VALID : refusal;
}

static enum clientele_result add_json(struct clientele_keys *keys, struct text text, bool legacy)
{
	struct clientele_license memory = { 0 };
	struct reader reader = { .license = &memory, .rest = text };
	const struct node *root = read_json(&reader);
	enum clientele_result result = CLIENTELE_KEY_MALFORMED;

	if (root != NULL && root->kind == NODE_OBJECT)
		result = add_jwks(keys, &memory, root, legacy);
	if (memory.memory_failed)
		result = CLIENTELE_OUT_OF_MEMORY;
	free_blocks(&memory);
	return result;
}

/* Base64 of a SubjectPublicKeyInfo, also in lines; or an Ed25519 key in hexadecimal digits. */
static enum clientele_result add_digits(struct clientele_keys *keys, struct text text, bool legacy)
{
	unsigned char raw[32], *der;
	struct buffer digits = { 0 };
	enum clientele_result result = CLIENTELE_KEY_MALFORMED;
	size_t length;

	if (read_hex(text, raw, sizeof(raw)))
		return keep_key(keys, &(const struct key){ .legacy = legacy,
					  .public_key = EVP_PKEY_new_raw_public_key(
					      EVP_PKEY_ED25519, NULL, raw, sizeof(raw)) });
	for (size_t i = 0; i < text.length; i++) {
		if (!is_blank(text.data[i]))
			buffer_add(&digits, &text.data[i], 1);
	}
	der = malloc(digits.length + 1);
	if (der == NULL || digits.failed)
		result = CLIENTELE_OUT_OF_MEMORY;
	else if (read_base64(
		     (struct text){ digits.data, digits.length }, BASE64_PADDED, der, &length))
		result = add_der(keys, der, length, legacy);
	free(der);
	buffer_free(&digits);
	return result;
}

enum clientele_result clientele_keys_add(
    struct clientele_keys *keys, const char *text, size_t length, unsigned flags)
{
	bool legacy = (flags & CLIENTELE_KEYS_LEGACY) != 0;
	enum clientele_result result;
	struct text trimmed;
	size_t before;

	if (keys == NULL || text == NULL)
		return CLIENTELE_KEY_MALFORMED;
	if (length > KEY_TEXT_MAX)
		return CLIENTELE_TOO_LARGE;
	before = keys->count;
	trimmed = text_trim((struct text){ text, length });
	ERR_set_mark();
	if (text_begins(trimmed, "{"))
		result = add_json(keys, trimmed, legacy);
	else if (text_begins(trimmed, "-----BEGIN "))
		result = add_pem(keys, trimmed, legacy);
	else
		result = add_digits(keys, trimmed, legacy);
	ERR_pop_to_mark();
	if (result != CLIENTELE_VALID)
		drop_keys(keys, before);
	return result;
}

/* --- Signatures --- */

/* How the bytes of an ECDSA signature are written: r and s, or their DER. */
enum ec_form { EC_PLAIN, EC_DER };

struct algorithm {
	const char *name; /* NULL = none */
	enum key_type type;
	const char *digest; /* NULL = the algorithm's own */
	bool legacy;        /* only with keys that were added so */
	bool modern;        /* only with keys of today's length */
	enum ec_form form;
};

/* What somebody has signed. */
struct signed_text {
	struct algorithm algorithm;
	struct text text;
	struct text signature;
	struct text key_id; /* "" = any key */
};

/* DER of r and s, which libcrypto wants. */
static bool write_ec_signature(struct text plain, unsigned char **der, int *length)
{
	const unsigned char *bytes = (const unsigned char *)plain.data;
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;

	*der = NULL;
	if (plain.length == 64) {
		r = BN_bin2bn(bytes, 32, NULL);
		s = BN_bin2bn(bytes + 32, 32, NULL);
	}
	if (signature == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(signature, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(signature);
		return false;
	}
	*length = i2d_ECDSA_SIG(signature, der);
	ECDSA_SIG_free(signature);
	return *length > 0;
}

static bool is_signed_by(const struct key *key, const struct signed_text *given)
{
	const unsigned char *signature = (const unsigned char *)given->signature.data;
	const unsigned char *text = (const unsigned char *)given->text.data;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int length = (int)given->signature.length;
	unsigned char *der = NULL;
	bool good = context != NULL;

	if (key->type == KEY_EC && given->algorithm.form == EC_PLAIN) {
		good = good && write_ec_signature(given->signature, &der, &length);
		signature = der;
	}
	good = good &&
	       EVP_DigestVerifyInit_ex(context, NULL, given->algorithm.digest, NULL, NULL,
		   key->public_key, NULL) == 1 &&
	       EVP_DigestVerify(context, signature, (size_t)length, text, given->text.length) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(context);
	return good;
}

static bool is_named(const struct key *key, struct text id)
{
	return id.length == 0 || text_is(id, key->id) || text_is(id, key->thumbprint);
}

/* Whether this key may have made a signature of that algorithm. */
static bool is_suited(const struct key *key, const struct algorithm *algorithm)
{
	if (key->type != algorithm->type)
		return false;
	/* A JWK names no algorithm that nobody should use any more: the program has. */
	if (algorithm->legacy)
		return key->legacy;
	if (algorithm->modern && key->type == KEY_RSA &&
	    EVP_PKEY_get_bits(key->public_key) < RSA_BITS_LEAST)
		return false;
	return key->algorithm[0] == 0 || strcmp(key->algorithm, algorithm->name) == 0;
}

/* Finds the key that has signed. Nothing that the document says makes another one good. */
static enum clientele_result verify_signature(struct clientele_license *license,
    const struct clientele_keys *keys, const struct signed_text *given)
{
	size_t named = 0, tried = 0;

	for (size_t i = 0; i < clientele_keys_count(keys); i++) {
		const struct key *key = &keys->keys[i];

		named += is_named(key, given->key_id);
		if (!is_named(key, given->key_id) || !is_suited(key, &given->algorithm))
			continue;
		tried++;
		if (!is_signed_by(key, given))
			continue;
		license->texts[CLIENTELE_ALGORITHM] = take_text(
		    license, (struct text){ given->algorithm.name, strlen(given->algorithm.name) });
		license->texts[CLIENTELE_KEY_ID] =
		    take_text(license, (struct text){ key->id, strlen(key->id) });
		license->authentic = true;
		return CLIENTELE_VALID;
	}
	if (tried > 0)
		return refuse_license(license, CLIENTELE_SIGNATURE_INVALID,
		    "The signature does not fit: the document was changed, or signed by another "
		    "key.");
	if (named == 0)
		return refuse_license(license, CLIENTELE_KEY_UNKNOWN,
		    "None of the public keys is the one that the document names.");
	return refuse_license(license, CLIENTELE_ALGORITHM_REFUSED,
	    "The document is signed with %s, for which none of the public keys is allowed.",
	    given->algorithm.name);
}

/* --- What a license says --- */

static enum clientele_result refuse_content(struct clientele_license *license, const char *what)
{
	return refuse_license(
	    license, CLIENTELE_NOT_A_LICENSE, "The document is signed rightly, but %s.", what);
}

/* The text of a value, an attribute, or an element that has nothing but text. False without one. */
static bool content_text(const struct node *node, struct text *text)
{
	if (node == NULL)
		return false;
	if (node->kind == NODE_ELEMENT) {
		node = content_from(node->first, NULL);
		if (node == NULL || node->kind != NODE_TEXT || node->next != NULL)
			return false;
	}
	*text = node->text;
	return node->kind == NODE_TEXT || node->kind == NODE_NUMBER || node->kind == NODE_BOOLEAN;
}

/* A member by its name in JSON or XML. */
static const struct node *find_either(const struct node *node, const char *json, const char *xml)
{
	return find_node(node, node != NULL && node->kind == NODE_ELEMENT ? xml : json);
}

/* A moment of a member that may be missing or null. False when it is none. */
static bool take_moment(const struct node *node, int64_t *moment)
{
	struct text text;

	if (node == NULL || node->kind == NODE_NULL)
		return true;
	return content_text(node, &text) && read_moment(text, moment);
}

static bool take_number(const struct node *node, int64_t *number)
{
	struct text text;

	if (node == NULL || node->kind == NODE_NULL)
		return true;
	return content_text(node, &text) && read_number(text, number);
}

/* Texts of a license: the object that they stand in, and their names in both languages. */
static const struct {
	const char *json_object, *xml_object;
	const char *json, *xml;
	enum clientele_text text;
} text_members[] = {
	{ NULL, NULL, "id", "Id", CLIENTELE_ID },
	{ NULL, NULL, "type", "type", CLIENTELE_TYPE },
	{ "licensee", "Licensee", "name", "name", CLIENTELE_LICENSEE_NAME },
	{ "licensee", "Licensee", "company", "company", CLIENTELE_LICENSEE_COMPANY },
	{ "licensee", "Licensee", "contactInfo", "contactInfo", CLIENTELE_LICENSEE_CONTACT },
	{ "licensee", "Licensee", "url", "url", CLIENTELE_LICENSEE_URL },
	{ "product", "Product", "id", "Id", CLIENTELE_PRODUCT_ID },
	{ "product", "Product", "name", "name", CLIENTELE_PRODUCT_NAME },
	{ "product", "Product", "version", "version", CLIENTELE_PRODUCT_VERSION },
	{ "product", "Product", "copyright", "copyright", CLIENTELE_PRODUCT_COPYRIGHT },
	{ "product", "Product", "url", "url", CLIENTELE_PRODUCT_URL },
	{ "product", "Product", "description", "Description", CLIENTELE_PRODUCT_DESCRIPTION },
};

static const struct {
	const char *name;
	enum clientele_time time;
} time_members[] = {
	{ "issueDate", CLIENTELE_ISSUED },
	{ "expireDate", CLIENTELE_EXPIRES },
	{ "supportExpireDate", CLIENTELE_SUPPORT_EXPIRES },
};

static const struct {
	const char *json, *xml;
	enum clientele_list list;
} list_members[] = {
	{ "features", "Features", CLIENTELE_FEATURES },
	{ "fields", "Fields", CLIENTELE_FIELDS },
	{ "restrictions", "Restrictions", CLIENTELE_RESTRICTIONS },
	{ "assemblies", "Assemblies", CLIENTELE_ASSEMBLIES },
	{ "components", "Components", CLIENTELE_COMPONENTS },
};

static const char *const modes[] = { "file", "activation", "floating" };

static bool add_property(struct clientele_license *license, struct clientele_item *item,
    struct text name, struct text value)
{
	struct clientele_property *property =
	    (struct clientele_property *)&item->properties[item->property_count];

	property->name = take_text(license, name);
	property->value = take_text(license, value);
	item->property_count++;
	return property->value != NULL && property->name != NULL;
}

static bool take_data(
    struct clientele_license *license, struct clientele_item *item, struct text text)
{
	struct text bytes;

	if (!take_base64(license, text, BASE64_PADDED, &bytes))
		return false;
	item->data = bytes.data;
	item->data_length = bytes.length;
	return true;
}

/* Puts a member of an item to its place; those without one become properties. */
static bool set_item_member(struct clientele_license *license, struct clientele_item *item,
    struct text name, struct text value)
{
	const struct {
		const char *json, *xml;
		const char **text;
	} members[] = {
		{ "name", "name", &item->name },
		{ "id", "Id", &item->id },
		{ "value", "value", &item->value },
		{ "key", "key", &item->key },
		{ "description", "Description", &item->description },
	};

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		if (text_is(name, members[i].json) || text_is(name, members[i].xml)) {
			*members[i].text = take_text(license, value);
			return *members[i].text != NULL;
		}
	}
	if (text_is(name, "expireDate"))
		return read_moment(value, &item->expires);
	if (text_is(name, "data") || text_is(name, "Data"))
		return take_data(license, item, value);
	return add_property(license, item, name, value);
}

/* <Property name="…" value="…" />, or an element of the vendor's own, as it is written. */
static bool set_item_element(
    struct clientele_license *license, struct clientele_item *item, const struct node *element)
{
	struct text name = node_text(find_node(element, "name"));
	struct text value = node_text(find_node(element, "value"));
	struct buffer out = { .license = license };
	bool good;

	if (text_is(element->name, "Property") && name.length > 0)
		return add_property(license, item, name, value);
	write_xml(element, NULL, XML_WRITER, &out);
	good = !out.failed &&
	       add_property(license, item, element->name, (struct text){ out.data, out.length });
	buffer_free(&out);
	return good;
}

static bool read_item_member(
    struct clientele_license *license, struct clientele_item *item, const struct node *member)
{
	struct text text;

	if (member->kind == NODE_NULL || (member->kind == NODE_TEXT && member->name.length == 0))
		return true;
	if (member->kind == NODE_ELEMENT && !text_is(member->name, "Description") &&
	    !text_is(member->name, "Data"))
		return set_item_element(license, item, member);
	if (member->kind == NODE_OBJECT) {
		for (const struct node *n = member->first; n != NULL; n = n->next) {
			if (content_text(n, &text) && !add_property(license, item, n->name, text))
				return false;
		}
		return true;
	}
	return !content_text(member, &text) || set_item_member(license, item, member->name, text);
}

/* An item: an object, an element, or a text that is its name. */
static bool read_item(
    struct clientele_license *license, struct clientele_item *item, const struct node *node)
{
	size_t most = node->count;

	item->expires = CLIENTELE_NEVER;
	if (node->kind == NODE_TEXT) {
		item->name = take_text(license, node->text);
		return item->name != NULL;
	}
	for (const struct node *n = node->first; n != NULL; n = n->next)
		most += n->kind == NODE_OBJECT ? n->count : 0;
	item->properties = take(license, (most + 1) * sizeof(*item->properties));
	if (item->properties == NULL)
		return false;
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		if (!read_item_member(license, item, n))
			return false;
	}
	return true;
}

static bool read_items(
    struct clientele_license *license, const struct node *node, struct list *list)
{
	if (node == NULL || node->kind == NODE_NULL)
		return true;
	list->items = take(license, (node->count + 1) * sizeof(*list->items));
	if (list->items == NULL)
		return false;
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		if (!n->attribute && !read_item(license, &list->items[list->count++], n))
			return false;
	}
	return true;
}

/* The first item of that name, also of a license that is not known to be good yet. */
static const struct clientele_item *find_item(const struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].name != NULL && strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	}
	return NULL;
}

/* A license that is bound to a machine has a restriction that says so. */
static void find_machine(struct clientele_license *license)
{
	const struct clientele_item *hardware =
	    find_item(&license->lists[CLIENTELE_RESTRICTIONS], "Hardware");
	const char *key = clientele_item_property(hardware, "hardwareKey");

	if (license->texts[CLIENTELE_MACHINE] == NULL)
		license->texts[CLIENTELE_MACHINE] = key;
}

#define OFFLINE "Offline"

/* The restriction of a license that was checked out for one machine; NULL = it was not. */
static const struct clientele_item *find_offline(const struct clientele_license *license)
{
	return find_item(&license->lists[CLIENTELE_RESTRICTIONS], OFFLINE);
}

static void find_file_end(struct clientele_license *license)
{
	const struct clientele_item *offline = find_offline(license);

	if (offline != NULL)
		license->times[CLIENTELE_FILE_EXPIRES] = offline->expires;
}

/* Reads the object or element of a license, which are the same in two languages. */
static bool read_license(struct clientele_license *license, const struct node *node)
{
	int64_t mode = 0, seats = 0;

	for (size_t i = 0; i < COUNT_OF(text_members); i++) {
		const struct node *object = text_members[i].json_object == NULL
						? node
						: find_either(node, text_members[i].json_object,
						      text_members[i].xml_object);
		struct text text;

		if (content_text(
			find_either(object, text_members[i].json, text_members[i].xml), &text))
			license->texts[text_members[i].text] = take_text(license, text);
	}
	for (size_t i = 0; i < COUNT_OF(time_members); i++) {
		if (!take_moment(find_node(node, time_members[i].name),
			&license->times[time_members[i].time]))
			return false;
	}
	for (size_t i = 0; i < COUNT_OF(list_members); i++) {
		if (!read_items(license,
			find_either(node, list_members[i].json, list_members[i].xml),
			&license->lists[list_members[i].list]))
			return false;
	}
	if (!take_number(find_node(node, "licensingMode"), &mode) ||
	    !take_number(find_node(node, "maxAllowedSites"), &seats))
		return false;
	if (mode >= 0 && mode < (int64_t)COUNT_OF(modes))
		license->texts[CLIENTELE_MODE] = modes[mode];
	license->seats = seats > 0 ? seats : -1;
	find_machine(license);
	find_file_end(license);
	return true;
}

/* --- Formats 0 and 1: XML --- */

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

static const struct {
	const char *name, *hash; /* of the element Algorithm; "" = it has no such attribute */
	struct algorithm algorithm;
} xml_algorithms[] = {
	{ "RSA", "", { .name = "RS1", .type = KEY_RSA, .digest = "SHA1", .legacy = true } },
	{ "RSA", "SHA256", { .name = "RS256", .type = KEY_RSA, .digest = "SHA256" } },
	{ "ECDSA", "SHA256", { .name = "ES256", .type = KEY_EC, .digest = "SHA256" } },
	{ "Ed25519", "", { .name = "EdDSA", .type = KEY_ED25519 } },
};

static const struct {
	const char *method; /* of the element SignatureMethod */
	struct algorithm algorithm;
} dsig_algorithms[] = {
	{ MORE "rsa-sha256", { .name = "RS256", .type = KEY_RSA, .digest = "SHA256" } },
	{ MORE "ecdsa-sha256", { .name = "ES256", .type = KEY_EC, .digest = "SHA256" } },
	{ "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
	    { .name = "EdDSA", .type = KEY_ED25519 } },
};

/* The node behind this one in the order of the document. */
static const struct node *following_node(const struct node *node)
{
	if (node->first != NULL)
		return node->first;
	while (node != NULL && node->next == NULL)
		node = node->parent;
	return node != NULL ? node->next : NULL;
}

/*
 * Names of elements that no other may have, wherever it stands: readers that look for them by name
 * must all find the same. Namespaces are where they are expected, and nowhere else.
 */
static const char *find_xml_fault(const struct node *root, const struct node *signature)
{
	unsigned seen[3] = { 0 };
	static const char *const once[] = { "Licenses", "License", "Signature" };

	for (const struct node *n = root; n != NULL; n = following_node(n)) {
		bool declares =
		    n->attribute && (text_is(n->name, "xmlns") ||
					memchr(n->name.data, ':', n->name.length) != NULL);

		for (size_t i = 0; i < COUNT_OF(once); i++)
			seen[i] += n->kind == NODE_ELEMENT && text_is(n->name, once[i]);
		if (n->kind == NODE_ELEMENT && memchr(n->name.data, ':', n->name.length) != NULL)
			return "an element has a prefix";
		if (declares &&
		    !(n->parent == root && text_is(n->name, "xmlns:xsi") &&
			text_is(n->text, XSI)) &&
		    !(n->parent == signature && text_is(n->name, "xmlns") &&
			text_is(n->text, DSIG)))
			return "there is a namespace where none belongs";
	}
	for (size_t i = 0; i < COUNT_OF(once); i++) {
		if (seen[i] != 1)
			return "it must have exactly one License and one Signature";
	}
	return NULL;
}

/* Whether an element has exactly these elements in it, and nothing else but attributes. */
static bool has_exactly(const struct node *node, const char *const *names, size_t count)
{
	const struct node *n = content_from(node->first, NULL);

	for (size_t i = 0; i < count; i++, n = n->next) {
		if (n == NULL || n->kind != NODE_ELEMENT || !text_is(n->name, names[i]))
			return false;
	}
	return n == NULL;
}

static size_t count_attributes(const struct node *node)
{
	size_t count = 0;

	for (const struct node *n = node->first; n != NULL && n->attribute; n = n->next)
		count++;
	return count;
}

/* The algorithm that <Algorithm name="…" hash="…" /> names; NULL when it is none. */
static const struct algorithm *find_xml_algorithm(const struct node *node)
{
	struct text name = node_text(find_node(node, "name"));
	struct text hash = node_text(find_node(node, "hash"));

	if (!is_empty(node) || count_attributes(node) != (hash.length > 0 ? 2 : 1))
		return NULL;
	for (size_t i = 0; i < COUNT_OF(xml_algorithms); i++) {
		if (text_is(name, xml_algorithms[i].name) && text_is(hash, xml_algorithms[i].hash))
			return &xml_algorithms[i].algorithm;
	}
	return NULL;
}

static enum clientele_result refuse_algorithm(struct clientele_license *license)
{
	return refuse_license(license, CLIENTELE_ALGORITHM_REFUSED,
	    "The document names an algorithm that is not allowed in its format.");
}

static enum clientele_result refuse_form(struct clientele_license *license, const char *what)
{
	return refuse_license(
	    license, CLIENTELE_MALFORMED, "The document is not a license: %s.", what);
}

/* The bytes of <SignatureValue>, which has text only. */
static bool take_signature(
    struct clientele_license *license, const struct node *signature, struct signed_text *given)
{
	const struct node *value = find_node(signature, "SignatureValue");
	struct text text;

	return count_attributes(value) == 0 && content_text(value, &text) &&
	       take_base64(license, text, BASE64_PADDED, &given->signature);
}

static enum clientele_result verify_plain_xml(struct clientele_license *license,
    const struct clientele_keys *keys, const struct node *root, const struct node *signature)
{
	static const char *const parts[] = { "Algorithm", "SignatureValue" };
	struct signed_text given = { .key_id = TEXT("") };
	struct buffer text = { .license = license }, wide = { .license = license };
	const struct algorithm *algorithm;
	enum clientele_result result;

	if (!has_exactly(signature, parts, COUNT_OF(parts)) || count_attributes(signature) > 0 ||
	    !take_signature(license, signature, &given))
		return refuse_form(license, "the Signature is not as it must be");
	algorithm = find_xml_algorithm(find_node(signature, "Algorithm"));
	if (algorithm == NULL)
		return refuse_algorithm(license);
	given.algorithm = *algorithm;
	write_xml(root, signature, XML_WRITER, &text);
	if (!text.failed)
		write_utf16((struct text){ text.data, text.length }, &wide);
	given.text = (struct text){ wide.data, wide.length };
	result = text.failed || wide.failed ? refuse_for_memory(license)
					    : verify_signature(license, keys, &given);
	buffer_free(&text);
	buffer_free(&wide);
	return result;
}

/* The SignedInfo that a document must have: it is made here, and not believed. */
static bool write_signed_info(
    const char *method, struct text digested, bool apex, struct buffer *out)
{
	unsigned char digest[32], encoded[48];
	const char *const parts[] = { apex ? "<SignedInfo xmlns=\"" DSIG "\">" : "<SignedInfo>",
		"<CanonicalizationMethod Algorithm=\"" EXCLUSIVE "\"></CanonicalizationMethod>"
		"<SignatureMethod Algorithm=\"",
		method,
		"\"></SignatureMethod><Reference URI=\"\"><Transforms><Transform Algorithm=\"" DSIG
		"enveloped-signature\"></Transform><Transform Algorithm=\"" EXCLUSIVE
		"\"></Transform></Transforms><DigestMethod Algorithm=\""
		"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>",
		(const char *)encoded, "</DigestValue></Reference></SignedInfo>" };

	if (!read_digest("SHA256", digested, digest))
		return false;
	EVP_EncodeBlock(encoded, digest, sizeof(digest));
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		buffer_add_text(out, parts[i]);
	return !out->failed;
}

/* Whether an element is written exactly so, in canonical form. */
static bool is_written(
    struct clientele_license *license, const struct node *node, struct text expected)
{
	struct buffer out = { .license = license };
	bool same;

	write_xml(node, NULL, XML_CANONICAL, &out);
	same = !out.failed && out.length == expected.length &&
	       memcmp(out.data, expected.data, out.length) == 0;
	buffer_free(&out);
	return same;
}

static enum clientele_result verify_signed_info(struct clientele_license *license,
    const struct clientele_keys *keys, const struct node *root, const struct node *signature,
    struct signed_text *given)
{
	const struct node *info = find_node(signature, "SignedInfo");
	struct text method = node_text(find_node(find_node(info, "SignatureMethod"), "Algorithm"));
	struct buffer text = { .license = license }, plain = { .license = license },
		      apex = { .license = license };
	enum clientele_result result = CLIENTELE_UNVERIFIED;
	size_t i = 0;

	while (i < COUNT_OF(dsig_algorithms) && !text_is(method, dsig_algorithms[i].method))
		i++;
	if (i == COUNT_OF(dsig_algorithms))
		return refuse_algorithm(license);
	given->algorithm = dsig_algorithms[i].algorithm;
	write_xml(root, signature, XML_CANONICAL, &text);
	if (text.failed ||
	    !write_signed_info(dsig_algorithms[i].method, (struct text){ text.data, text.length },
		false, &plain) ||
	    !write_signed_info(
		dsig_algorithms[i].method, (struct text){ text.data, text.length }, true, &apex))
		result = refuse_for_memory(license);
	else if (!is_written(license, info, (struct text){ plain.data, plain.length }))
		result = refuse_license(license, CLIENTELE_SIGNATURE_INVALID,
		    "The document is not the one whose digest was signed.");
	given->text = (struct text){ apex.data, apex.length };
	if (result == CLIENTELE_UNVERIFIED)
		result = verify_signature(license, keys, given);
	buffer_free(&text);
	buffer_free(&plain);
	buffer_free(&apex);
	return result;
}

static enum clientele_result verify_dsig(struct clientele_license *license,
    const struct clientele_keys *keys, const struct node *root, const struct node *signature)
{
	static const char *const parts[] = { "SignedInfo", "SignatureValue", "KeyInfo" };
	static const char *const names[] = { "KeyName" };
	const struct node *info = find_node(signature, "KeyInfo");
	struct signed_text given = { .key_id = TEXT("") };

	if (!has_exactly(signature, parts, info != NULL ? 3 : 2) ||
	    count_attributes(signature) != 1 || !take_signature(license, signature, &given))
		return refuse_form(license, "the Signature is not as it must be");
	if (info != NULL && (!has_exactly(info, names, 1) || count_attributes(info) > 0 ||
				!content_text(find_node(info, "KeyName"), &given.key_id)))
		return refuse_form(license, "KeyInfo may have a KeyName only");
	return verify_signed_info(license, keys, root, signature, &given);
}

static enum clientele_result verify_xml_tree(struct clientele_license *license,
    const struct clientele_keys *keys, const struct node *root, struct text text)
{
	static const char *const parts[] = { "License", "Signature" };
	const struct node *signature = root->last;
	const char *fault = "the root is not Licenses with a License and, last, a Signature";
	enum clientele_result result;
	bool canonical;

	if (!text_is(root->name, "Licenses") || !has_exactly(root, parts, COUNT_OF(parts)))
		return refuse_form(license, fault);
	fault = find_xml_fault(root, signature);
	if (fault != NULL)
		return refuse_form(license, fault);
	canonical = find_node(signature, "xmlns") != NULL;
	license->texts[CLIENTELE_FORMAT] = canonical ? "xml-dsig" : "xml";
	if (canonical && !is_written(license, root, text))
		return refuse_form(license, "it is not in canonical form");
	result = (canonical ? verify_dsig : verify_plain_xml)(license, keys, root, signature);
	if (result == CLIENTELE_VALID && !read_license(license, find_node(root, "License")))
		return refuse_content(license, "a member of the License cannot be read");
	return result;
}

static enum clientele_result refuse_reader(
    struct clientele_license *license, const struct reader *reader)
{
	if (reader->fault == NULL)
		return refuse_for_memory(license);
	if (reader->too_large)
		return refuse_license(
		    license, CLIENTELE_TOO_LARGE, "The document is too large: %s.", reader->fault);
	return refuse_form(license, reader->fault);
}

static enum clientele_result verify_xml(
    struct clientele_license *license, const struct clientele_keys *keys, struct text text)
{
	struct reader reader = { .license = license, .rest = text };
	const struct node *root = read_xml(&reader);

	return root != NULL ? verify_xml_tree(license, keys, root, text)
			    : refuse_reader(license, &reader);
}

static enum clientele_result verify_utf16(struct clientele_license *license,
    const struct clientele_keys *keys, struct text text, bool big)
{
	struct buffer narrow = { .license = license };
	enum clientele_result result;

	if (!read_utf16(text, big, &narrow))
		result = refuse_form(license, "it is not UTF-16");
	else if (narrow.failed)
		result = refuse_for_memory(license);
	else
		result = verify_xml(license, keys, (struct text){ narrow.data, narrow.length });
	buffer_free(&narrow);
	return result;
}

/* --- Format 2: JSON Web Signature (RFC 7515) --- */

static const struct algorithm jws_algorithms[] = {
	{ .name = "EdDSA", .type = KEY_ED25519 },
	{ .name = "RS256", .type = KEY_RSA, .digest = "SHA256", .modern = true },
	{ .name = "ES256", .type = KEY_EC, .digest = "SHA256" },
};

/* Members of a header that bring keys, or change what a signature means. */
static const char *const refused_headers[] = { "crit", "b64", "zip", "jwk", "jku", "x5c", "x5u" };

/* Reads a whole text of JSON that must be an object. NULL after noting why it is not. */
static const struct node *read_object(struct clientele_license *license, struct text text)
{
	struct reader reader = { .license = license, .rest = text };
	const struct node *root = read_json(&reader);

	if (root == NULL) {
		(void)refuse_reader(license, &reader);
		return NULL;
	}
	if (root->kind != NODE_OBJECT) {
		(void)refuse_form(license, "its JSON is not an object");
		return NULL;
	}
	return root;
}

/* What a signed text of JSON says; it is signed, so that another fault is no forgery. */
static const struct node *read_signed_object(struct clientele_license *license, struct text text)
{
	const struct node *root = read_object(license, text);

	if (root == NULL && license->result == CLIENTELE_MALFORMED)
		(void)refuse_content(license, "what was signed is not a license");
	return root;
}

static enum clientele_result read_jws_header(
    struct clientele_license *license, const struct node *header, struct signed_text *given)
{
	const struct node *key_id = find_node(header, "kid");
	struct text name = node_text(find_node(header, "alg"));

	for (size_t i = 0; i < COUNT_OF(refused_headers); i++) {
		if (find_node(header, refused_headers[i]) != NULL)
			return refuse_license(license, CLIENTELE_ALGORITHM_REFUSED,
			    "The header has the member %s, which is refused.", refused_headers[i]);
	}
	if (key_id != NULL && (key_id->kind != NODE_TEXT || key_id->text.length == 0))
		return refuse_form(license, "the header's kid is not a text");
	given->key_id = node_text(key_id);
	for (size_t i = 0; i < COUNT_OF(jws_algorithms); i++) {
		if (text_is(name, jws_algorithms[i].name)) {
			given->algorithm = jws_algorithms[i];
			return CLIENTELE_VALID;
		}
	}
	return refuse_algorithm(license);
}

/* A number of seconds that may have a fraction. */
static bool take_seconds(const struct node *node, int64_t *moment)
{
	struct text text, whole;

	if (node == NULL)
		return true;
	if (node->kind != NODE_NUMBER)
		return false;
	text = node->text;
	whole = text_cut(&text, '.');
	return read_number(whole, moment);
}

static enum clientele_result read_claims(
    struct clientele_license *license, struct text payload, const struct node *header)
{
	const struct node *claims, *object;
	int64_t expires = CLIENTELE_NEVER;

	if (!text_is(node_text(find_node(header, "typ")), "license+jwt"))
		return refuse_content(license, "its type is not license+jwt");
	claims = read_signed_object(license, payload);
	if (claims == NULL)
		return license->result;
	object = find_node(claims, "license");
	if (object == NULL || object->kind != NODE_OBJECT || !read_license(license, object) ||
	    !take_seconds(find_node(claims, "nbf"), &license->times[CLIENTELE_NOT_BEFORE]) ||
	    !take_seconds(find_node(claims, "exp"), &expires))
		return refuse_content(license, "a claim is missing or cannot be read");
	/* Whichever is earlier. */
	if (expires != CLIENTELE_NEVER && (license->times[CLIENTELE_EXPIRES] == CLIENTELE_NEVER ||
					      expires < license->times[CLIENTELE_EXPIRES]))
		license->times[CLIENTELE_EXPIRES] = expires;
	return CLIENTELE_VALID;
}

static enum clientele_result verify_jws(
    struct clientele_license *license, const struct clientele_keys *keys, struct text text)
{
	struct text rest = text, header = text_cut(&rest, '.'), payload = text_cut(&rest, '.');
	struct text bytes, body;
	struct signed_text given = { .text = { text.data, header.length + 1 + payload.length } };
	const struct node *object;
	enum clientele_result result;

	license->texts[CLIENTELE_FORMAT] = "jws";
	if (!take_base64(license, header, BASE64_URL, &bytes) ||
	    !take_base64(license, payload, BASE64_URL, &body) ||
	    !take_base64(license, rest, BASE64_URL, &given.signature))
		return refuse_form(license, "a part of it is not base64url");
	object = read_object(license, bytes);
	if (object == NULL)
		return license->result;
	result = read_jws_header(license, object, &given);
	if (result == CLIENTELE_VALID)
		result = verify_signature(license, keys, &given);
	return result == CLIENTELE_VALID ? read_claims(license, body, object) : result;
}

/* --- Format 3: a serial that can be typed --- */

#define SERIAL_FIXED 12
#define SERIAL_ID_MAX 64
#define SERIAL_SIGNATURE 64
#define SERIAL_BYTES_MAX (SERIAL_FIXED + SERIAL_ID_MAX + SERIAL_SIGNATURE)
#define SERIAL_BYTES_LEAST (SERIAL_FIXED + 1 + SERIAL_SIGNATURE)
#define SERIAL_GROUP 6
#define SERIAL_GROUP_BITS 25
#define SERIAL_DIGITS_MAX ((SERIAL_BYTES_MAX * 8 / SERIAL_GROUP_BITS + 1) * SERIAL_GROUP)
#define DAYS_TO_2000 10957

/* The value of a digit of Crockford's Base32; -1 for what is none. */
static int serial_digit(char c)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	const char *found;

	c = lower_letter(c);
	c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
	found = c != 0 ? strchr(digits, c) : NULL;
	return found != NULL ? (int)(found - digits) : -1;
}

static unsigned check_digit(const unsigned char *digits, size_t group)
{
	unsigned sum = 0;

	for (size_t i = 0; i < SERIAL_GROUP - 1; i++) {
		sum = (sum ^ digits[i]) << 1;
		sum ^= (sum & 32) != 0 ? 37 : 0;
	}
	return sum ^ (unsigned)(group % 32);
}

static enum clientele_result read_serial_digits(struct clientele_license *license, struct text text,
    unsigned char digits[SERIAL_DIGITS_MAX], size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < text.length; i++) {
		int digit = serial_digit(text.data[i]);

		if (is_blank(text.data[i]) || text.data[i] == '-')
			continue;
		if (digit < 0 || *count == SERIAL_DIGITS_MAX)
			return refuse_form(license, "it is not a document of a known format");
		digits[(*count)++] = (unsigned char)digit;
	}
	if (*count % SERIAL_GROUP != 0)
		return refuse_form(license, "the last group of the serial is not complete");
	for (size_t g = 0; g < *count / SERIAL_GROUP; g++) {
		const unsigned char *group = digits + g * SERIAL_GROUP;

		if (group[SERIAL_GROUP - 1] != check_digit(group, g))
			return refuse_license(license, CLIENTELE_MALFORMED,
			    "Group %u of the serial is not typed rightly.", (unsigned)g + 1);
	}
	return CLIENTELE_VALID;
}

/* The bytes of the digits. False when bits are left that are not zero. */
static bool read_serial_bytes(
    const unsigned char *digits, size_t count, unsigned char *bytes, size_t *length)
{
	unsigned value = 0, bits = 0;

	*length = 0;
	for (size_t i = 0; i < count; i++) {
		if (i % SERIAL_GROUP == SERIAL_GROUP - 1)
			continue;
		value = (value << 5 | digits[i]) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			bytes[(*length)++] = (unsigned char)(value >> bits & 0xff);
		}
	}
	return (value & ((1u << bits) - 1)) == 0;
}

static unsigned read_big_endian(const unsigned char *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

static enum clientele_result read_serial(
    struct clientele_license *license, const unsigned char *bytes, size_t length)
{
	struct text id = { (const char *)bytes + SERIAL_FIXED, length - SERIAL_FIXED };
	unsigned mode = bytes[1], day = read_big_endian(bytes + 8);
	unsigned seats = read_big_endian(bytes + 10);

	if (bytes[0] != 1 || mode >= COUNT_OF(modes) || !is_utf8(id) ||
	    memchr(id.data, 0, id.length) != NULL)
		return refuse_content(license, "the serial is of another version");
	license->texts[CLIENTELE_ID] = take_text(license, id);
	license->texts[CLIENTELE_MODE] = modes[mode];
	license->serial = take(license, SERIAL_FIXED);
	if (license->serial == NULL)
		return refuse_for_memory(license);
	memcpy(license->serial, bytes, SERIAL_FIXED);
	license->seats = seats > 0 ? (int64_t)seats : -1;
	if (day > 0)
		license->times[CLIENTELE_EXPIRES] =
		    ((int64_t)day + DAYS_TO_2000 + 1) * SECONDS_PER_DAY;
	return CLIENTELE_VALID;
}

/* Whether the part of a hash that a serial has room for is that of the text. */
static bool is_hash_of(const unsigned char *hash, size_t length, const char *text)
{
	unsigned char digest[32];

	return read_digest("SHA256", (struct text){ text, strlen(text) }, digest) &&
	       memcmp(hash, digest, length) == 0;
}

static enum clientele_result verify_serial_bytes(struct clientele_license *license,
    const struct clientele_keys *keys, const unsigned char *bytes, size_t length)
{
	static const char mark[] = "serial/";
	unsigned char text[sizeof(mark) - 1 + SERIAL_BYTES_MAX];
	size_t body = length - SERIAL_SIGNATURE;
	struct signed_text given = { .algorithm = jws_algorithms[0], .key_id = TEXT("") };
	enum clientele_result result;

	memcpy(text, mark, sizeof(mark) - 1);
	memcpy(text + sizeof(mark) - 1, bytes, body);
	given.text = (struct text){ (const char *)text, sizeof(mark) - 1 + body };
	given.signature = (struct text){ (const char *)bytes + body, SERIAL_SIGNATURE };
	result = verify_signature(license, keys, &given);
	return result == CLIENTELE_VALID ? read_serial(license, bytes, body) : result;
}

static enum clientele_result verify_serial(
    struct clientele_license *license, const struct clientele_keys *keys, struct text text)
{
	unsigned char digits[SERIAL_DIGITS_MAX], bytes[SERIAL_DIGITS_MAX];
	size_t count, length, groups;
	enum clientele_result result = read_serial_digits(license, text, digits, &count);

	if (result != CLIENTELE_VALID)
		return result;
	license->texts[CLIENTELE_FORMAT] = "serial";
	if (!read_serial_bytes(digits, count, bytes, &length) || length < SERIAL_BYTES_LEAST)
		return refuse_form(license, "the serial is too short, or of another version");
	groups = count / SERIAL_GROUP;
	/* The last group may be filled with whole bytes of zeroes. */
	do {
		result = verify_serial_bytes(license, keys, bytes, length);
		length--;
	} while (result == CLIENTELE_SIGNATURE_INVALID && bytes[length] == 0 &&
		 length >= SERIAL_BYTES_LEAST &&
		 (length * 8 + SERIAL_GROUP_BITS - 1) / SERIAL_GROUP_BITS == groups);
	return result;
}

/* --- Format 4: license files as Keygen has them --- */

/* The lines around a file, and what is signed before `enc`. */
static const struct {
	const char *name, *begin, *end, *prefix;
} armours[] = {
	{ "license-file", "-----BEGIN LICENSE FILE-----", "-----END LICENSE FILE-----",
	    "license/" },
	{ "machine-file", "-----BEGIN MACHINE FILE-----", "-----END MACHINE FILE-----",
	    "machine/" },
};

static const struct {
	const char *name;
	struct algorithm algorithm;
} file_algorithms[] = {
	{ "ed25519", { .name = "EdDSA", .type = KEY_ED25519 } },
	{ "rsa-sha256", { .name = "RS256", .type = KEY_RSA, .digest = "SHA256", .modern = true } },
	{ "ecdsa-p256", { .name = "ES256", .type = KEY_EC, .digest = "SHA256", .form = EC_DER } },
};

/* Takes what stands between the lines, without its line ends. */
static bool take_armoured(
    struct clientele_license *license, struct text text, size_t armour, struct text *bytes)
{
	size_t begin = strlen(armours[armour].begin), end = strlen(armours[armour].end);
	char *digits = take(license, text.length + 1);
	size_t length = 0;

	if (digits == NULL || text.length < begin + end ||
	    memcmp(text.data + text.length - end, armours[armour].end, end) != 0)
		return false;
	for (size_t i = begin; i < text.length - end; i++) {
		if (text.data[i] != '\n' && text.data[i] != '\r')
			digits[length++] = text.data[i];
	}
	return take_base64(license, (struct text){ digits, length }, BASE64_PADDED, bytes);
}

static bool find_file_algorithm(struct text name, struct algorithm *algorithm)
{
	for (size_t i = 0; i < COUNT_OF(file_algorithms); i++) {
		if (text_is(name, file_algorithms[i].name)) {
			*algorithm = file_algorithms[i].algorithm;
			return true;
		}
	}
	return false;
}

/* Opens AES-256-GCM. `out` has room for as much as there is of ciphertext. */
static bool decrypt_bytes(const unsigned char key[32], struct text ciphertext, struct text iv,
    struct text tag, unsigned char *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int length = 0, last = 0;
	bool good = context != NULL && iv.length == 12 && tag.length == 16;

	good = good &&
	       EVP_DecryptInit_ex(
		   context, EVP_aes_256_gcm(), NULL, key, (const unsigned char *)iv.data) == 1 &&
	       EVP_DecryptUpdate(context, out, &length, (const unsigned char *)ciphertext.data,
		   (int)ciphertext.length) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, (void *)tag.data) == 1 &&
	       EVP_DecryptFinal_ex(context, out + length, &last) == 1;
	EVP_CIPHER_CTX_free(context);
	return good;
}

static enum clientele_result decrypt_payload(
    struct clientele_license *license, struct text sent, const char *secret, struct text *payload)
{
	struct text rest = sent, ciphertext, iv, tag;
	struct text first = text_cut(&rest, '.'), second = text_cut(&rest, '.');
	unsigned char key[32], *out = take(license, sent.length + 1);
	bool good;

	if (out == NULL || !take_base64(license, first, BASE64_PADDED, &ciphertext) ||
	    !take_base64(license, second, BASE64_PADDED, &iv) ||
	    !take_base64(license, rest, BASE64_PADDED, &tag))
		return refuse_content(license, "its encrypted part is not one");
	if (secret == NULL)
		return refuse_license(license, CLIENTELE_SECRET_REQUIRED,
		    "The license file is encrypted: the license's key is needed.");
	good = read_digest("SHA256", (struct text){ secret, strlen(secret) }, key) &&
	       decrypt_bytes(key, ciphertext, iv, tag, out);
	OPENSSL_cleanse(key, sizeof(key));
	if (!good)
		return refuse_license(license, CLIENTELE_DECRYPTION_FAILED,
		    "The license file was encrypted with another key than the one given.");
	*payload = (struct text){ (const char *)out, ciphertext.length };
	return CLIENTELE_VALID;
}

/* An included object of that type, from `node` on. */
static const struct node *find_included(const struct node *node, const char *type)
{
	while (node != NULL && !text_is(node_text(find_node(node, "type")), type))
		node = node->next;
	return node;
}

static const struct node *first_included(const struct node *root, const char *type)
{
	const struct node *list = find_node(root, "included");

	return find_included(list != NULL ? list->first : NULL, type);
}

/* Entitlements become features: the code is the name. */
static bool read_entitlements(struct clientele_license *license, const struct node *root)
{
	struct list *features = &license->lists[CLIENTELE_FEATURES];
	const struct node *list = find_node(root, "included");
	const struct node *node = first_included(root, "entitlements");

	if (node == NULL)
		return true;
	features->items = take(license, list->count * sizeof(*features->items));
	if (features->items == NULL)
		return false;
	for (; node != NULL; node = find_included(node->next, "entitlements")) {
		const struct node *attributes = find_node(node, "attributes");

		features->items[features->count++] = (struct clientele_item){
			.name = take_child(license, attributes, "code"),
			.id = take_child(license, node, "id"),
			.description = take_child(license, attributes, "name"),
			.expires = CLIENTELE_NEVER,
		};
	}
	return true;
}

/* Metadata become fields. */
static bool read_metadata(struct clientele_license *license, const struct node *metadata)
{
	struct list *fields = &license->lists[CLIENTELE_FIELDS];
	struct text text;

	if (metadata == NULL || metadata->kind != NODE_OBJECT)
		return true;
	fields->items = take(license, (metadata->count + 1) * sizeof(*fields->items));
	for (const struct node *n = metadata->first; fields->items != NULL && n != NULL;
	     n = n->next) {
		if (content_text(n, &text))
			fields->items[fields->count++] =
			    (struct clientele_item){ .name = take_text(license, n->name),
				    .value = take_text(license, text),
				    .expires = CLIENTELE_NEVER };
	}
	return fields->items != NULL;
}

/* A license of Keygen's own server, whose members are others. */
static bool read_keygen_license(
    struct clientele_license *license, const struct node *root, const struct node *data)
{
	const struct node *attributes = find_node(data, "attributes");
	const struct node *product = first_included(root, "products");
	const struct node *of_product = find_node(find_node(data, "relationships"), "product");

	license->texts[CLIENTELE_ID] = take_child(license, data, "id");
	license->texts[CLIENTELE_PRODUCT_ID] =
	    take_child(license, find_node(of_product, "data"), "id");
	license->texts[CLIENTELE_PRODUCT_NAME] =
	    take_child(license, find_node(product, "attributes"), "name");
	return read_entitlements(license, root) &&
	       read_metadata(license, find_node(attributes, "metadata")) &&
	       take_moment(find_node(attributes, "created"), &license->times[CLIENTELE_ISSUED]) &&
	       take_moment(find_node(attributes, "expiry"), &license->times[CLIENTELE_EXPIRES]) &&
	       take_number(find_node(attributes, "maxMachines"), &license->seats);
}

static enum clientele_result read_file(struct clientele_license *license, const struct node *root)
{
	const struct node *data = find_node(root, "data"), *meta = find_node(root, "meta"), *own;
	bool machine = text_is(node_text(find_node(data, "type")), "machines");

	if (machine) {
		license->texts[CLIENTELE_MACHINE] =
		    take_child(license, find_node(data, "attributes"), "fingerprint");
		data = first_included(root, "licenses");
		if (license->texts[CLIENTELE_MACHINE] == NULL)
			return refuse_content(license, "the machine file names no machine");
	}
	if (!machine && !text_is(node_text(find_node(data, "type")), "licenses"))
		return refuse_content(license, "what was signed is not a license");
	own = find_node(find_node(data, "attributes"), "license");
	if (!(own != NULL && own->kind == NODE_OBJECT ? read_license(license, own)
						      : read_keygen_license(license, root, data)) ||
	    !take_moment(find_node(meta, "expiry"), &license->times[CLIENTELE_FILE_EXPIRES]))
		return refuse_content(license, "a member of the license cannot be read");
	if (license->times[CLIENTELE_ISSUED] == CLIENTELE_NEVER &&
	    !take_moment(find_node(meta, "issued"), &license->times[CLIENTELE_ISSUED]))
		return refuse_content(license, "the moment of issue cannot be read");
	return CLIENTELE_VALID;
}

static enum clientele_result open_file(
    struct clientele_license *license, struct text sent, bool encrypted, const char *secret)
{
	struct text payload;
	enum clientele_result result = CLIENTELE_VALID;
	const struct node *root;

	if (encrypted)
		result = decrypt_payload(license, sent, secret, &payload);
	else if (!take_base64(license, sent, BASE64_PADDED, &payload))
		result = refuse_content(license, "its payload is not base64");
	if (result != CLIENTELE_VALID)
		return result;
	root = read_signed_object(license, payload);
	return root != NULL ? read_file(license, root) : license->result;
}

static enum clientele_result verify_file(struct clientele_license *license,
    const struct clientele_keys *keys, struct text text, size_t armour, const char *secret)
{
	struct signed_text given = { .key_id = TEXT("") };
	struct buffer signed_part = { .license = license };
	struct text bytes, sent, name, encoding;
	const struct node *object;
	enum clientele_result result;

	license->texts[CLIENTELE_FORMAT] = armours[armour].name;
	if (!take_armoured(license, text, armour, &bytes))
		return refuse_form(license, "between its lines is no base64");
	object = read_object(license, bytes);
	if (object == NULL)
		return license->result;
	sent = node_text(find_node(object, "enc"));
	name = node_text(find_node(object, "alg"));
	encoding = text_cut(&name, '+');
	if (object->count != 3 || !take_base64(license, node_text(find_node(object, "sig")),
				      BASE64_PADDED, &given.signature))
		return refuse_form(license, "it must have enc, sig and alg");
	if ((!text_is(encoding, "base64") && !text_is(encoding, "aes-256-gcm")) ||
	    !find_file_algorithm(name, &given.algorithm))
		return refuse_algorithm(license);
	buffer_add_text(&signed_part, armours[armour].prefix);
	buffer_add(&signed_part, sent.data, sent.length);
	given.text = (struct text){ signed_part.data, signed_part.length };
	result = signed_part.failed ? refuse_for_memory(license)
				    : verify_signature(license, keys, &given);
	buffer_free(&signed_part);
	return result == CLIENTELE_VALID
		   ? open_file(license, sent, text_is(encoding, "aes-256-gcm"), secret)
		   : result;
}

/* --- Files --- */

/* Makes a new file, which nobody else may read where there is such a thing. */
#ifdef HAS_FILE_MODES
static bool write_new_file(const char *path, struct text text)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	bool good = file >= 0 && write(file, text.data, text.length) == (ssize_t)text.length;

	if (file >= 0)
		good = close(file) == 0 && good;
	return good;
}
#else
static bool write_new_file(const char *path, struct text text)
{
	FILE *file = fopen(path, "wbx");
	bool good = file != NULL && fwrite(text.data, 1, text.length, file) == text.length;

	if (file != NULL)
		good = fclose(file) == 0 && good;
	return good;
}
#endif

/* Replaces a file by another one, so that readers find one or the other. */
static bool replace_file(const char *name, struct text text)
{
	unsigned char random[8];
	size_t size = strlen(name) + sizeof(random) * 2 + sizeof("..new");
	char *path = malloc(size);
	bool good = path != NULL && RAND_bytes(random, sizeof(random)) == 1;

	if (good) {
		snprintf(path, size, "%s.%02x%02x%02x%02x%02x%02x%02x%02x.new", name, random[0],
		    random[1], random[2], random[3], random[4], random[5], random[6], random[7]);
		good = write_new_file(path, text);
		/* Where rename() replaces nothing, the old one goes first. */
		if (good && rename(path, name) != 0)
			good = remove(name) == 0 && rename(path, name) == 0;
		if (!good)
			remove(path);
	}
	free(path);
	return good;
}

/*
 * --- Offline use ---
 *
 * The machine has a key of its own, whose public half is in its request and, as a restriction, in
 * the license that it gets. A receipt is signed with the private half, which is gone then: neither
 * the license nor another receipt for it can be used on this machine any more.
 */

#define STATE_MARK "clientele-offline 1 "
#define STATE_RETURNED "returned "
#define STATE_SIZE_MAX 65536
#define OFFLINE_TEXT_MAX 32768
#define SEED_SIZE 32
#define DIGITS_SIZE 43 /* of 32 bytes in base64url */
#define ARMOUR_LINE 60

struct state {
	bool known;                    /* there is one */
	bool returned;                 /* what it was for is given up */
	unsigned char seed[SEED_SIZE]; /* the private half; none when it is given up */
	char key[DIGITS_SIZE + 1];     /* the public half in base64url */
	struct buffer receipt;
};

static void forget_state(struct state *state)
{
	OPENSSL_cleanse(state->seed, sizeof(state->seed));
	buffer_free(&state->receipt);
}

static bool print_digits(const unsigned char bytes[SEED_SIZE], char digits[DIGITS_SIZE + 1])
{
	struct buffer out = { 0 };
	bool good;

	add_base64_url(&out, bytes, SEED_SIZE);
	good = !out.failed && out.length == DIGITS_SIZE;
	if (good)
		memcpy(digits, out.data, DIGITS_SIZE);
	digits[good ? DIGITS_SIZE : 0] = 0;
	if (out.data != NULL)
		OPENSSL_cleanse(out.data, out.size);
	buffer_free(&out);
	return good;
}

static EVP_PKEY *open_seed(const struct state *state)
{
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, state->seed, SEED_SIZE);
}

/* Finds the public half. */
static bool complete_state(struct state *state)
{
	unsigned char bytes[SEED_SIZE];
	size_t length = sizeof(bytes);
	EVP_PKEY *key = open_seed(state);
	bool good = key != NULL && EVP_PKEY_get_raw_public_key(key, bytes, &length) == 1 &&
		    length == sizeof(bytes) && print_digits(bytes, state->key);

	EVP_PKEY_free(key);
	return good;
}

static bool read_returned(struct state *state, struct text text)
{
	struct text key = text_cut(&text, '\n');

	if (key.length != DIGITS_SIZE || text.length == 0 ||
	    memchr(text.data, 0, text.length) != NULL)
		return false;
	state->returned = true;
	memcpy(state->key, key.data, DIGITS_SIZE);
	buffer_add(&state->receipt, text.data, text.length);
	return !state->receipt.failed;
}

static bool read_state(struct state *state, struct text text)
{
	unsigned char bytes[SEED_SIZE + 1];
	struct text digits;
	size_t length;

	state->known = true;
	if (!text_begins(text, STATE_MARK))
		return false;
	text = text_from(text, strlen(STATE_MARK));
	if (text_begins(text, STATE_RETURNED))
		return read_returned(state, text_from(text, strlen(STATE_RETURNED)));
	digits = text_cut(&text, '\n');
	if (digits.length != DIGITS_SIZE || text.length > 0 ||
	    !read_base64(digits, BASE64_URL, bytes, &length) || length != SEED_SIZE)
		return false;
	memcpy(state->seed, bytes, SEED_SIZE);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return complete_state(state);
}

/* False when the file is there and cannot be read, or is not what this library writes. */
static bool load_state(const char *path, struct state *state)
{
	FILE *file = fopen(path, "rb");
	char *text = file != NULL ? malloc(STATE_SIZE_MAX) : NULL;
	size_t length = 0;
	bool good;

	memset(state, 0, sizeof(*state));
	if (file == NULL)
		return errno == ENOENT;
	if (text != NULL)
		length = fread(text, 1, STATE_SIZE_MAX, file);
	good = text != NULL && ferror(file) == 0 && length < STATE_SIZE_MAX &&
	       read_state(state, (struct text){ text, length });
	fclose(file);
	if (text != NULL)
		OPENSSL_cleanse(text, STATE_SIZE_MAX);
	free(text);
	return good;
}

static bool store_state(const char *path, const struct state *state)
{
	char digits[DIGITS_SIZE + 1];
	struct buffer text = { 0 };
	bool good = state->returned || print_digits(state->seed, digits);

	buffer_add_text(&text, STATE_MARK);
	if (state->returned)
		buffer_add_text(&text, STATE_RETURNED);
	if (good)
		buffer_add_text(&text, state->returned ? state->key : digits);
	buffer_add_text(&text, "\n");
	buffer_add(&text, state->receipt.data, state->receipt.length);
	good = good && !text.failed && replace_file(path, (struct text){ text.data, text.length });
	OPENSSL_cleanse(digits, sizeof(digits));
	if (text.data != NULL)
		OPENSSL_cleanse(text.data, text.size);
	buffer_free(&text);
	return good;
}

/* The state with a key: the one that there is, or a new one, which is stored. */
static bool begin_state(const char *path, struct state *state)
{
	if (!load_state(path, state))
		return false;
	if (state->known && !state->returned)
		return true;
	forget_state(state);
	memset(state, 0, sizeof(*state));
	state->known = true;
	return RAND_priv_bytes(state->seed, SEED_SIZE) == 1 && complete_state(state) &&
	       store_state(path, state);
}

static void add_json_text(struct buffer *out, const char *text)
{
	char escape[8];

	buffer_add_text(out, "\"");
	for (; *text != 0; text++) {
		if ((unsigned char)*text < 0x20) {
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(unsigned char)*text);
			buffer_add_text(out, escape);
			continue;
		}
		if (*text == '"' || *text == '\\')
			buffer_add_text(out, "\\");
		buffer_add(out, text, 1);
	}
	buffer_add_text(out, "\"");
}

/* A member behind others; one of NULL is left out. */
static void add_json_member(struct buffer *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buffer_add_text(out, ",");
	add_json_text(out, name);
	buffer_add_text(out, ":");
	add_json_text(out, value);
}

static bool add_key_digest(struct buffer *out, const char *user_key)
{
	char digits[HEX_SIZE];
	bool good = print_digest((struct text){ user_key, strlen(user_key) }, digits);

	add_json_member(out, "userKeyHash", digits);
	return good;
}

static void add_components(struct buffer *out, const struct clientele_offline *offline)
{
	if (offline->component_count == 0)
		return;
	buffer_add_text(out, ",\"components\":{");
	for (size_t i = 0; i < offline->component_count; i++) {
		buffer_add_text(out, i > 0 ? "," : "");
		add_json_text(out, offline->components[i].name);
		buffer_add_text(out, ":");
		add_json_text(out, offline->components[i].value);
	}
	buffer_add_text(out, "}");
}

/* What both files say. `license_id` is that of a receipt; NULL = it is a request. */
static bool write_offline_payload(const struct clientele_offline *offline,
    const struct state *state, const char *license_id, struct buffer *out)
{
	int64_t now = offline->now != CLIENTELE_NEVER ? offline->now : (int64_t)time(NULL);
	bool hidden = (offline->flags & CLIENTELE_HIDE_USER_KEY) != 0, good = true;
	char moment[MOMENT_SIZE];

	print_moment(now, moment);
	buffer_add_text(out, "{\"machineKey\":");
	add_json_text(out, state->key);
	add_json_member(out, "time", moment);
	add_json_member(out, "machineId", offline->machine);
	add_json_member(out, "clientId", offline->client);
	add_json_member(out, "licenseId", license_id);
	if (!hidden)
		add_json_member(out, "userKey", offline->user_key);
	else if (offline->user_key != NULL)
		good = add_key_digest(out, offline->user_key);
	if (license_id == NULL) {
		add_json_member(out, "clientName", offline->client_name);
		add_json_member(out, "productId", offline->product);
		add_json_member(out, "productVersion", offline->version);
		add_components(out, offline);
	}
	buffer_add_text(out, "}");
	return good && !out->failed;
}

/* The compact form of a JWS, with its signature. */
static bool sign_offline(
    const struct state *state, const char *header, const struct buffer *payload, struct buffer *out)
{
	unsigned char signature[64];
	size_t length = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *key = open_seed(state);
	bool good;

	add_base64_url(out, (const unsigned char *)header, strlen(header));
	buffer_add_text(out, ".");
	add_base64_url(out, (const unsigned char *)payload->data, payload->length);
	good = !out->failed && context != NULL && key != NULL &&
	       EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
	       EVP_DigestSign(
		   context, signature, &length, (const unsigned char *)out->data, out->length) == 1;
	if (good) {
		buffer_add_text(out, ".");
		add_base64_url(out, signature, length);
	}
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good && !out->failed;
}

static const struct offline_kind {
	const char *begin, *end, *header;
} offline_request_kind = { "-----BEGIN LICENSE REQUEST-----\n", "-----END LICENSE REQUEST-----\n",
	"{\"alg\":\"EdDSA\",\"typ\":\"license-request+jwt\"}" },
  offline_receipt_kind = { "-----BEGIN LICENSE RECEIPT-----\n", "-----END LICENSE RECEIPT-----\n",
	  "{\"alg\":\"EdDSA\",\"typ\":\"license-receipt+jwt\"}" };

static enum clientele_result write_offline(const struct clientele_offline *offline,
    const struct state *state, const struct offline_kind *kind, const char *license_id,
    struct buffer *out)
{
	struct buffer payload = { 0 }, jws = { 0 };
	bool good = write_offline_payload(offline, state, license_id, &payload) &&
		    sign_offline(state, kind->header, &payload, &jws);

	buffer_add_text(out, kind->begin);
	for (size_t i = 0; good && i < jws.length; i += ARMOUR_LINE) {
		size_t length = jws.length - i < ARMOUR_LINE ? jws.length - i : ARMOUR_LINE;

		buffer_add(out, jws.data + i, length);
		buffer_add_text(out, "\n");
	}
	buffer_add(out, kind->end, strlen(kind->end) + 1);
	good = good && !out->failed;
	buffer_free(&payload);
	buffer_free(&jws);
	if (!good)
		return CLIENTELE_OUT_OF_MEMORY;
	return out->length <= OFFLINE_TEXT_MAX ? CLIENTELE_VALID : CLIENTELE_TOO_LARGE;
}

static bool is_absent_or_utf8(const char *text)
{
	return text == NULL || is_utf8((struct text){ text, strlen(text) });
}

static enum clientele_result check_offline_texts(const struct clientele_offline *offline)
{
	const char *const texts[] = { offline->machine, offline->client, offline->client_name,
		offline->user_key, offline->product, offline->version };

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (!is_absent_or_utf8(texts[i]))
			return CLIENTELE_MALFORMED;
	}
	for (size_t i = 0; i < offline->component_count; i++) {
		const struct clientele_property *component = &offline->components[i];

		if (component->name == NULL || component->value == NULL ||
		    !is_absent_or_utf8(component->name) || !is_absent_or_utf8(component->value))
			return CLIENTELE_MALFORMED;
	}
	if (offline->state == NULL)
		return CLIENTELE_STATE_UNKNOWN;
	return offline->machine != NULL && offline->machine[0] != 0 ? CLIENTELE_VALID
								    : CLIENTELE_MACHINE_REQUIRED;
}

/* The program's structure, which may be of another version than the library's. */
static struct clientele_offline complete_offline(const struct clientele_offline *given)
{
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;
	size_t size = given != NULL ? given->size : 0;

	if (given != NULL)
		memcpy(&offline, given, size < sizeof(offline) ? size : sizeof(offline));
	return offline;
}

enum clientele_result clientele_offline_request(const struct clientele_offline *given, char **text)
{
	struct clientele_offline offline = complete_offline(given);
	enum clientele_result result = check_offline_texts(&offline);
	struct state state = { 0 };
	struct buffer out = { 0 };

	*text = NULL;
	ERR_set_mark();
	if (result == CLIENTELE_VALID && !begin_state(offline.state, &state))
		result = CLIENTELE_STATE_UNKNOWN;
	if (result == CLIENTELE_VALID)
		result = write_offline(&offline, &state, &offline_request_kind, NULL, &out);
	ERR_pop_to_mark();
	forget_state(&state);
	if (result == CLIENTELE_VALID)
		*text = out.data;
	else
		buffer_free(&out);
	return result;
}

/* Signs the receipt and stores it in place of the key, before anybody gets it. */
static enum clientele_result give_up(
    const struct clientele_offline *offline, struct state *state, const char *license_id)
{
	enum clientele_result result =
	    write_offline(offline, state, &offline_receipt_kind, license_id, &state->receipt);

	if (result != CLIENTELE_VALID)
		return result;
	state->receipt.length--; /* a file needs no zero byte */
	state->returned = true;
	return store_state(offline->state, state) ? CLIENTELE_VALID : CLIENTELE_STATE_UNKNOWN;
}

/* Whether the state is the one that the license was made for. */
static bool is_state_of(const struct state *state, const struct clientele_item *offline)
{
	const char *key = clientele_item_property(offline, "machineKey");

	return state->known && key != NULL && strcmp(key, state->key) == 0;
}

enum clientele_result clientele_offline_receipt(
    const struct clientele_offline *given, const struct clientele_license *license, char **text)
{
	struct clientele_offline offline = complete_offline(given);
	const struct clientele_item *item =
	    clientele_license_find(license, CLIENTELE_RESTRICTIONS, OFFLINE);
	const char *license_id = clientele_item_property(item, "licenseId");
	enum clientele_result result = check_offline_texts(&offline);
	struct state state = { 0 };

	*text = NULL;
	ERR_set_mark();
	if (result == CLIENTELE_VALID && !load_state(offline.state, &state))
		result = CLIENTELE_STATE_UNKNOWN;
	if (result == CLIENTELE_VALID && (license_id == NULL || !is_state_of(&state, item)))
		result = CLIENTELE_NOT_OFFLINE;
	if (result == CLIENTELE_VALID && !state.returned)
		result = give_up(&offline, &state, license_id);
	if (result == CLIENTELE_VALID) {
		buffer_add(&state.receipt, "", 1);
		if (state.receipt.failed)
			result = CLIENTELE_OUT_OF_MEMORY;
	}
	ERR_pop_to_mark();
	if (result == CLIENTELE_VALID) {
		*text = state.receipt.data;
		memset(&state.receipt, 0, sizeof(state.receipt));
	}
	forget_state(&state);
	return result;
}

void clientele_text_free(char *text)
{
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

/* --- What a license is held against --- */

static enum clientele_result refuse_moment(struct clientele_license *license,
    enum clientele_result result, const char *what, int64_t moment)
{
	char text[MOMENT_SIZE];

	print_moment(moment, text);
	return refuse_license(license, result, "%s %s.", what, text);
}

/* The line of a clock's file: its digest makes a changed moment wrong. */
static bool write_clock_line(
    const struct clientele_clock *clock, int64_t moment, char *line, size_t size)
{
	const char *salt = clock->salt != NULL ? clock->salt : "";
	char digits[HEX_SIZE] = "";
	struct buffer hashed = { 0 };
	bool good;

	snprintf(line, size, "clientele-clock 1 %lld ", (long long)moment);
	buffer_add_text(&hashed, line);
	buffer_add_text(&hashed, salt);
	good = !hashed.failed && print_digest((struct text){ hashed.data, hashed.length }, digits);
	buffer_free(&hashed);
	snprintf(line + strlen(line), size - strlen(line), "%s\n", digits);
	return good;
}

#define CLOCK_LINE_SIZE 128

/* What a clock's file says. CLIENTELE_VALID with CLIENTELE_NEVER when there is no file. */
static enum clientele_result load_clock_file(const struct clientele_clock *clock, int64_t *moment)
{
	char line[CLOCK_LINE_SIZE], expected[CLOCK_LINE_SIZE];
	FILE *file = fopen(clock->file, "rb");
	struct text rest;
	size_t length;
	bool failed;

	*moment = CLIENTELE_NEVER;
	if (file == NULL)
		return errno == ENOENT ? CLIENTELE_VALID : CLIENTELE_CLOCK_UNKNOWN;
	length = fread(line, 1, sizeof(line), file);
	failed = ferror(file) != 0;
	fclose(file);
	if (failed)
		return CLIENTELE_CLOCK_UNKNOWN;
	rest = (struct text){ line, length };
	if (!text_begins(rest, "clientele-clock 1 "))
		return CLIENTELE_CLOCK_TAMPERED;
	rest = text_from(rest, strlen("clientele-clock 1 "));
	if (!read_number(text_cut(&rest, ' '), moment) ||
	    !write_clock_line(clock, *moment, expected, sizeof(expected)) ||
	    !text_is((struct text){ line, length }, expected))
		return CLIENTELE_CLOCK_TAMPERED;
	return CLIENTELE_VALID;
}

static bool store_clock_file(const struct clientele_clock *clock, int64_t moment)
{
	char line[CLOCK_LINE_SIZE];

	return write_clock_line(clock, moment, line, sizeof(line)) &&
	       replace_file(clock->file, (struct text){ line, strlen(line) });
}

static enum clientele_result load_clock(const struct clientele_clock *clock, int64_t *moment)
{
	*moment = CLIENTELE_NEVER;
	if (clock->file != NULL)
		return load_clock_file(clock, moment);
	return clock->load != NULL && clock->load(clock->context, moment) ? CLIENTELE_VALID
									  : CLIENTELE_CLOCK_UNKNOWN;
}

static bool store_clock(const struct clientele_clock *clock, int64_t moment)
{
	if (clock->file != NULL)
		return store_clock_file(clock, moment);
	return clock->store != NULL && clock->store(clock->context, moment);
}

static int64_t clock_tolerance(const struct clientele_options *options)
{
	return options->clock.tolerance > 0 ? options->clock.tolerance : CLIENTELE_CLOCK_TOLERANCE;
}

static enum clientele_result check_clock(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	const struct clientele_clock *clock = &options->clock;
	enum clientele_result result;
	int64_t last, latest = now;

	if (clock->file == NULL && clock->load == NULL && clock->store == NULL)
		return CLIENTELE_VALID;
	result = load_clock(clock, &last);
	if (result == CLIENTELE_CLOCK_TAMPERED)
		return refuse_license(
		    license, result, "The file of the clock was changed by somebody else.");
	if (result != CLIENTELE_VALID)
		return refuse_license(license, result, "The last moment cannot be read.");
	add_seconds(&latest, clock_tolerance(options));
	if (last != CLIENTELE_NEVER && last > latest)
		return refuse_moment(license, CLIENTELE_CLOCK_TAMPERED,
		    "The clock went back: this program has run before at", last);
	if ((last == CLIENTELE_NEVER || now > last) && !store_clock(clock, now))
		return refuse_license(
		    license, CLIENTELE_CLOCK_UNKNOWN, "The moment of this check cannot be stored.");
	return CLIENTELE_VALID;
}

static enum clientele_result check_not_before(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	int64_t begins = license->times[CLIENTELE_NOT_BEFORE];

	if (begins == CLIENTELE_NEVER)
		begins = license->times[CLIENTELE_ISSUED];
	add_seconds(&now, clock_tolerance(options));
	if ((options->skip & CLIENTELE_SKIP_NOT_BEFORE) == 0 && begins > now)
		return refuse_moment(
		    license, CLIENTELE_NOT_YET_VALID, "The license is valid from", begins);
	return CLIENTELE_VALID;
}

static enum clientele_result check_expiry(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	static const struct {
		enum clientele_time time;
		const char *what;
	} ends[] = { { CLIENTELE_FILE_EXPIRES, "The license file must be fetched again since" },
		{ CLIENTELE_EXPIRES, "The license has expired at" } };

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		int64_t end = license->times[ends[i].time], last = end;

		if (end == CLIENTELE_NEVER || (options->skip & CLIENTELE_SKIP_EXPIRY) != 0)
			continue;
		add_seconds(&last, options->grace > 0 ? options->grace : 0);
		if (now >= last)
			return refuse_moment(license, CLIENTELE_EXPIRED, ends[i].what, end);
	}
	return CLIENTELE_VALID;
}

static enum clientele_result check_support(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	int64_t end = license->times[CLIENTELE_SUPPORT_EXPIRES];

	(void)now;
	if (options->released != CLIENTELE_NEVER && end != CLIENTELE_NEVER &&
	    options->released >= end)
		return refuse_moment(license, CLIENTELE_SUPPORT_ENDED,
		    "The license is for versions that were released before", end);
	return CLIENTELE_VALID;
}

static bool is_product(const struct clientele_license *license, const char *product)
{
	const char *id = license->texts[CLIENTELE_PRODUCT_ID];
	const char *name = license->texts[CLIENTELE_PRODUCT_NAME];

	if (license->serial != NULL)
		return is_hash_of(license->serial + 2, 4, product);
	return (id != NULL && strcmp(id, product) == 0) ||
	       (name != NULL && strcmp(name, product) == 0);
}

static enum clientele_result check_product(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	(void)now;
	if (options->product != NULL && !is_product(license, options->product))
		return refuse_license(license, CLIENTELE_PRODUCT_MISMATCH,
		    "The license is for another product than \"%.100s\".", options->product);
	return CLIENTELE_VALID;
}

/* "1.2.3.4", or fewer parts; false for what is no version of numbers. */
static bool read_version(struct text text, int64_t parts[VERSION_PARTS], size_t *count)
{
	bool good = text.length > 0 && text.data[text.length - 1] != '.';

	memset(parts, 0, VERSION_PARTS * sizeof(parts[0]));
	for (*count = 0; good && text.length > 0; (*count)++) {
		struct text part = text_cut(&text, '.');

		good = *count < VERSION_PARTS && read_number(part, &parts[*count]) &&
		       parts[*count] >= 0;
	}
	return good;
}

static int compare_versions(const int64_t *a, const int64_t *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

/* "1.2.3", "1.*" or "[1.0-2.0]" with both ends. */
static bool is_version_of(struct text pattern, struct text text)
{
	int64_t version[VERSION_PARTS], from[VERSION_PARTS], to[VERSION_PARTS];
	size_t count, parts;

	if (text_is(pattern, "*") ||
	    (pattern.length == text.length && memcmp(pattern.data, text.data, text.length) == 0))
		return true;
	if (!read_version(text, version, &count))
		return false;
	if (pattern.length > 2 && text_begins(pattern, "[") &&
	    pattern.data[pattern.length - 1] == ']') {
		struct text high = { pattern.data + 1, pattern.length - 2 };
		struct text low = text_cut(&high, '-');

		return read_version(text_trim(low), from, &parts) &&
		       read_version(text_trim(high), to, &parts) &&
		       compare_versions(from, version, VERSION_PARTS) <= 0 &&
		       compare_versions(version, to, VERSION_PARTS) <= 0;
	}
	if (pattern.length > 2 && memcmp(pattern.data + pattern.length - 2, ".*", 2) == 0) {
		pattern.length -= 2;
		return read_version(pattern, from, &parts) &&
		       compare_versions(from, version, parts) == 0;
	}
	return read_version(pattern, from, &parts) &&
	       compare_versions(from, version, VERSION_PARTS) == 0;
}

static enum clientele_result check_version(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	const char *pattern = license->texts[CLIENTELE_PRODUCT_VERSION];
	const char *version = options->version;

	(void)now;
	if (version != NULL && pattern != NULL &&
	    !is_version_of((struct text){ pattern, strlen(pattern) },
		(struct text){ version, strlen(version) }))
		return refuse_license(license, CLIENTELE_VERSION_MISMATCH,
		    "The license is for version %.80s, and this is %.80s.", pattern, version);
	return CLIENTELE_VALID;
}

static bool is_component(const struct clientele_options *options, struct text component)
{
	for (size_t i = 0; i < options->component_count; i++) {
		if (text_is(component, options->components[i]))
			return true;
	}
	return false;
}

/* Whether a machine is the one that a license names, or enough of it. */
static bool is_machine(const char *named, const struct clientele_options *options)
{
	struct text rest = { named, strlen(named) };
	size_t total = 0, found = 0, needed = options->components_least;

	if (options->machine != NULL && strcmp(named, options->machine) == 0)
		return true;
	if (options->components == NULL || options->component_count == 0)
		return false;
	while (rest.length > 0) {
		struct text component = text_trim(text_cut(&rest, ';'));

		total += component.length > 0;
		found += component.length > 0 && is_component(options, component);
	}
	if (needed == 0 || needed > total)
		needed = total;
	return total > 0 && found >= needed;
}

static enum clientele_result check_one_machine(
    struct clientele_license *license, const struct clientele_options *options, const char *named)
{
	if (named == NULL)
		return CLIENTELE_VALID;
	if (options->machine == NULL && options->component_count == 0)
		return refuse_license(license, CLIENTELE_MACHINE_REQUIRED,
		    "The license is bound to a machine, and this program names none.");
	if (!is_machine(named, options))
		return refuse_license(license, CLIENTELE_MACHINE_MISMATCH,
		    "The license is bound to another machine.");
	return CLIENTELE_VALID;
}

/* Each restriction to a machine counts, and that of a machine's file. */
static enum clientele_result check_machine(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	const struct list *restrictions = &license->lists[CLIENTELE_RESTRICTIONS];
	enum clientele_result result = CLIENTELE_VALID;

	(void)now;
	if ((options->skip & CLIENTELE_SKIP_MACHINE) != 0)
		return CLIENTELE_VALID;
	result = check_one_machine(license, options, license->texts[CLIENTELE_MACHINE]);
	for (size_t i = 0; result == CLIENTELE_VALID && i < restrictions->count; i++) {
		const struct clientele_item *item = &restrictions->items[i];

		if (item->name != NULL && strcmp(item->name, "Hardware") == 0)
			result = check_one_machine(
			    license, options, clientele_item_property(item, "hardwareKey"));
	}
	return result;
}

static enum clientele_result check_offline(
    struct clientele_license *license, const struct clientele_options *options, int64_t now)
{
	const struct clientele_item *offline = find_offline(license);
	struct state state;
	bool loaded, good;

	(void)now;
	if (options->state == NULL || offline == NULL)
		return CLIENTELE_VALID;
	loaded = load_state(options->state, &state);
	good = loaded && !state.returned && is_state_of(&state, offline);
	forget_state(&state);
	if (!loaded)
		return refuse_license(
		    license, CLIENTELE_STATE_UNKNOWN, "The state of offline use cannot be read.");
	if (!good)
		return refuse_license(license, CLIENTELE_RETURNED,
		    "This machine has given the license up, or has never asked for it.");
	return CLIENTELE_VALID;
}

static void mark_expired_items(struct clientele_license *license, int64_t now)
{
	for (size_t l = 0; l < CLIENTELE_LIST__MAX; l++) {
		for (size_t i = 0; i < license->lists[l].count; i++) {
			struct clientele_item *item = &license->lists[l].items[i];

			item->expired = item->expires != CLIENTELE_NEVER && now >= item->expires;
		}
	}
}

/* In the order in which their results are told. */
static enum clientele_result (*const checks[])(
    struct clientele_license *license, const struct clientele_options *options, int64_t now) = {
	check_clock,
	check_not_before,
	check_expiry,
	check_support,
	check_product,
	check_version,
	check_machine,
	check_offline,
};

static enum clientele_result check_license(
    struct clientele_license *license, const struct clientele_options *options)
{
	int64_t now = options->now != CLIENTELE_NEVER ? options->now : (int64_t)time(NULL);

	mark_expired_items(license, now);
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		enum clientele_result result = checks[i](license, options, now);

		if (result != CLIENTELE_VALID)
			return result;
	}
	return refuse_license(license, CLIENTELE_VALID, "The license is valid.");
}

/* --- The whole --- */

/* Finds out which format a document has, and verifies it. */
static enum clientele_result verify_document(struct clientele_license *license,
    const struct clientele_keys *keys, struct text text, const char *secret)
{
	if (text_begins(text, "\xff\xfe"))
		return verify_utf16(license, keys, text_from(text, 2), false);
	if (text_begins(text, "\xfe\xff"))
		return verify_utf16(license, keys, text_from(text, 2), true);
	if (text_begins(text, "\xef\xbb\xbf"))
		text = text_from(text, 3);
	text = text_trim(text);
	if (text.length == 0)
		return refuse_form(license, "it is empty");
	if (text_begins(text, "<"))
		return verify_xml(license, keys, text);
	for (size_t i = 0; i < COUNT_OF(armours); i++) {
		if (text_begins(text, armours[i].begin))
			return verify_file(license, keys, text, i, secret);
	}
	if (text_begins(text, "-----BEGIN "))
		return refuse_license(license, CLIENTELE_FORMAT_UNSUPPORTED,
		    "The document is a file of another kind.");
	if (memchr(text.data, '.', text.length) != NULL)
		return verify_jws(license, keys, text);
	return verify_serial(license, keys, text);
}

static void reset_license(struct clientele_license *license)
{
	license->seats = -1;
	for (size_t i = 0; i < CLIENTELE_TIME__MAX; i++)
		license->times[i] = CLIENTELE_NEVER;
}

/* The program's options, whose structure may be of another version than the library's. */
static struct clientele_options complete_options(const struct clientele_options *given)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	size_t size = given != NULL ? given->size : 0;

	if (given != NULL)
		memcpy(&options, given, size < sizeof(options) ? size : sizeof(options));
	return options;
}

enum clientele_result clientele_verify(const struct clientele_keys *keys, const void *document,
    size_t length, const struct clientele_options *given, struct clientele_license **result)
{
	struct clientele_options options = complete_options(given);
	struct clientele_license *license = calloc(1, sizeof(*license));
	enum clientele_result found;

	if (result != NULL)
		*result = license;
	if (license == NULL)
		return CLIENTELE_OUT_OF_MEMORY;
	reset_license(license);
	ERR_set_mark();
	if (document == NULL || length > CLIENTELE_DOCUMENT_MAX)
		found = refuse_license(license, CLIENTELE_TOO_LARGE,
		    "The document has more than %d bytes.", CLIENTELE_DOCUMENT_MAX);
	else
		found = verify_document(
		    license, keys, (struct text){ document, length }, options.secret);
	if (license->memory_failed)
		found = refuse_for_memory(license);
	if (found == CLIENTELE_VALID)
		found = check_license(license, &options);
	ERR_pop_to_mark();
	license->authentic = found == CLIENTELE_VALID || found >= CLIENTELE_CLOCK_TAMPERED;
	if (result == NULL)
		clientele_license_free(license);
	return found;
}

void clientele_license_free(struct clientele_license *license)
{
	if (license == NULL)
		return;
	free_blocks(license);
	free(license);
}

enum clientele_result clientele_license_result(const struct clientele_license *license)
{
	return license != NULL ? license->result : CLIENTELE_UNVERIFIED;
}

const char *clientele_license_detail(const struct clientele_license *license)
{
	return license != NULL ? license->detail : "";
}

const char *clientele_license_text(
    const struct clientele_license *license, enum clientele_text text)
{
	if (license == NULL || !license->authentic || (unsigned)text >= CLIENTELE_TEXT__MAX)
		return NULL;
	return license->texts[text];
}

bool clientele_license_is_type(const struct clientele_license *license, const char *type)
{
	const char *own = clientele_license_text(license, CLIENTELE_TYPE);

	if (license == NULL || !license->authentic || type == NULL)
		return false;
	if (license->serial != NULL)
		return is_hash_of(license->serial + 6, 2, type);
	return own != NULL && strcmp(own, type) == 0;
}

int64_t clientele_license_time(const struct clientele_license *license, enum clientele_time time)
{
	if (license == NULL || !license->authentic || (unsigned)time >= CLIENTELE_TIME__MAX)
		return CLIENTELE_NEVER;
	return license->times[time];
}

int64_t clientele_license_seats(const struct clientele_license *license)
{
	return license != NULL && license->authentic ? license->seats : 0;
}

size_t clientele_license_count(const struct clientele_license *license, enum clientele_list list)
{
	if (license == NULL || !license->authentic || (unsigned)list >= CLIENTELE_LIST__MAX)
		return 0;
	return license->lists[list].count;
}

const struct clientele_item *clientele_license_item(
    const struct clientele_license *license, enum clientele_list list, size_t number)
{
	return number < clientele_license_count(license, list) ? &license->lists[list].items[number]
							       : NULL;
}

const struct clientele_item *clientele_license_find(
    const struct clientele_license *license, enum clientele_list list, const char *name)
{
	return name != NULL && clientele_license_count(license, list) > 0
		   ? find_item(&license->lists[list], name)
		   : NULL;
}

const char *clientele_license_field(const struct clientele_license *license, const char *name)
{
	const struct clientele_item *field =
	    clientele_license_find(license, CLIENTELE_FIELDS, name);

	return field != NULL ? field->value : NULL;
}

bool clientele_license_has_feature(const struct clientele_license *license, const char *name)
{
	const struct clientele_item *feature =
	    clientele_license_find(license, CLIENTELE_FEATURES, name);

	return feature != NULL && license->result == CLIENTELE_VALID && !feature->expired;
}

const char *clientele_item_property(const struct clientele_item *item, const char *name)
{
	for (size_t i = 0; item != NULL && name != NULL && i < item->property_count; i++) {
		if (item->properties[i].name != NULL && strcmp(item->properties[i].name, name) == 0)
			return item->properties[i].value;
	}
	return NULL;
}

const char *clientele_result_name(enum clientele_result result)
{
	static const struct {
		enum clientele_result result;
		const char *name;
	} names[] = {
		{ CLIENTELE_UNVERIFIED, "UNVERIFIED" },
		{ CLIENTELE_VALID, "VALID" },
		{ CLIENTELE_OUT_OF_MEMORY, "OUT_OF_MEMORY" },
		{ CLIENTELE_TOO_LARGE, "TOO_LARGE" },
		{ CLIENTELE_MALFORMED, "MALFORMED" },
		{ CLIENTELE_FORMAT_UNSUPPORTED, "FORMAT_UNSUPPORTED" },
		{ CLIENTELE_ALGORITHM_REFUSED, "ALGORITHM_REFUSED" },
		{ CLIENTELE_KEY_MALFORMED, "KEY_MALFORMED" },
		{ CLIENTELE_KEY_PRIVATE, "KEY_PRIVATE" },
		{ CLIENTELE_KEY_WEAK, "KEY_WEAK" },
		{ CLIENTELE_KEY_UNKNOWN, "KEY_UNKNOWN" },
		{ CLIENTELE_SIGNATURE_INVALID, "SIGNATURE_INVALID" },
		{ CLIENTELE_SECRET_REQUIRED, "SECRET_REQUIRED" },
		{ CLIENTELE_DECRYPTION_FAILED, "DECRYPTION_FAILED" },
		{ CLIENTELE_NOT_A_LICENSE, "NOT_A_LICENSE" },
		{ CLIENTELE_CLOCK_TAMPERED, "CLOCK_TAMPERED" },
		{ CLIENTELE_CLOCK_UNKNOWN, "CLOCK_UNKNOWN" },
		{ CLIENTELE_NOT_YET_VALID, "NOT_YET_VALID" },
		{ CLIENTELE_EXPIRED, "EXPIRED" },
		{ CLIENTELE_SUPPORT_ENDED, "SUPPORT_ENDED" },
		{ CLIENTELE_PRODUCT_MISMATCH, "PRODUCT_MISMATCH" },
		{ CLIENTELE_VERSION_MISMATCH, "VERSION_MISMATCH" },
		{ CLIENTELE_MACHINE_REQUIRED, "MACHINE_REQUIRED" },
		{ CLIENTELE_MACHINE_MISMATCH, "MACHINE_MISMATCH" },
		{ CLIENTELE_RETURNED, "RETURNED" },
		{ CLIENTELE_STATE_UNKNOWN, "STATE_UNKNOWN" },
		{ CLIENTELE_NOT_OFFLINE, "NOT_OFFLINE" },
	};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (names[i].result == result)
			return names[i].name;
	}
	return "UNKNOWN";
}

const char *clientele_verify_version(void)
{
	return CLIENTELE_VERIFY_VERSION;
}
