/*
 * Tokens: open sessions, and tokens that let clients register themselves.
 */
#include "auth/token.h"

#include <stdlib.h>

#include "auth/key.h"
#include "auth/secret.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
#include "schema/resource.h"

#define NAME_MAX_LENGTH 255

static const struct print_column columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "user", "USER", PRINT_TEXT },
	{ "client", "CLIENT", PRINT_TEXT },
	{ "grant", "GRANT", PRINT_TEXT },
	{ "scope", "SCOPE", PRINT_TEXT },
	{ "address", "ADDRESS", PRINT_TEXT },
	{ "createdAt", "CREATED", PRINT_MOMENT },
	{ "lastUsedAt", "LAST USED", PRINT_MOMENT },
	{ "useCount", "USES", PRINT_INTEGER },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
};

static const struct print_column created_columns[] = {
	{ "id", "ID", PRINT_INTEGER },
	{ "token", "TOKEN", PRINT_TEXT },
	{ "user", "USER", PRINT_TEXT },
	{ "uses", "USES", PRINT_INTEGER },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
};

/* Of tokens that let clients register. */
static const struct print_column initial_columns[] = {
	{ "id", "ID", PRINT_INTEGER },
	{ "name", "NAME", PRINT_TEXT },
	{ "user", "USER", PRINT_TEXT },
	{ "scope", "SCOPE", PRINT_TEXT },
	{ "usesLeft", "USES LEFT", PRINT_INTEGER },
	{ "useCount", "USES", PRINT_INTEGER },
	{ "lastUsedAt", "LAST USED", PRINT_MOMENT },
	{ "createdAt", "CREATED", PRINT_MOMENT },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
	{ "clientsExpireAt", "CLIENTS EXPIRE", PRINT_MOMENT },
};

#define SELECT_INITIAL                                                                          \
	"SELECT t.id, t.name, u.user_name, t.scope, t.uses_left, t.use_count, t.last_used_at, " \
	"t.created_at, t.expires_at, t.clients_expire_at "                                      \
	"FROM oauth_registration_token t JOIN user u ON u.id = t.user_id "

#define SELECT_SESSIONS                                                                         \
	"SELECT s.id, u.user_name, c.name, s.grant_type, s.scope, s.address, s.created_at, "    \
	"s.last_used_at, s.use_count, s.expires_at FROM oauth_session s JOIN user u ON u.id = " \
	"s.user_id "                                                                            \
	"LEFT JOIN api_client c ON c.id = s.client_id "

/* The sessions that --user, --client or an identifier choose. */
struct choice {
	const char *condition;
	struct bind parameter;
	unsigned parameter_count;
	struct mark mark; /* what to revoke for them */
};

static bool choose(struct session *session, struct choice *choice)
{
	const char *user = session_flag(session, "user"), *client = session_flag(session, "client");
	struct uuid id;

	*choice = (struct choice){ .condition = "TRUE", .parameter_count = 1 };
	if (session->operand_count > 0) {
		if (!uuid_parse(str_from(session->operands[0]), &id)) {
			session_fail(session,
			    "\"%s\" is not an OAuth session; 'clientele token list' shows them.",
			    session->operands[0]);
			return false;
		}
		choice->condition = "s.id = ?";
		choice->mark.kind = MARK_SESSION;
	} else if (user != NULL) {
		if (!records_find_id(session, &records_user, user, &id))
			return false;
		choice->condition = "s.user_id = ?";
		choice->mark.kind = MARK_USER;
	} else if (client != NULL) {
		if (!records_find_id(session, &records_client, client, &id))
			return false;
		choice->condition = "s.client_id = ?";
		choice->mark.kind = MARK_CLIENT;
	} else {
		choice->parameter_count = 0;
		return true;
	}
	choice->parameter = BIND_ID(id);
	choice->mark.subject = id;
	return true;
}

/* The number of a token for registration. False after saying that it is none. */
static bool take_initial(struct session *session, struct bind *id)
{
	int64_t number;

	if (session->operand_count == 0 || !str_to_int64(str_from(session->operands[0]), &number)) {
		session_fail(session, "Give the number of a registration token; 'clientele token "
				      "list --registration' shows them.");
		return false;
	}
	*id = BIND_INT(number);
	return true;
}

static enum command_status revoke_initial(struct session *session)
{
	struct bind id;
	struct session_statement statement = {
		.sql = "DELETE FROM oauth_registration_token WHERE id = ?",
		.parameters = &id,
		.parameter_count = 1,
	};

	if (!take_initial(session, &id))
		return COMMAND_FAILED;
	statement.missing = arena_printf(session->arena,
	    "There is no registration token %lld; see 'clientele token list --registration'.",
	    (long long)id.integer);
	if (session_change(session, &statement, 1, NULL) < 0)
		return session_error(session);
	session_note(session,
	    "Registration token %lld is revoked; no API client can register with it.",
	    (long long)id.integer);
	return COMMAND_OK;
}

static enum command_status list_tokens(struct session *session)
{
	struct choice choice;

	if (session_flag(session, "registration") != NULL)
		return print_list(session, SELECT_INITIAL "ORDER BY t.id", NULL, 0, initial_columns,
		    COUNT_OF(initial_columns));
	if (!choose(session, &choice))
		return COMMAND_FAILED;
	return print_list(session,
	    arena_printf(session->arena, "%sWHERE %s ORDER BY s.created_at, s.id", SELECT_SESSIONS,
		choice.condition),
	    &choice.parameter, choice.parameter_count, columns, COUNT_OF(columns));
}

static enum command_status show_token(struct session *session)
{
	struct choice choice;
	struct bind id;

	if (session_flag(session, "registration") != NULL)
		return take_initial(session, &id)
			   ? print_one(session, SELECT_INITIAL "WHERE t.id = ?", id,
				 initial_columns, COUNT_OF(initial_columns), "token")
			   : COMMAND_FAILED;
	if (!choose(session, &choice))
		return COMMAND_FAILED;
	return print_one(session, SELECT_SESSIONS "WHERE s.id = ?", choice.parameter, columns,
	    COUNT_OF(columns), "token");
}

static enum command_status revoke_token(struct session *session)
{
	struct choice choice;
	struct session_statement statement = { 0 };

	if (session_flag(session, "registration") != NULL)
		return revoke_initial(session);
	if (!choose(session, &choice))
		return COMMAND_FAILED;
	if (choice.parameter_count == 0 && session_flag(session, "all") == NULL)
		return session_usage(
		    session, "Give an OAuth session, --user USER, --client CLIENT, or --all.");
	statement.sql = arena_printf(
	    session->arena, "DELETE s FROM oauth_session s WHERE %s", choice.condition);
	statement.parameters = &choice.parameter;
	statement.parameter_count = choice.parameter_count;
	if (session->operand_count > 0)
		statement.missing = arena_printf(session->arena,
		    "There is no OAuth session %s; see 'clientele token list'.",
		    session->operands[0]);
	if (session_change(session, &statement, 1, &choice.mark) < 0)
		return session_error(session);
	session_note(session, "%llu OAuth sessions have ended.",
	    (unsigned long long)statement.outcome.affected);
	return COMMAND_OK;
}

static enum command_status create_token(struct session *session)
{
	const char *user = question_text(session, session_flag(session, "user"), "User");
	char token[SECRET_TEXT_MAX];
	uint8_t hash[KEY_HASH_LENGTH];
	const char *name = session_flag(session, "name"), *scope = session_flag(session, "scope");
	struct bind expiry;
	struct uuid owner;
	int64_t uses;

	if (session_flag(session, "registration") == NULL)
		return session_usage(
		    session, "Give --registration, the only kind of token that can be created.");
	if (user == NULL)
		return session_usage(
		    session, "Give --user USER, the user that new API clients act for.");
	if ((name != NULL && !session_check_text(session, "name", name, NAME_MAX_LENGTH)) ||
	    !session_check_scope(session, scope) || !session_take_expiry(session, &expiry) ||
	    !session_take_number(session, "uses", 1, 0, &uses) ||
	    !records_find_id(session, &records_user, user, &owner))
		return COMMAND_FAILED;
	secret_make(TOKEN_INITIAL, token);
	key_hash(str_from(token), hash);

	struct bind parameters[] = { BIND_BYTES(((struct str){ (const char *)hash, sizeof(hash) })),
		BIND_ID(owner), BIND_INT(uses), expiry, BIND_STR(str_from(name)),
		BIND_STR(str_from(scope)) };
	struct session_statement statement = {
		.sql = "INSERT INTO oauth_registration_token (token_hash, user_id, uses_left, "
		       "expires_at, name, scope) VALUES (?, ?, ?, ?, ?, ?)",
		.parameters = parameters,
		.parameter_count = COUNT_OF(parameters),
	};
	enum command_status status = COMMAND_OK;

	parameters[2].null = uses == 0;
	parameters[4].null = name == NULL;
	parameters[5].null = scope == NULL;
	if (session_change(session, &statement, 1, NULL) < 0)
		status = session_error(session);
	else
		session_tell_key(session, hash);
	if (status == COMMAND_OK && session->json) {
		const struct bind values[] = { BIND_INT((int64_t)statement.outcome.insert_id),
			BIND_STR(str_from(token)), BIND_STR(str_from(user)), parameters[2],
			expiry };

		print_object(session, created_columns, COUNT_OF(created_columns), values);
	} else if (status == COMMAND_OK) {
		fprintf(session->out, "%s\n", token);
		session_note(session,
		    "Anyone with this token can register API clients that act for \"%s\"; it is "
		    "shown only once.%s",
		    user,
		    session->settings->oauth_registration == OAUTH_REGISTRATION_OFF
			? " The option oauth_registration is off; switch it on."
			: "");
	}
	explicit_bzero(token, sizeof(token));
	return status;
}

static const struct command_flag create_flags[] = {
	{ .name = "registration", .doc = "Let API clients register with it (RFC 7591)." },
	{ .name = "user", .value = "USER", .doc = "User that the API clients act for; required." },
	{ .name = "uses",
	    .value = "NUMBER",
	    .doc = "Maximum number of API clients that may register with it; default: unlimited." },
	{ .name = "expires", .value = "DATE", .doc = "When the token expires; default: never." },
	{ .name = "name", .value = "NAME", .doc = "Name of the token, shown in lists." },
	{ .name = "scope",
	    .value = "WORDS",
	    .doc = "Upper bound for the API clients: names of roles, and read, update, delete, "
		   "create." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = {
	{ .name = "registration", .doc = "List the registration tokens instead." },
	{ .name = "user", .value = "USER", .doc = "Only the OAuth sessions of this user." },
	{ .name = "client",
	    .value = "CLIENT",
	    .doc = "Only the OAuth sessions of this API client." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag show_flags[] = {
	{ .name = "registration", .doc = "A registration token, by its number." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag revoke_flags[] = {
	{ .name = "registration", .doc = "A registration token, by its number." },
	{ .name = "user", .value = "USER", .doc = "All OAuth sessions of this user." },
	{ .name = "client", .value = "CLIENT", .doc = "All OAuth sessions of this API client." },
	{ .name = "all", .doc = "All OAuth sessions." },
	{ 0 },
};

const struct command token_commands[] = {
	{ .words = "token create",
	    .arguments = "--registration --user USER",
	    .flags = create_flags,
	    .doc = "Create a token that lets API clients register, and print it; it is shown only "
		   "once.",
	    .run = create_token },
	{ .words = "token list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the open OAuth sessions, or the registration tokens.",
	    .run = list_tokens },
	{ .words = "token revoke",
	    .arguments = "[SESSION | --registration ID]",
	    .most = 1,
	    .flags = revoke_flags,
	    .doc = "End OAuth sessions with all their tokens, or revoke a registration token.",
	    .run = revoke_token },
	{ .words = "token show",
	    .arguments = "SESSION | --registration ID",
	    .least = 1,
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Show one OAuth session or registration token.",
	    .run = show_token },
	{ 0 },
};
