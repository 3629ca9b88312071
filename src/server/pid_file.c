#include "server/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/own_file.h"

/* The lock is the process's, not the descriptor's: no worker inherits it. */
static int take_pid_file(int fd, const char *path, struct error *error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (fcntl(fd, F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN))
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "another server uses the pid_file %s", path);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "write %s: %s", path, strerror(errno));
	return 0;
}

int pid_file_take(struct pid_file *file, const char *path, struct error *error)
{
	int fd;

	*file = (struct pid_file){ .fd = -1 };
	if (path[0] == '\0')
		return 0;
	fd = own_file_open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0644);
	if (fd < 0)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "open %s: %s", path, strerror(errno));
	if (take_pid_file(fd, path, error) != 0) {
		(void)close(fd);
		return -1;
	}
	*file = (struct pid_file){ .path = path, .fd = fd };
	return 0;
}

void pid_file_drop(struct pid_file *file)
{
	struct stat status;

	if (file->path == NULL)
		return;
	if (fstat(file->fd, &status) == 0)
		own_file_unlink(file->path, &status);
	(void)close(file->fd);
	*file = (struct pid_file){ .fd = -1 };
}
