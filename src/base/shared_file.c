#define _GNU_SOURCE 1
#include "base/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/uuid.h"

static const char magic[8] = "clntshr";

/* One that this process has mapped. Its descriptor stays open: a lock would end with it, and a file
 * that has been cut is mended through it. */
struct mapping {
	const struct shared_file *file;
	char *directory; /* NULL = it has no name */
	void *memory;
	int fd;
	struct mapping *next;
};

static struct mapping *mappings;

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

bool shared_file_is(const struct shared_file *file, const struct shared_file_header *header)
{
	char boot_id[sizeof(header->boot_id)];

	read_boot_id(boot_id, sizeof(boot_id));
	/* A sandbox (ProcSubset=pid) hides the boot from the pool, and not from the command line:
	 * who does not know it cannot tell the file from one of another boot. */
	return memcmp(header->magic, magic, sizeof(magic)) == 0 && header->layout == file->layout &&
	       header->size == file->size &&
	       (header->boot_id[0] == '\0' || boot_id[0] == '\0' ||
		   memcmp(header->boot_id, boot_id, sizeof(boot_id)) == 0);
}

/* The magic comes last: what is half made is nothing yet. */
static void init_header(const struct shared_file *file, struct shared_file_header *header)
{
	memset(header, 0, file->size);
	if (!file->lasting)
		read_boot_id(header->boot_id, sizeof(header->boot_id));
	random_bytes(header->key, sizeof(header->key));
	header->size = file->size;
	header->layout = file->layout;
	memcpy(header->magic, magic, sizeof(magic));
}

/* One process at a time looks at a file and begins it. */
static int lock(const struct shared_file *file, int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	while (fcntl(fd, file->exclusive ? F_SETLK : F_OFD_SETLKW, &whole) != 0) {
		if (errno == EACCES || errno == EAGAIN)
			errno = EBUSY;
		if (errno != EINTR)
			return -1;
	}
	return 0;
}

static void unlock(const struct shared_file *file, int fd)
{
	struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (!file->exclusive)
		(void)fcntl(fd, F_OFD_SETLK, &whole);
}

/* Places on the disk for all of it: a page that could not be had later would end its process. */
static int allocate(const struct shared_file *file, int fd)
{
	int result;

	do
		result = posix_fallocate(fd, 0, (off_t)file->size);
	while (result == EINTR);
	errno = result;
	return result == 0 ? 0 : -1;
}

/* The command line may run as root before the server, which is not root, has ever run. */
static int give_to_owner(int folder, int fd)
{
	struct stat status;

	if (geteuid() != 0)
		return 0;
	return fstat(folder, &status) == 0 ? fchown(fd, status.st_uid, status.st_gid) : -1;
}

/* Opens and locks what has the name now; *is_new when nothing has been put into it yet. */
static int open_locked(const struct shared_file *file, int folder, bool *is_new)
{
	int fd = own_file_open_at(folder, file->name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	struct stat status, named;

	if (fd < 0)
		return -1;
	if (give_to_owner(folder, fd) == 0 && lock(file, fd) == 0 && fstat(fd, &status) == 0) {
		*is_new = status.st_size == 0;
		if (fstatat(folder, file->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		    named.st_dev == status.st_dev && named.st_ino == status.st_ino)
			return fd;
		/* Whoever had the lock before has taken its name away. */
		errno = EAGAIN;
	}
	(void)close(fd);
	return -1;
}

static void *map(const struct shared_file *file, int fd)
{
	void *memory = mmap(NULL, file->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory != MAP_FAILED ? memory : NULL;
}

/* NULL with EAGAIN: what was there is stale and has lost its name, so look again. */
static void *map_locked(const struct shared_file *file, int folder, int fd, bool is_new)
{
	struct shared_file_header *header;
	struct stat status;

	if (fstat(fd, &status) != 0)
		return NULL;
	if (!is_new && status.st_size != (off_t)file->size) {
		(void)unlinkat(folder, file->name, 0);
		errno = EAGAIN;
		return NULL;
	}
	if (allocate(file, fd) != 0) {
		if (is_new)
			(void)unlinkat(folder, file->name, 0);
		return NULL;
	}
	header = map(file, fd);
	if (header == NULL || (!is_new && shared_file_is(file, header)))
		return header;
	if (is_new) {
		init_header(file, header);
		return header;
	}
	(void)munmap(header, file->size);
	(void)unlinkat(folder, file->name, 0);
	errno = EAGAIN;
	return NULL;
}

static void *map_named(const struct shared_file *file, const char *directory, int *fd)
{
	int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	void *memory = NULL;
	bool is_new;
	int saved;

	*fd = -1;
	if (folder < 0)
		return NULL;
	do {
		*fd = open_locked(file, folder, &is_new);
		if (*fd < 0)
			continue;
		memory = map_locked(file, folder, *fd, is_new);
		saved = errno;
		if (memory != NULL)
			unlock(file, *fd);
		else
			(void)close(*fd);
		errno = saved;
	} while (memory == NULL && errno == EAGAIN);
	saved = errno;
	(void)close(folder);
	errno = saved;
	return memory;
}

static void *map_unnamed(const struct shared_file *file, int *fd)
{
	void *memory = NULL;
	int saved;

	*fd = memfd_create(file->name, MFD_CLOEXEC);
	if (*fd < 0)
		return NULL;
	if (allocate(file, *fd) == 0 && (memory = map(file, *fd)) != NULL) {
		init_header(file, memory);
		return memory;
	}
	saved = errno;
	(void)close(*fd);
	errno = saved;
	return NULL;
}

static void free_mapping(struct mapping *mapping)
{
	int saved = errno;

	free(mapping->directory);
	free(mapping);
	errno = saved;
}

void *shared_file_map(const struct shared_file *file, const char *directory)
{
	struct mapping *mapping = calloc(1, sizeof(*mapping));
	bool named = directory != NULL && directory[0] != '\0';

	if (mapping == NULL)
		return NULL;
	mapping->file = file;
	if (named)
		mapping->directory = strdup(directory);
	if (!named)
		mapping->memory = map_unnamed(file, &mapping->fd);
	else if (mapping->directory != NULL)
		mapping->memory = map_named(file, directory, &mapping->fd);
	if (mapping->memory == NULL) {
		free_mapping(mapping);
		return NULL;
	}
	mapping->next = mappings;
	mappings = mapping;
	return mapping->memory;
}

void shared_file_unmap(void *memory)
{
	for (struct mapping **place = &mappings; *place != NULL; place = &(*place)->next) {
		struct mapping *mapping = *place;

		if (mapping->memory != memory)
			continue;
		*place = mapping->next;
		(void)munmap(memory, mapping->file->size);
		(void)close(mapping->fd);
		free_mapping(mapping);
		return;
	}
}

static const struct mapping *find_mapping(const void *memory)
{
	const struct mapping *mapping = mappings;

	while (mapping != NULL && mapping->memory != memory)
		mapping = mapping->next;
	return mapping;
}

/* Children inherit the descriptor, and with it every lock but those that belong to a process. */
static void lock_for_process(const void *memory, short type)
{
	const struct mapping *mapping = find_mapping(memory);
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	while (mapping != NULL && fcntl(mapping->fd, F_SETLKW, &whole) != 0 && errno == EINTR)
		;
}

void shared_file_lock(void *memory)
{
	lock_for_process(memory, F_WRLCK);
}

void shared_file_unlock(void *memory)
{
	lock_for_process(memory, F_UNLCK);
}

void shared_file_flush(void *memory, bool wait)
{
	const struct mapping *mapping = find_mapping(memory);

	if (mapping == NULL || mapping->directory == NULL)
		return;
	if (wait)
		(void)fsync(mapping->fd);
	else
		(void)sync_file_range(mapping->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* Whether its content is gone. The header is touched last: that may end the process. */
static bool is_cut(const struct mapping *mapping)
{
	const struct shared_file_header *header = mapping->memory;
	struct stat status;

	return fstat(mapping->fd, &status) != 0 || status.st_size < (off_t)mapping->file->size ||
	       memcmp(header->magic, magic, sizeof(magic)) != 0 ||
	       header->layout != mapping->file->layout;
}

static bool is_removed(const struct mapping *mapping)
{
	struct stat status;

	return mapping->directory != NULL && fstat(mapping->fd, &status) == 0 &&
	       status.st_nlink == 0;
}

bool shared_file_damaged(void)
{
	for (const struct mapping *mapping = mappings; mapping != NULL; mapping = mapping->next) {
		if (is_removed(mapping) || is_cut(mapping))
			return true;
	}
	return false;
}

/* The file has lost its name: what has the name now, or a new file, takes its place in memory. */
static int replace(struct mapping *mapping)
{
	const struct shared_file *file = mapping->file;
	int fd;
	void *memory = map_named(file, mapping->directory, &fd);

	if (memory == NULL)
		return -1;
	(void)munmap(memory, file->size);
	if (mmap(mapping->memory, file->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		0) == MAP_FAILED) {
		(void)close(fd);
		return -1;
	}
	(void)close(mapping->fd);
	mapping->fd = fd;
	return 0;
}

/* The same file, empty. */
static int begin_again(const struct mapping *mapping)
{
	int result;

	if (lock(mapping->file, mapping->fd) != 0)
		return -1;
	result = allocate(mapping->file, mapping->fd);
	if (result == 0)
		init_header(mapping->file, mapping->memory);
	unlock(mapping->file, mapping->fd);
	return result;
}

int shared_file_refill(void)
{
	int count = 0;

	for (const struct mapping *mapping = mappings; mapping != NULL; mapping = mapping->next) {
		struct shared_file_header *header = mapping->memory;
		struct stat status;

		if (fstat(mapping->fd, &status) != 0 ||
		    status.st_size >= (off_t)mapping->file->size ||
		    ftruncate(mapping->fd, (off_t)mapping->file->size) != 0)
			continue;
		/* Half of it may be left; without its magic all of it counts as gone. */
		memset(header->magic, 0, sizeof(header->magic));
		count++;
	}
	return count;
}

int shared_file_mend(const char **name)
{
	int count = 0;

	for (struct mapping *mapping = mappings; mapping != NULL; mapping = mapping->next) {
		*name = mapping->file->name;
		if (is_removed(mapping) && replace(mapping) == 0)
			count++;
		else if (!is_cut(mapping))
			continue; /* without a name, all that have mapped it can go on */
		else if (begin_again(mapping) != 0)
			return -1;
		else
			count++;
	}
	return count;
}
