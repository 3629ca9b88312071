/*
 * The credentials family: API clients, their secrets, and the sessions that are open.
 */
#ifndef CLIENTELE_API_CREDENTIALS_CREDENTIALS_H
#define CLIENTELE_API_CREDENTIALS_CREDENTIALS_H

#include "api/credentials/reach.h"
#include "auth/session.h"
#include "op/operation.h"

extern const struct resource credentials_client_resource;
extern const struct resource credentials_moved_client_resource; /* of an import */
extern const struct resource credentials_secret_resource;
extern const struct resource credentials_session_resource;
extern const struct resource credentials_registration_token_resource;
extern const struct resource credentials_registration_resource;
extern const struct resource credentials_certificate_resource;
extern const struct resource credentials_user_resource;
extern const struct resource credentials_user_account_resource; /* access of users to accounts */
extern const struct resource credentials_account_resource;
extern const struct resource credentials_account_request_resource; /* a new account's body */
extern const struct resource credentials_account_deletion_resource;

/* Member of a body that may bring a secret; `text` says what happens without one. */
#define CREDENTIALS_SECRET(more, text)                                                            \
	{                                                                                         \
		STRING("Secret", NULL, SECRET_LONGEST),                                           \
		    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_NOT_NULL | FIELD_SECRET | \
			     FIELD_ECHO | FIELD_EMPTY_ABSENT | (more),                            \
		    .doc = (text), .example = "\"correct horse battery staple\""                  \
	}

/* Rule of members that hold a scope. */
const char *credentials_check_scope(struct str text);

/*
 * What the holder of a scope of a user can do; `user_id` and `scope_member` are members of the row.
 * Errors as database_select().
 */
int credentials_scope_authority(struct context *context, const struct row *row, unsigned user_id,
    unsigned scope_member, struct authority *authority, struct error *error) MUST_CHECK;

/* Sets a scope that was not sent to that of the maker. Errors as database_select(). */
int credentials_scope_inherit(struct context *context, const struct authority *bound,
    struct row *row, unsigned user_id, unsigned scope_member, struct error *error) MUST_CHECK;

/*
 * Completes the member `secret` of a row: made where it is not filled, else held against the option
 * client_secret_length. `hash` is its member for the hash. Errors as guard_hash_password().
 */
int credentials_secret_fill(struct context *context, struct row *row, unsigned secret,
    unsigned hash, struct error *error) MUST_CHECK;

/* record_claim() for a client, before its secrets are counted or changed. */
int credentials_client_claim(
    struct context *context, const struct uuid *client, struct error *error) MUST_CHECK;

/*
 * Whether the caller may grant what a client holds, to somebody who is given another secret of it,
 * or manages it for longer. Errors as grant_check().
 */
int credentials_client_check_holder(
    struct context *context, const struct uuid *client, struct error *error) MUST_CHECK;

/* Number of the next secret of a client that is claimed: higher than any that a session knows. */
int credentials_client_next_secret(struct context *context, const struct uuid *client,
    int64_t *number, struct error *error) MUST_CHECK;

/* Adds a secret of that number, and looks at no rule: the first one of a new client is number 1. */
int credentials_secret_store(struct context *context, const struct uuid *client, int64_t number,
    struct str hash, struct error *error) MUST_CHECK;

/* Makes a hash the only secret of a client that is claimed. */
int credentials_secret_replace(struct context *context, const struct uuid *client, struct str hash,
    struct error *error) MUST_CHECK;

/*
 * Ends the sessions that a client has opened on its own behalf for any user but that one. They are
 * not revoked: that belongs to the change of the client around it.
 */
int credentials_session_end_others(struct context *context, const struct uuid *client,
    const struct uuid *user, struct error *error) MUST_CHECK;

/*
 * Takes the token of the registration that the row `keys` names: the client stays. Must run in a
 * transaction. ERROR_NOT_FOUND when there is no such registration.
 */
int credentials_registration_forget(
    struct context *context, void *keys, struct error *error) MUST_CHECK;

/* Condition of sessions that last: one of a browser ends when it is not used, too. */
#define CREDENTIALS_SESSION_LASTS                                                       \
	"{}.expires_at > UTC_TIMESTAMP(6) AND ({}.idle_seconds IS NULL OR "             \
	"COALESCE({}.last_used_at, {}.created_at) + INTERVAL {}.idle_seconds SECOND > " \
	"UTC_TIMESTAMP(6))"

/*
 * The audit entry of a session that the token endpoint has opened, with one of those that had to
 * make room, or that was ended there. Must run in the transaction that does it.
 */
int credentials_session_audit(struct context *context, bool opened,
    const struct session_grant *grant, struct error *error) MUST_CHECK;

/*
 * Adds a fault where a member of changes has another form than it must have; what was there before,
 * in whatever form, may come back with the other members.
 */
void credentials_check_form(const struct row *before, const struct row *row, unsigned member,
    const char *(*check)(struct str text), struct error *error);

/* Makes a fault that names a member of another resource one of the member `name`. */
void credentials_rename_fault(struct fault *fault, const char *name, struct arena *arena);

/* `narrow` of GET …/users, …/users/{id} and GetAllUsers: users of accounts within reach. */
int credentials_user_narrow(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int credentials_user_narrow_one(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int credentials_user_narrow_account(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* PATCH …/users/{id}/access: makes a user the manager of the account, or no manager any more. */
int credentials_user_toggle(struct operation *operation, struct error *error) MUST_CHECK;

/* `narrow` of GET …/users/{id}/accounts. */
int credentials_user_account_narrow(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* POST …/users/{id}/accounts: lets a user see another account, or change what the user may there.
 */
int credentials_user_account_put(struct operation *operation, struct error *error) MUST_CHECK;

/* `narrow` of GET …/accounts, …/accounts/{id} and …/accounts/{id}/accounts. */
int credentials_account_narrow_own(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int credentials_account_narrow_one(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int credentials_account_narrow_below(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* POST …/accounts/{id}: an account below that one, and its first user. */
int credentials_account_create(struct operation *operation, struct error *error) MUST_CHECK;

/* DELETE …/accounts/{id}: marks it as deleted and disables its users. */
int credentials_account_delete(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * Of routes of one certificate, whose path names a thumbprint of it, SHA-1 or SHA-256: sets its
 * identifier in `keys`. ERROR_NOT_FOUND where there is no such certificate.
 */
int credentials_certificate_by_thumbprint(
    struct operation *operation, struct row *keys, struct error *error) MUST_CHECK;

/*
 * The identifier of the certificate with that thumbprint, as it is kept. ERROR_NOT_FOUND where
 * there is none.
 */
int credentials_certificate_find(struct context *context, struct str thumbprint,
    struct uuid *certificate, struct error *error) MUST_CHECK;

/* DELETE …/registrations/{id}: the client stays, and cannot manage itself any more. */
int credentials_registration_revoke(struct operation *operation, struct error *error) MUST_CHECK;

/* The envelope; see struct family. */
const char *credentials_begin_answer(struct writer *writer, const struct answer *answer);
void credentials_end_answer(struct writer *writer, const struct answer *answer);
void credentials_write_error(
    struct writer *writer, const struct answer *answer, const struct error *error);
const struct resource *credentials_describe_answer(struct arena *arena, const struct route *route);
extern const struct resource credentials_error_body;

/* Their rules. */
extern const struct record credentials_client_record;
extern const struct record credentials_moved_client_record;
extern const struct record credentials_registration_record;
extern const struct record credentials_registration_token_record;
extern const struct record credentials_secret_record;
extern const struct record credentials_session_record;
extern const struct record credentials_certificate_record;
extern const struct record credentials_user_record;
extern const struct record credentials_user_account_record;
extern const struct record credentials_account_record;

#endif
