#include "auth/guard.h"

#include <errno.h>
#include <stdlib.h>

#include "auth/key.h"

/* Workers per concurrent hash, where no option says how many there may be. */
#define WORKERS_PER_HASH 4

/* A hash that nothing fits, so that looking for a user who is not there takes as long. */
static int make_dummy(char hash[PASSWORD_HASH_MAX])
{
	char secret[SECRET_TEXT_MAX];
	struct error error = { 0 };
	int status;

	secret_make("", secret);
	status = password_hash(str_from(secret), hash, &error);
	explicit_bzero(secret, sizeof(secret));
	errno = ENOSYS;
	return status;
}

static bool open_files(struct guard *guard, const char *directory)
{
	guard->throttle = throttle_open(directory);
	if (guard->throttle != NULL)
		guard->known = known_open(directory);
	if (guard->known != NULL)
		guard->rates = rates_open(directory);
	if (guard->rates != NULL)
		guard->nonces = nonces_open(directory);
	if (guard->nonces != NULL)
		guard->gate = gate_open();
	return guard->gate != NULL;
}

struct guard *guard_open(const char *directory)
{
	struct guard *guard = calloc(1, sizeof(*guard));
	int saved;

	if (guard == NULL)
		return NULL;
	guard->memo = secret_memo_new();
	random_bytes(guard->pool_key, sizeof(guard->pool_key));
	if (guard->memo != NULL && open_files(guard, directory) &&
	    make_dummy(guard->dummy_hash) == 0)
		return guard;
	saved = errno;
	guard_close(guard);
	errno = saved;
	return NULL;
}

struct guard *guard_join(const char *directory)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	if (guard == NULL)
		return NULL;
	guard->directory = directory;
	guard->memo = secret_memo_new();
	if (guard->memo != NULL)
		return guard;
	guard_close(guard);
	errno = ENOMEM;
	return NULL;
}

void guard_close(struct guard *guard)
{
	if (guard == NULL)
		return;
	secret_memo_free(guard->memo);
	nonces_close(guard->nonces);
	rates_close(guard->rates);
	gate_close(guard->gate);
	known_close(guard->known);
	throttle_close(guard->throttle);
	free(guard);
}

void guard_configure(struct guard *guard, const struct settings *settings, unsigned workers)
{
	struct gate_limits limits = {
		.workers = workers,
		.hashes = (unsigned)settings->password_hashes,
		.heavy =
		    settings->heavy_requests > 0 ? (unsigned)settings->heavy_requests : workers / 2,
		.share = (unsigned)(workers * settings->gate_share / 100),
		.wait_milliseconds = settings->gate_wait_milliseconds,
	};

	if (limits.hashes == 0)
		limits.hashes = workers > WORKERS_PER_HASH ? workers / WORKERS_PER_HASH : 1;
	if (limits.heavy == 0)
		limits.heavy = 1;
	if (limits.share == 0)
		limits.share = 1;
	limits.heavy_share = (unsigned)(limits.heavy * settings->gate_share / 100);
	if (limits.heavy_share == 0)
		limits.heavy_share = 1;
	throttle_configure(guard->throttle, settings->throttle_failures, settings->throttle_window);
	gate_configure(guard->gate, &limits);
}

int guard_hash_password(
    struct guard *guard, struct str password, char hash[PASSWORD_HASH_MAX], struct error *error)
{
	int status;

	if (gate_enter(guard->gate, GATE_HASH, error) != 0)
		return -1;
	status = password_hash(password, hash, error);
	gate_leave(guard->gate, GATE_HASH);
	return status;
}

int guard_verify_password(
    struct guard *guard, struct str password, const char *hash, bool *right, struct error *error)
{
	if (gate_enter(guard->gate, GATE_HASH, error) != 0)
		return -1;
	*right = password_verify(password, hash);
	gate_leave(guard->gate, GATE_HASH);
	return 0;
}

int guard_verify_secret(
    struct guard *guard, struct str secret, const char *hash, bool *right, struct error *error)
{
	bool quick = secret_is_quick(guard->memo, secret, hash);

	if (!quick && gate_enter(guard->gate, GATE_HASH, error) != 0)
		return -1;
	*right = secret_verify(guard->memo, secret, hash);
	if (!quick)
		gate_leave(guard->gate, GATE_HASH);
	return 0;
}

void guard_make_known(struct guard *guard, struct str credential)
{
	uint8_t hash[KEY_HASH_LENGTH];

	if (guard->known == NULL && guard->directory != NULL)
		guard->known = known_open(guard->directory);
	if (guard->known == NULL)
		return;
	key_hash(credential, hash);
	known_add(guard->known, hash);
}
