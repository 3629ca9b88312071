#include "codec/body_text.h"

#include <limits.h>

#include "base/language.h"

int body_text_open(struct str *text, const char *format, struct error *error)
{
	size_t valid, zero;

	if (text->length == 0)
		return 0;
	if (str_starts_with(*text, STR("\xEF\xBB\xBF")))
		*text = str_slice(*text, 3, text->length - 3);
	/* expat counts bytes in an int. */
	if (text->length >= INT_MAX)
		return body_text_too_large(format, error);
	valid = str_utf8_valid(*text);
	if (valid < text->length)
		return body_text_fail(*text, valid, format, error, "this is not valid UTF-8.");
	/* expat takes a text with zero bytes in the right places for UTF-16, whatever it was told.
	 */
	zero = str_find(*text, '\0');
	if (zero < text->length)
		return body_text_fail(*text, zero, format, error, "zero bytes are not allowed.");
	return 0;
}

bool body_text_is_blank(struct str text)
{
	return str_trim(text).length == 0;
}

int body_text_fail(struct str text, size_t offset, const char *format, struct error *error,
    const char *sentence, ...)
{
	struct str before = str_slice(text, 0, offset);
	size_t line = 1, line_start = 0;
	const char *message;
	va_list arguments;

	for (size_t i = 0; i < before.length; i++) {
		if (before.data[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	}
	va_start(arguments, sentence);
	message = language_vprintf(error->arena, sentence, arguments);
	va_end(arguments);
	return error_set(error, ERROR_MALFORMED, "Line %zu, column %zu of the %s body: %s", line,
	    str_utf8_length(str_slice(before, line_start, before.length - line_start)) + 1, format,
	    message);
}

int body_text_fail_limit(struct str text, size_t offset, const char *format, struct error *error,
    const char *what, int64_t most)
{
	return body_text_fail(text, offset, format, error, "too many %s; at most %lld are allowed.",
	    what, (long long)most);
}

int body_text_too_large(const char *format, struct error *error)
{
	return error_set(error, ERROR_TOO_LARGE,
	    "The %s body needs more memory than one request may use.", format);
}
