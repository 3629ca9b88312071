#include "api/oauth/view.h"

#include "auth/key.h"
#include "auth/scope.h"
#include "auth/secret.h"

/* Members are for the program's own use. */
#define OWN_USE (FIELD_HIDDEN | FIELD_READONLY)
#define OWN_KEY (OWN_USE | FIELD_KEY)
#define OWN_HASH (FIELD_HIDDEN | FIELD_READONLY | FIELD_SECRET | FIELD_HASHED)

static const struct field login_fields[] = {
	[LOGIN_USER] = { UUID("user", "id"), .flags = OWN_KEY },
	[LOGIN_NAME] = { STRING("name", "user_name", 255), .flags = OWN_USE },
	[LOGIN_HASH] = { STRING("passwordHash", "password_hash", PASSWORD_HASH_MAX),
	    .flags = OWN_HASH },
	[LOGIN_ENABLED] = { BOOLEAN("enabled", "enabled"), .flags = OWN_USE },
	[LOGIN_FACTOR] = { BINARY("factor", NULL), .expression = "f.secret", .flags = OWN_USE },
	[LOGIN_FACTOR_STEP] = { INT64("factorStep", "f.last_step"), .flags = OWN_USE },
	[LOGIN_FACTOR_FAILURES] = { INT32("factorFailures", "f.failures"), .flags = OWN_USE },
};

const struct resource oauth_login_view = {
	.name = "login",
	.type_name = "Login",
	.area = AREA_CREDENTIALS,
	.table = "user",
	.from = "user {} LEFT JOIN user_second_factor f ON f.user_id = {}.id "
		"AND f.confirmed_at IS NOT NULL",
	FIELDS(login_fields),
	.doc = "A user who logs in.",
};

/* A client that may log in, and so may its user. */
#define CLIENT_COUNTS \
	"c.enabled AND u.enabled AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6))"

static const struct field secret_fields[] = {
	[SECRET_CLIENT] = { UUID("client", "client_id"), .flags = OWN_KEY },
	[SECRET_NUMBER] = { INT32("number", "number"), .flags = OWN_KEY },
	[SECRET_HASH] = { STRING("secretHash", "secret_hash", PASSWORD_HASH_MAX),
	    .flags = OWN_HASH },
	[SECRET_USER] = { UUID("user", "c.user_id"), .flags = OWN_USE },
	[SECRET_CLIENT_NAME] = { STRING("clientName", "c.name", 18), .flags = OWN_USE },
	[SECRET_SCOPE] = { STRING("scope", "c.scope", SCOPE_LONGEST), .flags = OWN_USE },
	[SECRET_GRANTS] = { STRING("grants", NULL, SCOPE_LONGEST),
	    .expression = "JSON_EXTRACT(c.metadata, '$.grant_types')", .flags = OWN_USE },
};

const struct resource oauth_secret_view = {
	.name = "secret",
	.type_name = "SecretThatCounts",
	.area = AREA_CREDENTIALS,
	.table = "api_client_secret",
	.from = "api_client_secret {} JOIN api_client c ON c.id = {}.client_id "
		"JOIN user u ON u.id = c.user_id",
	.condition =
	    CLIENT_COUNTS " AND ({}.expires_at IS NULL OR {}.expires_at > UTC_TIMESTAMP(6))",
	ORDER_BY(DESCENDING("number")),
	FIELDS(secret_fields),
	.doc = "A secret that its client may use.",
};

static const struct field token_fields[] = {
	[TOKEN_HASH] = { BINARY("tokenHash", "token_hash"), .flags = OWN_KEY },
	[TOKEN_SESSION] = { UUID("session", "session_id"), .flags = OWN_USE },
	[TOKEN_REFRESHES] = { BOOLEAN("refreshes", "refresh"), .flags = OWN_USE },
	[TOKEN_CREATED] = { DATETIME("created", "created_at"), .flags = OWN_USE },
	[TOKEN_EXPIRES] = { DATETIME("expires", "expires_at"), .flags = OWN_USE },
	[TOKEN_USED] = { DATETIME("used", "used_at"), .flags = OWN_USE },
	[TOKEN_GRANT_TYPE] = { STRING("grantType", "s.grant_type", 32), .flags = OWN_USE },
	[TOKEN_CLIENT] = { UUID("client", "s.client_id"), .flags = OWN_USE },
	[TOKEN_USER] = { UUID("user", "s.user_id"), .flags = OWN_USE },
	[TOKEN_USER_NAME] = { STRING("userName", "u.user_name", 255), .flags = OWN_USE },
	[TOKEN_ENABLED] = { BOOLEAN("enabled", NULL),
	    .expression = "u.enabled AND (c.id IS NULL OR (" CLIENT_COUNTS "))", .flags = OWN_USE },
	[TOKEN_SCOPE] = { STRING("scope", NULL, SCOPE_LONGEST),
	    .expression = "COALESCE({}.scope, s.scope)", .flags = OWN_USE },
	[TOKEN_CLIENT_SCOPE] = { STRING("clientScope", "c.scope", SCOPE_LONGEST),
	    .flags = OWN_USE },
};

const struct resource oauth_token_view = {
	.name = "token",
	.type_name = "TokenOfSession",
	.area = AREA_CREDENTIALS,
	.table = "oauth_token",
	.from = "oauth_token {} JOIN oauth_session s ON s.id = {}.session_id "
		"JOIN user u ON u.id = s.user_id LEFT JOIN api_client c ON c.id = s.client_id",
	FIELDS(token_fields),
	.doc = "A token of a session.",
};

static const struct field initial_fields[] = {
	[INITIAL_ID] = { INT32("id", "id"), .flags = OWN_KEY },
	[INITIAL_HASH] = { BINARY("tokenHash", "token_hash"), .flags = OWN_USE },
	[INITIAL_USER] = { UUID("user", "user_id"), .flags = OWN_USE },
	[INITIAL_SCOPE] = { STRING("scope", "scope", SCOPE_LONGEST), .flags = OWN_USE },
	[INITIAL_CLIENTS_EXPIRE] = { DATETIME("clientsExpire", "clients_expire_at"),
	    .flags = OWN_USE },
	[INITIAL_USES_LEFT] = { INT32("usesLeft", "uses_left"), .flags = OWN_USE },
	[INITIAL_USE_COUNT] = { INT64("useCount", "use_count"), .flags = OWN_USE },
	[INITIAL_LAST_USED] = { DATETIME("lastUsed", "last_used_at"), .flags = OWN_USE },
	[INITIAL_COUNTS] = { BOOLEAN("counts", NULL),
	    .expression = "(u.enabled AND COALESCE({}.uses_left, 1) > 0 AND "
			  "({}.expires_at IS NULL OR {}.expires_at > UTC_TIMESTAMP(6)))",
	    .flags = OWN_USE },
};

const struct resource oauth_initial_view = {
	.name = "initial token",
	.type_name = "InitialToken",
	.area = AREA_CREDENTIALS,
	.table = "oauth_registration_token",
	.from = "oauth_registration_token {} JOIN user u ON u.id = {}.user_id",
	FIELDS(initial_fields),
	.doc = "A token whose bearer may register clients while it counts.",
};

struct str oauth_view_text(const struct row *row, unsigned member)
{
	return row_filled(row, member) && row->values[member].text.length > 0
		   ? row->values[member].text
		   : (struct str){ NULL, 0 };
}
