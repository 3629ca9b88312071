/*
 * A growing byte buffer outside the arena: responses, log lines, SQL text. Growth failures are
 * remembered, so that writers need not check each append; look at `failed` once at the end.
 */
#ifndef CLIENTELE_BASE_BUF_H
#define CLIENTELE_BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct buf {
	char *data; /* NUL-terminated when not NULL */
	size_t length;
	size_t capacity;
	size_t limit; /* most bytes it may hold; 0 = no limit */
	bool failed;  /* an append did not fit or memory ran out */
};

/* Frees the memory; the buffer is empty and usable afterwards. */
void buf_free(struct buf *buf);

/* Empties the buffer and clears `failed`; memory above `keep` bytes is given back. */
void buf_reset(struct buf *buf, size_t keep);

/* Takes away what follows the first `length` bytes. */
void buf_truncate(struct buf *buf, size_t length);

/* Makes room for `extra` more bytes. Returns false (and sets `failed`) when that is not possible.
 */
bool buf_reserve(struct buf *buf, size_t extra);

static inline void buf_append(struct buf *buf, const char *data, size_t length)
{
	/* Most appends fit: capacity is never more than the limit allows. */
	if ((length >= buf->capacity - buf->length || buf->failed) && !buf_reserve(buf, length))
		return;
	if (length > 0)
		memcpy(buf->data + buf->length, data, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

static inline void buf_append_str(struct buf *buf, struct str text)
{
	buf_append(buf, text.data, text.length);
}

static inline void buf_append_char(struct buf *buf, char byte)
{
	buf_append(buf, &byte, 1);
}

static inline void buf_append_text(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void buf_append_int64(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/*
 * Appends text of which at most `most` bytes are to be kept, and says so where it was cut:
 * "beginning… (12000 bytes)".
 */
void buf_append_cut(struct buf *buf, struct str text, size_t most);

/*
 * Appends text for a terminal: a question mark stands for each byte that is no UTF-8, and for each
 * character that a terminal obeys instead of showing it: controls, line ends among them, and what
 * changes the direction of writing.
 */
void buf_append_visible(struct buf *buf, struct str text);

/*
 * Appends a JSON string with its quotes: escapes `"`, `\`, controls (to U+001F, and U+007F to
 * U+009F), U+2028 and U+2029.
 */
void buf_append_json_string(struct buf *buf, struct str text);

/* The content as a slice; valid until the next change. */
struct str buf_str(const struct buf *buf);

#endif
