#include "base/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "base/zone_file.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define NAME_MAX_LENGTH 64       /* as columns have room for */
#define FILE_LONGEST (64 * 1024) /* the longest has 4 kB */

/* No zone has ever been further from UTC; the furthest was Manila, 15:56 behind. */
#define FURTHEST (INT64_C(16) * 3600 * MICROSECONDS_PER_SECOND)

struct zone {
	char name[NAME_MAX_LENGTH + 1];
	struct zone_table table;
	struct zone *next;
};

/* It needs no file, so that it is there on every machine. */
static struct zone utc = { .name = "UTC" };

/* Zones that were asked for; there are some hundreds at most. */
static struct zone *known = &utc;

static const struct zone *of_process = &utc;
static const struct zone *now = &utc;

/* Returns the length, or -1 when there is no such file, or it is too long to be one. */
static ssize_t read_file(const char *path, char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t part = 1;

	if (fd < 0)
		return -1;
	while (length < size && (part = read(fd, bytes + length, size - length)) > 0)
		length += (size_t)part;
	(void)close(fd);
	return part == 0 ? (ssize_t)length : -1;
}

static struct zone *load(const char *name)
{
	char path[sizeof(ZONE_DIRECTORY) + NAME_MAX_LENGTH];
	struct zone *zone = calloc(1, sizeof(*zone));
	char *bytes = malloc(FILE_LONGEST);
	ssize_t length = -1;

	if (zone != NULL && bytes != NULL) {
		(void)snprintf(path, sizeof(path), ZONE_DIRECTORY "%s", name);
		(void)snprintf(zone->name, sizeof(zone->name), "%s", name);
		length = read_file(path, bytes, FILE_LONGEST);
	}
	if (length < 0 || !zone_file_parse((struct str){ bytes, (size_t)length }, &zone->table)) {
		free(zone);
		zone = NULL;
	}
	free(bytes);
	return zone;
}

static const struct zone *find(const char *name)
{
	struct zone *zone = known;

	while (zone != NULL && strcmp(zone->name, name) != 0)
		zone = zone->next;
	if (zone != NULL)
		return zone;
	zone = load(name);
	if (zone == NULL)
		return NULL;
	zone->next = known;
	known = zone;
	return zone;
}

/*
 * Words with "/" between them, as the tz database calls its zones: no path that leads elsewhere,
 * and no two of them to one file, each of which would be kept.
 */
static bool is_name(const char *text, size_t length)
{
	static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789+-_/";

	return length > 0 && strspn(text, bytes) == length && text[0] != '/' &&
	       text[length - 1] != '/' && strstr(text, "//") == NULL;
}

static const struct zone *find_name(struct str name)
{
	char text[NAME_MAX_LENGTH + 1];

	if (name.length > NAME_MAX_LENGTH)
		return NULL;
	memcpy(text, name.data, name.length);
	text[name.length] = '\0';
	return is_name(text, name.length) ? find(text) : NULL;
}

/* Names of the tz database first: each hello of a group with a zone comes here. */
const struct zone *zone_find(struct str name)
{
	const struct zone *zone = find_name(name);
	const char *other = zone == NULL ? zone_of_windows(name) : NULL;

	return other != NULL ? find_name(str_from(other)) : zone;
}

const char *zone_check(struct str name)
{
	return zone_find(name) != NULL
		   ? NULL
		   : "the name of a time zone, as Europe/Berlin or GMT Standard Time";
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

bool zone_set(const char *name)
{
	const struct zone *zone = zone_find(str_from(name));

	if (zone == NULL)
		return false;
	now = of_process = zone;
	return true;
}

void zone_begin(const struct zone *zone)
{
	now = zone != NULL ? zone : of_process;
}

void zone_end(void)
{
	now = of_process;
}

const struct zone *zone_utc(void)
{
	return &utc;
}

const struct zone *zone_now(void)
{
	return now;
}

/* The last change that is not behind a moment; changes are in order. */
static int64_t offset_of_changes(const struct zone_table *table, int64_t seconds)
{
	unsigned low = 0, high = table->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (table->changes[middle].moment <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? table->changes[low - 1].offset : table->first;
}

int64_t zone_offset(int64_t moment)
{
	const struct zone_table *table = &now->table;
	/* Seconds before 1970 round down, too. */
	int64_t seconds = moment / MICROSECONDS_PER_SECOND - (moment % MICROSECONDS_PER_SECOND < 0);
	bool behind = table->count == 0 || seconds >= table->changes[table->count - 1].moment;
	int64_t offset = table->has_rule && behind ? zone_rule_offset(&table->rule, seconds)
						   : offset_of_changes(table, seconds);

	return offset / 60 * 60;
}

/* What is asked twice here is answered alike: nothing depends on the calls before. */
int64_t zone_offset_of_wall(int64_t wall)
{
	int64_t before = zone_offset(wall - FURTHEST);
	int64_t there = zone_offset(wall - before * MICROSECONDS_PER_SECOND);

	if (there != before && zone_offset(wall - there * MICROSECONDS_PER_SECOND) == there)
		return there;
	return before;
}
