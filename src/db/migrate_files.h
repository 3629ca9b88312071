/*
 * The files of migrations: NNN_name.sql, numbered without a gap from 001 on.
 */
#ifndef CLIENTELE_DB_MIGRATE_FILES_H
#define CLIENTELE_DB_MIGRATE_FILES_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

#define MIGRATE_FILES_MAX 999

struct migrate_file {
	const char *name;
	int version;
};

struct migrate_files {
	const char *directory;
	struct migrate_file files[MIGRATE_FILES_MAX];
	unsigned count;
};

/* What a file holds. */
struct migrate_text {
	struct str statements;
	char checksum[2 * DIGEST_LENGTH + 1]; /* SHA-256 in hexadecimal digits */
	int compatible;     /* oldest schema whose programs can go on with it; 0 = not said */
	int compatible_new; /* the same in a database that was empty; 0 = not said */
};

/*
 * Finds the files of `files->directory`; names live in the arena. ERROR_INTERNAL for a name of
 * another form, a gap, or a folder without files.
 */
int migrate_files_list(
    struct migrate_files *files, struct arena *arena, struct error *error) MUST_CHECK;

/* Reads one of them into the arena. ERROR_INTERNAL where it cannot be read, or its marks are wrong.
 */
int migrate_files_read(const struct migrate_files *files, const struct migrate_file *file,
    struct arena *arena, struct migrate_text *text, struct error *error) MUST_CHECK;

#endif
