#include "db/timing.h"

#include <stdlib.h>
#include <string.h>

#define MORE ", ..."

void timing_reset(struct timing *timing)
{
	timing->microseconds = 0;
	timing->count = 0;
}

static bool begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Copies, with "?, ?, ?" as "?, ...". */
static void shorten_lists(const char *sql, char *out, size_t size)
{
	size_t length = 0;

	while (*sql != '\0' && length + sizeof(MORE) + 1 < size) {
		bool repeated = false;

		out[length++] = *sql++;
		while (out[length - 1] == '?' && begins(sql, ", ?")) {
			sql += strlen(", ?");
			repeated = true;
		}
		if (!repeated)
			continue;
		memcpy(out + length, MORE, strlen(MORE));
		length += strlen(MORE);
	}
	out[length] = '\0';
}

/* Leaves one of several rows that look alike: "(?, ...), (?, ...)" becomes "(?, ...), ...". */
static void shorten_rows(char *text)
{
	for (char *open = strchr(text, '('); open != NULL; open = strchr(open + 1, '(')) {
		char *end = open + strcspn(open + 1, "()") + 1, *rest = end + 1;
		size_t row = (size_t)(end - open) + 1;

		if (*end != ')' || row < sizeof(MORE))
			continue;
		while (begins(rest, ", ") && strncmp(rest + 2, open, row) == 0)
			rest += row + 2;
		if (rest == end + 1)
			continue;
		memcpy(end + 1, MORE, strlen(MORE));
		memmove(end + 1 + strlen(MORE), rest, strlen(rest) + 1);
	}
}

void timing_fingerprint(const char *sql, char *out, size_t size)
{
	shorten_lists(sql, out, size);
	shorten_rows(out);
}

/* The place of a statement: its own, a free one, else that of the fastest if it is slower. */
static struct timing_run *find_place(
    struct timing *timing, const char *sql, size_t length, int64_t microseconds)
{
	struct timing_run *place = timing->kept;

	for (unsigned i = 0; i < timing->count; i++) {
		struct timing_run *run = &timing->kept[i];

		if (run->length == length && memcmp(run->sql, sql, length) == 0)
			return run;
		if (run->microseconds < place->microseconds)
			place = run;
	}
	if (timing->count < TIMING_KEPT)
		place = &timing->kept[timing->count++];
	else if (place->microseconds >= microseconds)
		return NULL;
	place->microseconds = place->runs = 0;
	place->length = length;
	memcpy(place->sql, sql, length);
	place->sql[length] = '\0';
	return place;
}

void timing_add(struct timing *timing, const char *sql, int64_t microseconds)
{
	struct timing_run *place =
	    find_place(timing, sql, strnlen(sql, TIMING_SQL - 1), microseconds);

	timing->microseconds += microseconds;
	if (place == NULL)
		return;
	place->microseconds += microseconds;
	place->runs++;
}

/* Adds a run to those that look alike. */
static void merge(struct timing_statement *all, unsigned *count, const struct timing_run *run)
{
	struct timing_statement *place = &all[*count];

	timing_fingerprint(run->sql, place->sql, sizeof(place->sql));
	place->microseconds = place->runs = 0;
	for (unsigned i = 0; i < *count; i++) {
		if (strcmp(all[i].sql, place->sql) == 0)
			place = &all[i];
	}
	if (place == &all[*count])
		++*count;
	place->microseconds += run->microseconds;
	place->runs += run->runs;
}

static int compare_slower(const void *left, const void *right)
{
	const struct timing_statement *a = left, *b = right;

	return (a->microseconds < b->microseconds) - (a->microseconds > b->microseconds);
}

unsigned timing_slowest(
    const struct timing *timing, struct timing_statement slowest[TIMING_SLOWEST])
{
	struct timing_statement all[TIMING_KEPT] = { 0 };
	unsigned count = 0;

	for (unsigned i = 0; i < timing->count; i++)
		merge(all, &count, &timing->kept[i]);
	qsort(all, count, sizeof(all[0]), compare_slower);
	if (count > TIMING_SLOWEST)
		count = TIMING_SLOWEST;
	memcpy(slowest, all, count * sizeof(all[0]));
	return count;
}
