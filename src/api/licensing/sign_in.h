/*
 * People who sign in with a browser: a session, which a cookie stands for (api/console_cookie.h),
 * and what they do with it.
 *
 *	run				answers				reads
 *	sign_in				sign_in_answer_resource		sign_in_resource
 *	sign_in_show			sign_in_answer_resource		-
 *	sign_out			licensing_result_resource	-
 *	sign_out_everywhere		licensing_result_resource	-
 *	sign_out_one			own_session_resource		-
 *	own_password_change		licensing_result_resource	own_password_resource
 *	totp_begin			totp_enrolment_resource		-
 *	totp_confirm			totp_codes_resource		totp_confirmation_resource
 *	totp_remove			licensing_result_resource	totp_removal_resource
 *	totp_renew_codes		totp_codes_resource		totp_renewal_resource
 */
#ifndef CLIENTELE_API_LICENSING_SIGN_IN_H
#define CLIENTELE_API_LICENSING_SIGN_IN_H

#include "op/operation.h"

int sign_in(struct operation *operation, struct error *error) MUST_CHECK;
int sign_in_show(struct operation *operation, struct error *error) MUST_CHECK;
int sign_out(struct operation *operation, struct error *error) MUST_CHECK;
int sign_out_everywhere(struct operation *operation, struct error *error) MUST_CHECK;
int sign_out_one(struct operation *operation, struct error *error) MUST_CHECK;
int own_password_change(struct operation *operation, struct error *error) MUST_CHECK;
int totp_begin(struct operation *operation, struct error *error) MUST_CHECK;
int totp_confirm(struct operation *operation, struct error *error) MUST_CHECK;
int totp_remove(struct operation *operation, struct error *error) MUST_CHECK;
int totp_renew_codes(struct operation *operation, struct error *error) MUST_CHECK;

/* `narrow` and `change_rows` of the list of the caller's own sessions. */
int own_session_narrow(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
void own_session_mark(struct operation *operation, const struct row_list *rows);

extern const struct resource own_session_resource;
extern const struct record own_session_record;
extern const struct resource own_password_resource;
extern const struct resource sign_in_resource;
extern const struct resource sign_in_answer_resource;
extern const struct resource totp_codes_resource;
extern const struct resource totp_confirmation_resource;
extern const struct resource totp_enrolment_resource;
extern const struct resource totp_removal_resource;
extern const struct resource totp_renewal_resource;

/* --- signed_in.c --- */

/* Whom a session is of, and what it may do. */
struct signed_in {
	struct uuid session;
	uint32_t roles;
	uint8_t permissions;
	bool by_key;      /* an API key has opened it */
	struct str token; /* of the cookie */
};

/*
 * Answers with it, read from the database. ERROR_UNAUTHENTICATED when the session has ended
 * meanwhile.
 */
int signed_in_answer(
    struct operation *operation, const struct signed_in *signed_in, struct error *error) MUST_CHECK;

/* A view of the family: a session with its user. */
extern const struct resource signed_in_view;

/* Parts of the answer. */
extern const struct resource signed_in_user_resource;
extern const struct resource signed_in_permissions_resource;
extern const struct resource signed_in_resource;

#endif
