#include "auth/principal.h"

#include <stdlib.h>

#include "auth/attempt.h"
#include "auth/token.h"

#define CACHE_SLOTS 1024 /* power of two */
#define CACHE_PROBES 8
#define CACHE_LIFETIME (60 * MICROSECONDS_PER_SECOND)
#define MISSING_SLOTS 256 /* power of two */
#define MISSING_LIFETIME (2 * MICROSECONDS_PER_SECOND)
#define CREDENTIAL_LONGEST 256
#define SECRET_HASH_LONGEST 128 /* yescrypt takes 73, a digest 72 */

/* A credential as the database has it. */
struct known {
	struct principal principal;
	char secret_hash[SECRET_HASH_LONGEST]; /* of what must come along; empty = nothing */
};

struct slot {
	int64_t until;            /* monotonic; 0 = free */
	struct epoch_stamp stamp; /* up to when nothing of it was revoked */
	struct known known;
};

/* A credential that nobody has: the same wrong one costs no second query. */
struct missing {
	uint8_t hash[KEY_HASH_LENGTH];
	bool hosting; /* as the own key of one */
	int64_t until;
	struct epoch_stamp stamp;
};

struct principal_cache {
	struct epoch *epoch;
	struct guard *guard;
	struct slot slots[CACHE_SLOTS];
	struct missing missing[MISSING_SLOTS];
};

struct principal_cache *principal_cache_new(struct epoch *epoch, struct guard *guard)
{
	struct principal_cache *cache = calloc(1, sizeof(*cache));

	if (cache != NULL) {
		cache->epoch = epoch;
		cache->guard = guard;
	}
	return cache;
}

void principal_cache_free(struct principal_cache *cache)
{
	free(cache);
}

/* The hash is uniform, so its first bytes are as good as any other hash of it. */
static size_t first_slot(const uint8_t hash[KEY_HASH_LENGTH])
{
	return ((size_t)hash[0] << 8 | hash[1]) & (CACHE_SLOTS - 1);
}

static bool is_hosting(const struct principal *principal)
{
	return principal->hosting[0] != '\0';
}

#define SUBJECTS 6

/* What takes the credential with it when it ends or is changed; returns how many. */
static unsigned subjects_of(const struct principal *principal, struct mark subjects[SUBJECTS])
{
	unsigned count = 0;

	subjects[count++] = MARK(MARK_USER, principal->user);
	subjects[count++] = MARK(MARK_ACCOUNT, principal->account);
	if (is_hosting(principal))
		subjects[count++] = mark_of_hosting(str_from(principal->hosting));
	if (principal->key_id != 0)
		subjects[count++] = mark_of_key(principal->key_id);
	if (!uuid_is_zero(&principal->session))
		subjects[count++] = MARK(MARK_SESSION, principal->session);
	if (!uuid_is_zero(&principal->client))
		subjects[count++] = MARK(MARK_CLIENT, principal->client);
	if (!uuid_is_zero(&principal->certificate))
		subjects[count++] = MARK(MARK_CERTIFICATE, principal->certificate);
	return count;
}

/* One text may be an API key and, where those are asked for, an account's own one. */
static const struct known *find_known(
    struct principal_cache *cache, const uint8_t hash[KEY_HASH_LENGTH], bool hosting, int64_t now)
{
	struct mark subjects[SUBJECTS];

	for (size_t i = 0; i < CACHE_PROBES; i++) {
		struct slot *slot = &cache->slots[(first_slot(hash) + i) & (CACHE_SLOTS - 1)];

		if (slot->until > now && is_hosting(&slot->known.principal) == hosting &&
		    memcmp(slot->known.principal.digest, hash, KEY_HASH_LENGTH) == 0)
			return epoch_holds(cache->epoch, &slot->stamp, subjects,
				   subjects_of(&slot->known.principal, subjects))
				   ? &slot->known
				   : NULL;
	}
	return NULL;
}

/* Takes a free or outlived slot, else the one that would be outlived first. */
static struct slot *choose_slot(struct principal_cache *cache, const uint8_t hash[KEY_HASH_LENGTH])
{
	struct slot *chosen = NULL;

	for (size_t i = 0; i < CACHE_PROBES; i++) {
		struct slot *slot = &cache->slots[(first_slot(hash) + i) & (CACHE_SLOTS - 1)];

		if (chosen == NULL || slot->until < chosen->until)
			chosen = slot;
	}
	return chosen;
}

/* All queries have one row per role of the user (one with NULL when there is none). */
enum looked_up {
	LOOKED_USER,
	LOOKED_CUSTOMER,
	LOOKED_ROLE,
	LOOKED_EXPIRES,
	LOOKED_NAME,
	LOOKED_ACCOUNT,
	LOOKED_ZONE,
	LOOKED_ACCOUNT_ZONE,
	LOOKED_KEY,
	LOOKED_PERMISSIONS,
	LOOKED_RATE,
	LOOKED_NETWORKS,
	LOOKED_SECRET,
	LOOKED_COOKIE_SESSION = LOOKED_SECRET,
	LOOKED_KEY_EXPIRES,
	LOOKED_SECOND_FACTOR,
	LOOKED_HOSTING = LOOKED_KEY,
	LOOKED_HOSTING_MAY,
	LOOKED_SESSION = LOOKED_KEY,
	LOOKED_CERTIFICATE = LOOKED_KEY,
	LOOKED_CLIENT,
	LOOKED_CLIENT_EXPIRES,
	LOOKED_SCOPE,
	LOOKED_CLIENT_SCOPE,
	LOOKED__MAX = LOOKED_SECOND_FACTOR + 1
};

/* How a kind of credential is looked up by its digest. */
struct credential_kind {
	const char *prefix; /* NULL = any */
	const char *query;
	enum bind_kind columns[LOOKED__MAX];
	unsigned column_count;
	int (*take)(const struct result *result, struct known *known, struct error *error);
};

/* What bounds a key, and the session that it opened. */
static int take_bounds(const struct bind *row, struct principal *principal, struct error *error)
{
	principal->key_id = row[LOOKED_KEY].integer;
	principal->permissions = (uint8_t)row[LOOKED_PERMISSIONS].integer;
	principal->rate_limit = row[LOOKED_RATE].integer;
	/* What cannot be read must not open the door. */
	if (network_list_parse(error->arena, row[LOOKED_NETWORKS].text, &principal->networks))
		return 0;
	return error_set_detail(error, ERROR_UNAUTHENTICATED,
	    "the networks of key %lld cannot be read", (long long)principal->key_id);
}

static int take_key(const struct result *result, struct known *known, struct error *error)
{
	const struct bind *row = result->rows[0];

	known->principal.renewed_until = known->principal.expires;
	if (take_bounds(row, &known->principal, error) != 0)
		return -1;
	if (row[LOOKED_SECRET].null)
		return 0;
	if (row[LOOKED_SECRET].text.length == 0 ||
	    row[LOOKED_SECRET].text.length >= SECRET_HASH_LONGEST)
		return error_set_detail(error, ERROR_UNAUTHENTICATED,
		    "the secret of key %lld cannot be read", (long long)known->principal.key_id);
	memcpy(known->secret_hash, row[LOOKED_SECRET].text.data, row[LOOKED_SECRET].text.length);
	return 0;
}

static int take_cookie(const struct result *result, struct known *known, struct error *error)
{
	const struct bind *row = result->rows[0];
	struct principal *principal = &known->principal;

	principal->cookie = true;
	principal->second_factor = row[LOOKED_SECOND_FACTOR].integer != 0;
	principal->session = row[LOOKED_COOKIE_SESSION].uuid;
	/* Whoever has signed in can sign in again; a key ends when it ends. */
	principal->renewed_until =
	    row[LOOKED_KEY_EXPIRES].null ? INT64_MAX : row[LOOKED_KEY_EXPIRES].integer;
	if (principal->renewed_until < principal->expires)
		principal->expires = principal->renewed_until;
	return take_bounds(row, principal, error);
}

/* What acts on behalf of an API client, or of a user, within a scope. */
static int take_scoped(const struct bind *row, struct principal *principal, struct error *error)
{
	struct scope scope, bound;

	if (!row[LOOKED_CLIENT].null)
		principal->client = row[LOOKED_CLIENT].uuid;
	if (!row[LOOKED_CLIENT_EXPIRES].null &&
	    row[LOOKED_CLIENT_EXPIRES].integer < principal->expires)
		principal->expires = row[LOOKED_CLIENT_EXPIRES].integer;
	if (!scope_parse(row[LOOKED_SCOPE].text, &scope, NULL) ||
	    !scope_parse(row[LOOKED_CLIENT_SCOPE].text, &bound, NULL))
		return error_set_detail(
		    error, ERROR_UNAUTHENTICATED, "the scope of a session cannot be read");
	scope = scope_intersect(&scope, &bound);
	principal->roles &= scope.roles;
	principal->permissions = scope.permissions;
	return 0;
}

static int take_token(const struct result *result, struct known *known, struct error *error)
{
	const struct bind *row = result->rows[0];

	known->principal.session = row[LOOKED_SESSION].uuid;
	/* A token ends soon, and the next one is there for the asking: that is what binds. */
	known->principal.renewed_until =
	    row[LOOKED_CLIENT_EXPIRES].null ? INT64_MAX : row[LOOKED_CLIENT_EXPIRES].integer;
	return take_scoped(row, &known->principal, error);
}

static int take_certificate(const struct result *result, struct known *known, struct error *error)
{
	const struct bind *row = result->rows[0];

	known->principal.certificate = row[LOOKED_CERTIFICATE].uuid;
	if (take_scoped(row, &known->principal, error) != 0)
		return -1;
	known->principal.renewed_until = known->principal.expires;
	return 0;
}

/* What is known of the user, behind the moment at which the credential ends. */
#define USER_COLUMNS                                                                        \
	"u.user_name, u.account_id, u.time_zone, (SELECT a.time_zone FROM account a WHERE " \
	"a.id = u.account_id), "
#define USER_KINDS \
	BIND_UUID, BIND_INTEGER, BIND_UUID, BIND_TIME, BIND_TEXT, BIND_UUID, BIND_TEXT, BIND_TEXT

/* Nobody's user, without roles: what it may do is done with the account's own rows alone. */
static int take_hosting(const struct result *result, struct known *known, struct error *error)
{
	const struct bind *row = result->rows[0];
	struct principal *principal = &known->principal;
	struct str account = row[LOOKED_HOSTING].text;

	if (account.length == 0 || account.length >= PRINCIPAL_HOSTING_MAX)
		return error_set_detail(
		    error, ERROR_UNAUTHENTICATED, "the account of a key cannot be read");
	memcpy(principal->hosting, account.data, account.length);
	principal->permissions = row[LOOKED_HOSTING_MAY].integer != 0 ? PERMISSION_ALL : 0;
	principal->renewed_until = principal->expires;
	return 0;
}

/* What take_scoped() reads. */
#define SCOPED_COLUMNS                                                                    \
	.columns = { USER_KINDS, BIND_UUID, BIND_UUID, BIND_TIME, BIND_TEXT, BIND_TEXT }, \
	.column_count = LOOKED_CLIENT_SCOPE + 1

/* In the order in which prefixes are tried; accounts' own keys where they are asked for. */
enum { KIND_TOKEN, KIND_COOKIE, KIND_CERTIFICATE, KIND_KEY, KIND_HOSTING };

static const struct credential_kind kinds[] = {
	[KIND_TOKEN] = { .prefix = TOKEN_ACCESS,
	    .query = "SELECT s.user_id, COALESCE(u.customer_id, 0), r.role_id, "
		     "t.expires_at, " USER_COLUMNS
		     "s.id, s.client_id, c.expires_at, COALESCE(t.scope, s.scope), "
		     "COALESCE(c.scope, '') "
		     "FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id "
		     "JOIN user u ON u.id = s.user_id "
		     "LEFT JOIN api_client c ON c.id = s.client_id "
		     "LEFT JOIN user_role r ON r.user_id = u.id "
		     "WHERE t.token_hash = ? AND NOT t.refresh AND u.enabled "
		     "AND COALESCE(c.enabled, TRUE)",
	    SCOPED_COLUMNS,
	    .take = take_token },
	[KIND_COOKIE] = { .prefix = TOKEN_CONSOLE,
	    .query = "SELECT s.user_id, COALESCE(u.customer_id, 0), r.role_id, "
		     "LEAST(t.expires_at, COALESCE(s.last_used_at, s.created_at) + "
		     "INTERVAL COALESCE(s.idle_seconds, 0) SECOND), " USER_COLUMNS
		     "COALESCE(s.key_id, 0), COALESCE(k.permissions, 15), "
		     "COALESCE(k.rate_limit, 0), COALESCE(k.allowed_networks, '[]'), s.id, "
		     "k.expires_at, f.user_id IS NOT NULL "
		     "FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id "
		     "JOIN user u ON u.id = s.user_id "
		     "LEFT JOIN api_key k ON k.id = s.key_id "
		     "LEFT JOIN user_second_factor f ON f.user_id = u.id "
		     "AND f.confirmed_at IS NOT NULL "
		     "LEFT JOIN user_role r ON r.user_id = u.id "
		     "WHERE t.token_hash = ? AND NOT t.refresh AND u.enabled "
		     "AND NOT COALESCE(k.revoked, FALSE)",
	    .columns = { USER_KINDS, BIND_INTEGER, BIND_INTEGER, BIND_INTEGER, BIND_TEXT, BIND_UUID,
		BIND_TIME, BIND_INTEGER },
	    .column_count = LOOKED_SECOND_FACTOR + 1,
	    .take = take_cookie },
	[KIND_CERTIFICATE] = { .prefix = TOKEN_CERTIFICATE,
	    .query =
		"SELECT u.id, COALESCE(u.customer_id, 0), r.role_id, x.expires_at, " USER_COLUMNS
		"x.id, x.client_id, c.expires_at, COALESCE(x.scope, ''), "
		"COALESCE(c.scope, '') "
		"FROM client_certificate x LEFT JOIN api_client c ON c.id = x.client_id "
		"JOIN user u ON u.id = COALESCE(c.user_id, x.user_id) "
		"LEFT JOIN user_role r ON r.user_id = u.id "
		"WHERE x.token_hash = ? AND x.enabled AND u.enabled "
		"AND COALESCE(c.enabled, TRUE)",
	    SCOPED_COLUMNS,
	    .take = take_certificate },
	[KIND_KEY] = { .query = "SELECT k.owner_id, COALESCE(u.customer_id, 0), r.role_id, "
				"k.expires_at, " USER_COLUMNS "k.id, "
				"k.permissions, COALESCE(k.rate_limit, 0), k.allowed_networks, "
				"k.client_secret_hash "
				"FROM api_key k JOIN user u ON u.id = k.owner_id "
				"LEFT JOIN user_role r ON r.user_id = u.id "
				"WHERE k.key_hash = ? AND NOT k.revoked AND u.enabled",
	    .columns = { USER_KINDS, BIND_INTEGER, BIND_INTEGER, BIND_INTEGER, BIND_TEXT,
		BIND_TEXT },
	    .column_count = LOOKED_SECRET + 1,
	    .take = take_key },
	[KIND_HOSTING] = { .query = "SELECT NULL, 0, NULL, NULL, CONCAT('account ', c.username), "
				    "NULL, NULL, NULL, "
				    "c.id, c.can_use_dom_api FROM hosting_client c "
				    "WHERE c.api_key_hash = ? AND c.active",
	    .columns = { USER_KINDS, BIND_TEXT, BIND_INTEGER },
	    .column_count = LOOKED_HOSTING_MAY + 1,
	    .take = take_hosting },
};

static const struct credential_kind *find_kind(const struct credential *credential)
{
	const struct credential_kind *kind = kinds;

	if (credential->hosting)
		return &kinds[KIND_HOSTING];
	while (kind->prefix != NULL && !token_is(kind->prefix, credential->text))
		kind++;
	return kind;
}

static void keep_name(struct principal *principal, struct str name)
{
	name = str_cut(name, PRINCIPAL_NAME_MAX - 1);
	memcpy(principal->user_name, name.data, name.length);
}

/*
 * Users may have a name that no zone has: their programs call it so, and mean no zone that is known
 * here.
 */
static const struct zone *find_zone(const struct bind *row)
{
	const struct zone *zone = NULL;

	if (!row[LOOKED_ZONE].null)
		zone = zone_find(row[LOOKED_ZONE].text);
	if (zone == NULL && !row[LOOKED_ACCOUNT_ZONE].null)
		zone = zone_find(row[LOOKED_ACCOUNT_ZONE].text);
	return zone;
}

static int look_up(struct database *database, struct arena *arena,
    const struct credential_kind *kind, const uint8_t hash[KEY_HASH_LENGTH], bool lock,
    struct known *known, struct error *error)
{
	const char *query =
	    lock ? arena_printf(arena, "%s LOCK IN SHARE MODE", kind->query) : kind->query;
	const struct bind parameter =
	    BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH }));
	struct result result;

	if (database_select(database, arena, query, &parameter, 1, kind->columns,
		kind->column_count, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "no such credential");
	*known = (struct known){
		.principal = {
		    .user = result.rows[0][LOOKED_USER].uuid,
		    .account = result.rows[0][LOOKED_ACCOUNT].uuid,
		    .zone = find_zone(result.rows[0]),
		    .customer_id = result.rows[0][LOOKED_CUSTOMER].integer,
		    .expires = result.rows[0][LOOKED_EXPIRES].null
				   ? INT64_MAX
				   : result.rows[0][LOOKED_EXPIRES].integer,
		},
	};
	memcpy(known->principal.digest, hash, KEY_HASH_LENGTH);
	keep_name(&known->principal, result.rows[0][LOOKED_NAME].text);
	for (unsigned i = 0; i < result.count; i++) {
		if (!result.rows[i][LOOKED_ROLE].null)
			known->principal.roles |= role_bit(&result.rows[i][LOOKED_ROLE].uuid);
	}
	return kind->take(&result, known, error);
}

int principal_user_roles(struct database *database, struct arena *arena, const struct uuid *user,
    bool lock, uint32_t *roles, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_UUID };
	struct bind parameter = BIND_ID(*user);
	struct result result;

	*roles = 0;
	if (database_select(database, arena,
		lock ? "SELECT role_id FROM user_role WHERE user_id = ? LOCK IN SHARE MODE"
		     : "SELECT role_id FROM user_role WHERE user_id = ?",
		&parameter, 1, columns, 1, &result, error) != 0)
		return -1;
	for (unsigned i = 0; i < result.count; i++)
		*roles |= role_bit(&result.rows[i][0].uuid);
	return 0;
}

static struct missing *find_missing(
    struct principal_cache *cache, const uint8_t hash[KEY_HASH_LENGTH])
{
	return &cache->missing[hash[0] & (MISSING_SLOTS - 1)];
}

/* It is nobody's, so that any mark may be about it: whoever was disabled may be enabled again. */
static bool is_missing(
    struct principal_cache *cache, const uint8_t hash[KEY_HASH_LENGTH], bool hosting, int64_t now)
{
	const struct missing *missing = find_missing(cache, hash);

	return missing->until > now && missing->hosting == hosting &&
	       epoch_unchanged(cache->epoch, &missing->stamp) &&
	       memcmp(missing->hash, hash, KEY_HASH_LENGTH) == 0;
}

static int refuse_secret(struct error *error)
{
	return error_set_detail(
	    error, ERROR_UNAUTHENTICATED, "the secret of the key is missing or wrong");
}

/* The secret that must come along with the key, where the key has one. */
static int check_secret(struct guard *guard, const struct known *known,
    const struct credential *credential, struct error *error)
{
	struct attempt attempt;
	bool right;

	if (known->secret_hash[0] == '\0')
		return 0;
	if (credential->secret.length == 0)
		return refuse_secret(error);
	attempt_begin_owner(
	    &attempt, guard, credential->address, throttle_key(known->principal.key_id));
	if (attempt_verify_secret(
		&attempt, credential->secret, known->secret_hash, &right, error) != 0)
		return -1;
	if (!right) {
		refuse_secret(error);
		return attempt_fail(&attempt, error);
	}
	attempt_succeed(&attempt);
	return 0;
}

/* What must hold besides the credential itself. */
static int check_known(struct guard *guard, const struct known *known,
    const struct credential *credential, struct error *error)
{
	const struct network_list *networks = &known->principal.networks;
	bool allowed = networks->count == 0;

	if (known->principal.expires <= timestamp_now())
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "the credential has expired");
	if (check_secret(guard, known, credential, error) != 0)
		return -1;
	for (unsigned i = 0; i < networks->count && !allowed; i++)
		allowed = network_contains(&networks->items[i], credential->address);
	if (!allowed)
		return error_set(
		    error, ERROR_FORBIDDEN, "This key may not be used from this address.");
	return 0;
}

/* Looks a credential up that the worker does not know, unless too many wrong ones came before. */
static int find_in_database(struct principal_cache *cache, struct database *database,
    struct arena *arena, const struct credential *credential, const uint8_t hash[KEY_HASH_LENGTH],
    struct known *known, struct epoch_stamp stamp, struct error *error)
{
	int64_t now = timestamp_monotonic();
	struct attempt attempt;

	if (attempt_begin_lookup(&attempt, cache->guard, credential->address, hash, error) != 0)
		return -1;
	if (is_missing(cache, hash, credential->hosting, now))
		error_set_detail(error, ERROR_UNAUTHENTICATED, "no such credential");
	else if (look_up(database, arena, find_kind(credential), hash, false, known, error) == 0) {
		attempt_succeed(&attempt);
		return 0;
	}
	if (error->code != ERROR_UNAUTHENTICATED)
		return -1;
	*find_missing(cache, hash) = (struct missing){
		.hosting = credential->hosting, .until = now + MISSING_LIFETIME, .stamp = stamp
	};
	memcpy(find_missing(cache, hash)->hash, hash, KEY_HASH_LENGTH);
	return attempt_fail(&attempt, error);
}

/* A cookie counts in its place alone, and nothing else counts there; so does a certificate. */
static int check_form(const struct credential *credential, struct error *error)
{
	struct str text = credential->text;

	if (text.length == 0 || text.length > CREDENTIAL_LONGEST)
		return error_set_detail(
		    error, ERROR_UNAUTHENTICATED, "no credential, or one too long to be one");
	if (token_is(TOKEN_CONSOLE, text) != credential->cookie)
		return error_set_detail(error, ERROR_UNAUTHENTICATED,
		    "a session's cookie elsewhere, or something else as a cookie");
	if (token_is(TOKEN_CERTIFICATE, text) != credential->certificate)
		return error_set_detail(
		    error, ERROR_UNAUTHENTICATED, "what stands for a certificate, without one");
	return 0;
}

int principal_resolve(struct principal_cache *cache, struct database *database, struct arena *arena,
    const struct credential *credential, struct principal *principal, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	int64_t now = timestamp_monotonic();
	/* Taken before the query: a revocation that comes in between is found at the next use. */
	const struct epoch_stamp stamp = epoch_stamp(cache->epoch);
	const struct known *known;
	struct slot *slot;

	if (check_form(credential, error) != 0)
		return -1;
	key_hash(credential->text, hash);
	known = find_known(cache, hash, credential->hosting, now);
	/* Where a session is used, its end moves. */
	if (known != NULL && credential->cookie && known->principal.expires <= timestamp_now())
		known = NULL;
	if (known == NULL) {
		slot = choose_slot(cache, hash);
		slot->until = 0;
		if (find_in_database(
			cache, database, arena, credential, hash, &slot->known, stamp, error) != 0)
			return -1;
		slot->until = now + CACHE_LIFETIME;
		slot->stamp = stamp;
		known = &slot->known;
	}
	if (check_known(cache->guard, known, credential, error) != 0)
		return -1;
	*principal = known->principal;
	return 0;
}

int principal_find_key(struct guard *guard, struct database *database, struct arena *arena,
    const struct credential *credential, struct principal *principal, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	struct attempt attempt;
	struct known known;

	if (check_form(credential, error) != 0)
		return -1;
	key_hash(credential->text, hash);
	if (attempt_begin_lookup(&attempt, guard, credential->address, hash, error) != 0)
		return -1;
	if (look_up(database, arena, &kinds[KIND_KEY], hash, false, &known, error) != 0)
		return error->code == ERROR_UNAUTHENTICATED ? attempt_fail(&attempt, error) : -1;
	attempt_succeed(&attempt);
	if (check_known(guard, &known, credential, error) != 0)
		return -1;
	*principal = known.principal;
	return 0;
}

static unsigned kind_of(const struct principal *principal)
{
	if (is_hosting(principal))
		return KIND_HOSTING;
	if (principal->cookie)
		return KIND_COOKIE;
	if (!uuid_is_zero(&principal->certificate))
		return KIND_CERTIFICATE;
	return principal->key_id != 0 ? KIND_KEY : KIND_TOKEN;
}

int principal_look_again(struct database *database, struct arena *arena,
    const struct principal *principal, struct principal *now, struct error *error)
{
	const struct credential_kind *kind = &kinds[kind_of(principal)];
	struct known known;

	if (look_up(database, arena, kind, principal->digest, true, &known, error) != 0)
		return -1;
	*now = known.principal;
	if (now->expires > timestamp_now())
		return 0;
	return error_set_detail(
	    error, ERROR_UNAUTHENTICATED, "the credential has ended during the request");
}

uint8_t principal_permissions(const struct principal *principal, enum area area)
{
	return role_permissions(principal->roles, area) & principal->permissions;
}

bool principal_may(const struct principal *principal, enum area area, enum permission permission)
{
	return (principal_permissions(principal, area) & permission) != 0;
}

static bool own_by_customer(const struct principal *principal, struct bind *value)
{
	*value = BIND_INT(principal->customer_id);
	return principal->customer_id != 0;
}

/* Whose groups they are, their delegates say: whoever is one no longer has none at once. */
static bool own_by_user(const struct principal *principal, struct bind *value)
{
	*value = BIND_ID(principal->user);
	return !uuid_is_zero(&principal->user);
}

static bool own_by_key(const struct principal *principal, struct bind *value)
{
	*value = BIND_STR(str_from(principal->hosting));
	return is_hosting(principal);
}

static bool (*const own_by[OWNER__MAX])(const struct principal *, struct bind *) = {
	[OWNER_CUSTOMER] = own_by_customer,
	[OWNER_DELEGATE] = own_by_user,
	[OWNER_HOSTING] = own_by_key,
};

bool principal_owner(const struct principal *principal, enum owner owner, struct bind *value)
{
	return owner != OWNER_NOBODY && own_by[owner](principal, value);
}

bool principal_may_own(
    const struct principal *principal, enum owner owner, enum permission permission)
{
	enum area area = owner_area(owner);
	struct bind value;

	if (!principal_owner(principal, owner, &value))
		return false;
	/* Where no area says it, roles have no part in it. */
	return area == AREA_NONE ? (principal->permissions & permission) != 0
				 : principal_may(principal, area, permission);
}

/* Hosting accounts are counted below the keys' numbers. */
int64_t principal_rate_key(const struct principal *principal)
{
	return is_hosting(principal) ? -1 - (int64_t)strtoul(principal->hosting, NULL, 16)
				     : principal->key_id;
}

struct sight principal_sight(const struct principal *principal)
{
	struct sight sight = { 0 };

	for (enum owner owner = OWNER_NOBODY + 1; owner < OWNER__MAX; owner++) {
		if (principal_may_own(principal, owner, PERMISSION_READ))
			sight.own |= OWNER_BIT(owner);
	}

	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (principal_may(principal, area, PERMISSION_READ))
			sight.areas |= AREA_BIT(area);
	}
	return sight;
}
