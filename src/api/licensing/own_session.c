/*
 * A user's own sessions: those of browsers, and those that programs were granted.
 */
#include "api/console_cookie.h"
#include "api/credentials/credentials.h"
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/sign_in.h"
#include "record/rows.h"

enum own_session_member {
	SESSION_ID,
	SESSION_KIND,
	SESSION_CLIENT_NAME,
	SESSION_ADDRESS,
	SESSION_USER_AGENT,
	SESSION_CREATED_AT,
	SESSION_LAST_USED,
	SESSION_EXPIRES,
	SESSION_CURRENT,
	SESSION_USER_ID,
};

static const struct field session_fields[] = {
	[SESSION_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[SESSION_KIND] = { STRING("kind", "grant_type", 32), .flags = FIELD_READONLY,
	    .doc = "console for a browser; else the grant that opened it: password, "
		   "client_credentials.",
	    .example = "\"" SESSION_CONSOLE "\"" },
	[SESSION_CLIENT_NAME] = { STRING("clientName", NULL, 18), .flags = FIELD_READONLY,
	    .expression = "(SELECT c.name FROM api_client c WHERE c.id = {}.client_id)",
	    .doc = "API client that opened it." },
	[SESSION_ADDRESS] = { STRING("address", "address", 64), .flags = FIELD_READONLY,
	    .doc = "Address that opened it." },
	[SESSION_USER_AGENT] = { STRING("userAgent", "user_agent", SESSION_AGENT_LONGEST),
	    .flags = FIELD_READONLY, .doc = "What the browser calls itself." },
	[SESSION_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was opened." },
	[SESSION_LAST_USED] = { DATETIME("lastUsed", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When it was last used, exact to a minute." },
	[SESSION_EXPIRES] = { DATETIME("expires", "expires_at"), .flags = FIELD_READONLY,
	    .doc = "When it ends in any case." },
	[SESSION_CURRENT] = { BOOLEAN("current", NULL), .flags = FIELD_NOT_STORED | FIELD_NOT_NULL,
	    .doc = "Whether it is the one that asks." },
	[SESSION_USER_ID] = { UUID("userId", "user_id"), .flags = LICENSING_HIDDEN },
};

const struct resource own_session_resource = {
	.name = "session",
	.type_name = "OwnSession",
	.area = AREA_CREDENTIALS,
	.plural = "sessions",
	.table = "oauth_session",
	.condition = CREDENTIALS_SESSION_LASTS,
	ORDER_BY(DESCENDING("createdAt")),
	FIELDS(session_fields),
	.doc = "A session of the user who asks.",
};

/* Its tokens go with it. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(context, MARK(MARK_SESSION, key->values[SESSION_ID].uuid), error);
}

const struct record own_session_record = {
	.resource = &own_session_resource,
	.before_delete = before_delete,
};

int own_session_narrow(struct operation *operation, struct sql *sql, struct error *error)
{
	(void)error;
	sql_where(sql, "t.user_id = ?");
	sql_bind(sql, BIND_ID(operation->context.actor.principal->user));
	return 0;
}

void own_session_mark(struct operation *operation, const struct row_list *rows)
{
	const struct uuid *current = &operation->context.actor.principal->session;

	for (unsigned i = 0; i < rows->count; i++)
		row_set_boolean(rows->rows[i], SESSION_CURRENT,
		    uuid_equal(&rows->rows[i]->values[SESSION_ID].uuid, current));
}

/* --- ending --- */

static int end_session(struct operation *operation, void *data, struct error *error)
{
	struct record_change change = { .keys = data };

	return record_delete(&operation->context, &own_session_record, &change, error);
}

/* Names the sessions of the caller. NULL when memory is out. */
static struct row *name_own(struct operation *operation)
{
	struct row *keys = row_new(operation->context.arena, &own_session_resource);

	if (keys != NULL)
		row_set_uuid(keys, SESSION_USER_ID, operation->context.actor.principal->user);
	return keys;
}

/* ERROR_NOT_FOUND for a session of somebody else's. */
static int end_own(struct operation *operation, const struct uuid *session, struct error *error)
{
	const struct principal *principal = operation->context.actor.principal;
	struct row *keys = name_own(operation);

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, SESSION_ID, *session);
	if (operation_transaction(operation, end_session, keys, error) != 0)
		return -1;
	if (uuid_equal(session, &principal->session))
		console_cookie_set(
		    operation->request, operation->response, operation->context.arena, STR(""));
	return 0;
}

int sign_out(struct operation *operation, struct error *error)
{
	if (end_own(operation, &operation->context.actor.principal->session, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}

int sign_out_one(struct operation *operation, struct error *error)
{
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    end_own(operation, &keys->values[SESSION_ID].uuid, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}

static int end_all(struct operation *operation, void *data, struct error *error)
{
	struct row *keys = name_own(operation);
	int64_t count;

	(void)data;
	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_delete_all(&operation->context,
		&(struct record_set){ .resource = keys->resource, .keys = keys }, &count,
		error) != 0)
		return -1;
	return record_revoke(
	    &operation->context, MARK(MARK_USER, operation->context.actor.principal->user), error);
}

int sign_out_everywhere(struct operation *operation, struct error *error)
{
	if (operation_transaction(operation, end_all, NULL, error) != 0)
		return -1;
	console_cookie_set(
	    operation->request, operation->response, operation->context.arena, STR(""));
	return irregular_done(operation, NULL, error);
}
