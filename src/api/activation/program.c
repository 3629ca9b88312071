/*
 * What programs call: each finds and judges its license, does its work, and leaves a trace where
 * the license says so.
 */
#include "api/activation/program.h"

#include "api/activation/activation.h"
#include "api/activation/claim.h"
#include "api/activation/judge.h"
#include "api/activation/release.h"
#include "api/activation/seat.h"
#include "api/activation/terms.h"
#include "api/activation/trace.h"
#include "api/licensing/licensing.h"
#include "record/event.h"
#include "record/rows.h"

/* What another body than most calls have says of the program, by the names of its members. */
static void copy_members(const struct row *body, struct row *request)
{
	for (unsigned i = 0; i < request->resource->field_count; i++) {
		int member = resource_field(body->resource, request->resource->fields[i].name);

		if (member >= 0 && row_has(body, (unsigned)member))
			row_set_value(request, i, &body->values[member]);
	}
}

static int read_request(
    struct operation *operation, struct row **request, const struct row **said, struct error *error)
{
	const struct resource *resource = &activation_request_resource;
	struct row *body = NULL;

	if (operation->route->body != NULL &&
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	*said = body;
	*request =
	    operation->route->body == resource ? body : row_new(operation->context.arena, resource);
	if (*request == NULL)
		return error_out_of_memory(error);
	if (body != NULL && body != *request)
		copy_members(body, *request);
	return 0;
}

/* What a call needs in addition to the rules of its members. */
static void check_request(
    const struct operation *operation, const struct call *call, struct error *error)
{
	bool by_id = operation->context.settings->client_auth == CLIENT_AUTH_KEY &&
		     call_text(call, REQUEST_LICENSE_ID).length > 0;

	if (call_text(call, REQUEST_USER_KEY).length == 0 && !by_id)
		error_add_fault(error, "userKey", "The userKey field is required.");
	if (call->kind == CALL_ACTIVATE && call_text(call, REQUEST_MACHINE_ID).length == 0)
		error_add_fault(error, "machineId", "The machineId field is required.");
	if (call_frees_all(call) && call_frees_named(call))
		error_add_fault(
		    error, "activationId", "The activationId field cannot be sent with all.");
	if (!call_needs_seat(call->kind) || call_frees_all(call) || call_frees_named(call) ||
	    call_text(call, REQUEST_MACHINE_ID).length > 0 ||
	    call_text(call, REQUEST_CLIENT_ID).length > 0 ||
	    call_text(call, REQUEST_LICENSE_TOKEN).length > 0 || error->fault_count > 0)
		return;
	error_add_fault(error, "machineId",
	    "One of the fields machineId, clientId and licenseToken is required.");
}

/* Keys are guessed as passwords are; who has come with an API key does not guess. */
static int begin_attempt(struct operation *operation, struct program *program, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];

	if (operation->context.actor.principal != NULL)
		return 0;
	key_hash(call_text(&program->call, REQUEST_USER_KEY), hash);
	return attempt_begin_lookup(&program->attempt, operation->context.guard,
	    operation->request->remote_address, hash, error);
}

int program_begin_with(struct operation *operation, struct program *program, enum call_kind kind,
    struct row *request, struct error *error)
{
	struct str header = str_trim(operation->request->user_key);

	*program = (struct program){ .call = { .arena = operation->context.arena,
					 .kind = kind,
					 .now = timestamp_now(),
					 .address = operation->request->remote_address } };
	/* The key of the body, or of the header where the body has none. */
	if (header.length > 0 && !row_filled(request, REQUEST_USER_KEY))
		row_set_text(request, REQUEST_USER_KEY, header);
	program->call.request = request;
	check_request(operation, &program->call, error);
	if (error->fault_count > 0)
		return -1;
	return begin_attempt(operation, program, error);
}

int program_begin(
    struct operation *operation, struct program *program, enum call_kind kind, struct error *error)
{
	const struct row *body = NULL;
	struct row *request;
	int result;

	if (read_request(operation, &request, &body, error) != 0)
		return -1;
	result = program_begin_with(operation, program, kind, request, error);
	program->body = body;
	return result;
}

/* The audit log and events say whose key it was. */
static void name_actor(struct operation *operation, const struct row *license)
{
	struct actor *actor = &operation->context.actor;

	if (actor->principal == NULL)
		actor->name =
		    str_from(arena_printf(operation->context.arena, "user of license " STR_FORMAT,
			STR_ARGUMENTS(license->values[VIEW_LICENSE_ID].text)));
}

/* The right key is told from all others by nothing but the answer. */
int program_find_license(struct operation *operation, struct program *program, struct error *error)
{
	bool guessed = operation->context.actor.principal == NULL;

	if (seat_find(&operation->context, &program->call, error) != 0)
		return -1;
	program->reason = judge_call(&program->call);
	if (program->call.license == NULL) {
		(void)reason_refuse(program->reason, error);
		return guessed ? attempt_fail(&program->attempt, error) : -1;
	}
	if (guessed)
		attempt_succeed(&program->attempt);
	name_actor(operation, program->call.license);
	return 0;
}

/* --- what else happens --- */

static int tell_limit(struct operation *operation, void *data, struct error *error)
{
	const struct resource *licenses = &licensing_license_resource;
	const struct row *found = ((const struct program *)data)->call.license;
	struct row *license;
	bool first;

	if (claim_limit(&operation->context, found, &first, error) != 0)
		return -1;
	if (!first)
		return 0;
	if (record_find_by(&operation->context, licenses, resource_key(licenses),
		&found->values[VIEW_ID], resource_default_mask(licenses), &license, error) != 0)
		return -1;
	return license != NULL ? event_put_happening(&operation->context, licenses,
				     "seat_limit_reached", license, error)
			       : 0;
}

/* Once, until a seat is taken or freed; the next refusal asks no more whether that is so. */
static bool is_limit_to_be_told(const struct operation *operation, const struct program *program)
{
	const struct row *license = program->call.license;

	return program->reason == REASON_SEAT_LIMIT_REACHED &&
	       (!row_filled(license, VIEW_LIMIT_TOLD_AT) ||
		   license->values[VIEW_LIMIT_TOLD_AT].integer !=
		       license->values[VIEW_CLAIMED_AT].integer) &&
	       event_is_wanted(
		   &operation->context, &licensing_license_resource, "seat_limit_reached");
}

/* Once the license has ended, the first call revokes it where its policy says so. */
static int revoke_expired(struct operation *operation, void *data, struct error *error)
{
	const struct program *program = data;

	return terms_revoke(&operation->context, program->call.license, error);
}

static bool is_to_be_revoked(const struct program *program)
{
	return program->reason == REASON_EXPIRED &&
	       policy_word(call_policy(&program->call), POLICY_EXPIRATION_STRATEGY) ==
		   POLICY_EXPIRED_REVOKE;
}

/* What a refusal changes is stored, though the call is refused. */
int program_refuse(struct operation *operation, struct program *program, struct error *error)
{
	if (trace_call(&operation->context, &program->call, program->reason, error) != 0)
		return -1;
	if (is_to_be_revoked(program) &&
	    operation_transaction(operation, revoke_expired, program, error) != 0)
		return -1;
	if (is_limit_to_be_told(operation, program) &&
	    operation_transaction(operation, tell_limit, program, error) != 0)
		return -1;
	return reason_refuse(program->reason, error);
}

int program_run(struct operation *operation, struct program *program,
    int (*work)(struct operation *operation, void *data, struct error *error), struct error *error)
{
	if (program_find_license(operation, program, error) != 0)
		return -1;
	if (program->reason == REASON_VALID) {
		if (operation_transaction(operation, work, program, error) == 0)
			return trace_call(&operation->context, &program->call, REASON_VALID, error);
		if (program->reason == REASON_VALID)
			return -1;
		error_clear(error);
	}
	return program_refuse(operation, program, error);
}

/* --- taking a seat --- */

static int tell_seats(struct context *context, const char *happening, const struct row_list *rows,
    struct error *error)
{
	for (unsigned i = 0; i < rows->count; i++) {
		if (event_put_happening(
			context, &licensing_license_resource, happening, rows->rows[i], error) != 0)
			return -1;
	}
	return 0;
}

static int tell_activated(
    struct context *context, const struct call *found, const struct row *seat, struct error *error)
{
	bool is_new = found->seat == NULL ||
		      found->seat->values[TOKEN_ID].integer != seat->values[TOKEN_ID].integer;

	return is_new ? event_put_happening(
			    context, &licensing_license_resource, "activated", seat, error)
		      : 0;
}

int program_take(struct context *context, const struct call *found, struct call *call,
    enum reason *reason, struct error *error)
{
	*call = *found;
	call->license = row_copy(context->arena, found->license);
	if (call->license == NULL)
		return error_out_of_memory(error);
	if (!row_filled(call->license, VIEW_FIRST_ACTIVATED_AT) &&
	    terms_begin(context, call, POLICY_BASIS_FIRST_ACTIVATION, error) != 0)
		return -1;
	*reason = judge_call(call);
	if (*reason == REASON_VALID && seat_take(context, call, reason, error) != 0)
		return -1;
	if (*reason != REASON_VALID)
		return reason_refuse(*reason, error);
	return tell_seats(context, "seat_replaced", &call->freed, error) == 0
		   ? tell_activated(context, found, call->seat, error)
		   : -1;
}

/*
 * What the license becomes by its first activation is in the answer, its signed text too.
 */
static int take_seat(struct operation *operation, void *data, struct error *error)
{
	struct program *program = data;
	struct call call;

	if (program_take(&operation->context, &program->call, &call, &program->reason, error) != 0)
		return -1;
	program->call.freed = call.freed;
	return activation_answer_seat(operation, &call, error);
}

static int take(struct operation *operation, enum call_kind kind, struct error *error)
{
	struct program program;

	return program_begin(operation, &program, kind, error) == 0
		   ? program_run(operation, &program, take_seat, error)
		   : -1;
}

int activation_activate(struct operation *operation, struct error *error)
{
	return take(operation, CALL_ACTIVATE, error);
}

int activation_request(struct operation *operation, struct error *error)
{
	return take(operation, CALL_REQUEST, error);
}

/* --- freeing a seat --- */

static int free_seats(struct operation *operation, void *data, struct error *error)
{
	struct program *program = data;
	struct call call = program->call;
	struct row_list freed = { NULL, 0 };

	if (release_seats(&operation->context, &call, &freed, &program->reason, error) != 0)
		return -1;
	if (program->reason != REASON_VALID)
		return reason_refuse(program->reason, error);
	if (tell_seats(&operation->context, "released", &freed, error) != 0)
		return -1;
	if (call_frees_all(&call) || call_frees_named(&call))
		program->call.freed = freed;
	return activation_answer_release(operation, &call, error);
}

static int give(struct operation *operation, enum call_kind kind, struct error *error)
{
	struct program program;

	return program_begin(operation, &program, kind, error) == 0
		   ? program_run(operation, &program, free_seats, error)
		   : -1;
}

int activation_deactivate(struct operation *operation, struct error *error)
{
	return give(operation, CALL_DEACTIVATE, error);
}

int activation_release(struct operation *operation, struct error *error)
{
	return give(operation, CALL_RELEASE, error);
}

/* --- asking --- */

static int begin_validity(struct operation *operation, void *data, struct error *error)
{
	struct program *program = data;
	struct call call = program->call;

	if (terms_begin(&operation->context, &call, POLICY_BASIS_FIRST_VALIDATION, error) != 0)
		return -1;
	return activation_answer_seat(operation, &call, error);
}

int activation_validate(struct operation *operation, struct error *error)
{
	struct program program;
	bool first;

	if (program_begin(operation, &program, CALL_VALIDATE, error) != 0 ||
	    program_find_license(operation, &program, error) != 0)
		return -1;
	if (program.reason != REASON_VALID)
		return program_refuse(operation, &program, error);
	first = !row_filled(program.call.license, VIEW_FIRST_VALIDATED_AT);
	if (first ? operation_transaction(operation, begin_validity, &program, error) != 0
		  : activation_answer_seat(operation, &program.call, error) != 0)
		return -1;
	return trace_call(&operation->context, &program.call, REASON_VALID, error);
}

/* What is kept by one statement, and in how far. */
struct heartbeat {
	struct program *program;
	bool kept;
	int64_t end;
};

/* A statement alone would be enough; but what is not answered must not be stored. */
static int keep_seat(struct operation *operation, void *data, struct error *error)
{
	struct heartbeat *heartbeat = data;

	if (seat_keep(&operation->context, &heartbeat->program->call, &heartbeat->kept,
		&heartbeat->end, error) != 0)
		return -1;
	return heartbeat->kept ? activation_answer_heartbeat(operation, heartbeat->end, error) : 0;
}

static int revive_seat(struct operation *operation, void *data, struct error *error)
{
	struct program *program = data;
	struct call call = program->call;
	const struct value *end;

	call.license = row_copy(operation->context.arena, program->call.license);
	if (call.license == NULL)
		return error_out_of_memory(error);
	if (seat_take(&operation->context, &call, &program->reason, error) != 0)
		return -1;
	if (program->reason != REASON_VALID)
		return reason_refuse(program->reason, error);
	end = &call.seat->values[TOKEN_EXPIRE_DATE];
	return activation_answer_heartbeat(operation, end->null ? INT64_MAX : end->integer, error);
}

int activation_heartbeat(struct operation *operation, struct error *error)
{
	struct program program;
	struct heartbeat heartbeat = { .program = &program };

	if (program_begin(operation, &program, CALL_HEARTBEAT, error) != 0 ||
	    operation_transaction_once(operation, keep_seat, &heartbeat, error) != 0)
		return -1;
	if (heartbeat.kept) {
		if (operation->context.actor.principal == NULL)
			attempt_succeed(&program.attempt);
		return 0;
	}
	if (program_find_license(operation, &program, error) != 0)
		return -1;
	if (program.reason == REASON_VALID) {
		if (operation_transaction(operation, revive_seat, &program, error) == 0)
			return trace_call(&operation->context, &program.call, REASON_VALID, error);
		if (program.reason == REASON_VALID)
			return -1;
		error_clear(error);
	}
	return program_refuse(operation, &program, error);
}

/* --- looking --- */

int activation_list(struct operation *operation, struct error *error)
{
	const struct resource *seats = &licensing_token_resource;
	struct program program;
	struct row_list rows;
	struct sql where;

	if (program_begin(operation, &program, CALL_LIST, error) != 0 ||
	    program_find_license(operation, &program, error) != 0)
		return -1;
	sql_init(&where, operation->context.arena);
	sql_where_field(&where, seats, TOKEN_LICENSE_ID, &program.call.license->values[VIEW_ID]);
	sql_where_to_come(&where, seats, TOKEN_EXPIRE_DATE);
	if (record_fetch_all(&operation->context,
		&(struct record_set){ .resource = seats, .where = &where, .most = RELEASE_MOST },
		resource_default_mask(seats), &rows, error) != 0 ||
	    trace_call(&operation->context, &program.call, REASON_VALID, error) != 0)
		return -1;
	return activation_answer_list(operation, &program.call, &rows, error);
}
