/*
 * Memory that all processes of the machine share: a small file of the runtime directory, mapped.
 */
#ifndef CLIENTELE_BASE_SHARED_FILE_H
#define CLIENTELE_BASE_SHARED_FILE_H

#include <stddef.h>
#include <stdint.h>

#define SHARED_FILE_KEY 32

/*
 * Opens the file `name` of `directory` with at least `size` bytes, creating it (mode 0600, all
 * zero) if need be; with `directory` NULL or empty an unnamed file, shared with children only. One
 * that root makes belongs to the directory's owner. Returns a descriptor that the caller closes, or
 * -1 with errno set.
 */
int shared_file_open(const char *directory, const char *name, size_t size);

/* The same, mapped for reading and writing. NULL with errno set on failure. */
void *shared_file_map(const char *directory, const char *name, size_t size);

/* What such memory begins with, so that nobody reads what another program has left there. */
struct shared_file_header {
	uint64_t layout; /* the caller's number of what follows */
	uint64_t size;   /* of all of it */
	char boot_id[40];
	uint8_t key[SHARED_FILE_KEY]; /* random, of this content */
};

/*
 * shared_file_map() of memory that begins with that header: what another layout, another size or an
 * earlier boot of the machine has left is emptied first. `layout` must change with the layout.
 */
void *shared_file_map_current(
    const char *directory, const char *name, size_t size, uint64_t layout);

/* `memory` may be NULL. */
void shared_file_unmap(void *memory, size_t size);

#endif
