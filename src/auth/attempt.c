#include "auth/attempt.h"

#include "base/digest.h"
#include "schema/resource.h"

/* What digests are of, so that none is taken for another. */
enum digest_kind { DIGEST_NAME = 1, DIGEST_OWNER, DIGEST_SIGNER, DIGEST_PAIR };

#define PARTS_MAX 3

/* Each part is preceded by its length: no two lists of parts are the same bytes. */
static void digest_list(
    enum digest_kind kind, const struct str *parts, unsigned count, uint8_t out[KEY_HASH_LENGTH])
{
	char first = (char)kind;
	struct str all[1 + 2 * PARTS_MAX] = { { &first, 1 } };

	for (unsigned i = 0; i < count; i++) {
		all[1 + 2 * i] =
		    (struct str){ (const char *)&parts[i].length, sizeof(parts[i].length) };
		all[2 + 2 * i] = parts[i];
	}
	digest_parts(all, 1 + 2 * count, out);
}

static void digest_owner(const struct attempt *attempt, uint8_t out[KEY_HASH_LENGTH])
{
	char kind = (char)attempt->owner.kind;
	const struct str parts[PARTS_MAX] = {
		{ (const char *)attempt->address.bytes, attempt->address.length },
		{ &kind, 1 },
		{ (const char *)attempt->owner.id.bytes, sizeof(attempt->owner.id.bytes) },
	};

	digest_list(attempt->signs ? DIGEST_SIGNER : DIGEST_OWNER, parts, COUNT_OF(parts), out);
}

/* Under a key that no file has: the filter is no way to try secrets that people choose. */
static void digest_pair(const struct attempt *attempt, struct str secret, const char *hash,
    uint8_t out[KEY_HASH_LENGTH])
{
	const struct str parts[PARTS_MAX] = {
		{ (const char *)attempt->guard->pool_key, sizeof(attempt->guard->pool_key) },
		{ hash, strlen(hash) },
		{ secret.data, secret.length },
	};

	digest_list(DIGEST_PAIR, parts, COUNT_OF(parts), out);
}

static struct throttle_counter counter(const struct attempt *attempt, enum throttle_scope scope)
{
	return (struct throttle_counter){
		.scope = scope, .address = attempt->address, .owner = attempt->owner
	};
}

/* Takes over what one counter says, where that is longer than what others said. */
static void ask_throttle(struct attempt *attempt, enum throttle_scope scope)
{
	const struct throttle_counter asked = counter(attempt, scope);
	int64_t seconds = throttle_wait(attempt->guard->throttle, &asked);

	if (seconds <= attempt->seconds)
		return;
	attempt->seconds = seconds;
	attempt->scope = scope;
}

static void count_failure(struct attempt *attempt, enum throttle_scope scope)
{
	const struct throttle_counter failed = counter(attempt, scope);

	(void)throttle_fail(attempt->guard->throttle, &failed);
}

static bool spare(const struct attempt *attempt, enum throttle_scope scope)
{
	const struct throttle_counter asked = counter(attempt, scope);

	return throttle_spare(attempt->guard->throttle, &asked);
}

static void begin_attempt(struct attempt *attempt, struct guard *guard, struct str address)
{
	*attempt = (struct attempt){ .guard = guard, .address = throttle_address(address) };
}

int attempt_check(const struct attempt *attempt, struct error *error)
{
	if (attempt->seconds == 0)
		return 0;
	gate_count(attempt->guard->gate, GATE_EVENT_THROTTLED);
	return throttle_refuse(attempt->scope, attempt->seconds, error);
}

int attempt_begin_lookup(struct attempt *attempt, struct guard *guard, struct str address,
    const uint8_t hash[KEY_HASH_LENGTH], struct error *error)
{
	begin_attempt(attempt, guard, address);
	attempt->lookup = attempt->has_secret = true;
	memcpy(attempt->secret, hash, KEY_HASH_LENGTH);
	attempt->was_right = known_has(guard->known, attempt->secret);
	if (attempt->was_right)
		return 0;
	ask_throttle(attempt, THROTTLE_BY_LOOKUP);
	if (attempt->seconds == 0 || spare(attempt, THROTTLE_BY_LOOKUP))
		return 0;
	return attempt_check(attempt, error);
}

int attempt_begin_name(struct attempt *attempt, struct guard *guard, struct str address,
    struct str name, struct str client_secret, struct error *error)
{
	const struct str parts[] = {
		{ (const char *)attempt->address.bytes, sizeof(attempt->address.bytes) },
		name,
	};

	begin_attempt(attempt, guard, address);
	attempt->counts_address = attempt->has_name = true;
	digest_list(DIGEST_NAME, parts, COUNT_OF(parts), attempt->name);
	attempt->has_secret = client_secret.data != NULL;
	if (attempt->has_secret)
		key_hash(client_secret, attempt->secret);
	ask_throttle(attempt, THROTTLE_BY_ADDRESS);
	if (attempt->seconds == 0)
		return 0;
	attempt->excused = known_has(guard->known, attempt->name) ||
			   (attempt->has_secret && known_has(guard->known, attempt->secret));
	/* A secret that was made here costs nothing to compare. */
	if (attempt->excused || (attempt->has_secret && spare(attempt, THROTTLE_BY_ADDRESS)))
		return 0;
	return attempt_check(attempt, error);
}

void attempt_set_owner(struct attempt *attempt, struct throttle_owner owner)
{
	attempt->owner = owner;
	if (attempt->excused)
		attempt->seconds = 0;
	ask_throttle(attempt, THROTTLE_BY_BOTH);
	if (!attempt_is_known(attempt))
		ask_throttle(attempt, THROTTLE_BY_OWNER);
}

void attempt_begin_owner(
    struct attempt *attempt, struct guard *guard, struct str address, struct throttle_owner owner)
{
	begin_attempt(attempt, guard, address);
	attempt_set_owner(attempt, owner);
}

void attempt_begin_signature(
    struct attempt *attempt, struct guard *guard, struct str address, struct throttle_owner owner)
{
	begin_attempt(attempt, guard, address);
	attempt->signs = true;
	attempt_set_owner(attempt, owner);
}

bool attempt_is_known(const struct attempt *attempt)
{
	uint8_t digest[KEY_HASH_LENGTH];

	digest_owner(attempt, digest);
	return known_has(attempt->guard->known, digest);
}

int attempt_verify_password(struct attempt *attempt, struct str password, const char *hash,
    bool *right, struct error *error)
{
	if (attempt_check(attempt, error) != 0)
		return -1;
	return guard_verify_password(attempt->guard, password, hash, right, error);
}

int attempt_verify_secret(
    struct attempt *attempt, struct str secret, const char *hash, bool *right, struct error *error)
{
	struct guard *guard = attempt->guard;
	bool quick = secret_is_quick(guard->memo, secret, hash);
	uint8_t pair[KEY_HASH_LENGTH];

	if (!quick) {
		/* One that this machine has found right lately is the right one still. */
		digest_pair(attempt, secret, hash, pair);
		if (!known_has(guard->known, pair) && attempt_check(attempt, error) != 0)
			return -1;
	}
	if (guard_verify_secret(guard, secret, hash, right, error) != 0)
		return -1;
	if (!*right)
		return 0;
	if (!quick)
		known_add(guard->known, pair);
	attempt->has_secret = attempt->has_secret && secret_is_random(hash);
	return 0;
}

void attempt_succeed(struct attempt *attempt)
{
	static const enum throttle_scope cleared[] = { THROTTLE_BY_OWNER, THROTTLE_BY_BOTH };
	struct guard *guard = attempt->guard;
	uint8_t digest[KEY_HASH_LENGTH];

	if (attempt->has_secret)
		known_add(guard->known, attempt->secret);
	if (attempt->has_name)
		known_add(guard->known, attempt->name);
	if (attempt->owner.kind == THROTTLE_NOBODY)
		return;
	digest_owner(attempt, digest);
	known_add(guard->known, digest);
	for (unsigned i = 0; i < COUNT_OF(cleared); i++) {
		const struct throttle_counter right = counter(attempt, cleared[i]);

		throttle_clear(guard->throttle, &right);
	}
}

int attempt_fail(struct attempt *attempt, struct error *error)
{
	if (attempt->lookup && !attempt->was_right)
		count_failure(attempt, THROTTLE_BY_LOOKUP);
	if (attempt->counts_address)
		count_failure(attempt, THROTTLE_BY_ADDRESS);
	if (attempt->owner.kind != THROTTLE_NOBODY) {
		count_failure(attempt, THROTTLE_BY_OWNER);
		count_failure(attempt, THROTTLE_BY_BOTH);
	}
	if (attempt_check(attempt, error) != 0)
		return -1;
	return error->code != ERROR_NONE ? -1 : 0;
}
