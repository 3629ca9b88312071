/*
 * What a browser is told of its session: whose it is, what it may do, and when it ends.
 */
#include "api/console_cookie.h"
#include "api/licensing/sign_in.h"
#include "auth/second_factor.h"
#include "record/rows.h"

enum {
	VIEW_ID,
	VIEW_EXPIRES,
	VIEW_IDLE,
	VIEW_USER,
	VIEW_USER_NAME,
	VIEW_EMAIL,
	VIEW_FIRST_NAME,
	VIEW_LAST_NAME,
	VIEW_CUSTOMER,
	VIEW_SECOND_FACTOR,
	VIEW_RECOVERY_CODES,
	VIEW_DELEGATE,
};

#define OWN_USE (FIELD_HIDDEN | FIELD_READONLY)

static const struct field view_fields[] = {
	[VIEW_ID] = { UUID("id", "id"), .flags = OWN_USE | FIELD_KEY },
	[VIEW_EXPIRES] = { DATETIME("expires", "expires_at"), .flags = OWN_USE },
	[VIEW_IDLE] = { INT32("idleSeconds", "idle_seconds"), .flags = OWN_USE },
	[VIEW_USER] = { UUID("user", "u.id"), .flags = OWN_USE },
	[VIEW_USER_NAME] = { STRING("userName", "u.user_name", 255), .flags = OWN_USE },
	[VIEW_EMAIL] = { STRING("email", "u.email", 255), .flags = OWN_USE },
	[VIEW_FIRST_NAME] = { STRING("firstName", "u.first_name", 255), .flags = OWN_USE },
	[VIEW_LAST_NAME] = { STRING("lastName", "u.last_name", 255), .flags = OWN_USE },
	[VIEW_CUSTOMER] = { INT32("customerId", "u.customer_id"), .flags = OWN_USE },
	[VIEW_SECOND_FACTOR] = { BOOLEAN("secondFactor", NULL),
	    .expression = "(f.user_id IS NOT NULL)", .flags = OWN_USE },
	[VIEW_RECOVERY_CODES] = { INT32("recoveryCodes", NULL),
	    .expression = "(SELECT COUNT(*) FROM user_recovery_code c WHERE c.user_id = u.id)",
	    .flags = OWN_USE },
	[VIEW_DELEGATE] = { BOOLEAN("delegate", NULL),
	    .expression =
		"EXISTS (SELECT 1 FROM delegate d JOIN delegate_group g ON g.id = d.group_id "
		"AND g.deleted_at IS NULL WHERE d.user_id = u.id)",
	    .flags = OWN_USE },
};

const struct resource signed_in_view = {
	.name = "session",
	.type_name = "SignedInView",
	.area = AREA_CREDENTIALS,
	.table = "oauth_session",
	.from = "oauth_session {} JOIN user u ON u.id = {}.user_id "
		"LEFT JOIN user_second_factor f ON f.user_id = u.id "
		"AND f.confirmed_at IS NOT NULL",
	FIELDS(view_fields),
	.doc = "A session with its user.",
};

#define ANSWERED FIELD_NOT_STORED
#define ALWAYS (ANSWERED | FIELD_NOT_NULL)

enum { USER_ID, USER_USER_NAME, USER_EMAIL, USER_FIRST_NAME, USER_LAST_NAME, USER_CUSTOMER_ID };

static const struct field user_fields[] = {
	[USER_ID] = { UUID("id", NULL), .flags = ALWAYS, .doc = "Identifier." },
	[USER_USER_NAME] = { STRING("userName", NULL, 255), .flags = ALWAYS,
	    .doc = "Name to sign in with." },
	[USER_EMAIL] = { STRING("email", NULL, 255), .flags = ANSWERED, .doc = "E-mail address." },
	[USER_FIRST_NAME] = { STRING("firstName", NULL, 255), .flags = ANSWERED,
	    .doc = "First name." },
	[USER_LAST_NAME] = { STRING("lastName", NULL, 255), .flags = ANSWERED,
	    .doc = "Last name." },
	[USER_CUSTOMER_ID] = { INT32("customerId", NULL), .flags = ANSWERED,
	    .doc = "Customer whose own rows the user sees." },
};

const struct resource signed_in_user_resource = {
	.name = "user",
	.type_name = "SignedInUser",
	.area = AREA_CREDENTIALS,
	FIELDS(user_fields),
	.doc = "The user who has signed in.",
};

#define PERMISSIONS_FIELD(id, name, title, unknown)                      \
	[AREA_##id - 1] = { STRING_LIST(name, NULL, 4), .flags = ALWAYS, \
		.doc = "What the session may do there.", .example = "[\"read\",\"update\"]" },

/* clang-format off */
static const struct field permissions_fields[AREA__MAX - 1] = {
	AREAS(PERMISSIONS_FIELD)
};
/* clang-format on */

const struct resource signed_in_permissions_resource = {
	.name = "permissions",
	.type_name = "SessionPermissions",
	.area = AREA_CREDENTIALS,
	FIELDS(permissions_fields),
	.doc = "Permissions by area: read, update, delete, create.",
};

enum {
	STATE_USER,
	STATE_ROLES,
	STATE_PERMISSIONS,
	STATE_CSRF_TOKEN,
	STATE_IDLE_SECONDS,
	STATE_EXPIRES,
	STATE_SECOND_FACTOR,
	STATE_SECOND_FACTOR_REQUIRED,
	STATE_RECOVERY_CODES,
};

static const struct enumerator second_factors[] = { { 0, "none" }, { 1, "totp" } };
static const struct enumeration second_factor_words = { "SecondFactorKind", second_factors,
	COUNT_OF(second_factors) };

static const struct field state_fields[] = {
	[STATE_USER] = { OBJECT("user", &signed_in_user_resource), .flags = ALWAYS,
	    .doc = "Who has signed in." },
	[STATE_ROLES] = { STRING_LIST("roles", NULL, 32), .flags = ALWAYS,
	    .doc = "Names of the user's roles.", .example = "[\"Administrator\"]" },
	[STATE_PERMISSIONS] = { OBJECT("permissions", &signed_in_permissions_resource),
	    .flags = ALWAYS, .doc = "What the session may do, by area." },
	[STATE_CSRF_TOKEN] = { STRING("csrfToken", NULL, 64), .flags = ALWAYS | FIELD_SECRET,
	    .doc = "To be sent as X-CSRF-Token with every change." },
	[STATE_IDLE_SECONDS] = { INT32("idleSeconds", NULL), .flags = ALWAYS,
	    .doc = "The session ends without a request for so long.", .example = "1800" },
	[STATE_EXPIRES] = { DATETIME("expires", NULL), .flags = ALWAYS,
	    .doc = "When it ends in any case." },
	[STATE_SECOND_FACTOR] = { CODE("secondFactor", NULL, &second_factor_words), .flags = ALWAYS,
	    .doc = "Second factor of the user: none, or totp." },
	[STATE_SECOND_FACTOR_REQUIRED] = { BOOLEAN("secondFactorRequired", NULL), .flags = ALWAYS,
	    .doc = "Whether the user must have one: without it, the session can only set it up." },
	[STATE_RECOVERY_CODES] = { INT32("recoveryCodesLeft", NULL), .flags = ALWAYS,
	    .doc = "How many recovery codes of the second factor are left; 0 without one.",
	    .example = "10" },
};

const struct resource signed_in_resource = {
	.name = "session",
	.type_name = "SignedIn",
	.area = AREA_CREDENTIALS,
	FIELDS(state_fields),
	.doc = "The session of who has signed in.",
};

enum { ANSWER_SESSION };

static const struct field answer_fields[] = {
	[ANSWER_SESSION] = { OBJECT("session", &signed_in_resource), .flags = ALWAYS,
	    .doc = "The session." },
};

const struct resource sign_in_answer_resource = {
	.name = "session",
	.type_name = "GetSessionResponse",
	.area = AREA_CREDENTIALS,
	FIELDS(answer_fields),
	.doc = "The session of who has signed in.",
};

static struct row *make_user(struct arena *arena, const struct row *view)
{
	static const struct {
		unsigned to, from;
	} copied[] = {
		{ USER_ID, VIEW_USER },
		{ USER_USER_NAME, VIEW_USER_NAME },
		{ USER_EMAIL, VIEW_EMAIL },
		{ USER_FIRST_NAME, VIEW_FIRST_NAME },
		{ USER_LAST_NAME, VIEW_LAST_NAME },
		{ USER_CUSTOMER_ID, VIEW_CUSTOMER },
	};
	struct row *row = row_new(arena, &signed_in_user_resource);

	for (size_t i = 0; row != NULL && i < COUNT_OF(copied); i++)
		row_set_value(row, copied[i].to, &view->values[copied[i].from]);
	return row;
}

/*
 * What the session may do in an area. Who is of no customer has no own rows, whatever the role; and
 * who is no delegate no groups.
 */
static uint8_t permissions_of(
    const struct principal *bounds, const struct row *view, enum area area)
{
	if ((area == AREA_OWN && view->values[VIEW_CUSTOMER].null) ||
	    (area == AREA_OWN_GROUPS && !view->values[VIEW_DELEGATE].boolean))
		return 0;
	return principal_permissions(bounds, area);
}

static struct row *make_permissions(
    struct arena *arena, const struct signed_in *signed_in, const struct row *view)
{
	const struct principal bounds = { .roles = signed_in->roles,
		.permissions = signed_in->permissions };
	struct row *row = row_new(arena, &signed_in_permissions_resource);

	for (enum area area = AREA_NONE + 1; row != NULL && area < AREA__MAX; area++) {
		struct str names =
		    scope_permission_names(arena, permissions_of(&bounds, view, area));

		if (names.data == NULL)
			return NULL;
		row_set_text(row, area - 1, names);
	}
	return row;
}

static struct row *make_state(
    const struct operation *operation, const struct signed_in *signed_in, const struct row *view)
{
	struct arena *arena = operation->context.arena;
	struct row *row = row_new(arena, &signed_in_resource);
	struct row *user = make_user(arena, view);
	struct row *permissions = make_permissions(arena, signed_in, view);
	struct str roles = role_names(arena, signed_in->roles);
	char csrf[CONSOLE_CSRF_TEXT];
	struct str csrf_text;

	console_cookie_csrf(signed_in->token, csrf);
	csrf_text = arena_str(arena, str_from(csrf));
	if (row == NULL || user == NULL || permissions == NULL || roles.data == NULL ||
	    csrf_text.data == NULL)
		return NULL;
	row_set_row(row, STATE_USER, user);
	row_set_text(row, STATE_ROLES, roles);
	row_set_row(row, STATE_PERMISSIONS, permissions);
	row_set_text(row, STATE_CSRF_TOKEN, csrf_text);
	row_set_value(row, STATE_IDLE_SECONDS, &view->values[VIEW_IDLE]);
	row_set_value(row, STATE_EXPIRES, &view->values[VIEW_EXPIRES]);
	row_set_text(row, STATE_SECOND_FACTOR,
	    str_from(second_factors[view->values[VIEW_SECOND_FACTOR].boolean].name));
	row_set_boolean(row, STATE_SECOND_FACTOR_REQUIRED,
	    !signed_in->by_key &&
		second_factor_demanded(operation->context.settings, signed_in->roles));
	row_set_value(row, STATE_RECOVERY_CODES, &view->values[VIEW_RECOVERY_CODES]);
	return row;
}

int signed_in_answer(
    struct operation *operation, const struct signed_in *signed_in, struct error *error)
{
	const struct value id = { .uuid = signed_in->session };
	struct row *view, *state, *answer;

	if (record_find_by(&operation->context, &signed_in_view, VIEW_ID, &id,
		resource_default_mask(&signed_in_view), &view, error) != 0)
		return -1;
	if (view == NULL)
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "the session has ended");
	state = make_state(operation, signed_in, view);
	answer = row_new(operation->context.arena, &sign_in_answer_resource);
	if (state == NULL || answer == NULL)
		return error_out_of_memory(error);
	row_set_row(answer, ANSWER_SESSION, state);
	operation_answer_members(operation, answer);
	return 0;
}
