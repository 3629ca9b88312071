/*
 * Per-request memory: a bump allocator that is emptied in one call.
 *
 * Everything that lives as long as one request comes from one arena; nothing in it is freed singly.
 * The arena keeps its first block between requests, so that an ordinary request allocates nothing
 * from the system.
 */
#ifndef CLIENTELE_BASE_ARENA_H
#define CLIENTELE_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/*
 * Makes an arena that takes memory from the system in blocks of `block_size` bytes and never holds
 * more than `limit` bytes in all. Returns NULL when there is no memory. Free with arena_free().
 */
struct arena *arena_new(size_t block_size, size_t limit);

/* Releases the arena and all that was allocated from it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Empties the arena: all pointers into it become invalid; the first block is kept. */
void arena_reset(struct arena *arena);

/* Where an arena stood. */
struct arena_mark {
	void *block; /* of the arena */
	size_t block_used, used;
	bool exhausted;
};

struct arena_mark arena_mark(const struct arena *arena);

/*
 * Gives back what was allocated since: all pointers to that become invalid. What has failed since
 * is forgotten, as there is room again.
 */
void arena_go_back(struct arena *arena, const struct arena_mark *mark);

/* Lets it hold `bytes` more than its limit, until the next reset. */
void arena_widen(struct arena *arena, size_t bytes);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/* True when an allocation has failed since the last reset (limit reached or no memory). */
int arena_exhausted(const struct arena *arena);

/*
 * Returns `size` zeroed bytes, aligned for any type, valid until the next reset. NULL when the
 * limit is reached; the failure is remembered for arena_exhausted().
 */
void *arena_alloc(struct arena *arena, size_t size);

/* The same for `count` elements of `size` bytes; NULL on overflow too. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

/* Copies `length` bytes and adds a NUL. NULL when the limit is reached. */
char *arena_copy(struct arena *arena, const char *data, size_t length);

/* Copies text (a NUL follows it). On failure the result has data == NULL and length 0. */
struct str arena_str(struct arena *arena, struct str text);

/* Copies texts, one behind the other. Returns "" when the limit is reached. */
const char *arena_join(struct arena *arena, const struct str *parts, unsigned count);

/* Formats into the arena. Returns "" when the limit is reached, so that messages are always text.
 */
const char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
