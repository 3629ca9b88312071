#include "api/credentials/reach.h"

#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

/* The accounts of the user that is bound twice, and all below them. */
#define WITHIN(access)                                                                        \
	" IN (WITH RECURSIVE reached (id) AS (SELECT a.id FROM account a WHERE a.deleted_at " \
	"IS NULL AND (a.id = (SELECT o.account_id FROM user o WHERE o.id = ?) OR a.id IN "    \
	"(SELECT g.account_id FROM user_account g WHERE g.user_id = ?" access "))"            \
	" UNION SELECT b.id FROM account b JOIN reached r ON b.parent_id = r.id "             \
	"WHERE b.deleted_at IS NULL) SELECT id FROM reached)"

static const char *const within[] = {
	[REACH_SEE] = WITHIN(""),
	[REACH_CHANGE] = WITHIN(" AND g.access_level = 1"),
};

struct uuid reach_user(const struct context *context)
{
	const struct principal *principal = context->actor.principal;

	return principal != NULL ? principal->user : (struct uuid){ { 0 } };
}

bool reach_is_whole(const struct context *context)
{
	const struct principal *principal = context->actor.principal;

	return principal == NULL || principal_may(principal, AREA_CREDENTIALS, PERMISSION_READ);
}

void reach_where(
    const struct context *context, enum reach reach, const char *column, struct sql *sql)
{
	if (reach_is_whole(context))
		return;
	sql_where_own(sql, column);
	sql_append(sql, within[reach]);
	for (unsigned i = 0; i < 2; i++)
		sql_bind(sql, BIND_ID(reach_user(context)));
}

int reach_refuse(struct error *error)
{
	return error_set_word(error, ERROR_UNAUTHENTICATED, "NOT_AUTHORIZED",
	    "This user is not authorized for the account.");
}

/* Whether there is a row with that key whose account is within reach. */
static int require(struct context *context, enum reach reach, const struct resource *resource,
    const char *column, const struct uuid *id, struct error *error)
{
	const struct value value = { .uuid = *id };
	struct row *keys = row_with(context->arena, resource, resource_key(resource), &value);
	struct sql where;
	bool exists;

	if (keys == NULL)
		return error_out_of_memory(error);
	sql_init(&where, context->arena);
	reach_where(context, reach, column, &where);
	if (record_require(
		context, &(struct record_set){ .resource = resource, .keys = keys }, error) != 0 ||
	    record_exists(context,
		&(struct record_set){ .resource = resource, .keys = keys, .where = &where },
		&exists, error) != 0)
		return -1;
	return exists ? 0 : reach_refuse(error);
}

int reach_require_account(
    struct context *context, enum reach reach, const struct uuid *account, struct error *error)
{
	return require(context, reach, &credentials_account_resource, "{}.id", account, error);
}

int reach_require_user(
    struct context *context, enum reach reach, const struct uuid *user, struct error *error)
{
	return require(context, reach, &licensing_user_resource, "{}.account_id", user, error);
}
