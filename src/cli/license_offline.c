/*
 * Offline use of licenses: what a machine writes, by the library that programs of vendors have, and
 * what the server does with it.
 */
#include "api/activation/judge.h"
#include "api/activation/offline.h"
#include "api/activation/seat.h"
#include "cli/license.h"
#include "cli/print.h"
#include "cli/records.h"

#define COMPONENTS_MOST 64

/* --- at the machine --- */

/* NAME=VALUE of every --component. */
static enum command_status take_components(
    struct session *session, struct clientele_offline *offline)
{
	struct clientele_property *components =
	    arena_alloc_array(session->arena, COMPONENTS_MOST, sizeof(*components));

	if (components == NULL)
		return session_fail(session, "Out of memory.");
	offline->components = components;
	for (unsigned i = 0; i < session->given_count; i++) {
		struct str value = str_from(session->given[i].value), name;
		struct clientele_property *component = &components[offline->component_count];

		if (strcmp(session->given[i].flag->name, "component") != 0)
			continue;
		if (offline->component_count == COMPONENTS_MOST ||
		    str_find(value, '=') == value.length || !str_next(&value, '=', &name))
			return session_usage(session,
			    "A --component is NAME=VALUE, and there are at most %d.",
			    COMPONENTS_MOST);
		component->name = arena_copy(session->arena, name.data, name.length);
		component->value = arena_copy(session->arena, value.data, value.length);
		offline->component_count++;
	}
	return COMMAND_OK;
}

static enum command_status take_machine(struct session *session, struct clientele_offline *offline)
{
	offline->state = session_flag(session, "state");
	offline->machine = session_flag(session, "machine");
	offline->client = session_flag(session, "client");
	offline->client_name = session_flag(session, "client-name");
	offline->product = session_flag(session, "product");
	offline->version = session_flag(session, "version");
	if (session_flag(session, "hide-user-key") != NULL)
		offline->flags |= CLIENTELE_HIDE_USER_KEY;
	if (offline->state == NULL || offline->machine == NULL)
		return session_usage(session, "Give --machine ID and --state FILE.");
	if (!license_take_secret(session, "user-key-file", &offline->user_key))
		return COMMAND_FAILED;
	return take_components(session, offline);
}

/* Prints what a machine has written, and frees it. */
static enum command_status print_written(struct session *session,
    const struct clientele_offline *offline, enum clientele_result result, char *text)
{
	struct buf out = { 0 };

	if (result == CLIENTELE_STATE_UNKNOWN)
		return session_fail(
		    session, "The file \"%s\" can be neither read nor written.", offline->state);
	if (result != CLIENTELE_VALID)
		return session_fail(
		    session, "The file cannot be made (%s).", clientele_result_name(result));
	buf_append_text(&out, text);
	clientele_text_free(text);
	return print_buffer(session, &out);
}

static enum command_status request_license(struct session *session)
{
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;
	enum command_status status = take_machine(session, &offline);
	enum clientele_result result;
	char *text;

	if (status != COMMAND_OK)
		return status;
	result = clientele_offline_request(&offline, &text);
	return print_written(session, &offline, result, text);
}

/* One that has expired, or has been returned already, may be returned again. */
static enum command_status write_receipt(
    struct session *session, const struct clientele_keys *keys, struct clientele_offline *offline)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_license *license = NULL;
	enum command_status status = COMMAND_FAILED;
	struct buf document = { 0 };
	enum clientele_result result;
	char *text;

	options.machine = offline->machine;
	options.skip = CLIENTELE_SKIP_EXPIRY | CLIENTELE_SKIP_NOT_BEFORE;
	if (license_take_secret(session, "secret-file", &options.secret) &&
	    license_read_file(session, session->operands[0], CLIENTELE_DOCUMENT_MAX, &document)) {
		result = clientele_verify(keys, document.data, document.length, &options, &license);
		if (result == CLIENTELE_VALID) {
			result = clientele_offline_receipt(offline, license, &text);
			status = print_written(session, offline, result, text);
		} else {
			status = session_fail(session, "%s", clientele_license_detail(license));
		}
	}
	clientele_license_free(license);
	buf_free(&document);
	return status;
}

static enum command_status return_license(struct session *session)
{
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;
	enum command_status status = take_machine(session, &offline);
	struct clientele_keys *keys;

	if (status != COMMAND_OK)
		return status;
	keys = license_take_keys(session, &status);
	if (keys != NULL)
		status = write_receipt(session, keys, &offline);
	clientele_keys_free(keys);
	return status;
}

/* Machines without a network have no configuration either. */
static enum command_status request_anyhow(struct session *session, struct str faults)
{
	(void)faults;
	return request_license(session);
}

static enum command_status return_anyhow(struct session *session, struct str faults)
{
	(void)faults;
	return return_license(session);
}

/* --- at the server --- */

/* What is done with a file of a machine. */
struct handling {
	struct machine_file file;
	struct call found, call;
	struct checkout checkout;
	struct str name, text;
	bool encrypted;
	enum reason reason;
};

static const struct records_input file_inputs[] = {
	{ .member = "file", .label = "file" },
	{ .member = "userKey", .label = "--user-key-file" },
	{ .member = "timeToLive", .label = "--time-to-live" },
};

/* The license is named by its key, or by its identifier. */
static enum command_status take_name(struct session *session, struct row *request)
{
	const char *id = session_flag(session, "license"), *key;

	if (!license_take_secret(session, "user-key-file", &key))
		return COMMAND_FAILED;
	if (key != NULL)
		row_set_text(request, REQUEST_USER_KEY, str_from(key));
	if (id != NULL)
		row_set_text(request, REQUEST_LICENSE_ID, str_from(id));
	if (row_filled(request, REQUEST_USER_KEY) || row_filled(request, REQUEST_LICENSE_ID))
		return COMMAND_OK;
	return session_usage(
	    session, "The file names no license: give --user-key-file FILE or --license ID.");
}

/* Reads the file, and finds and judges the license that it is about. */
static enum command_status find_call(struct session *session, struct context *context,
    enum offline_file_kind kind, enum call_kind call, struct handling *handling)
{
	enum command_status status;
	struct buf text = { 0 };
	struct str copy;

	if (!license_read_file(session, session->operands[0], OFFLINE_FILE_MOST + 1, &text))
		return COMMAND_FAILED;
	copy = arena_str(session->arena, buf_str(&text));
	buf_free(&text);
	if (offline_read(context, kind, copy, "file", &handling->file, &session->error) != 0)
		return records_error(session, file_inputs, COUNT_OF(file_inputs));
	status = take_name(session, handling->file.request);
	if (status != COMMAND_OK)
		return status;
	handling->found = (struct call){ .arena = context->arena,
		.kind = call,
		.now = timestamp_now(),
		.by_operator = true,
		.request = handling->file.request };
	if (seat_find(context, &handling->found, &session->error) != 0)
		return session_error(session);
	handling->reason = judge_call(&handling->found);
	if (handling->reason != REASON_VALID)
		return session_fail(session, "%s (%s)", reason_info(handling->reason)->message,
		    reason_info(handling->reason)->name);
	if (row_filled(handling->found.request, REQUEST_USER_KEY))
		offline_check_user_key(&handling->file,
		    call_text(&handling->found, REQUEST_USER_KEY), &session->error);
	return session->error.fault_count == 0
		   ? COMMAND_OK
		   : records_error(session, file_inputs, COUNT_OF(file_inputs));
}

static int check_out_license(struct context *context, void *data, struct error *error)
{
	struct handling *handling = data;

	if (offline_check_out(context, &handling->found, &handling->file, &handling->checkout,
		&handling->reason, error) != 0)
		return -1;
	return offline_print(context, &handling->checkout, handling->encrypted, &handling->name,
	    &handling->text, error);
}

static enum command_status check_out_file(struct session *session)
{
	struct handling handling = { .encrypted = session_flag(session, "encrypt") != NULL };
	struct context *context = session_context(session);
	enum command_status status;
	struct buf out = { 0 };

	if (context == NULL)
		return session_error(session);
	if (!session_take_number(session, "time-to-live", 60, 0, &handling.checkout.seconds))
		return COMMAND_USAGE;
	status = find_call(session, context, OFFLINE_REQUEST, CALL_CHECK_OUT, &handling);
	if (status != COMMAND_OK)
		return status;
	if (records_transaction(session, check_out_license, &handling) != 0)
		return records_error(session, file_inputs, COUNT_OF(file_inputs));
	buf_append_str(&out, handling.text);
	if (!str_ends_with(handling.text, STR("\n")))
		buf_append_char(&out, '\n');
	session_note(session, "This is " STR_FORMAT ": check-out %lld of the seat.",
	    STR_ARGUMENTS(handling.name),
	    (long long)handling.checkout.call.seat->values[TOKEN_CHECKOUTS].integer);
	return print_buffer(session, &out);
}

static int take_receipt(struct context *context, void *data, struct error *error)
{
	struct handling *handling = data;

	return offline_give_up(
	    context, &handling->found, &handling->file, &handling->call, &handling->reason, error);
}

static enum command_status release_seat(struct session *session)
{
	struct context *context = session_context(session);
	struct handling handling = { 0 };
	enum command_status status;

	if (context == NULL)
		return session_error(session);
	status = find_call(session, context, OFFLINE_RECEIPT, CALL_RECEIPT, &handling);
	if (status != COMMAND_OK)
		return status;
	if (records_transaction(session, take_receipt, &handling) != 0)
		return records_error(session, file_inputs, COUNT_OF(file_inputs));
	session_note(session,
	    handling.call.seat != NULL ? "The seat is free; %lld are taken."
				       : "The seat was free already; %lld are taken.",
	    (long long)handling.call.license->values[VIEW_LIVE_SEATS].integer);
	return COMMAND_OK;
}

/* --- the table --- */

#define MACHINE_FLAGS                                                                           \
	{ .name = "machine", .value = "ID", .doc = "Identifier of this machine; required." },   \
	    { .name = "state",                                                                  \
		    .value = "FILE",                                                            \
		    .doc = "File for the state of offline use, which stays with the machine; "  \
			   "required." },                                                       \
	{                                                                                       \
		.name = "client", .value = "ID", .doc = "The installed program; default: none." \
	}

static const struct command_flag request_flags[] = {
	MACHINE_FLAGS,
	{ .name = "client-name", .value = "NAME", .doc = "Name of the computer, for people." },
	{ .name = "user-key-file",
	    .value = "FILE",
	    .doc = "File with the user key of the license; default: who sends the request gives "
		   "it." },
	{ .name = "hide-user-key", .doc = "Write a digest of the user key in place of it." },
	{ .name = "product", .value = "ID", .doc = "Product that the license must be for." },
	{ .name = "version", .value = "VERSION", .doc = "Version of the program." },
	{ .name = "component",
	    .value = "NAME=VALUE",
	    .doc = "A component of the machine; may be repeated." },
	{ 0 },
};

static const struct command_flag return_flags[] = {
	{ .name = "key",
	    .value = "FILE",
	    .doc =
		"Public key: PEM, base64 of its DER, JWK or JWK set; may be repeated; required." },
	MACHINE_FLAGS,
	{ .name = "user-key-file",
	    .value = "FILE",
	    .doc = "File with the user key of the license, to be in the receipt." },
	{ .name = "secret-file",
	    .value = "FILE",
	    .doc = "File with what an encrypted license file is opened with: the user key and, "
		   "behind it, the machine." },
	{ 0 },
};

#define LICENSE_FLAGS                                                                      \
	{ .name = "user-key-file",                                                         \
		.value = "FILE",                                                           \
		.doc = "File with the user key, where the given file does not have it." }, \
	{                                                                                  \
		.name = "license", .value = "ID",                                          \
		.doc = "Identifier of the license in place of its user key.",              \
	}

static const struct command_flag check_out_flags[] = {
	LICENSE_FLAGS,
	{ .name = "time-to-live",
	    .value = "SECONDS",
	    .doc = "Seconds until the license file ends; default: as many as the policy "
		   "allows." },
	{ .name = "encrypt",
	    .doc = "Encrypt it with the user key and the machine; the format must be 4." },
	{ 0 },
};

static const struct command_flag release_flags[] = {
	LICENSE_FLAGS,
	{ 0 },
};

const struct command license_offline_commands[] = {
	{ .words = "license request",
	    .arguments = "--machine ID --state FILE",
	    .flags = request_flags,
	    .doc = "Print the request file of a machine without a network.",
	    .as_caller = true,
	    .run = request_license,
	    .run_faulty = request_anyhow },
	{ .words = "license return",
	    .arguments = "FILE --key FILE --machine ID --state FILE",
	    .least = 1,
	    .most = 1,
	    .flags = return_flags,
	    .doc = "Give up the license file of this machine, and print the receipt.",
	    .as_caller = true,
	    .run = return_license,
	    .run_faulty = return_anyhow },
	{ .words = "license checkout",
	    .arguments = "REQUEST",
	    .least = 1,
	    .most = 1,
	    .flags = check_out_flags,
	    .doc = "Take a seat by the request file of a machine, and print its license file.",
	    .run = check_out_file },
	{ .words = "license release",
	    .arguments = "RECEIPT",
	    .least = 1,
	    .most = 1,
	    .flags = release_flags,
	    .doc = "Free the seat that the receipt of a machine gives up.",
	    .run = release_seat },
	{ 0 },
};
