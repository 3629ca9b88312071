#include "auth/password.h"

#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "auth/identity_hash.h"

_Static_assert(PASSWORD_LONGEST < CRYPT_MAX_PASSPHRASE_SIZE, "crypt() cuts passwords");

#define BCRYPT_LENGTH 60
#define BCRYPT_SALT 7 /* where salt and digest begin */

static uint64_t computed;

uint64_t password_computed(void)
{
	return computed;
}

/* A longer or NUL-holding password would be cut, and then fit others too. */
static bool may_be_hashed(struct str password)
{
	return password.length <= PASSWORD_LONGEST &&
	       (password.length == 0 || memchr(password.data, '\0', password.length) == NULL);
}

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
	if (!may_be_hashed(password))
		return NULL;
	memcpy(phrase, password.data, password.length);
	phrase[password.length] = '\0';
	computed++;
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

/* --- what hashes cost --- */

/* Digits of base 64 as crypt(3) has them; -1 for other characters. */
static int digit_value(char digit)
{
	static const char digits[] =
	    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *found = digit != '\0' ? strchr(digits, digit) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

static bool is_cheap_bcrypt(const char *parameters)
{
	int64_t cost;

	return strnlen(parameters, 3) == 3 && parameters[2] == '$' && parameters[0] >= '0' &&
	       parameters[0] <= '3' && str_to_int64((struct str){ parameters, 2 }, &cost) &&
	       cost >= PASSWORD_BCRYPT_LEAST && cost <= PASSWORD_BCRYPT_MOST;
}

/* "j9T$": flavour, log2 N - 1, r - 1; further ones (parallelism, time, ROM) are not taken. */
static bool is_cheap_yescrypt(const char *parameters)
{
	return strnlen(parameters, 4) == 4 && parameters[3] == '$' &&
	       digit_value(parameters[0]) >= 0 && digit_value(parameters[1]) >= 0 &&
	       digit_value(parameters[1]) + 1 <= PASSWORD_SCRYPT_LOG2_MOST &&
	       digit_value(parameters[2]) >= 0 &&
	       digit_value(parameters[2]) + 1 <= PASSWORD_SCRYPT_R_MOST;
}

/* "CU..../....": log2 N, and r and p in five digits each, the lowest first; p is 1. */
static bool is_cheap_scrypt(const char *parameters)
{
	return strnlen(parameters, 11) == 11 && digit_value(parameters[0]) >= 1 &&
	       digit_value(parameters[0]) <= PASSWORD_SCRYPT_LOG2_MOST &&
	       digit_value(parameters[1]) >= 1 &&
	       digit_value(parameters[1]) <= PASSWORD_SCRYPT_R_MOST &&
	       memcmp(parameters + 2, "..../....", 9) == 0;
}

static bool is_cheap_sha(const char *parameters)
{
	static const char word[] = "rounds=";
	struct str rest = str_from(parameters), digits;
	int64_t rounds;

	if (strncmp(parameters, word, sizeof(word) - 1) != 0)
		return true; /* 5000 */
	rest = str_slice(rest, sizeof(word) - 1, rest.length);
	return str_next(&rest, '$', &digits) && str_to_int64(digits, &rounds) && rounds > 0 &&
	       rounds <= PASSWORD_SHA_ROUNDS_MOST;
}

/* What begins with the prefix; `is_cheap` gets what is behind it. */
struct method {
	const char *prefix;
	bool (*is_cheap)(const char *parameters);
	/* NULL = crypt() does it */
	bool (*verify)(struct str password, const char *hash);
};

static bool is_cheap_identity(const char *parameters)
{
	return identity_hash_is_cheap(parameters - strlen(IDENTITY_HASH_PREFIX));
}

static bool verify_identity(struct str password, const char *hash)
{
	if (!may_be_hashed(password))
		return false;
	computed++;
	return identity_hash_verify(password, hash);
}

static const struct method methods[] = {
	{ "$2a$", is_cheap_bcrypt, NULL },
	{ "$2b$", is_cheap_bcrypt, NULL },
	{ "$2y$", is_cheap_bcrypt, NULL },
	{ "$5$", is_cheap_sha, NULL },
	{ "$6$", is_cheap_sha, NULL },
	{ "$7$", is_cheap_scrypt, NULL },
	{ "$y$", is_cheap_yescrypt, NULL },
	{ IDENTITY_HASH_PREFIX, is_cheap_identity, verify_identity },
};

/* The method of a hash that may be computed; NULL where it may not. */
static const struct method *affordable_method(const char *hash)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t length = strlen(methods[i].prefix);

		if (strncmp(hash, methods[i].prefix, length) == 0)
			return methods[i].is_cheap(hash + length) ? &methods[i] : NULL;
	}
	return NULL;
}

bool password_is_affordable(const char *hash)
{
	return affordable_method(hash) != NULL;
}

static bool verify_crypt(struct str password, const char *hash)
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

bool password_verify(struct str password, const char *hash)
{
	const struct method *method = affordable_method(hash);

	if (method == NULL)
		return false;
	return method->verify != NULL ? method->verify(password, hash)
				      : verify_crypt(password, hash);
}

#define BCRYPT_EXPECTED                                          \
	"a bcrypt hash ($2a$, $2b$ or $2y$) of cost " STRING_OF( \
	    PASSWORD_BCRYPT_LEAST) " to " STRING_OF(PASSWORD_BCRYPT_MOST)

const char *password_check_bcrypt(struct str hash)
{
	static const char expected[] = BCRYPT_EXPECTED;
	char text[BCRYPT_LENGTH + 1];

	if (hash.length != BCRYPT_LENGTH || !str_starts_with(hash, STR("$2")))
		return expected;
	memcpy(text, hash.data, BCRYPT_LENGTH);
	text[BCRYPT_LENGTH] = '\0';
	if (!password_is_affordable(text))
		return expected;
	for (size_t i = BCRYPT_SALT; i < BCRYPT_LENGTH; i++) {
		if (digit_value(text[i]) < 0)
			return expected;
	}
	return NULL;
}

const char *password_check_import(struct str hash)
{
	char text[PASSWORD_HASH_MAX];

	if (password_check_bcrypt(hash) == NULL)
		return NULL;
	if (hash.length < sizeof(text) && str_starts_with(hash, STR(IDENTITY_HASH_PREFIX))) {
		memcpy(text, hash.data, hash.length);
		text[hash.length] = '\0';
		if (strlen(text) == hash.length && identity_hash_is_cheap(text))
			return NULL;
	}
	return BCRYPT_EXPECTED
	    ", or one of ASP.NET Core Identity (version 3) of at most " STRING_OF(
		IDENTITY_HASH_ROUNDS_MOST) " iterations";
}
