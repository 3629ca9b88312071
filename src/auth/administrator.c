#include "auth/administrator.h"

#include "auth/role.h"

int administrator_check_left(
    struct database *database, struct arena *arena, const struct uuid *besides, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_UUID };
	static const struct uuid nobody;
	unsigned count;
	struct uuid role;
	struct result result;

	if (!uuid_parse(str_from(role_table(&count)[role_find(STR("Administrator"))].id), &role))
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
	    "This is the last enabled administrator; make another one first.");
}
