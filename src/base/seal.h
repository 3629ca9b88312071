/*
 * Secrets that must be used later, encrypted: AES-256-GCM under keys of one file, which is kept
 * apart from the database. Whatever only has to be recognised is hashed instead (auth/password,
 * auth/secret).
 *
 * Each purpose has a key of its own (HKDF-SHA256), so that what was sealed for one cannot be opened
 * as another. A sealed value is
 *
 *     version (1 byte) | key id (4) | nonce (12, random) | ciphertext | tag (16)
 *
 * and is bound to `associated`, the name of the place where it belongs: moved to another place, it
 * does not open. The key id is derived from the key itself: what is sealed under a former key opens
 * as long as that key is in the file, which is what makes keys replaceable (clientele secret
 * rotate).
 *
 * The file holds one key a line, 64 hexadecimal digits, the newest first; "#" begins a comment.
 */
#ifndef CLIENTELE_BASE_SEAL_H
#define CLIENTELE_BASE_SEAL_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

enum seal_purpose {
	SEAL_FIELD,  /* members of resources, in the database */
	SEAL_CURSOR, /* cursors of lists, in the hands of callers */
	SEAL_ANSWER, /* stored answers */
	SEAL_OPTION, /* secrets in the configuration */
	SEAL_PURPOSE__MAX
};

#define SEAL_KEY_LENGTH 32
#define SEAL_KEYS_MAX 8
#define SEAL_ID_LENGTH 4
#define SEAL_ID_TEXT (2 * SEAL_ID_LENGTH + 1) /* hexadecimal, with its NUL */
#define SEAL_OVERHEAD 33                      /* bytes that sealing adds */
#define SEAL_FILE_MAX 4096                    /* bytes of a key file */

/* The keys of one file. */
struct seal_keys;

/* --- sealing --- */

enum seal_state {
	SEAL_GOOD,
	SEAL_NO_KEY, /* sealed under a key that is not in the file */
	SEAL_BROKEN, /* cut, changed, of another place or purpose, or not sealed at all */
	SEAL_FAILED, /* no memory */
};

/*
 * Seals `plain` under the newest key. The result is bytes, plain.length + SEAL_OVERHEAD of them, in
 * the arena; data == NULL when that is exhausted.
 */
struct str seal(const struct seal_keys *keys, enum seal_purpose purpose, struct str associated,
    struct str plain, struct arena *arena);

/*
 * The same under the key of that id, which whoever stores it has made the one to use. The file is
 * read again when it is not among those known: SEAL_NO_KEY when it is not there either.
 */
enum seal_state seal_under(struct seal_keys *keys, const char *id, enum seal_purpose purpose,
    struct str associated, struct str plain, struct arena *arena, struct str *sealed);

/*
 * Opens what was sealed for the same purpose and place, into the arena; a NUL follows the text.
 * Also reads the file again for a key that is not known, if it is another one than before.
 */
enum seal_state unseal(struct seal_keys *keys, enum seal_purpose purpose, struct str associated,
    struct str sealed, struct arena *arena, struct str *plain);

/* Writes the id of the key that a value is sealed under; false when it is no sealed value. */
bool seal_id_of(struct str sealed, char id[SEAL_ID_TEXT]);

/* Why a value did not open, for errors and logs. */
const char *seal_state_text(enum seal_state state);

/* --- keys --- */

/*
 * Reads keys from the text of a file. NULL when there is no memory or it is no such text: then what
 * is wrong is appended to `reason`, without any of the text.
 */
struct seal_keys *seal_keys_parse(struct str text, struct buf *reason);

/* Wipes the keys. `keys` may be NULL. */
void seal_keys_free(struct seal_keys *keys);

enum seal_file { SEAL_FILE_READ, SEAL_FILE_MISSING, SEAL_FILE_REFUSED };

/*
 * Reads a key file, which must be a plain file that nobody but its owner can write and others
 * cannot read. With SEAL_FILE_READ *keys is set, else NULL; with SEAL_FILE_REFUSED what is wrong is
 * appended to `reason`.
 */
enum seal_file seal_keys_read(const char *path, struct seal_keys **keys, struct buf *reason);

/*
 * Writes the keys to `path`, whole or not at all. A new file has mode 0600, and belongs to that
 * owner where the caller is root; with `replace` owner and mode stay as they are. Without `replace`
 * a file that is there stays: errno is EEXIST. Returns 0, or -1 with errno set.
 */
int seal_keys_write(
    const struct seal_keys *keys, const char *path, uid_t owner, gid_t group, bool replace);

/* A set of one new, random key. NULL when there is no memory. */
struct seal_keys *seal_keys_make(void);

/* Puts a new key before the others. False when there are SEAL_KEYS_MAX or no memory. */
bool seal_keys_add(struct seal_keys *keys);

/* Takes the key of that id out; false when it is not there, or the only one. */
bool seal_keys_remove(struct seal_keys *keys, const char *id);

unsigned seal_keys_count(const struct seal_keys *keys);

/* Id of a key by its number, the newest first; valid as long as the set is not changed. */
const char *seal_keys_id(const struct seal_keys *keys, unsigned number);

/* Whether the file has the key of that id; reads it again as unseal() does. */
bool seal_keys_have(struct seal_keys *keys, const char *id);

#endif
