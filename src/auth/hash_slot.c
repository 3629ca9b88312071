#include "auth/hash_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/shared_file.h"

#define HASH_FILE_NAME "clientele.hash"
#define WAIT_SECONDS 1

struct hash_slots {
	int fd;
	unsigned count;
	unsigned taken; /* number of the byte plus one; 0 = none */
};

struct hash_slots *hash_slots_open(const char *directory)
{
	struct hash_slots *slots = calloc(1, sizeof(*slots));
	int saved;

	if (slots == NULL)
		return NULL;
	slots->fd = shared_file_open(directory, HASH_FILE_NAME, 1);
	if (slots->fd >= 0)
		return slots;
	saved = errno;
	free(slots);
	errno = saved;
	return NULL;
}

void hash_slots_close(struct hash_slots *slots)
{
	if (slots == NULL)
		return;
	(void)close(slots->fd);
	free(slots);
}

void hash_slots_configure(struct hash_slots *slots, unsigned count)
{
	slots->count = count;
}

static int set_lock(const struct hash_slots *slots, short type, unsigned number)
{
	struct flock lock = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)number, .l_len = 1
	};

	return fcntl(slots->fd, F_SETLK, &lock);
}

int hash_slot_take(struct hash_slots *slots, struct error *error)
{
	unsigned first = slots->count > 0 ? (unsigned)getpid() % slots->count : 0;

	if (slots->count == 0)
		return 0;
	for (unsigned i = 0; i < slots->count; i++) {
		unsigned number = (first + i) % slots->count;

		if (set_lock(slots, F_WRLCK, number) == 0) {
			slots->taken = number + 1;
			return 0;
		}
	}
	return error_set_wait(error, ERROR_UNAVAILABLE, WAIT_SECONDS,
	    "Too many passwords are being checked at the moment; try again.");
}

void hash_slot_give(struct hash_slots *slots)
{
	if (slots->taken > 0)
		(void)set_lock(slots, F_UNLCK, slots->taken - 1);
	slots->taken = 0;
}
