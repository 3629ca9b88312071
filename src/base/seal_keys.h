/*
 * Sets of keys, for the files that make them up: base/seal encrypts with them, base/seal_keys keeps
 * and changes them, base/seal_file reads and writes their file.
 */
#ifndef CLIENTELE_BASE_SEAL_KEYS_H
#define CLIENTELE_BASE_SEAL_KEYS_H

#include <sys/stat.h>
#include <time.h>

#include "base/seal.h"

struct seal_key {
	uint8_t secret[SEAL_KEY_LENGTH];
	uint8_t purposes[SEAL_PURPOSE__MAX][SEAL_KEY_LENGTH];
	uint8_t id[SEAL_ID_LENGTH];
	char id_text[SEAL_ID_TEXT];
};

struct seal_keys {
	struct seal_key keys[SEAL_KEYS_MAX]; /* the active one first */
	unsigned count;
	char *path; /* of the file that they came from, or NULL */
	/* What that file was: another one is read again. */
	dev_t device;
	ino_t inode;
	struct timespec changed;
};

/* The key of that id, or NULL. */
const struct seal_key *seal_keys_find(const struct seal_keys *keys, const char *id);

/* The same; where there is none, and another process has changed the file, it is read again. */
const struct seal_key *seal_keys_look_for(struct seal_keys *keys, const char *id);

#endif
