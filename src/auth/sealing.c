#include "auth/sealing.h"

#include <stdio.h>

#define SELECT_ACTIVE "SELECT id FROM secret_key WHERE active = 1"

static int select_active(struct database *database, struct arena *arena, const char *sql,
    char id[SEAL_ID_TEXT], struct error *error)
{
	static const enum bind_kind columns[] = { BIND_TEXT };
	struct result result;

	if (database_select(database, arena, sql, NULL, 0, columns, 1, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	(void)snprintf(id, SEAL_ID_TEXT, STR_FORMAT, STR_ARGUMENTS(result.rows[0][0].text));
	return 1;
}

int sealing_chosen(
    struct database *database, struct arena *arena, char id[SEAL_ID_TEXT], struct error *error)
{
	return select_active(database, arena, SELECT_ACTIVE, id, error);
}

static int check_file(const struct settings *settings, const char *id, struct error *error)
{
	if (settings->seal_keys != NULL && seal_keys_have(settings->seal_keys, id))
		return 0;
	error->cause = ERROR_CAUSE_KEY_FILE;
	return error_set_detail(error, ERROR_UNAVAILABLE,
	    "the secrets in the database are encrypted with key %s, which is not in the key file "
	    "%s: put the right file there, or see 'clientele help secret'",
	    id, settings->secret_key_path);
}

int sealing_fits(struct database *database, const struct settings *settings, struct arena *arena,
    struct error *error)
{
	char id[SEAL_ID_TEXT];
	int chosen = sealing_chosen(database, arena, id, error);

	return chosen > 0 ? check_file(settings, id, error) : chosen;
}

static int check_active(struct database *database, const struct settings *settings,
    struct arena *arena, const char *sql, char id[SEAL_ID_TEXT], struct error *error)
{
	struct outcome outcome;
	int chosen = select_active(database, arena, sql, id, error);

	if (chosen < 0)
		return -1;
	if (settings->seal_keys == NULL) {
		error->cause = ERROR_CAUSE_KEY_FILE;
		return error_set_detail(error, ERROR_UNAVAILABLE, "the key file %s is missing",
		    settings->secret_key_path);
	}
	if (chosen == 0) {
		const struct bind newest = BIND_STR(str_from(seal_keys_id(settings->seal_keys, 0)));

		/* Of two that come first one wins; both go by what it has put there. */
		if (database_execute(database,
			"INSERT IGNORE INTO secret_key (id, active) VALUES (?, 1)", &newest, 1,
			&outcome, error) != 0 ||
		    select_active(database, arena, sql, id, error) < 0)
			return -1;
	}
	return check_file(settings, id, error);
}

int sealing_check(struct database *database, const struct settings *settings, struct arena *arena,
    char id[SEAL_ID_TEXT], struct error *error)
{
	return check_active(database, settings, arena, SELECT_ACTIVE, id, error);
}

int sealing_hold(struct database *database, const struct settings *settings, struct arena *arena,
    char id[SEAL_ID_TEXT], struct error *error)
{
	return check_active(
	    database, settings, arena, SELECT_ACTIVE " LOCK IN SHARE MODE", id, error);
}

int sealing_choose(struct database *database, const char *id, struct error *error)
{
	const struct bind key = BIND_STR(str_from(id));
	struct outcome outcome;

	if (database_execute(database,
		"UPDATE secret_key SET active = NULL WHERE active = 1 AND id <> ?", &key, 1,
		&outcome, error) != 0)
		return -1;
	return database_execute(database,
	    "INSERT INTO secret_key (id, active) VALUES (?, 1) ON DUPLICATE KEY UPDATE active = 1",
	    &key, 1, &outcome, error);
}

int sealing_forget_others(struct database *database, struct error *error)
{
	struct outcome outcome;

	return database_execute(
	    database, "DELETE FROM secret_key WHERE active IS NULL", NULL, 0, &outcome, error);
}
