#include "api/licensing/sign_in.h"

#include "api/console_cookie.h"
#include "api/credential.h"
#include "api/credentials/credentials.h"
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/login.h"
#include "api/oauth/view.h"
#include "api/sign_in_link.h"
#include "auth/token.h"
#include "record/audit.h"
#include "record/rows.h"

/* How often what was shown is checked anew because it has changed before the session was stored. */
#define ATTEMPTS 3

/* Entries of the audit log in a minute, of all sign-ins of the machine that were refused. */
#define REFUSALS_WRITTEN 6

enum { SIGN_IN_USER_NAME, SIGN_IN_PASSWORD, SIGN_IN_CODE, SIGN_IN_LINK, SIGN_IN_API_KEY };

#define SHOWN (FIELD_NOT_STORED | FIELD_WRITEONLY | FIELD_EMPTY_ABSENT)

static const struct field sign_in_fields[] = {
	[SIGN_IN_USER_NAME] = { STRING("username", NULL, 255), .flags = SHOWN | FIELD_TYPICAL,
	    .doc = "Name of the user; with password.", .example = "\"ada\"" },
	[SIGN_IN_PASSWORD] = { STRING("password", NULL, PASSWORD_LONGEST),
	    .flags = SHOWN | FIELD_SECRET | FIELD_TYPICAL, .doc = "Password of the user.",
	    .example = "\"a passphrase of several words\"" },
	[SIGN_IN_CODE] = { STRING("code", NULL, 64), .flags = SHOWN | FIELD_SECRET,
	    .doc = "Code of the user's second factor, or a recovery code, where the user has one.",
	    .example = "\"123456\"" },
	[SIGN_IN_LINK] = { STRING("link", NULL, 255), .flags = SHOWN | FIELD_SECRET,
	    .doc =
		"What a link of \"clientele user sign-in-link\" has behind link=, instead of name "
		"and password; good for one use." },
	[SIGN_IN_API_KEY] = { STRING("apiKey", NULL, 255), .flags = SHOWN | FIELD_SECRET,
	    .doc = "An API key instead: the session may do what the key may, and ends with it." },
};

const struct resource sign_in_resource = {
	.name = "sign-in",
	.type_name = "OpenSessionRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(sign_in_fields),
	.doc = "What somebody signs in with: user name and password, a link, or an API key.",
};

/* A session about to be opened. */
struct opening {
	struct session_grant session;
	struct session_tokens tokens;
	struct operation *operation;
	uint32_t roles;      /* set when it is stored */
	uint8_t permissions; /* of the key; all of them without one */
	struct row *link;    /* that is used up; NULL = none */
	enum session_outcome outcome;
};

/* A code stands beside what was right: which member is wrong is told, as in other faults. */
static int refuse_proof(struct error *error, enum login_fault fault, const char *sentence)
{
	error_set(error, ERROR_UNAUTHENTICATED, "%s", sentence);
	return fault == LOGIN_WRONG
		   ? -1
		   : error_add_fault(error, sign_in_fields[SIGN_IN_CODE].name, "%s", sentence);
}

static int check_password(struct opening *opening, const struct row *body, struct error *error)
{
	const struct login login = {
		.name = body->values[SIGN_IN_USER_NAME].text,
		.password = body->values[SIGN_IN_PASSWORD].text,
		.code = body->values[SIGN_IN_CODE].text,
		.refuse = refuse_proof,
	};

	return login_check(opening->operation, &login, &opening->session, error);
}

/* The user of a link, as far as the user may sign in; *user is NULL otherwise. */
static int find_linked(
    struct opening *opening, struct str token, struct row **user, struct error *error)
{
	struct context *context = &opening->operation->context;
	struct row *row;

	*user = NULL;
	if (sign_in_link_find(context, token, &opening->link, error) != 0)
		return -1;
	if (opening->link == NULL)
		return 0;
	if (record_find_by(context, &oauth_login_view, LOGIN_USER,
		&opening->link->values[LINK_USER], resource_default_mask(&oauth_login_view), &row,
		error) != 0)
		return -1;
	if (row != NULL && row->values[LOGIN_ENABLED].boolean)
		*user = row;
	return 0;
}

static int check_link(struct opening *opening, const struct row *body, struct error *error)
{
	struct operation *operation = opening->operation;
	struct str token = body->values[SIGN_IN_LINK].text;
	const struct login login = { .code = body->values[SIGN_IN_CODE].text,
		.refuse = refuse_proof };
	uint8_t hash[KEY_HASH_LENGTH];
	struct attempt attempt, factor;
	struct row *user;

	key_hash(token, hash);
	if (attempt_begin_lookup(&attempt, operation->context.guard,
		operation->request->remote_address, hash, error) != 0 ||
	    find_linked(opening, token, &user, error) != 0)
		return -1;
	if (user == NULL) {
		error_set(error, ERROR_UNAUTHENTICATED, "The link has ended, or was used already.");
		return attempt_fail(&attempt, error);
	}
	attempt_succeed(&attempt);
	opening->session.user = user->values[LOGIN_USER].uuid;
	operation->context.actor.user = opening->session.user;
	operation->context.actor.name = user->values[LOGIN_NAME].text;
	attempt_begin_owner(&factor, operation->context.guard, operation->request->remote_address,
	    throttle_user(&opening->session.user));
	return login_check_factor(operation, &login, user, &factor, &opening->session, error);
}

static int check_key(struct opening *opening, const struct row *body, struct error *error)
{
	struct operation *operation = opening->operation;
	const struct credential credential = {
		.text = body->values[SIGN_IN_API_KEY].text,
		.secret = operation->request->client_secret,
		.address = operation->request->remote_address,
	};
	struct principal principal;

	if (principal_find_key(operation->context.guard, operation->context.database,
		operation->context.arena, &credential, &principal, error) != 0)
		return -1;
	opening->session.user = principal.user;
	opening->session.key_id = principal.key_id;
	opening->permissions = principal.permissions;
	operation->context.actor.user = principal.user;
	operation->context.actor.name =
	    arena_str(operation->context.arena, str_from(principal.user_name));
	return 0;
}

/* The ways to sign in, by the member that each begins with. */
static const struct way {
	unsigned member, needs;
	int (*check)(struct opening *opening, const struct row *body, struct error *error);
	enum gate_sign_in_way counted;
} ways[] = {
	{ SIGN_IN_USER_NAME, SIGN_IN_PASSWORD, check_password, GATE_SIGN_IN_PASSWORD },
	{ SIGN_IN_LINK, SIGN_IN_LINK, check_link, GATE_SIGN_IN_LINK },
	{ SIGN_IN_API_KEY, SIGN_IN_API_KEY, check_key, GATE_SIGN_IN_KEY },
};

static const struct way *find_way(const struct row *body, struct error *error)
{
	const struct way *found = NULL;
	unsigned count = 0;

	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		if (row_filled(body, ways[i].member)) {
			found = &ways[i];
			count++;
		}
	}
	if (count == 1 && row_filled(body, found->needs))
		return found;
	if (count == 1)
		error_add_fault(error, sign_in_fields[found->needs].name,
		    "The %s field is required.", sign_in_fields[found->needs].name);
	else
		error_add_fault(error, sign_in_fields[SIGN_IN_USER_NAME].name,
		    "Either username and password, link or apiKey is required.");
	return NULL;
}

static int admit(void *context, const struct session_state *state, struct error *error)
{
	struct opening *opening = context;
	struct context *actor = &opening->operation->context;

	if (opening->link != NULL && sign_in_link_use(actor, opening->link, error) != 0)
		return -1;
	opening->roles = state->roles;
	session_make_cookie(
	    opening->operation->context.settings->session_lifetime, &opening->tokens);
	return 0;
}

static int open_session(struct operation *operation, void *data, struct error *error)
{
	struct opening *opening = data;
	struct signed_in signed_in = { .permissions = opening->permissions };

	opening->outcome = session_open(operation->context.database, operation->context.arena,
	    &opening->session, operation->context.settings->oauth_sessions, &opening->tokens,
	    &operation->context.revocations, error);
	if (opening->outcome != SESSION_OPEN)
		return opening->outcome == SESSION_FAILED ? -1 : 0;
	if (credentials_session_audit(&operation->context, true, &opening->session, error) != 0)
		return -1;
	signed_in.session = opening->session.id;
	signed_in.roles = opening->roles;
	signed_in.by_key = opening->session.key_id != 0;
	signed_in.token = str_from(opening->tokens.access);
	guard_make_known(operation->context.guard, signed_in.token);
	console_cookie_set(
	    operation->request, operation->response, operation->context.arena, signed_in.token);
	return signed_in_answer(operation, &signed_in, error);
}

static int try_opening(struct opening *opening, struct operation *operation, const struct way *way,
    const struct row *body, struct error *error)
{
	struct str agent = operation->request->user_agent;

	*opening = (struct opening){
		.operation = operation,
		.permissions = PERMISSION_ALL,
		.session = {
		    .id = uuid_new(),
		    .grant_type = SESSION_CONSOLE,
		    .address = str_slice(operation->request->remote_address, 0, 64),
		    .idle_seconds = operation->context.settings->session_idle_timeout,
		    .user_agent = str_cut(str_slice(agent, 0, str_utf8_valid(agent)),
			SESSION_AGENT_LONGEST),
		    .admit = admit,
		    .context = opening,
		},
	};
	if (way->check(opening, body, error) != 0 ||
	    gate_enter(operation->context.guard->gate, GATE_SESSION, error) != 0)
		return -1;
	return operation_transaction(operation, open_session, opening, error);
}

static enum gate_sign_in_result result_of(int status, const struct error *error)
{
	if (status == 0)
		return GATE_SIGN_IN_OPENED;
	switch (error->code) {
	case ERROR_UNAUTHENTICATED:
		return error->fault_count > 0 ? GATE_SIGN_IN_CODE : GATE_SIGN_IN_WRONG;
	case ERROR_TOO_MANY:
		return GATE_SIGN_IN_THROTTLED;
	default:
		return GATE_SIGN_IN_FAILED;
	}
}

/* What the audit log tells of a sign-in that was refused. */
struct refusal {
	const struct uuid *user; /* all zero where nobody is called so */
	const char *member;      /* that was shown */
};

static int audit_refusal(struct context *context, void *data, struct error *error)
{
	const struct resource *users = &licensing_user_resource;
	const struct refusal *refusal = data;
	const struct value key = { .uuid = *refusal->user };
	const char *detail =
	    arena_printf(context->arena, "{\"signInRefused\":\"%s\"}", refusal->member);

	if (detail == NULL)
		return error_out_of_memory(error);
	return audit_record_event(context,
	    &(const struct audit_event){ .action = AUDIT_UPDATE,
		.area = users->area,
		.what = resource_audit_name(users),
		.key = uuid_is_zero(refusal->user) ? STR("")
						   : row_print_key(context->arena, users, &key),
		.detail = str_from(detail) },
	    error);
}

/*
 * Whoever tries passwords shall not fill the database: of all that is wrong, a few are written down
 * in a minute. It is the same work whether or not there is such a user, which how long it takes
 * must not tell. The name is not kept: people type passwords there.
 */
static int note_refusal(const struct opening *opening, const struct way *way, struct error *error)
{
	struct context *context = &opening->operation->context;
	struct refusal refusal = { .user = &opening->session.user,
		.member = sign_in_fields[way->needs].name };
	struct error noted;
	struct rate_state state;

	error_init(&noted, context->arena);
	if (rates_count(context->guard->rates, RATE_OF_REFUSED_SIGN_INS, REFUSALS_WRITTEN, &state,
		&noted) != 0 ||
	    record_transaction(context, audit_refusal, &refusal, &noted) == 0)
		return -1;
	*error = noted;
	return -1;
}

static int open_in_a_way(struct opening *opening, struct operation *operation,
    const struct way *way, const struct row *body, struct error *error)
{
	int attempts = ATTEMPTS, status;

	do {
		status = try_opening(opening, operation, way, body, error);
		explicit_bzero(&opening->tokens, sizeof(opening->tokens));
	} while (status == 0 && opening->outcome == SESSION_CHANGED && --attempts > 0);
	if (status != 0 || opening->outcome == SESSION_OPEN)
		return status;
	return error_set_wait(
	    error, ERROR_BUSY, 1, "The credentials were changed in the meantime; try again.");
}

int sign_in(struct operation *operation, struct error *error)
{
	enum gate_sign_in_result result;
	const struct way *way;
	struct opening opening;
	struct row *body;
	int status;

	/* Nobody signs a visitor of another site in. */
	if (console_cookie_check_origin(operation->request, false, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	way = find_way(body, error);
	if (way == NULL)
		return -1;
	status = open_in_a_way(&opening, operation, way, body, error);
	result = result_of(status, error);
	gate_count_sign_in(operation->context.guard->gate, way->counted, result);
	return result == GATE_SIGN_IN_WRONG ? note_refusal(&opening, way, error) : status;
}

int sign_in_show(struct operation *operation, struct error *error)
{
	const struct principal *principal = operation->context.actor.principal;
	struct signed_in signed_in = {
		.session = principal->session,
		.roles = principal->roles,
		.permissions = principal->permissions,
		.by_key = principal->key_id != 0,
	};
	struct credential credential;

	credential_find(operation, &credential);
	signed_in.token = credential.text;
	return signed_in_answer(operation, &signed_in, error);
}
