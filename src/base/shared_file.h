/*
 * Memory that all processes of the machine share: a small file of the runtime directory, mapped.
 */
#ifndef CLIENTELE_BASE_SHARED_FILE_H
#define CLIENTELE_BASE_SHARED_FILE_H

#include <stddef.h>

/*
 * Opens the file `name` of `directory` with at least `size` bytes, creating it (mode 0600, all
 * zero) if need be; with `directory` NULL or empty an unnamed file, shared with children only. One
 * that root makes belongs to the directory's owner. Returns a descriptor that the caller closes, or
 * -1 with errno set.
 */
int shared_file_open(const char *directory, const char *name, size_t size);

/* The same, mapped for reading and writing. NULL with errno set on failure. */
void *shared_file_map(const char *directory, const char *name, size_t size);

/* `memory` may be NULL. */
void shared_file_unmap(void *memory, size_t size);

#endif
