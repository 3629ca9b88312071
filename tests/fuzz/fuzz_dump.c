/*
 * Dumps of other programs' databases: whatever stands in one becomes rows of a file of its own, or
 * an error.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/move_source.h"
#include "fuzz.h"
#include "rule.h"

static int take_row(void *data, const struct str *cells, struct error *error)
{
	(void)cells, (void)error;
	++*(unsigned *)data;
	return 0;
}

static void read_all(struct move_source *source, struct error *error)
{
	unsigned rows = 0;

	if (move_source_has(source, "x", "a") &&
	    move_source_select(source, "SELECT `a` FROM `x`", 1, take_row, &rows, error) != 0)
		RULE(error->code != ERROR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	int file = memfd_create("dump", MFD_CLOEXEC);
	char name[64];
	struct move_source *source;
	struct error error;

	RULE(arena != NULL && file >= 0);
	RULE(size == 0 || write(file, data, size) == (ssize_t)size);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	error_init(&error, arena);
	source = move_source_open(arena, &(const struct move_place){ .from = name }, &error);
	RULE((source == NULL) == (error.code != ERROR_NONE));
	if (source != NULL)
		read_all(source, &error);
	move_source_close(source);
	close(file);
	arena_free(arena);
	return 0;
}
