#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/grant.h"

/* Bits of the table's first four roles. */
#define ADMINISTRATOR 1u
#define CUSTOMER 2u
#define LICENSE_MANAGER 4u
#define SALES 8u
#define DAY INT64_C(86400000000)

static const struct grant_kind key_kind = {
	.name = "key",
	.members = { "owner", "permissions", "networks", "expiry", "rate" },
};

/* One way of holding something, in each respect at its widest, in the middle and narrow. */
struct choice {
	uint32_t roles[3];
	uint8_t permissions[3];
	const char *networks[3];
	int64_t expires[3];
	int64_t rate[3];
};

static const struct choice choices = {
	.roles = { ADMINISTRATOR, LICENSE_MANAGER | SALES, SALES },
	.permissions = { PERMISSION_ALL, PERMISSION_READ | PERMISSION_CREATE, PERMISSION_CREATE },
	.networks = { "[]", "[\"192.0.2.0/24\",\"::1\"]", "[\"192.0.2.7\"]" },
	.expires = { INT64_MAX, 2 * DAY, DAY },
	.rate = { 0, 600, 60 },
};

static struct authority choose(const unsigned level[GRANT__MAX])
{
	struct authority authority = {
		.roles = choices.roles[level[GRANT_ROLES]],
		.permissions = choices.permissions[level[GRANT_PERMISSIONS]],
		.expires = choices.expires[level[GRANT_EXPIRY]],
		.rate_limit = choices.rate[level[GRANT_RATE]],
	};

	struct arena *arena = arena_new(1024, 4096);

	assert_true(network_list_parse(
	    arena, str_from(choices.networks[level[GRANT_NETWORKS]]), &authority.networks));
	arena_free(arena);
	return authority;
}

static void next_levels(unsigned level[GRANT__MAX])
{
	for (unsigned i = 0; i < GRANT__MAX && ++level[i] == 3; i++)
		level[i] = 0;
}

/* Every combination against every other: refused exactly where one respect is wider, and named. */
static void test_all_pairs(void **state)
{
	struct arena *arena = arena_new(65536, 1 << 20);
	unsigned made[GRANT__MAX] = { 0 };

	(void)state;
	for (unsigned m = 0; m < 243; m++, next_levels(made)) {
		const struct authority wanted = choose(made);
		unsigned bound[GRANT__MAX] = { 0 };

		for (unsigned b = 0; b < 243; b++, next_levels(bound)) {
			const struct authority held = choose(bound);
			struct error error;
			unsigned wider = 0;

			for (unsigned i = 0; i < GRANT__MAX; i++)
				wider += made[i] < bound[i];
			arena_reset(arena);
			error_init(&error, arena);
			assert_int_equal(grant_check(&wanted, NULL, &held, &key_kind, &error),
			    wider == 0 ? 0 : -1);
			assert_int_equal(error.fault_count, wider);
			assert_int_equal(error.code, wider == 0 ? ERROR_NONE : ERROR_FORBIDDEN);
			/* What was as wide before may become narrower. */
			error_init(&error, arena);
			assert_int_equal(
			    grant_check(&wanted, &wanted, &held, &key_kind, &error), 0);
		}
	}
	arena_free(arena);
}

static void test_messages(void **state)
{
	static const unsigned widest[GRANT__MAX] = { 0 };
	static const unsigned narrow[GRANT__MAX] = { 2, 1, 1, 1, 1 };
	static const char *const paths[] = { "owner", "permissions", "networks", "expiry", "rate" };
	static const char *const bounds[] = { "the roles Sales", "9 = read create",
		"the networks 192.0.2.0/24, ::1", "the time until 1970-01-03T00:00:00Z",
		"600 requests a minute" };
	static const struct grant_kind user = { .name = "user", .members = { "roles" } };
	const struct authority made = choose(widest), bound = choose(narrow);
	struct arena *arena = arena_new(65536, 1 << 20);
	struct error error;
	unsigned i = 0;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(grant_check(&made, NULL, &bound, &key_kind, &error), -1);
	assert_string_equal(error.word, "BEYOND_CALLER");
	for (const struct fault *fault = error.faults; fault != NULL; fault = fault->next, i++) {
		assert_string_equal(fault->path, paths[i]);
		assert_non_null(strstr(fault->message, bounds[i]));
	}
	assert_int_equal(i, GRANT__MAX);
	error_init(&error, arena);
	assert_int_equal(grant_check(&made, NULL, &bound, &user, &error), -1);
	assert_string_equal(error.faults->path, "roles");
	assert_string_equal(error.faults->next->path, "");
	assert_string_equal(error.faults->next->message,
	    "The caller is bound to 9 = read create, and no user can be bound so.");
	arena_free(arena);
}

static void test_holders(void **state)
{
	const struct authority nothing = grant_of_caller(NULL, 0);
	const struct authority user = grant_of_user(SALES);
	struct principal caller = { .roles = ADMINISTRATOR,
		.permissions = PERMISSION_ALL,
		.expires = 5,
		.renewed_until = INT64_MAX };
	struct authority administrator = grant_of_caller(&caller, 0);
	struct scope scope = { .roles = SCOPE_ALL_ROLES, .permissions = PERMISSION_READ };
	struct arena *arena = arena_new(65536, 1 << 20);
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(grant_check(&user, NULL, &nothing, &key_kind, &error), -1);
	assert_false(grant_is_everything(&nothing));
	assert_true(grant_is_everything(&administrator));
	/* A rate that holds for all keys binds keys, and what tokens make is not theirs. */
	administrator = grant_of_caller(&caller, 600);
	assert_int_equal(administrator.rate_limit, 0);
	caller.key_id = 1;
	administrator = grant_of_caller(&caller, 600);
	assert_int_equal(administrator.rate_limit, 600);
	caller.rate_limit = 7;
	administrator = grant_of_caller(&caller, 600);
	assert_int_equal(administrator.rate_limit, 7);
	grant_narrow(&administrator, &scope);
	assert_int_equal(administrator.permissions, PERMISSION_READ);
	assert_int_equal(administrator.roles, ADMINISTRATOR);
	assert_false(grant_is_everything(&administrator));
	arena_free(arena);
}

static void test_scopes(void **state)
{
	static const struct {
		uint32_t bound;
		uint8_t permissions;
		uint32_t roles;
		const char *words;
	} rows[] = {
		{ ADMINISTRATOR, PERMISSION_CREATE, SALES | CUSTOMER, "Customer Sales create" },
		{ SALES, PERMISSION_ALL, SALES | ADMINISTRATOR, "Sales read update delete create" },
		{ SALES, PERMISSION_READ, ADMINISTRATOR, "read" }, /* refused for that */
		{ SALES, PERMISSION_READ, 0, "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct authority bound = { .roles = rows[i].bound,
			.permissions = rows[i].permissions };
		struct buf words = { 0 };

		grant_print_scope(&bound, rows[i].roles, &words);
		assert_true(str_equal(buf_str(&words), str_from(rows[i].words)));
		buf_free(&words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_holders),
		cmocka_unit_test(test_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
