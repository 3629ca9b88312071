#define _GNU_SOURCE 1
#include "base/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_named(const char *directory, const char *name)
{
	char path[4096];
	struct stat status;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || geteuid() != 0 || stat(directory, &status) != 0)
		return fd;
	/* The command line may run as root before the server, which is not root, has ever run. */
	if (fchown(fd, status.st_uid, status.st_gid) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Grows it only: whoever has mapped more must not lose the pages. */
static int grow(int fd, size_t size)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return -1;
	return status.st_size < (off_t)size ? ftruncate(fd, (off_t)size) : 0;
}

int shared_file_open(const char *directory, const char *name, size_t size)
{
	bool named = directory != NULL && directory[0] != '\0';
	int fd = named ? open_named(directory, name) : memfd_create(name, MFD_CLOEXEC);
	int saved;

	if (fd < 0 || grow(fd, size) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

void *shared_file_map(const char *directory, const char *name, size_t size)
{
	int fd = shared_file_open(directory, name, size);
	void *memory;
	int saved;

	if (fd < 0)
		return NULL;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return memory != MAP_FAILED ? memory : NULL;
}

void shared_file_unmap(void *memory, size_t size)
{
	if (memory != NULL)
		(void)munmap(memory, size);
}
