/*
 * Files that appear whole or not at all: what is written goes under a name of its own first.
 */
#ifndef CLIENTELE_CLI_OUTPUT_FILE_H
#define CLIENTELE_CLI_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>

struct output_file {
	int folder;
	int fd; /* to write to */
	char name[NAME_MAX + 1];
	char partial[NAME_MAX + 1];
};

/*
 * Begins a file that only its owner may read. A plain file that has the name already stays until
 * this one is kept. Returns 0, or -1 with errno set: EEXIST where the name is no plain file's. One
 * that was begun must be kept or discarded.
 */
int output_file_begin(struct output_file *file, const char *path);

/*
 * Gives it its name, when all of it is on the disk. Returns 0, or -1 with errno set; it is
 * discarded then.
 */
int output_file_keep(struct output_file *file);

/* Removes what was written. */
void output_file_discard(struct output_file *file);

#endif
