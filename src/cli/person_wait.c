#include "cli/person_wait.h"

#include <stdlib.h>

#define BLOCK ((size_t)256 * 1024)
#define MEMORY_MOST ((size_t)1 << 30)
#define FIRST_PLACES 1024u
#define SPREAD UINT64_C(0x9E3779B97F4A7C15) /* Knuth's multiplicative hashing */

bool person_wait_begin(struct person_wait *wait)
{
	*wait = (struct person_wait){ .arena = arena_new(BLOCK, MEMORY_MOST) };
	return wait->arena != NULL;
}

void person_wait_end(struct person_wait *wait)
{
	arena_free(wait->arena);
	free(wait->persons);
	free(wait->places);
	*wait = (struct person_wait){ 0 };
}

static int64_t id_of(const struct person *person)
{
	return person->values[PERSON_ID].integer;
}

/* The place of a person in the table: its own, or the free one where it would be. */
static uint32_t *find_place(const struct person_wait *wait, int64_t id)
{
	uint32_t place = (uint32_t)(((uint64_t)id * SPREAD) >> 32) & (wait->place_count - 1);

	while (wait->places[place] != 0 && id_of(wait->persons[wait->places[place] - 1]) != id)
		place = (place + 1) & (wait->place_count - 1);
	return &wait->places[place];
}

/* Room for one more line, in a table that is never more than half full. */
static bool make_room(struct person_wait *wait)
{
	unsigned capacity = wait->capacity > 0 ? wait->capacity * 2 : FIRST_PLACES / 2;
	struct person **persons;
	uint32_t *places;

	if (wait->count < wait->capacity)
		return true;
	persons = realloc(wait->persons, capacity * sizeof(struct person *));
	if (persons == NULL)
		return false;
	wait->persons = persons;
	places = calloc((size_t)capacity * 2, sizeof(places[0]));
	if (places == NULL)
		return false;
	free(wait->places);
	wait->places = places;
	wait->place_count = capacity * 2;
	wait->capacity = capacity;
	for (unsigned i = 0; i < wait->count; i++)
		*find_place(wait, id_of(wait->persons[i])) = i + 1;
	return true;
}

static struct person *copy_person(struct arena *arena, const struct person *person)
{
	struct person *copy = arena_alloc(arena, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *person;
	copy->code_taken = false;
	for (int i = 0; i < PERSON__MAX; i++) {
		if (person->values[i].kind == BIND_TEXT)
			copy->values[i].text = arena_str(arena, person->values[i].text);
	}
	copy->user_defined = arena_str(arena, person->user_defined);
	return arena_exhausted(arena) ? NULL : copy;
}

void person_wait_drop(struct person_wait *wait, const struct person *person)
{
	uint32_t *place = wait->count > 0 ? find_place(wait, id_of(person)) : NULL;
	struct person *waiting = place != NULL && *place != 0 ? wait->persons[*place - 1] : NULL;

	if (waiting != NULL)
		waiting->superseded = true;
}

bool person_wait_add(struct person_wait *wait, const struct person *person)
{
	struct person *copy = copy_person(wait->arena, person);

	if (copy == NULL || !make_room(wait))
		return false;
	person_wait_drop(wait, person);
	wait->persons[wait->count] = copy;
	*find_place(wait, id_of(person)) = ++wait->count;
	return true;
}
