#define _GNU_SOURCE 1
#include "cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own_file.h"

/* Leaves room for what follows in the name of an unfinished file. */
#define STEM_LONGEST 200

/* Links, devices and pipes are not ours to replace. */
static bool name_is_free(const struct output_file *file)
{
	struct stat status;

	if (fstatat(file->folder, file->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	if (S_ISREG(status.st_mode))
		return true;
	errno = EEXIST;
	return false;
}

int output_file_begin(struct output_file *file, const char *path)
{
	int saved;

	file->folder = own_file_folder(path, file->name, sizeof(file->name));
	if (file->folder < 0)
		return -1;
	(void)snprintf(file->partial, sizeof(file->partial), ".%.*s.%ld.partial", STEM_LONGEST,
	    file->name, (long)getpid());
	file->fd = -1;
	if (name_is_free(file))
		file->fd = own_file_open_at(
		    file->folder, file->partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (file->fd >= 0)
		return 0;
	saved = errno;
	(void)close(file->folder);
	errno = saved;
	return -1;
}

/* The name is on the disk when its folder is. */
static int sync_folder(const struct output_file *file)
{
	int folder = openat(file->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (folder < 0)
		return errno == EACCES ? 0 : -1;
	result = fsync(folder);
	(void)close(folder);
	return result;
}

int output_file_keep(struct output_file *file)
{
	int saved;

	if (fsync(file->fd) == 0 &&
	    renameat(file->folder, file->partial, file->folder, file->name) == 0 &&
	    sync_folder(file) == 0) {
		(void)close(file->fd);
		(void)close(file->folder);
		return 0;
	}
	saved = errno;
	output_file_discard(file);
	errno = saved;
	return -1;
}

void output_file_discard(struct output_file *file)
{
	(void)unlinkat(file->folder, file->partial, 0);
	(void)close(file->fd);
	(void)close(file->folder);
}
