/*
 * Memory that all processes of the machine share: a small file, of the runtime directory as a rule,
 * mapped.
 *
 * Each begins with a header that says what it is. What another program, another layout or an
 * earlier boot of the machine has left under its name is never read: it loses the name, and a new
 * file is made. Who has mapped it keeps what it has. A file that is meant to last stands in a
 * folder that does, and outlives the boot.
 */
#ifndef CLIENTELE_BASE_SHARED_FILE_H
#define CLIENTELE_BASE_SHARED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARED_FILE_KEY 32

/* What such memory begins with. */
struct shared_file_header {
	char magic[8];
	uint64_t layout;
	uint64_t size; /* of all of it */
	char boot_id[40];
	uint8_t key[SHARED_FILE_KEY]; /* random, of this content */
};

/* What is in such a file. */
struct shared_file {
	const char *name; /* in its directory */
	uint64_t layout;  /* another one with each change of what follows the header */
	size_t size;      /* with the header */
	bool exclusive;   /* one process has it at a time; its lock tells which */
	bool lasting;     /* what an earlier boot has left counts, too */
};

/*
 * Maps the file of `directory` for reading and writing, making it (mode 0600, all zero but for the
 * header) if need be; with `directory` NULL or empty it is unnamed, shared with children only. All
 * of it has its place on the disk: writing to it cannot fail. One that root makes belongs to the
 * directory's owner.
 *
 * Returns memory that begins with a struct shared_file_header, and which the caller gives to
 * shared_file_unmap(); or NULL with errno set: ENOSPC when the file system is full, EBUSY when
 * another process has an exclusive one. `file` is kept, and must outlive the memory.
 */
void *shared_file_map(const struct shared_file *file, const char *directory);

/* `memory` may be NULL. */
void shared_file_unmap(void *memory);

/*
 * Between the two, no other process changes what is mapped at `memory` by the same means. A process
 * that ends there leaves no lock behind. Not for exclusive files.
 */
void shared_file_lock(void *memory);
void shared_file_unlock(void *memory);

/*
 * Sends what was changed to the disk, which does so by itself only after half a minute; waits for
 * it where that is wanted.
 */
void shared_file_flush(void *memory, bool wait);

/* Whether what is mapped at `header` is such a file; a look at one that another process made. */
bool shared_file_is(const struct shared_file *file, const struct shared_file_header *header);

/* Looks at each file that this process has mapped; true when one is cut, overwritten or removed. */
bool shared_file_damaged(void);

/*
 * Makes those whole again, empty, in the same place of memory. After a cut each touch ends a
 * process (SIGBUS); now others that have mapped the file can go on. A file that was removed is made
 * anew for this process and the children that it will have. Returns how many, with the name of the
 * last one looked at in `*name`; -1 with errno set when one cannot be mended.
 */
int shared_file_mend(const char **name);

/*
 * For the handler of SIGBUS: gives files that were cut their size back, so that the touch that was
 * interrupted goes on; shared_file_mend() is to follow. Calls only what a handler may. Returns how
 * many; 0 when the signal came from something else, or there is no more space.
 */
int shared_file_refill(void);

#endif
