#include "auth/second_factor.h"

#include "auth/role.h"
#include "schema/resource.h"

bool second_factor_demanded(const struct settings *settings, uint32_t roles)
{
	int administrator = role_find(STR("Administrator"));

	switch (settings->second_factor) {
	case SECOND_FACTOR_ALL:
		return true;
	case SECOND_FACTOR_ADMINISTRATORS:
		return (roles & (UINT32_C(1) << administrator)) != 0;
	default:
		return false;
	}
}

/* Returns 1 when there is no second factor, as was found before. */
static int confirm_none(
    struct database *database, struct arena *arena, const struct uuid *user, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind parameter = BIND_ID(*user);
	struct result result;

	if (database_select(database, arena,
		"SELECT 1 FROM user_second_factor WHERE user_id = ? AND confirmed_at IS NOT NULL",
		&parameter, 1, columns, 1, &result, error) != 0)
		return -1;
	return result.count == 0 ? 1 : 0;
}

static int spend_code(
    struct database *database, const struct uuid *user, int64_t step, struct error *error)
{
	const struct bind parameters[] = { BIND_INT(step), BIND_ID(*user), BIND_INT(step) };
	struct outcome outcome;

	if (database_execute(database,
		"UPDATE user_second_factor SET last_step = ?, failures = 0 WHERE user_id = ? "
		"AND last_step < ? AND confirmed_at IS NOT NULL",
		parameters, COUNT_OF(parameters), &outcome, error) != 0)
		return -1;
	return outcome.affected == 1 ? 1 : 0;
}

static int spend_recovery(struct database *database, const struct uuid *user,
    const uint8_t hash[KEY_HASH_LENGTH], struct error *error)
{
	const struct bind parameters[] = { BIND_ID(*user),
		BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH })) };
	struct outcome deleted, outcome;

	if (database_execute(database,
		"DELETE FROM user_recovery_code WHERE user_id = ? AND code_hash = ?", parameters,
		COUNT_OF(parameters), &deleted, error) != 0 ||
	    database_execute(database,
		"UPDATE user_second_factor SET failures = 0 WHERE user_id = ?", parameters, 1,
		&outcome, error) != 0)
		return -1;
	return deleted.affected == 1 ? 1 : 0;
}

int second_factor_spend(struct database *database, struct arena *arena, const struct uuid *user,
    const struct second_factor_proof *proof, struct error *error)
{
	switch (proof->kind) {
	case SECOND_FACTOR_CODE:
		return spend_code(database, user, proof->step, error);
	case SECOND_FACTOR_RECOVERY:
		return spend_recovery(database, user, proof->hash, error);
	default:
		return confirm_none(database, arena, user, error);
	}
}

int second_factor_count_failure(
    struct database *database, const struct uuid *user, struct error *error)
{
	const struct bind parameter = BIND_ID(*user);
	struct outcome outcome;

	return database_execute(database,
	    "UPDATE user_second_factor SET failures = failures + 1 WHERE user_id = ?", &parameter,
	    1, &outcome, error);
}
