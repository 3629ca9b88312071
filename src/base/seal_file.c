/*
 * The file of the keys: read with suspicion, written whole or not at all.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/seal_keys.h"

static void remember_file(struct seal_keys *keys, const struct stat *status)
{
	keys->device = status->st_dev;
	keys->inode = status->st_ino;
	keys->changed = status->st_ctim;
}

static bool is_same_file(const struct seal_keys *keys, const struct stat *status)
{
	return keys->device == status->st_dev && keys->inode == status->st_ino &&
	       keys->changed.tv_sec == status->st_ctim.tv_sec &&
	       keys->changed.tv_nsec == status->st_ctim.tv_nsec;
}

/* Why a file that was opened is no key file, or NULL. */
static const char *refuse_file(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return "it is not a regular file";
	if ((status->st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0)
		return "other users can read or change it: chmod 0600";
	if (status->st_size > SEAL_FILE_MAX)
		return "it is too long";
	return NULL;
}

static struct seal_keys *read_open_file(int fd, struct buf *reason)
{
	char text[SEAL_FILE_MAX];
	struct seal_keys *keys = NULL;
	struct stat status;
	const char *fault = fstat(fd, &status) != 0 ? strerror(errno) : refuse_file(&status);
	ssize_t length = fault == NULL ? read(fd, text, sizeof(text)) : 0;

	if (length < 0)
		fault = strerror(errno);
	if (fault != NULL)
		buf_append_text(reason, fault);
	else
		keys = seal_keys_parse((struct str){ text, (size_t)length }, reason);
	if (keys != NULL)
		remember_file(keys, &status);
	OPENSSL_cleanse(text, sizeof(text));
	return keys;
}

enum seal_file seal_keys_read(const char *path, struct seal_keys **keys, struct buf *reason)
{
	int fd = own_file_open(path, O_RDONLY | O_NONBLOCK, 0);

	*keys = NULL;
	if (fd < 0) {
		if (errno == ENOENT)
			return SEAL_FILE_MISSING;
		buf_append_text(reason, strerror(errno));
		return SEAL_FILE_REFUSED;
	}
	*keys = read_open_file(fd, reason);
	(void)close(fd);
	if (*keys == NULL)
		return SEAL_FILE_REFUSED;
	(*keys)->path = strdup(path);
	return SEAL_FILE_READ;
}

const struct seal_key *seal_keys_look_for(struct seal_keys *keys, const char *id)
{
	const struct seal_key *key = seal_keys_find(keys, id);
	struct buf unused = { 0 };
	struct seal_keys *fresh;
	struct stat status;

	if (key != NULL || keys->path == NULL || stat(keys->path, &status) != 0 ||
	    is_same_file(keys, &status))
		return key;
	remember_file(keys, &status);
	if (seal_keys_read(keys->path, &fresh, &unused) == SEAL_FILE_READ) {
		memcpy(keys->keys, fresh->keys, sizeof(keys->keys));
		keys->count = fresh->count;
		seal_keys_free(fresh);
	}
	buf_free(&unused);
	return seal_keys_find(keys, id);
}

static void print_keys(const struct seal_keys *keys, struct buf *out)
{
	buf_append_text(out, "# Keys of the secrets in the database, the newest first; see "
			     "\"clientele help secret\".\n"
			     "# Keep a copy apart from the backups of the database: without it "
			     "the secrets are lost.\n");
	for (unsigned i = 0; i < keys->count; i++) {
		for (size_t j = 0; j < SEAL_KEY_LENGTH; j++)
			buf_printf(out, "%02x", keys->keys[i].secret[j]);
		buf_append_char(out, '\n');
	}
}

/* Makes the file under a name of its own. Returns 0, or -1 with errno set. */
static int write_beside(struct str text, const char *name, mode_t mode, uid_t owner, gid_t group)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return -1;
	good = write(fd, text.data, text.length) == (ssize_t)text.length && fchmod(fd, mode) == 0 &&
	       (geteuid() != 0 || fchown(fd, owner, group) == 0) && fsync(fd) == 0;
	(void)close(fd);
	return good ? 0 : -1;
}

/* Gives it the name that it shall have; one that is there is kept unless it is to be replaced. */
static int put_in_place(const char *name, const char *path, bool replace)
{
	char *copy = strdup(path);
	char *slash = copy != NULL ? strrchr(copy, '/') : NULL;
	int directory, result;

	if (slash == NULL) {
		free(copy);
		errno = EINVAL;
		return -1;
	}
	result = replace ? rename(name, path) : link(name, path);
	slash[slash == copy] = '\0';
	directory = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0 && result == 0)
		result = fsync(directory);
	if (directory >= 0)
		(void)close(directory);
	free(copy);
	return result;
}

int seal_keys_write(
    const struct seal_keys *keys, const char *path, uid_t owner, gid_t group, bool replace)
{
	struct buf text = { 0 }, name = { 0 };
	int result = -1, saved;
	mode_t mode = 0600;
	struct stat former;

	if (replace && stat(path, &former) == 0) {
		mode = former.st_mode & 0640;
		owner = former.st_uid;
		group = former.st_gid;
	}
	print_keys(keys, &text);
	buf_printf(&name, "%s.%ld.new", path, (long)getpid());
	if (text.failed || name.failed)
		errno = ENOMEM;
	else if (write_beside(buf_str(&text), name.data, mode, owner, group) == 0)
		result = put_in_place(name.data, path, replace);
	saved = errno;
	if (name.data != NULL && !(replace && result == 0))
		(void)unlink(name.data);
	if (text.data != NULL)
		OPENSSL_cleanse(text.data, text.capacity);
	buf_free(&text);
	buf_free(&name);
	errno = saved;
	return result;
}
