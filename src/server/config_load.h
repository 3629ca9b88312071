/*
 * Reading the options, for the files that do it together: server/config and what begins so.
 */
#ifndef CLIENTELE_SERVER_CONFIG_LOAD_H
#define CLIENTELE_SERVER_CONFIG_LOAD_H

#include "server/config.h"

#define CONFIG_FILE_NAME SYSCONFDIR "/clientele/clientele.conf"
#define CONFIG_DEFAULT "default" /* source of a value that nobody has given */
#define CONFIG_FILE_LIMIT ((size_t)256 * 1024)

/* One flag of the command line, kept until file and environment have been read. */
struct assignment {
	const struct option *option;
	const char *value;
	struct assignment *next;
};

struct loading {
	struct config *config;
	struct buf *faults;
	unsigned fault_count;
	const char *file; /* --config */
	struct assignment *first;
	struct assignment **last;
};

/* Reports what is wrong with the value of one option, at the place where it was given. */
void loading_fault_option(struct loading *loading, const char *name, const char *text);

/* Gives an option the value of `text`, which comes from `place`, where it is called `name`. */
void loading_assign(struct loading *loading, const struct option *option, struct str text,
    const char *place, const char *name);

/* Reads a file of at most `limit` bytes into `out`. Returns 0, or -1 with errno set. */
int loading_read_file(const char *name, size_t limit, struct buf *out) MUST_CHECK;

/*
 * When all sources are read: takes secrets from their files, reads the key file, and opens secrets
 * that are sealed.
 */
void loading_take_secrets(struct loading *loading, unsigned flags);

/* Reports what no single value shows. */
void loading_check_settings(struct loading *loading);

/* Reports files of secrets whose names are not absolute. */
void loading_check_secret_paths(struct loading *loading);

#endif
