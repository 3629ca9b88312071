/*
 * A backup as it lies on the disk: a folder "clientele-DATABASE-20261127T023000Z" with the dump of
 * the database, the files of the configuration, and a manifest that names them with their digests.
 */
#ifndef CLIENTELE_CLI_BACKUP_FOLDER_H
#define CLIENTELE_CLI_BACKUP_FOLDER_H

#include "cli/child.h"
#include "cli/dump_filter.h"
#include "cli/session.h"

#define BACKUP_DUMP "database.sql.zst"
#define BACKUP_FILES_MAX 16
#define BACKUP_DIGEST 65 /* hexadecimal SHA-256 and a NUL */

struct backup_file {
	const char *name;
	char digest[BACKUP_DIGEST];
	int64_t bytes;
};

struct backup_manifest {
	const char *created; /* UTC, "2026-11-27T02:30:00Z" */
	const char *version; /* of the program */
	const char *server;  /* version of the database's */
	const char *database;
	int64_t schema;
	char dump_digest[BACKUP_DIGEST]; /* of the dump before it was compressed */
	struct backup_file files[BACKUP_FILES_MAX];
	unsigned file_count;
};

/* What becomes of bytes on their way from one descriptor to another. */
struct backup_stream {
	int64_t bytes; /* that were read */
	char digest[BACKUP_DIGEST];
	char dump_digest[BACKUP_DIGEST]; /* of a dump: without definers */
	struct dump_content content;     /* of a dump */
};

/*
 * Moves all bytes from `from` to `to` (-1 = nowhere) and tells their number and digest. Returns 0,
 * or -1 with session->error filled.
 */
int backup_copy(struct session *session, int from, int to, struct backup_stream *stream) MUST_CHECK;

/* The same for a dump: its definers are left out, and what is in it is told. */
int backup_copy_dump(
    struct session *session, int from, int to, struct backup_stream *stream) MUST_CHECK;

/* Writes manifest.json into the open folder. Returns 0, or -1 with session->error filled. */
int backup_write_manifest(
    struct session *session, int folder, const struct backup_manifest *manifest) MUST_CHECK;

/*
 * Reads it and compares every file with its digest. Strings live as long as the session's arena.
 * Returns 0, or -1 with session->error filled.
 */
int backup_verify(struct session *session, int folder, struct backup_manifest *manifest) MUST_CHECK;

/* Starts to unpack the dump of the open folder. Returns 0, or -1 with session->error filled. */
int backup_unpack(struct session *session, int folder, struct child *unpack) MUST_CHECK;

/*
 * Verifies the backup, and unpacks its dump for nothing but to compare and describe it: what
 * `stream` tells is of that. Returns 0, or -1 with session->error filled.
 */
int backup_prove(struct session *session, int folder, struct backup_manifest *manifest,
    struct backup_stream *stream) MUST_CHECK;

/*
 * Removes a folder `name` of `parent` with the files in it; folders in it stay, and it with them.
 * Returns 0, or -1 with session->error filled.
 */
int backup_remove(struct session *session, int parent, const char *name) MUST_CHECK;

/* Removes the oldest backups of this database in `parent` but for `keep`. Returns as above. */
int backup_keep(struct session *session, int parent, int64_t keep) MUST_CHECK;

/*
 * Calls `look` for the backups of this database in `parent`, the newest first, until it returns
 * false. Returns how many there were, or -1 with session->error filled.
 */
int64_t backup_each(struct session *session, int parent,
    bool (*look)(void *context, const char *name), void *context);

/* "clientele-DATABASE-", which the names of all backups of this database begin with. */
const char *backup_prefix(struct session *session);

#endif
