#define _GNU_SOURCE 1
#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/uuid.h"

#define VERSION 1
#define HEADER_LENGTH (1 + SEAL_ID_LENGTH)
#define NONCE_LENGTH 12
#define TAG_LENGTH 16
#define DIGITS (2 * SEAL_KEY_LENGTH)

_Static_assert(
    SEAL_OVERHEAD == HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH, "overhead of a sealed value");

struct key {
	uint8_t secret[SEAL_KEY_LENGTH];
	uint8_t purposes[SEAL_PURPOSE__MAX][SEAL_KEY_LENGTH];
	uint8_t id[SEAL_ID_LENGTH];
	char id_text[SEAL_ID_TEXT];
};

struct seal_keys {
	struct key keys[SEAL_KEYS_MAX];
	unsigned count;
	char *path; /* of the file that they came from, or NULL */
	/* What that file was: another one is read again. */
	dev_t device;
	ino_t inode;
	struct timespec changed;
};

/* --- the cipher --- */

/* One piece, which may be empty: to the library nothing and "no more" are the same. */
static bool encrypt(EVP_CIPHER_CTX *cipher, unsigned char *out, struct str in)
{
	int length;

	return in.length == 0 || EVP_EncryptUpdate(cipher, out, &length,
				     (const unsigned char *)in.data, (int)in.length) == 1;
}

static bool decrypt(EVP_CIPHER_CTX *cipher, unsigned char *out, struct str in)
{
	int length;

	return in.length == 0 || EVP_DecryptUpdate(cipher, out, &length,
				     (const unsigned char *)in.data, (int)in.length) == 1;
}

/* nonce | ciphertext | tag, behind a copy of `head`. */
static struct str seal_behind(struct str head, const uint8_t key[SEAL_KEY_LENGTH],
    struct str associated, struct str plain, struct arena *arena)
{
	size_t whole = head.length + NONCE_LENGTH + plain.length + TAG_LENGTH;
	unsigned char *sealed = NULL, *out;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int length = 0;
	bool good = cipher != NULL && plain.length < INT_MAX - SEAL_OVERHEAD &&
		    associated.length < INT_MAX && (sealed = arena_alloc(arena, whole)) != NULL;

	if (good) {
		if (head.length > 0)
			memcpy(sealed, head.data, head.length);
		out = sealed + head.length;
		random_bytes(out, NONCE_LENGTH);
		good =
		    EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
		    encrypt(cipher, NULL, associated) &&
		    encrypt(cipher, out + NONCE_LENGTH, plain) &&
		    EVP_EncryptFinal_ex(cipher, out + NONCE_LENGTH + plain.length, &length) == 1 &&
		    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH,
			out + NONCE_LENGTH + plain.length) == 1;
	}
	EVP_CIPHER_CTX_free(cipher);
	return good ? (struct str){ (const char *)sealed, whole } : (struct str){ NULL, 0 };
}

/* Of nonce | ciphertext | tag; data == NULL on failure. */
static struct str unseal_with(const uint8_t key[SEAL_KEY_LENGTH], struct str associated,
    struct str sealed, struct arena *arena)
{
	const unsigned char *in = (const unsigned char *)sealed.data;
	size_t plain = sealed.length - NONCE_LENGTH - TAG_LENGTH;
	unsigned char *out = NULL;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int length = 0;
	bool good = cipher != NULL && sealed.length >= NONCE_LENGTH + TAG_LENGTH &&
		    plain < INT_MAX && associated.length < INT_MAX &&
		    (out = arena_alloc(arena, plain + 1)) != NULL;

	if (good) {
		good = EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, in) == 1 &&
		       decrypt(cipher, NULL, associated) &&
		       decrypt(cipher, out, str_slice(sealed, NONCE_LENGTH, plain)) &&
		       EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH,
			   (void *)(uintptr_t)(in + NONCE_LENGTH + plain)) == 1 &&
		       EVP_DecryptFinal_ex(cipher, out + plain, &length) == 1;
		out[plain] = '\0';
		if (!good)
			OPENSSL_cleanse(out, plain);
	}
	EVP_CIPHER_CTX_free(cipher);
	return good ? (struct str){ (const char *)out, plain } : (struct str){ NULL, 0 };
}

/* A key of its own for each thing that is derived from the secret. */
static bool derive(
    const uint8_t secret[SEAL_KEY_LENGTH], const char *what, uint8_t *out, size_t length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	bool good = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
		    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
		    EVP_PKEY_CTX_set1_hkdf_key(context, secret, SEAL_KEY_LENGTH) == 1 &&
		    EVP_PKEY_CTX_add1_hkdf_info(
			context, (const unsigned char *)what, (int)strlen(what)) == 1 &&
		    EVP_PKEY_derive(context, out, &length) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static bool complete_key(struct key *key)
{
	static const char *const purposes[SEAL_PURPOSE__MAX] = {
		[SEAL_FIELD] = "clientele field",
		[SEAL_CURSOR] = "clientele cursor",
		[SEAL_ANSWER] = "clientele answer",
		[SEAL_OPTION] = "clientele option",
	};
	bool good = derive(key->secret, "clientele key id", key->id, sizeof(key->id));

	for (size_t i = 0; i < SEAL_PURPOSE__MAX; i++)
		good = good && derive(key->secret, purposes[i], key->purposes[i], SEAL_KEY_LENGTH);
	for (size_t i = 0; i < SEAL_ID_LENGTH; i++)
		(void)snprintf(key->id_text + 2 * i, 3, "%02x", key->id[i]);
	return good;
}

/* --- values --- */

/* What a value is bound to: its own head, and the place. */
static struct str bind_place(struct arena *arena, const uint8_t *head, struct str associated)
{
	char *text = arena_alloc(arena, HEADER_LENGTH + associated.length);

	if (text == NULL)
		return (struct str){ NULL, 0 };
	memcpy(text, head, HEADER_LENGTH);
	if (associated.length > 0)
		memcpy(text + HEADER_LENGTH, associated.data, associated.length);
	return (struct str){ text, HEADER_LENGTH + associated.length };
}

static struct str seal_by(const struct key *key, enum seal_purpose purpose, struct str associated,
    struct str plain, struct arena *arena)
{
	uint8_t head[HEADER_LENGTH] = { VERSION };
	struct str place;

	memcpy(head + 1, key->id, SEAL_ID_LENGTH);
	place = bind_place(arena, head, associated);
	if (place.data == NULL)
		return place;
	return seal_behind((struct str){ (const char *)head, HEADER_LENGTH },
	    key->purposes[purpose], place, plain, arena);
}

struct str seal(const struct seal_keys *keys, enum seal_purpose purpose, struct str associated,
    struct str plain, struct arena *arena)
{
	return seal_by(&keys->keys[0], purpose, associated, plain, arena);
}

static const struct key *find_key(const struct seal_keys *keys, const char *id)
{
	for (unsigned i = 0; i < keys->count; i++) {
		if (strcmp(keys->keys[i].id_text, id) == 0)
			return &keys->keys[i];
	}
	return NULL;
}

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

/* Another process may have put a key into the file. */
static const struct key *look_for_key(struct seal_keys *keys, const char *id)
{
	const struct key *key = find_key(keys, id);
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
	return find_key(keys, id);
}

enum seal_state seal_under(struct seal_keys *keys, const char *id, enum seal_purpose purpose,
    struct str associated, struct str plain, struct arena *arena, struct str *sealed)
{
	const struct key *key = look_for_key(keys, id);

	*sealed = (struct str){ NULL, 0 };
	if (key == NULL)
		return SEAL_NO_KEY;
	*sealed = seal_by(key, purpose, associated, plain, arena);
	return sealed->data != NULL ? SEAL_GOOD : SEAL_FAILED;
}

bool seal_id_of(struct str sealed, char id[SEAL_ID_TEXT])
{
	if (sealed.length < SEAL_OVERHEAD || sealed.data[0] != VERSION)
		return false;
	for (size_t i = 0; i < SEAL_ID_LENGTH; i++)
		(void)snprintf(id + 2 * i, 3, "%02x", (unsigned char)sealed.data[1 + i]);
	return true;
}

enum seal_state unseal(struct seal_keys *keys, enum seal_purpose purpose, struct str associated,
    struct str sealed, struct arena *arena, struct str *plain)
{
	char id[SEAL_ID_TEXT];
	const struct key *key;
	struct str place;

	*plain = (struct str){ NULL, 0 };
	if (!seal_id_of(sealed, id))
		return SEAL_BROKEN;
	key = look_for_key(keys, id);
	if (key == NULL)
		return SEAL_NO_KEY;
	place = bind_place(arena, (const uint8_t *)sealed.data, associated);
	if (place.data == NULL)
		return SEAL_FAILED;
	*plain = unseal_with(
	    key->purposes[purpose], place, str_slice(sealed, HEADER_LENGTH, sealed.length), arena);
	if (plain->data != NULL)
		return SEAL_GOOD;
	return arena_exhausted(arena) ? SEAL_FAILED : SEAL_BROKEN;
}

const char *seal_state_text(enum seal_state state)
{
	switch (state) {
	case SEAL_GOOD:
		return "it is intact";
	case SEAL_NO_KEY:
		return "its key is not in the key file";
	case SEAL_BROKEN:
		return "it was changed or moved, or is not encrypted";
	default:
		return "out of memory";
	}
}

/* --- sets of keys --- */

void seal_keys_free(struct seal_keys *keys)
{
	if (keys == NULL)
		return;
	free(keys->path);
	OPENSSL_cleanse(keys, sizeof(*keys));
	free(keys);
}

static bool read_digits(struct str line, uint8_t secret[SEAL_KEY_LENGTH])
{
	for (size_t i = 0; i < DIGITS; i += 2) {
		int high = line.length == DIGITS ? str_hex_digit(line.data[i]) : -1;
		int low = line.length == DIGITS ? str_hex_digit(line.data[i + 1]) : -1;

		if (high < 0 || low < 0)
			return false;
		secret[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* NULL, or what is wrong with a line that holds a key. */
static const char *take_line(struct seal_keys *keys, struct str line)
{
	struct key *key = &keys->keys[keys->count];

	if (keys->count == SEAL_KEYS_MAX)
		return "there are too many keys";
	if (!read_digits(line, key->secret))
		return "expected 64 hexadecimal digits";
	if (!complete_key(key))
		return "the key cannot be used";
	if (find_key(keys, key->id_text) != NULL)
		return "the key appears twice";
	keys->count++;
	return NULL;
}

struct seal_keys *seal_keys_parse(struct str text, struct buf *reason)
{
	struct seal_keys *keys = calloc(1, sizeof(*keys));
	const char *fault = keys == NULL ? "out of memory" : NULL;
	struct str line;
	unsigned number = 0;

	while (fault == NULL && str_next(&text, '\n', &line)) {
		number++;
		line = str_trim(line);
		if (line.length > 0 && line.data[0] != '#')
			fault = take_line(keys, line);
	}
	if (fault != NULL)
		buf_printf(reason, "line %u: %s", number, fault);
	else if (keys->count == 0)
		buf_append_text(reason, "it contains no key");
	if (fault == NULL && keys->count > 0)
		return keys;
	seal_keys_free(keys);
	return NULL;
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

struct seal_keys *seal_keys_make(void)
{
	struct seal_keys *keys = calloc(1, sizeof(*keys));

	if (keys == NULL || seal_keys_add(keys))
		return keys;
	seal_keys_free(keys);
	return NULL;
}

bool seal_keys_add(struct seal_keys *keys)
{
	struct key key;

	if (keys->count == SEAL_KEYS_MAX)
		return false;
	/* The id is short: one that is taken is drawn again. */
	do {
		random_bytes(key.secret, sizeof(key.secret));
		if (!complete_key(&key))
			return false;
	} while (find_key(keys, key.id_text) != NULL);
	memmove(keys->keys + 1, keys->keys, keys->count * sizeof(key));
	keys->keys[0] = key;
	keys->count++;
	OPENSSL_cleanse(&key, sizeof(key));
	return true;
}

bool seal_keys_remove(struct seal_keys *keys, const char *id)
{
	const struct key *key = find_key(keys, id);
	size_t number;

	if (key == NULL || keys->count == 1)
		return false;
	number = (size_t)(key - keys->keys);
	memmove(keys->keys + number, keys->keys + number + 1,
	    (keys->count - number - 1) * sizeof(*key));
	keys->count--;
	OPENSSL_cleanse(&keys->keys[keys->count], sizeof(*key));
	return true;
}

unsigned seal_keys_count(const struct seal_keys *keys)
{
	return keys->count;
}

const char *seal_keys_id(const struct seal_keys *keys, unsigned number)
{
	return keys->keys[number].id_text;
}

bool seal_keys_have(struct seal_keys *keys, const char *id)
{
	return look_for_key(keys, id) != NULL;
}
