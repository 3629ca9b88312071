#include "auth/password.h"

#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

_Static_assert(PASSWORD_LONGEST < CRYPT_MAX_PASSPHRASE_SIZE, "crypt() cuts passwords");

#define BCRYPT_LENGTH 60

/*
 * Hashes with the method, cost and salt of `setting`. Returns crypt's text in `data`, or NULL.
 * `data` is large and holds the password: wiped and freed by the caller.
 */
static const char *hash_with(struct str password, const char *setting, struct crypt_data *data)
{
	char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
	const char *hash;

	if (password.length == 0)
		password = STR(""); /* no bytes may have no address */
	/* A longer or NUL-holding password would be cut, and then fit others too. */
	if (password.length > PASSWORD_LONGEST ||
	    memchr(password.data, '\0', password.length) != NULL)
		return NULL;
	memcpy(phrase, password.data, password.length);
	phrase[password.length] = '\0';
	hash = crypt_rn(phrase, setting, data, sizeof(*data));
	explicit_bzero(phrase, sizeof(phrase));
	return hash;
}

int password_hash(struct str password, char hash[PASSWORD_HASH_MAX], struct error *error)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *text = NULL;
	int status = 0;

	if (data == NULL)
		return error_set_detail(error, ERROR_INTERNAL, "no memory to hash a password");
	errno = 0;
	if (crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) != NULL)
		text = hash_with(password, setting, data);
	if (text != NULL && strlen(text) < PASSWORD_HASH_MAX)
		memcpy(hash, text, strlen(text) + 1);
	else
		status = error_set_detail(
		    error, ERROR_INTERNAL, "a password cannot be hashed: %s", strerror(errno));
	explicit_bzero(data, sizeof(*data));
	free(data);
	return status;
}

bool password_verify(struct str password, const char *hash)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	size_t length = strlen(hash);
	const char *text;
	bool same;

	if (data == NULL)
		return false;
	text = hash_with(password, hash, data);
	/* The empty text is no hash, and "*0" or "*1" mean that hashing failed. */
	same = text != NULL && text[0] != '*' && length > 0 && strlen(text) == length &&
	       CRYPTO_memcmp(text, hash, length) == 0;
	explicit_bzero(data, sizeof(*data));
	free(data);
	return same;
}

static bool is_bcrypt_character(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') || byte == '.' || byte == '/';
}

bool password_is_bcrypt(struct str hash)
{
	int64_t cost;

	if (hash.length != BCRYPT_LENGTH || hash.data[0] != '$' || hash.data[1] != '2' ||
	    hash.data[2] == '\0' || strchr("aby", hash.data[2]) == NULL || hash.data[3] != '$' ||
	    hash.data[6] != '$')
		return false;
	if (hash.data[4] < '0' || hash.data[4] > '3' ||
	    !str_to_int64(str_slice(hash, 4, 2), &cost) || cost < 4 || cost > 31)
		return false;
	for (size_t i = 7; i < hash.length; i++) {
		if (!is_bcrypt_character(hash.data[i]))
			return false;
	}
	return true;
}
