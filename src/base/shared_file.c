#define _GNU_SOURCE 1
#include "base/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/uuid.h"

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

static void read_boot_id(char *boot_id, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	memset(boot_id, 0, size);
	if (file == NULL)
		return;
	if (fgets(boot_id, (int)size, file) == NULL)
		memset(boot_id, 0, size);
	(void)fclose(file);
}

/* The lock ends with the descriptor, which is of this call only. */
static int begin(int fd, struct shared_file_header *header, size_t size, uint64_t layout)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char boot_id[sizeof(header->boot_id)];

	while (fcntl(fd, F_SETLKW, &lock) != 0) {
		if (errno != EINTR)
			return -1;
	}
	read_boot_id(boot_id, sizeof(boot_id));
	if (header->layout == layout && header->size == size &&
	    memcmp(header->boot_id, boot_id, sizeof(boot_id)) == 0)
		return 0;
	memset(header, 0, size);
	memcpy(header->boot_id, boot_id, sizeof(boot_id));
	random_bytes(header->key, sizeof(header->key));
	header->size = size;
	header->layout = layout;
	return 0;
}

void *shared_file_map_current(const char *directory, const char *name, size_t size, uint64_t layout)
{
	int fd = shared_file_open(directory, name, size);
	void *memory = MAP_FAILED;
	int saved;

	if (fd < 0)
		return NULL;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED && begin(fd, memory, size, layout) != 0) {
		(void)munmap(memory, size);
		memory = MAP_FAILED;
	}
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
