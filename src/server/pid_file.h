/*
 * The file with the supervisor's process number, for init scripts and the like.
 */
#ifndef CLIENTELE_SERVER_PID_FILE_H
#define CLIENTELE_SERVER_PID_FILE_H

#include "base/error.h"

struct pid_file {
	const char *path; /* NULL = there is none */
	int fd;           /* open and locked for as long as this process has it */
};

/*
 * Takes the file and writes the number of this process into it. `path`, which is kept, may be
 * empty. Returns 0, or -1 with ERROR_UNAVAILABLE: another server has it, or it cannot be written.
 */
int pid_file_take(struct pid_file *file, const char *path, struct error *error) MUST_CHECK;

/* Removes it, if this process has taken it. */
void pid_file_drop(struct pid_file *file);

#endif
