#include "api/login.h"

#include "api/oauth/view.h"
#include "api/second_factor.h"
#include "base/log.h"

static const char *const sentences[] = {
	[LOGIN_WRONG] = "The user name or the password is wrong.",
	[LOGIN_CODE_MISSING] = "A code of the second factor is required.",
	[LOGIN_CODE_WRONG] = "The code is wrong, or was used already.",
	[LOGIN_CODES_SHUT] = "Too many codes were wrong: a recovery code is required.",
};

/* Nobody may have a hash computed that takes hours, whoever has stored it. */
static void log_too_dear(const struct uuid *user)
{
	char text[UUID_TEXT_LENGTH + 1];

	uuid_print(user, text);
	text[UUID_TEXT_LENGTH] = '\0';
	log_event(LOG_LEVEL_WARNING,
	    "login refused: the cost of the stored password hash is too high",
	    LOG_TEXT("user", text));
}

/* The hash that the password is held against: the stored one, or one that nothing fits. */
static const char *choose_hash(
    const struct operation *operation, const struct row *row, struct error *error)
{
	const char *stored;

	if (row == NULL || !row_filled(row, LOGIN_HASH) || !row->values[LOGIN_ENABLED].boolean)
		return operation->context.guard->dummy_hash;
	stored = arena_printf(
	    operation->context.arena, STR_FORMAT, STR_ARGUMENTS(row->values[LOGIN_HASH].text));
	if (stored == NULL)
		(void)error_out_of_memory(error);
	if (stored == NULL || password_is_affordable(stored))
		return stored;
	log_too_dear(&row->values[LOGIN_USER].uuid);
	return operation->context.guard->dummy_hash;
}

/* Hashed anew where the stored hash is of another kind than those that are made today. */
static int renew_hash(struct operation *operation, const struct login *login, const char *stored,
    struct session_grant *grant, struct error *error)
{
	char hash[PASSWORD_HASH_MAX];

	if (strncmp(stored, "$y$", 3) == 0)
		return 0;
	if (guard_hash_password(operation->context.guard, login->password, hash, error) != 0)
		return -1;
	grant->new_password_hash = arena_str(operation->context.arena, str_from(hash));
	return grant->new_password_hash.data != NULL ? 0 : error_out_of_memory(error);
}

/* Finds a user by name and password. Returns 1, 0 when they do not fit, -1 with an error. */
static int find_user(struct operation *operation, const struct login *login,
    struct attempt *attempt, struct session_grant *grant, struct row **user, struct error *error)
{
	const struct value user_name = { .text = login->name };
	struct guard *guard = operation->context.guard;
	const char *hash;
	struct row *row;
	bool right;

	if (record_find_by(&operation->context, &oauth_login_view, LOGIN_NAME, &user_name,
		resource_default_mask(&oauth_login_view), &row, error) != 0)
		return -1;
	*user = row;
	if (row != NULL)
		grant->user = row->values[LOGIN_USER].uuid;
	hash = choose_hash(operation, row, error);
	if (hash == NULL)
		return -1;
	if (row != NULL) {
		attempt_set_owner(attempt, throttle_user(&row->values[LOGIN_USER].uuid));
		gate_set_caller(guard->gate, row->values[LOGIN_USER].uuid.bytes,
		    sizeof(row->values[LOGIN_USER].uuid.bytes));
	}
	/* Hashed whoever it is: how long it takes must not tell who exists. */
	if (attempt_verify_password(attempt, login->password, hash, &right, error) != 0)
		return -1;
	if (hash == guard->dummy_hash || !right)
		return 0;
	grant->password_hash = row->values[LOGIN_HASH].text;
	return renew_hash(operation, login, hash, grant, error) == 0 ? 1 : -1;
}

static int refuse_login(const struct login *login, enum login_fault fault, struct error *error)
{
	return login->refuse(error, fault, sentences[fault]);
}

int login_check_factor(struct operation *operation, const struct login *login,
    const struct row *user, struct attempt *attempt, struct session_grant *grant,
    struct error *error)
{
	const struct second_factor factor = {
		.user = grant->user,
		.sealed = user->values[LOGIN_FACTOR].text,
		.last_step = user->values[LOGIN_FACTOR_STEP].integer,
		.failures = user->values[LOGIN_FACTOR_FAILURES].integer,
	};
	int status;

	grant->of_person = true;
	if (!row_filled(user, LOGIN_FACTOR))
		return 0;
	/* Nothing was guessed yet, and nothing is forgotten of what was guessed before. */
	if (login->code.length == 0)
		return refuse_login(login, LOGIN_CODE_MISSING, error);
	if (attempt_check(attempt, error) != 0)
		return -1;
	status = second_factor_check(
	    &operation->context, &factor, login->code, &grant->second_factor, error);
	if (status != 0)
		return status == 1 ? 0 : -1;
	if (second_factor_note_failure(&operation->context, &grant->user, error) != 0)
		return -1;
	refuse_login(login,
	    factor.failures >= SECOND_FACTOR_FAILURES ? LOGIN_CODES_SHUT : LOGIN_CODE_WRONG, error);
	return attempt_fail(attempt, error);
}

int login_check(struct operation *operation, const struct login *login, struct session_grant *grant,
    struct error *error)
{
	const struct str none = { NULL, 0 };
	struct attempt attempt;
	struct row *user = NULL;
	int status;

	if (attempt_begin_name(&attempt, operation->context.guard,
		operation->request->remote_address, login->name, none, error) != 0)
		return -1;
	status = find_user(operation, login, &attempt, grant, &user, error);
	if (status < 0)
		return -1;
	if (status == 0) {
		refuse_login(login, LOGIN_WRONG, error);
		return attempt_fail(&attempt, error);
	}
	operation->context.actor.user = grant->user;
	operation->context.actor.name = login->name;
	if (login_check_factor(operation, login, user, &attempt, grant, error) != 0)
		return -1;
	attempt_succeed(&attempt);
	return 0;
}
