/*
 * Slices of text: a pointer and a length, not owned, not necessarily NUL-terminated.
 */
#ifndef CLIENTELE_BASE_STR_H
#define CLIENTELE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *data;
	size_t length;
};

/* A slice of a string literal. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* A string literal of what a macro stands for, such as a number in SQL. */
#define STRING_OF_(number) #number
#define STRING_OF(number) STRING_OF_(number)

/* For printf's "%.*s". */
#define STR_FORMAT "%.*s"
#define STR_ARGUMENTS(text) (int)(text).length, (text).data != NULL ? (text).data : ""

/* A slice of a NUL-terminated string; NULL gives an empty slice. */
struct str str_from(const char *text);

/* `length` bytes from `start`, clipped to the slice. */
struct str str_slice(struct str text, size_t start, size_t length);

bool str_equal(struct str a, struct str b);

/* Compare with ASCII letters folded; other bytes must be the same. */
bool str_equal_ignore_case(struct str a, struct str b);
bool str_starts_with(struct str text, struct str prefix);
bool str_starts_with_ignore_case(struct str text, struct str prefix);
bool str_ends_with(struct str text, struct str suffix);

/* True when `needle` is in `text`, ASCII letters folded. */
bool str_contains_ignore_case(struct str text, struct str needle);

/* Position of the first `byte`, or text.length. */
size_t str_find(struct str text, char byte);

/* Removes leading and trailing space, tab, CR and LF. */
struct str str_trim(struct str text);

/*
 * Cuts the part before the next `separator` off the front of `*rest`. Returns false when nothing is
 * left. "a,,b" gives "a", "" and "b".
 */
bool str_next(struct str *rest, char separator, struct str *part);

/* The same of words between which any number of blanks, tabs and commas stand. "a,, b" gives "a"
 * and "b". */
bool str_next_word(struct str *rest, struct str *word);

/* Reads a whole slice as a decimal integer ("-12", "+7", "007"). False on anything else or
 * overflow. */
bool str_to_int64(struct str text, int64_t *value);

/*
 * The decimal digits of a number, with a sign where it is below zero: at the end of `digits`, where
 * no NUL follows.
 */
#define STR_INT64_MAX 20
struct str str_of_int64(int64_t value, char digits[STR_INT64_MAX]);

/* Lower-case and upper-case of an ASCII letter, other bytes unchanged. */
char str_lower(char byte);
char str_upper(char byte);

/* Value of a hexadecimal digit and one more, 0 where the byte is none. */
extern const uint8_t str_hex_digits[256];

/* Value of a hexadecimal digit, -1 when it is none. */
static inline int str_hex_digit(char byte)
{
	return str_hex_digits[(unsigned char)byte] - 1;
}

/*
 * Checks for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
 * U+10FFFF). Returns the length of the valid beginning: text.length when all is valid.
 */
size_t str_utf8_valid(struct str text);

/*
 * Checks well-formed UTF-8 for characters that XML 1.0 cannot carry, not even as references: the
 * control characters below U+0020 other than tab, LF and CR, and U+FFFE and U+FFFF. Returns the
 * length of the beginning without them: text.length when there is none.
 */
size_t str_xml_valid(struct str text);

/* Length of the first character, 0 where the text begins with none in well-formed UTF-8. */
size_t str_utf8_first(struct str text);

/* The beginning of well-formed UTF-8 of at most `most` bytes that ends between two characters. */
struct str str_cut(struct str text, size_t most);

/* Number of code points of well-formed UTF-8. */
size_t str_utf8_length(struct str text);

#endif
