#include "cli/import_wait.h"

#include <stdlib.h>

#define BLOCK ((size_t)256 * 1024)
#define MEMORY_MOST ((size_t)1 << 30)
#define FIRST_PLACES 1024u
#define HASH_BASIS UINT64_C(0xCBF29CE484222325)
#define HASH_PRIME UINT64_C(0x100000001B3)

bool import_wait_begin(struct import_wait *wait)
{
	*wait = (struct import_wait){ .arena = arena_new(BLOCK, MEMORY_MOST) };
	return wait->arena != NULL;
}

void import_wait_end(struct import_wait *wait)
{
	arena_free(wait->arena);
	free(wait->lines);
	free(wait->places);
	*wait = (struct import_wait){ 0 };
}

/* FNV-1a */
static uint64_t hash_key(struct str key)
{
	uint64_t hash = HASH_BASIS;

	for (size_t i = 0; i < key.length; i++)
		hash = (hash ^ (unsigned char)key.data[i]) * HASH_PRIME;
	return hash;
}

/* The place of a row in the table: its own, or the free one where it would be. */
static uint32_t *find_place(const struct import_wait *wait, struct str key)
{
	uint32_t place = (uint32_t)hash_key(key) & (wait->place_count - 1);

	while (
	    wait->places[place] != 0 && !str_equal(wait->lines[wait->places[place] - 1]->key, key))
		place = (place + 1) & (wait->place_count - 1);
	return &wait->places[place];
}

/* Room for one more line, in a table that is never more than half full. */
static bool make_room(struct import_wait *wait)
{
	unsigned capacity = wait->capacity > 0 ? wait->capacity * 2 : FIRST_PLACES / 2;
	struct import_line **lines;
	uint32_t *places;

	if (wait->count < wait->capacity)
		return true;
	lines = realloc(wait->lines, capacity * sizeof(struct import_line *));
	if (lines == NULL)
		return false;
	wait->lines = lines;
	places = calloc((size_t)capacity * 2, sizeof(places[0]));
	if (places == NULL)
		return false;
	free(wait->places);
	wait->places = places;
	wait->place_count = capacity * 2;
	wait->capacity = capacity;
	for (unsigned i = 0; i < wait->count; i++)
		*find_place(wait, wait->lines[i]->key) = i + 1;
	return true;
}

static struct row *copy_row(struct arena *arena, const struct row *row)
{
	struct row *copy = row_copy(arena, row);

	for (unsigned i = 0; copy != NULL && i < row->resource->field_count; i++) {
		if (row_filled(row, i) && field_holds(&row->resource->fields[i]) == VALUE_TEXT)
			copy->values[i].text = arena_str(arena, row->values[i].text);
	}
	return copy;
}

static struct import_line *copy_line(struct arena *arena, const struct import_line *line)
{
	struct import_line *copy = arena_alloc(arena, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *line;
	copy->faults = copy->last_fault = NULL;
	copy->key = arena_str(arena, line->key);
	copy->row = copy_row(arena, line->row);
	return arena_exhausted(arena) ? NULL : copy;
}

void import_wait_drop(struct import_wait *wait, const struct import_line *line)
{
	uint32_t *place = wait->count > 0 ? find_place(wait, line->key) : NULL;
	struct import_line *waiting = place != NULL && *place != 0 ? wait->lines[*place - 1] : NULL;

	if (waiting != NULL)
		waiting->superseded = true;
}

bool import_wait_add(struct import_wait *wait, const struct import_line *line)
{
	struct import_line *copy = copy_line(wait->arena, line);

	if (copy == NULL || !make_room(wait))
		return false;
	import_wait_drop(wait, line);
	wait->lines[wait->count] = copy;
	*find_place(wait, line->key) = ++wait->count;
	return true;
}
