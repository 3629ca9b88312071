#include "base/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/timestamp.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define MAGIC "TZif"
#define MAGIC_LENGTH 4

/* No zone has ever been further from UTC; the furthest was Manila, 15:56 behind. */
#define FURTHEST (INT64_C(16) * 3600 * MICROSECONDS_PER_SECOND)

/* libc takes an unknown zone for UTC without a word, so look into its file first. */
static bool is_zone(const char *name)
{
	char path[256], magic[MAGIC_LENGTH] = "";
	ssize_t length = -1;
	int fd;

	if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL ||
	    (size_t)snprintf(path, sizeof(path), ZONE_DIRECTORY "%s", name) >= sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, magic, sizeof(magic));
	(void)close(fd);
	return length == MAGIC_LENGTH && memcmp(magic, MAGIC, MAGIC_LENGTH) == 0;
}

bool zone_set(const char *name)
{
	bool utc = strcmp(name, "UTC") == 0;

	if (!utc && !is_zone(name))
		return false;
	setenv("TZ", utc ? "UTC0" : name, 1);
	tzset();
	return true;
}

int64_t zone_offset(int64_t moment)
{
	/* Seconds before 1970 round down, too. */
	time_t seconds =
	    (time_t)(moment / MICROSECONDS_PER_SECOND - (moment % MICROSECONDS_PER_SECOND < 0));
	struct tm local;

	return localtime_r(&seconds, &local) != NULL ? local.tm_gmtoff / 60 * 60 : 0;
}

/* mktime() is no help: what it makes of an ambiguous hour depends on the calls before. */
int64_t zone_offset_of_wall(int64_t wall)
{
	int64_t before = zone_offset(wall - FURTHEST);
	int64_t there = zone_offset(wall - before * MICROSECONDS_PER_SECOND);

	if (there != before && zone_offset(wall - there * MICROSECONDS_PER_SECOND) == there)
		return there;
	return before;
}
