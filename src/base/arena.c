#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size; /* of the data */
	size_t used;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct block *first; /* kept over resets */
	struct block *current;
	size_t block_size;
	size_t limit;
	size_t wider; /* what it may hold beyond the limit until the next reset */
	size_t total; /* bytes of all blocks */
	size_t used;
	bool exhausted;
};

static struct block *block_new(size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (block != NULL) {
		block->next = NULL;
		block->size = size;
		block->used = 0;
	}
	return block;
}

struct arena *arena_new(size_t block_size, size_t limit)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		return NULL;
	arena->first = block_new(block_size);
	if (arena->first == NULL) {
		free(arena);
		return NULL;
	}
	arena->current = arena->first;
	arena->block_size = block_size;
	arena->limit = limit;
	arena->total = block_size;
	return arena;
}

/* Returns the bytes of data that they held. */
static size_t free_blocks(struct block *block)
{
	size_t freed = 0;

	while (block != NULL) {
		struct block *next = block->next;

		freed += block->size;
		free(block);
		block = next;
	}
	return freed;
}

void arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	free_blocks(arena->first);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	free_blocks(arena->first->next);
	arena->first->next = NULL;
	arena->first->used = 0;
	arena->current = arena->first;
	arena->total = arena->first->size;
	arena->used = 0;
	arena->wider = 0;
	arena->exhausted = false;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->current, arena->current->used, arena->used,
		arena->exhausted };
}

void arena_go_back(struct arena *arena, const struct arena_mark *mark)
{
	struct block *block = mark->block;

	arena->total -= free_blocks(block->next);
	block->next = NULL;
	block->used = mark->block_used;
	arena->current = block;
	arena->used = mark->used;
	arena->exhausted = mark->exhausted;
}

void arena_widen(struct arena *arena, size_t bytes)
{
	arena->wider = bytes;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

int arena_exhausted(const struct arena *arena)
{
	return arena->exhausted;
}

/* A larger request gets a block of its own size, so that no request is too large for the block
 * size. */
static struct block *add_block(struct arena *arena, size_t size)
{
	size_t wanted = size > arena->block_size ? size : arena->block_size;
	struct block *block;

	if (arena->total + wanted > arena->limit + arena->wider ||
	    arena->total + wanted < arena->total)
		return NULL;
	block = block_new(wanted);
	if (block == NULL)
		return NULL;
	arena->total += wanted;
	arena->current->next = block;
	arena->current = block;
	return block;
}

static size_t round_up(size_t size)
{
	return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

static void take_memory(struct arena *arena, struct block *block, size_t size)
{
	block->used += round_up(size);
	arena->used += round_up(size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->current;
	size_t rounded = round_up(size);
	void *memory;

	if (rounded < size) {
		arena->exhausted = true;
		return NULL;
	}
	if (block->size - block->used < rounded) {
		block = add_block(arena, rounded);
		if (block == NULL) {
			arena->exhausted = true;
			return NULL;
		}
	}
	memory = block->data + block->used;
	take_memory(arena, block, size);
	return memset(memory, 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		arena->exhausted = true;
		return NULL;
	}
	return arena_alloc(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *data, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (copy != NULL && length > 0)
		memcpy(copy, data, length);
	return copy;
}

struct str arena_str(struct arena *arena, struct str text)
{
	char *copy = arena_copy(arena, text.data, text.length);

	return (struct str){ copy, copy != NULL ? text.length : 0 };
}

const char *arena_join(struct arena *arena, const struct str *parts, unsigned count)
{
	size_t length = 0;
	char *text, *end;

	for (unsigned i = 0; i < count; i++)
		length += parts[i].length;
	text = end = arena_alloc(arena, length + 1);
	if (text == NULL)
		return "";
	for (unsigned i = 0; i < count; i++) {
		if (parts[i].length > 0)
			memcpy(end, parts[i].data, parts[i].length);
		end += parts[i].length;
	}
	return text;
}

/* Most texts fit into what is left of the block; the others are printed once more. */
const char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	struct block *block = arena->current;
	size_t room = block->size - block->used;
	va_list again;
	char *text;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(block->data + block->used, room, format, again);
	va_end(again);
	if (length < 0)
		return "";
	if (round_up((size_t)length + 1) <= room) {
		text = block->data + block->used;
		take_memory(arena, block, (size_t)length + 1);
		return text;
	}
	text = arena_alloc(arena, (size_t)length + 1);
	if (text == NULL)
		return "";
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

const char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	const char *text;

	va_start(arguments, format);
	text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}
