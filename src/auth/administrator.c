#include "auth/administrator.h"

#include "auth/principal.h"
#include "auth/revocation.h"
#include "auth/role.h"

static unsigned administrator_role(void)
{
	return (unsigned)role_find(STR("Administrator"));
}

int administrator_claim(struct database *database, struct arena *arena, const struct uuid *user,
    bool *is_one, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind parameter = BIND_ID(*user);
	struct result result;
	uint32_t roles;

	*is_one = false;
	if (database_select(database, arena, "SELECT enabled FROM user WHERE id = ? FOR UPDATE",
		&parameter, 1, columns, 1, &result, error) != 0)
		return -1;
	if (result.count == 0 || result.rows[0][0].integer == 0)
		return 0;
	if (principal_user_roles(database, arena, user, true, &roles, error) != 0)
		return -1;
	*is_one = (roles & UINT32_C(1) << administrator_role()) != 0;
	return *is_one ? revocation_claim(database, error) : 0;
}

int administrator_check_left(
    struct database *database, struct arena *arena, const struct uuid *besides, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_UUID };
	static const struct uuid nobody;
	unsigned count;
	struct uuid role;
	struct result result;

	if (!uuid_parse(str_from(role_table(&count)[administrator_role()].id), &role))
		return error_set_detail(error, ERROR_INTERNAL, "the role has no identifier");

	const struct bind binds[] = { BIND_ID(role), BIND_ID(besides != NULL ? *besides : nobody) };

	if (database_select(database, arena,
		"SELECT u.id FROM user_role r JOIN user u ON u.id = r.user_id "
		"WHERE r.role_id = ? AND u.enabled AND u.id <> ? LIMIT 1",
		binds, 2, columns, 1, &result, error) != 0)
		return -1;
	if (result.count > 0)
		return 0;
	return error_set_word(error, ERROR_CONFLICT, "LAST_ADMINISTRATOR",
	    "This is the last enabled administrator; create another one first.");
}
