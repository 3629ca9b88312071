#define _GNU_SOURCE 1
#include "base/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int own_file_folder(const char *path, char *name, size_t size)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const char *last = slash != NULL ? slash + 1 : path;
	size_t length = (size_t)(last - path);

	if (length >= sizeof(folder) || strlen(last) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(folder, path, length);
	folder[length] = '\0';
	memcpy(name, last, strlen(last) + 1);
	return open(length > 0 ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool is_trusted(const struct stat *folder)
{
	return (folder->st_uid == 0 || folder->st_uid == geteuid()) &&
	       (folder->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool is_own(const struct stat *file, const struct stat *folder)
{
	return S_ISREG(file->st_mode) && file->st_nlink <= 1 &&
	       (file->st_uid == 0 || file->st_uid == folder->st_uid);
}

int own_file_open_at(int folder, const char *name, int flags, mode_t mode)
{
	struct stat folder_status, status;
	int fd, settled;

	flags |= O_CLOEXEC | O_NOCTTY;
	if (fstat(folder, &folder_status) != 0)
		return -1;
	if (geteuid() != 0 || is_trusted(&folder_status))
		return openat(folder, name, flags, mode);
	/* Nothing may happen to the file, and no pipe be waited for, before it is looked at. */
	fd = openat(
	    folder, name, (flags & ~(O_TRUNC | O_DIRECTORY)) | O_NOFOLLOW | O_NONBLOCK, mode);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) != 0 || !is_own(&status, &folder_status))
		errno = EPERM;
	else if (((flags & O_TRUNC) == 0 || ftruncate(fd, 0) == 0) &&
		 (settled = fcntl(fd, F_GETFL)) >= 0 &&
		 fcntl(fd, F_SETFL, settled & ~(~flags & O_NONBLOCK)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

int own_file_open(const char *path, int flags, mode_t mode)
{
	char name[NAME_MAX + 1];
	int folder = own_file_folder(path, name, sizeof(name));
	int fd, saved;

	if (folder < 0)
		return -1;
	fd = own_file_open_at(folder, name, flags, mode);
	saved = errno;
	(void)close(folder);
	errno = saved;
	return fd;
}

void own_file_unlink(const char *path, const struct stat *status)
{
	char name[NAME_MAX + 1];
	int folder = own_file_folder(path, name, sizeof(name));
	struct stat there;

	if (folder < 0)
		return;
	if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == status->st_dev && there.st_ino == status->st_ino)
		(void)unlinkat(folder, name, 0);
	(void)close(folder);
}
