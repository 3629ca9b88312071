/*
 * Files that root opens in folders of somebody else, such as the service's user.
 *
 * Whoever owns a folder says what its names mean: a link, a hard link or a pipe there could make
 * root read, write or give away a file of root's own. In such a folder root opens plain files with
 * one name only, its own or the folder owner's. Folders that only root or the caller can change
 * are trusted, and other users than root have nothing to give away: for both it is open().
 */
#ifndef CLIENTELE_BASE_OWN_FILE_H
#define CLIENTELE_BASE_OWN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * Opens the folder that `path` is in; its last part is copied to `name`. Returns a descriptor for
 * openat() and the like (O_PATH), which the caller closes, or -1 with errno set.
 */
int own_file_folder(const char *path, char *name, size_t size);

/*
 * openat() with O_CLOEXEC and O_NOCTTY added. Returns -1 with errno set: EPERM for what is neither
 * root's nor the folder owner's, or has several names, or is no plain file.
 */
int own_file_open_at(int folder, const char *name, int flags, mode_t mode);

/* The same for a path. */
int own_file_open(const char *path, int flags, mode_t mode);

/* Removes a name, if it still is that of the file with this status. */
void own_file_unlink(const char *path, const struct stat *status);

#endif
