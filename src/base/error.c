#include "base/error.h"

#include <string.h>

#include "base/language.h"

/* An error has some hundred faults at most, each with a path and a sentence. */
#define SHELF_BLOCK 4096
#define SHELF_MOST (16 << 20)

static const struct {
	const char *word;
	const char *message;
	bool refusal;
} codes[ERROR__MAX] = {
	[ERROR_NONE] = { "OK", "", false },
	[ERROR_MALFORMED] = { "MALFORMED", "The request body cannot be read.", true },
	[ERROR_INVALID] = { "VALIDATION_FAILED", "The request is invalid.", true },
	[ERROR_UNAUTHENTICATED] = { "UNAUTHORIZED",
	    "Authorization has been denied for this request.", false },
	[ERROR_FORBIDDEN] = { "FORBIDDEN", "This credential does not allow the operation.", true },
	[ERROR_NO_ROUTE] = { "NO_SUCH_PATH", "No operation was found at this path.", false },
	[ERROR_METHOD] = { "METHOD_NOT_ALLOWED",
	    "The requested resource does not support this method.", false },
	[ERROR_NOT_FOUND] = { "NOT_FOUND", "The item was not found.", true },
	[ERROR_CONFLICT] = { "DUPLICATE", "A value that must be unique is already in use.", true },
	[ERROR_IN_USE] = { "IN_USE", "The item is still used by others.", true },
	[ERROR_STALE] = { "STALE", "The item has changed since it was read (If-Match).", true },
	[ERROR_TOO_LARGE] = { "TOO_LARGE", "The request body is too large.", true },
	[ERROR_URI_TOO_LONG] = { "URI_TOO_LONG", "The query string is too long.", false },
	[ERROR_MEDIA_TYPE] = { "UNSUPPORTED_MEDIA_TYPE",
	    "The media type of the body is not supported.", false },
	[ERROR_MISMATCH] = { "IDEMPOTENCY_MISMATCH",
	    "The Idempotency-Key was already used for another request.", true },
	[ERROR_TOO_MANY] = { "TOO_MANY_REQUESTS", "Too many requests; try again later.", false },
	[ERROR_BUSY] = { "BUSY", "The service is busy; try again.", false },
	[ERROR_UNAVAILABLE] = { "UNAVAILABLE", "The service is temporarily unavailable; try again.",
	    false },
	[ERROR_OUTCOME_UNKNOWN] = { "OUTCOME_UNKNOWN",
	    "The change was not confirmed: it may or may not be stored. Read the data before you "
	    "send the request again, or repeat it with the same Idempotency-Key.",
	    false },
	[ERROR_INTERNAL] = { "INTERNAL", "An error has occurred.", false },
};

void error_init(struct error *error, struct arena *arena)
{
	*error = (struct error){ .arena = arena };
}

void error_clear(struct error *error)
{
	error_init(error, error->arena);
}

static const char *copy_text(struct arena *arena, const char *text)
{
	return text != NULL ? arena_copy(arena, text, strlen(text)) : NULL;
}

static void copy_faults(struct error *to, const struct error *from)
{
	for (const struct fault *fault = from->faults; fault != NULL; fault = fault->next)
		error_add_fault(to, fault->path, "%s", fault->message);
}

void error_copy(struct error *to, const struct error *from)
{
	struct arena *arena = to->arena;

	*to = *from;
	to->arena = arena;
	to->word = copy_text(arena, from->word);
	to->message = copy_text(arena, from->message);
	to->detail = copy_text(arena, from->detail);
	to->challenge = copy_text(arena, from->challenge);
	to->faults = to->last_fault = NULL;
	to->fault_count = 0;
	copy_faults(to, from);
}

void error_outlive(
    struct arena *arena, const struct arena_mark *mark, struct error *const *errors, unsigned count)
{
	struct arena *shelf = arena_new(SHELF_BLOCK, SHELF_MOST);
	struct error *kept = shelf != NULL ? arena_alloc_array(shelf, count, sizeof(*kept)) : NULL;

	for (unsigned i = 0; kept != NULL && i < count; i++) {
		error_init(&kept[i], shelf);
		error_copy(&kept[i], errors[i]);
	}
	if (kept != NULL && !arena_exhausted(shelf)) {
		arena_go_back(arena, mark);
		for (unsigned i = 0; i < count; i++)
			error_copy(errors[i], &kept[i]);
	}
	arena_free(shelf);
}

/*
 * A text of the error's arena. When that has no memory left, which may be the very fault, a format
 * without conversions is its own text, and any other one is told by `otherwise`.
 */
static const char *print(
    struct error *error, const char *format, va_list arguments, const char *otherwise)
{
	const char *text = language_vprintf(error->arena, format, arguments);

	if (text[0] != '\0')
		return text;
	return language_text(strchr(format, '%') == NULL ? format : otherwise);
}

int error_set(struct error *error, enum error_code code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error->code = code;
	error->message = print(error, format, arguments, codes[code].message);
	va_end(arguments);
	return -1;
}

int error_set_word(
    struct error *error, enum error_code code, const char *word, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error->code = code;
	error->word = word;
	error->message = print(error, format, arguments, codes[code].message);
	va_end(arguments);
	return -1;
}

int error_out_of_memory(struct error *error)
{
	error_set(error, ERROR_BUSY, "The request needs more memory than one request may use.");
	error->cause = ERROR_CAUSE_MEMORY;
	return -1;
}

int error_set_wait(
    struct error *error, enum error_code code, int64_t seconds, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error->code = code;
	error->retry_after = seconds;
	error->message = print(error, format, arguments, codes[code].message);
	va_end(arguments);
	return -1;
}

int error_set_detail(struct error *error, enum error_code code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error->code = code;
	error->detail = arena_vprintf(error->arena, format, arguments);
	if (error->detail[0] == '\0')
		error->detail = strchr(format, '%') == NULL ? format : codes[code].message;
	va_end(arguments);
	return -1;
}

int error_add_fault(struct error *error, const char *path, const char *format, ...)
{
	struct fault *fault;
	va_list arguments;

	if (error->code == ERROR_NONE)
		error->code = ERROR_INVALID;
	if (error->fault_count == (error->fault_most > 0 ? error->fault_most : ERROR_FAULTS_MAX))
		return -1;
	fault = arena_alloc(error->arena, sizeof(*fault));
	if (fault == NULL)
		return -1;
	va_start(arguments, format);
	fault->path = arena_printf(error->arena, "%s", path);
	fault->message = print(error, format, arguments, codes[error->code].message);
	va_end(arguments);
	if (error->last_fault != NULL)
		error->last_fault->next = fault;
	else
		error->faults = fault;
	error->last_fault = fault;
	error->fault_count++;
	return -1;
}

const char *error_code_word(enum error_code code)
{
	return codes[code].word;
}

bool error_is_refusal(enum error_code code)
{
	return codes[code].refusal;
}

const char *error_code_message(enum error_code code)
{
	return language_text(codes[code].message);
}
