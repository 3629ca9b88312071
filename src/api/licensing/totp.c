/*
 * The second factor of who has signed in: set up in two steps, so that nobody locks himself out
 * with an app that has the wrong secret, and removed, or given new recovery codes, by who shows the
 * password or a code.
 */
#include "auth/totp.h"
#include "api/licensing/irregular.h"
#include "api/licensing/sign_in.h"
#include "api/oauth/view.h"
#include "api/second_factor.h"
#include "auth/attempt.h"
#include "base/url.h"
#include "record/rows.h"

enum { ENROLMENT_SECRET, ENROLMENT_ADDRESS };

#define SHOWN_ONCE (FIELD_NOT_STORED | FIELD_NOT_NULL | FIELD_SECRET)

static const struct field enrolment_fields[] = {
	[ENROLMENT_SECRET] = { STRING("secret", NULL, TOTP_SECRET_TEXT - 1), .flags = SHOWN_ONCE,
	    .doc = "Secret for the authenticator app, in base32.",
	    .example = "\"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"" },
	[ENROLMENT_ADDRESS] = { STRING("uri", NULL, 1000), .flags = SHOWN_ONCE,
	    .doc = "The same as an address that apps read, in a QR code: otpauth://totp/…" },
};

const struct resource totp_enrolment_resource = {
	.name = "enrolment",
	.type_name = "BeginSecondFactorResponse",
	.area = AREA_CREDENTIALS,
	FIELDS(enrolment_fields),
	.doc = "What an authenticator app is told.",
};

enum { PROOF_CODE, PROOF_PASSWORD };

#define SENT (FIELD_NOT_STORED | FIELD_WRITEONLY | FIELD_SECRET | FIELD_EMPTY_ABSENT)

static const struct field confirmation_fields[] = {
	[PROOF_CODE] = { STRING("code", NULL, 64), .flags = SENT | FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Code that the app shows.", .example = "\"123456\"" },
};

const struct resource totp_confirmation_resource = {
	.name = "confirmation",
	.type_name = "ConfirmSecondFactorRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(confirmation_fields),
	.doc = "A first code of the authenticator app.",
};

static const struct field proof_fields[] = {
	[PROOF_CODE] = { STRING("code", NULL, 64), .flags = SENT,
	    .doc = "A code of the app, or a recovery code.", .example = "\"123456\"" },
	[PROOF_PASSWORD] = { STRING("password", NULL, PASSWORD_LONGEST),
	    .flags = SENT | FIELD_TYPICAL, .doc = "The user's password, in the place of a code.",
	    .example = "\"a passphrase of several words\"" },
};

const struct resource totp_removal_resource = {
	.name = "removal",
	.type_name = "RemoveSecondFactorRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(proof_fields),
	.doc = "What shows that it is the user who removes the second factor.",
};

const struct resource totp_renewal_resource = {
	.name = "renewal",
	.type_name = "RenewRecoveryCodesRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(proof_fields),
	.doc = "What shows that it is the user who wants new recovery codes.",
};

enum { CODES_CODES };

static const struct field codes_fields[] = {
	[CODES_CODES] = { STRING_LIST("recoveryCodes", NULL, RECOVERY_CODES), .flags = SHOWN_ONCE,
	    .doc = "Codes that stand for the app once each; they are shown only here.",
	    .example = "[\"abcd-efgh-jkmn-pqrs\"]" },
};

const struct resource totp_codes_resource = {
	.name = "recovery codes",
	.type_name = "ConfirmSecondFactorResponse",
	.area = AREA_CREDENTIALS,
	FIELDS(codes_fields),
	.doc = "Codes for who has lost the authenticator app.",
};

static const struct uuid *caller(const struct operation *operation)
{
	return &operation->context.actor.principal->user;
}

/* A key is a program's: it does not decide how people sign in. */
static int refuse_key(const struct operation *operation, struct error *error)
{
	if (operation->context.actor.principal->key_id == 0)
		return 0;
	return error_set(error, ERROR_FORBIDDEN,
	    "A session that was opened with an API key cannot do this; sign in with the password.");
}

/* --- setting up --- */

static int begin_factor(struct operation *operation, void *data, struct error *error)
{
	return second_factor_begin(&operation->context, caller(operation), str_from(data), error);
}

int totp_begin(struct operation *operation, struct error *error)
{
	struct arena *arena = operation->context.arena;
	struct row *answer = row_new(arena, &totp_enrolment_resource);
	struct buf address = { 0 };
	char secret[TOTP_SECRET_TEXT];
	int result;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (refuse_key(operation, error) != 0 || totp_make_secret(secret, error) != 0)
		return -1;
	totp_print_address(url_target_host(str_from(operation->request->base_url)),
	    str_from(operation->context.actor.principal->user_name), str_from(secret), &address);
	row_set_text(answer, ENROLMENT_SECRET, arena_str(arena, str_from(secret)));
	row_set_text(answer, ENROLMENT_ADDRESS, arena_str(arena, buf_str(&address)));
	buf_free(&address);
	result = operation_transaction(operation, begin_factor, secret, error);
	explicit_bzero(secret, sizeof(secret));
	if (result == 0)
		operation_answer_members(operation, answer);
	return result;
}

struct confirmation {
	int64_t step;
	struct str codes;
};

static int confirm_factor(struct operation *operation, void *data, struct error *error)
{
	struct confirmation *confirmation = data;
	struct row *answer = row_new(operation->context.arena, &totp_codes_resource);

	if (answer == NULL)
		return error_out_of_memory(error);
	if (second_factor_confirm(&operation->context, caller(operation), confirmation->step,
		&confirmation->codes, error) != 0)
		return -1;
	row_set_text(answer, CODES_CODES, confirmation->codes);
	operation_answer_members(operation, answer);
	return 0;
}

static int refuse_code(struct attempt *attempt, struct error *error)
{
	error_add_fault(error, "code", "The code is wrong, or was used already.");
	return attempt_fail(attempt, error);
}

/* Holds a code against the second factor of the caller. 0 with *proof, or -1 with a fault. */
static int check_code(struct operation *operation, const struct row *factor, struct str code,
    struct second_factor_proof *proof, struct error *error)
{
	const struct second_factor found = second_factor_of(factor);
	struct attempt attempt;
	int status;

	attempt_begin_owner(&attempt, operation->context.guard, operation->request->remote_address,
	    throttle_user(caller(operation)));
	if (attempt_check(&attempt, error) != 0)
		return -1;
	status = second_factor_check(&operation->context, &found, code, proof, error);
	if (status < 0)
		return -1;
	if (status == 1) {
		attempt_succeed(&attempt);
		return 0;
	}
	if (second_factor_note_failure(&operation->context, caller(operation), error) != 0)
		return -1;
	return refuse_code(&attempt, error);
}

int totp_confirm(struct operation *operation, struct error *error)
{
	struct second_factor_proof proof = { 0 };
	struct confirmation confirmation = { 0 };
	struct row *body, *factor;

	if (refuse_key(operation, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0 ||
	    second_factor_find(&operation->context, caller(operation), &factor, error) != 0)
		return -1;
	if (factor == NULL || row_filled(factor, FACTOR_CONFIRMED_AT))
		return error_set(error, ERROR_CONFLICT,
		    "No second factor is being set up; begin with POST /v1/session/totp.");
	if (check_code(operation, factor, body->values[PROOF_CODE].text, &proof, error) != 0)
		return -1;
	confirmation.step = proof.step;
	return operation_transaction(operation, confirm_factor, &confirmation, error);
}

/* --- what asks for proof --- */

static int check_password(struct operation *operation, struct str password, struct error *error)
{
	const struct value user = { .uuid = *caller(operation) };
	struct attempt attempt;
	const char *hash = NULL;
	struct row *row;
	bool right = false;

	if (record_find_by(&operation->context, &oauth_login_view, LOGIN_USER, &user,
		resource_default_mask(&oauth_login_view), &row, error) != 0)
		return -1;
	if (row != NULL && row_filled(row, LOGIN_HASH))
		hash = arena_printf(operation->context.arena, STR_FORMAT,
		    STR_ARGUMENTS(row->values[LOGIN_HASH].text));
	attempt_begin_owner(&attempt, operation->context.guard, operation->request->remote_address,
	    throttle_user(caller(operation)));
	if (attempt_verify_password(&attempt, password,
		hash != NULL ? hash : operation->context.guard->dummy_hash, &right, error) != 0)
		return -1;
	if (hash != NULL && right) {
		attempt_succeed(&attempt);
		return 0;
	}
	error_add_fault(error, "password", "The password is wrong.");
	return attempt_fail(&attempt, error);
}

/* What is done to a second factor by who has shown the password or a code. */
struct proven_act {
	struct second_factor_proof proof; /* none of a password */
	int (*act)(struct operation *operation, struct error *error);
};

static int spend_and_act(struct operation *operation, void *data, struct error *error)
{
	const struct proven_act *proven = data;
	int status = proven->proof.kind == SECOND_FACTOR_NONE
			 ? 1
			 : second_factor_spend(operation->context.database,
			       operation->context.arena, caller(operation), &proven->proof, error);

	if (status < 0)
		return -1;
	if (status == 0)
		return error_set(error, ERROR_CONFLICT, "The code was used meanwhile.");
	return proven->act(operation, error);
}

static int run_proven(struct operation *operation,
    int (*act)(struct operation *operation, struct error *error), struct error *error)
{
	struct proven_act proven = { .act = act };
	struct row *body, *factor;
	int result;

	if (refuse_key(operation, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	if (!row_filled(body, PROOF_CODE) && !row_filled(body, PROOF_PASSWORD))
		return error_add_fault(error, "code", "Either code or password is required.");
	if (second_factor_find(&operation->context, caller(operation), &factor, error) != 0)
		return -1;
	if (factor == NULL)
		return resource_not_found(&second_factor_resource, error);
	result =
	    row_filled(body, PROOF_CODE)
		? check_code(operation, factor, body->values[PROOF_CODE].text, &proven.proof, error)
		: check_password(operation, body->values[PROOF_PASSWORD].text, error);
	return result == 0 ? operation_transaction(operation, spend_and_act, &proven, error) : -1;
}

static int remove_factor(struct operation *operation, struct error *error)
{
	if (second_factor_remove(&operation->context, caller(operation), error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}

int totp_remove(struct operation *operation, struct error *error)
{
	return run_proven(operation, remove_factor, error);
}

static int renew_codes(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &totp_codes_resource);
	struct str codes;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (second_factor_renew_codes(&operation->context, caller(operation), &codes, error) != 0)
		return -1;
	row_set_text(answer, CODES_CODES, codes);
	operation_answer_members(operation, answer);
	return 0;
}

int totp_renew_codes(struct operation *operation, struct error *error)
{
	return run_proven(operation, renew_codes, error);
}
