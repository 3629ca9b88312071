/*
 * Documents of other programs: whatever stands in one becomes rows of a file of the import's own,
 * or an error that says where.
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/move_document.h"
#include "fuzz.h"
#include "rule.h"

static int take_row(void *data, const struct str *cells, struct error *error)
{
	(void)error;
	RULE(cells[0].data != NULL);
	++*(unsigned *)data;
	return 0;
}

static void read_all(struct move_source *source, const struct move_kind *kind, struct error *error)
{
	for (unsigned i = 0; i < kind->table_count; i++) {
		char sql[200];
		unsigned rows = 0;

		snprintf(sql, sizeof(sql), "SELECT `" MOVE_DOCUMENT_PLACE "` FROM `%s`",
		    kind->tables[i].name);
		RULE(move_source_select(source, sql, 1, take_row, &rows, error) == 0);
	}
	for (const struct move_document_left *left = move_document_left(source); left != NULL;
	     left = left->next)
		RULE(left->path[0] != '\0');
}

static void read_kind(const struct move_kind *kind, const char *name)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	const struct move_document_file file = { name, NULL };
	struct move_source *source;
	struct error error;

	RULE(arena != NULL);
	error_init(&error, arena);
	source = move_document_open(arena, kind, &file, 1, &error);
	RULE((source == NULL) == (error.code != ERROR_NONE));
	if (source != NULL)
		read_all(source, kind, &error);
	move_source_close(source);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int file = memfd_create("document", MFD_CLOEXEC);
	char name[64];

	RULE(file >= 0);
	RULE(size == 0 || write(file, data, size) == (ssize_t)size);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	for (size_t i = 0; move_kinds[i] != NULL; i++) {
		if (move_kinds[i]->documents != NULL)
			read_kind(move_kinds[i], name);
	}
	close(file);
	return 0;
}
