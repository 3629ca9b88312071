#include "auth/epoch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define EPOCH_FILE_NAME "clientele.epoch"

/* What the file holds. All zero is a valid beginning. */
struct epoch_memory {
	_Atomic uint64_t value;
	_Atomic uint64_t told;     /* last database counter plus one; 0 = none yet */
	_Atomic int64_t last_poll; /* monotonic microseconds */
};

struct epoch {
	struct epoch_memory *memory;
};

/*
 * Opens the file, sized. One that root makes is given to the directory's owner: the command line
 * may run as root before the server, which is not root, has ever run.
 */
static int open_file(const char *directory)
{
	char name[4096];
	struct stat status;
	int fd, saved;

	if (snprintf(name, sizeof(name), "%s/" EPOCH_FILE_NAME, directory) >= (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	if (geteuid() == 0 && stat(directory, &status) == 0 &&
	    fchown(fd, status.st_uid, status.st_gid) != 0)
		goto failed;
	if (ftruncate(fd, sizeof(struct epoch_memory)) != 0)
		goto failed;
	return fd;
failed:
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

struct epoch *epoch_open(const char *directory)
{
	bool anonymous = directory == NULL || directory[0] == '\0';
	struct epoch *epoch = malloc(sizeof(*epoch));
	int fd = -1;
	int saved;

	if (epoch == NULL)
		return NULL;
	if (!anonymous && (fd = open_file(directory)) < 0)
		goto failed;
	epoch->memory = mmap(NULL, sizeof(struct epoch_memory), PROT_READ | PROT_WRITE,
	    MAP_SHARED | (anonymous ? MAP_ANONYMOUS : 0), fd, 0);
	if (epoch->memory == MAP_FAILED)
		goto failed;
	if (fd >= 0)
		(void)close(fd);
	return epoch;
failed:
	saved = errno;
	if (fd >= 0)
		(void)close(fd);
	free(epoch);
	errno = saved;
	return NULL;
}

void epoch_close(struct epoch *epoch)
{
	if (epoch == NULL)
		return;
	(void)munmap(epoch->memory, sizeof(*epoch->memory));
	free(epoch);
}

uint64_t epoch_value(const struct epoch *epoch)
{
	return atomic_load(&epoch->memory->value);
}

void epoch_advance(struct epoch *epoch)
{
	atomic_fetch_add(&epoch->memory->value, 1);
}

bool epoch_claim_poll(struct epoch *epoch, int64_t now, int64_t interval)
{
	int64_t last = atomic_load(&epoch->memory->last_poll);

	/*
	 * Others may have read the clock a little later. A time far ahead was left by an earlier
	 * boot: the clock starts again with the machine.
	 */
	if (last != 0 && now - last < interval && last - now < interval)
		return false;
	return atomic_compare_exchange_strong(&epoch->memory->last_poll, &last, now);
}

void epoch_follow(struct epoch *epoch, uint64_t database_counter)
{
	if (atomic_exchange(&epoch->memory->told, database_counter + 1) != database_counter + 1)
		epoch_advance(epoch);
}
