#include "db/timing.h"

#include <stdbool.h>
#include <string.h>

#define MORE ", ..."

void timing_reset(struct timing *timing)
{
	timing->microseconds = 0;
	for (unsigned i = 0; i < TIMING_SLOWEST; i++)
		timing->slowest[i].microseconds = timing->slowest[i].runs = 0;
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

/* The statement's place: its own, else that of the fastest one if it is slower than that. */
static struct timing_statement *find_place(
    struct timing *timing, const char *fingerprint, int64_t microseconds)
{
	struct timing_statement *last = &timing->slowest[TIMING_SLOWEST - 1];

	for (unsigned i = 0; i < TIMING_SLOWEST; i++) {
		if (timing->slowest[i].runs > 0 && strcmp(timing->slowest[i].sql, fingerprint) == 0)
			return &timing->slowest[i];
	}
	if (last->runs > 0 && last->microseconds >= microseconds)
		return NULL;
	last->microseconds = last->runs = 0;
	memcpy(last->sql, fingerprint, strlen(fingerprint) + 1);
	return last;
}

void timing_add(struct timing *timing, const char *sql, int64_t microseconds)
{
	char fingerprint[TIMING_TEXT];
	struct timing_statement *place;

	timing->microseconds += microseconds;
	timing_fingerprint(sql, fingerprint, sizeof(fingerprint));
	place = find_place(timing, fingerprint, microseconds);
	if (place == NULL)
		return;
	place->microseconds += microseconds;
	place->runs++;
	while (place > timing->slowest && place[-1].microseconds < place->microseconds) {
		struct timing_statement before = place[-1];

		place[-1] = *place;
		*place = before;
		place--;
	}
}
