/*
 * Operations of offline use: what people send from another computer for a machine without a
 * network.
 */
#include "api/activation/answer.h"
#include "api/activation/offline.h"
#include "api/licensing/licensing.h"

/* --- bodies --- */

enum {
	BODY_USER_KEY,
	BODY_LICENSE_ID,
	BODY_FILE,
	BODY_TIME_TO_LIVE, /* of a check-out alone, with the next one */
	BODY_ENCRYPT
};

#define USER_KEY                                                                                \
	{                                                                                       \
		STRING("userKey", NULL, CALL_KEY_LONGEST),                                      \
		    .flags =                                                                    \
			FIELD_NOT_STORED | FIELD_UNLOGGED | FIELD_EMPTY_ABSENT | FIELD_TYPICAL, \
		    .doc = "Key of the license, where the file does not have it; the header "   \
			   "X-User-Key takes it, too.",                                         \
		    .example = "\"K7Q2M-ZX94T-HW8PD-3NVRB\""                                    \
	}
#define LICENSE_ID                                                                            \
	{                                                                                     \
		STRING("licenseId", NULL, CALL_KEY_LONGEST),                                  \
		    .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT,                           \
		    .doc = "Names the license instead of its key, where client_auth is key.", \
		    .example = "\"lic7F02C9D1\""                                              \
	}

static const struct field checkout_fields[] = {
	[BODY_USER_KEY] = USER_KEY,
	[BODY_LICENSE_ID] = LICENSE_ID,
	[BODY_FILE] = { STRING("request", NULL, OFFLINE_FILE_MOST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED | FIELD_UNLOGGED,
	    .doc = "The machine's request file.",
	    .example = "\"-----BEGIN LICENSE REQUEST-----\"" },
	[BODY_TIME_TO_LIVE] = { INT64("timeToLive", NULL), .least = 60,
	    .most = OFFLINE_SECONDS_MOST, .flags = FIELD_NOT_STORED,
	    .doc = "Seconds until the file ends; by default as many as the policy allows." },
	[BODY_ENCRYPT] = { BOOLEAN("encrypt", NULL), .flags = FIELD_NOT_STORED | FIELD_NOT_NULL,
	    .fallback = "false",
	    .doc = "A license file (format 4) encrypted with the user key and, behind it, the "
		   "machine." },
};

const struct resource activation_checkout_body = {
	.name = "check-out",
	.type_name = "CheckOutLicenseRequest",
	.area = AREA_ACTIVATION,
	FIELDS(checkout_fields),
	.doc = "A check-out of a license for offline use.",
};

static const struct field receipt_fields[] = {
	[BODY_USER_KEY] = USER_KEY,
	[BODY_LICENSE_ID] = LICENSE_ID,
	[BODY_FILE] = { STRING("receipt", NULL, OFFLINE_FILE_MOST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc = "The receipt by which the machine gives its license file up.",
	    .example = "\"-----BEGIN LICENSE RECEIPT-----\"" },
};

const struct resource activation_receipt_body = {
	.name = "receipt",
	.type_name = "ReturnLicenseRequest",
	.area = AREA_ACTIVATION,
	FIELDS(receipt_fields),
	.doc = "The end of offline use, before the time of the file.",
};

enum {
	CHECKOUT_SUCCESS,
	CHECKOUT_TOKEN,
	CHECKOUT_TOKEN_EXPIRE_AT,
	CHECKOUT_FILE_EXPIRE_AT,
	CHECKOUT_COUNT,
	CHECKOUT_MOST,
	CHECKOUT_ACTIVE,
	CHECKOUT_MOST_ACTIVE,
	CHECKOUT_LICENSE_ID,
	CHECKOUT_NODE_LOCKED_LICENSE_ID,
	CHECKOUT_FILE_NAME,
	CHECKOUT_FILE
};

#define CHECKOUT_FIELDS(MOMENT)                                                                    \
	{                                                                                          \
		[CHECKOUT_SUCCESS] = { BOOLEAN("success", NULL), ANSWER_PLAIN,                     \
			.doc = "Always true." },                                                   \
		[CHECKOUT_TOKEN] = { STRING("licenseToken", NULL, 64), ANSWER_PLAIN,               \
			.doc = "Token of the seat." },                                             \
		[CHECKOUT_TOKEN_EXPIRE_AT] = { MOMENT("tokenExpireAt"), ANSWER_PLAIN,              \
			.doc = "When the seat is free; null means never." },                       \
		[CHECKOUT_FILE_EXPIRE_AT] = { MOMENT("fileExpireAt"), ANSWER_PLAIN,                \
			.doc = "When the file ends." },                                            \
		[CHECKOUT_COUNT] = { INT32("checkoutCount", NULL), ANSWER_PLAIN,                   \
			.doc = "How often the seat was checked out, this time included." },        \
		[CHECKOUT_MOST] = { INT32("maxCheckoutCount", NULL), ANSWER_PLAIN,                 \
			.doc = "How often it may be; 0 means unlimited." },                        \
		[CHECKOUT_ACTIVE] = { INT32("activeClientCount", NULL), ANSWER_PLAIN,              \
			.doc = "Seats that are taken." },                                          \
		[CHECKOUT_MOST_ACTIVE] = { INT32("maxClientCount", NULL), ANSWER_PLAIN,            \
			.doc = "Maximum number; 0 means unlimited." },                             \
		[CHECKOUT_LICENSE_ID] = { STRING("licenseId", NULL, 64), ANSWER_PLAIN,             \
			.doc = "Identifier in the license itself.",                                \
			.example = "\"lic7F02C9D1\"" },                                            \
		[CHECKOUT_NODE_LOCKED_LICENSE_ID] = { INT32("nodeLockedLicenseId", NULL),          \
			ANSWER_PLAIN,                                                              \
			.doc = "License of this machine only, whose document the file is." },      \
		[CHECKOUT_FILE_NAME] = { STRING("fileName", NULL, 255), ANSWER_PLAIN,              \
			.doc = "Name for the file." },                                             \
		[CHECKOUT_FILE] = { STRING("file", NULL, LICENSING_CONTENT_LONGEST), ANSWER_PLAIN, \
			.doc = "The signed license of the machine." },                             \
	}

static const struct field answer_fields[] = CHECKOUT_FIELDS(ANSWER_PARTED);
static const struct field written_answer_fields[] = CHECKOUT_FIELDS(ANSWER_WRITTEN);

#define CHECKOUT_RESOURCE(fields)                                                                  \
	{                                                                                          \
		.name = "check-out", .type_name = "CheckOutLicenseResponse",                       \
		.area = AREA_ACTIVATION, FIELDS(fields), .doc = "A license file for one machine.", \
	}

const struct resource activation_checkout_resource = CHECKOUT_RESOURCE(answer_fields);
static const struct resource written_checkout = CHECKOUT_RESOURCE(written_answer_fields);

/* --- the calls --- */

/* A call that brings a file. */
struct offline_call {
	struct program program; /* the first: it is what program_run() hands over */
	struct machine_file file;
	const struct row *body;
	bool is_encrypted;
};

static void take_member(
    const struct row *body, unsigned from, struct row *request, enum request_member to)
{
	if (row_filled(body, from))
		row_set_value(request, to, &((struct row *)(uintptr_t)body)->values[from]);
}

static int begin_offline(struct operation *operation, struct offline_call *call,
    enum call_kind kind, enum offline_file_kind file, struct error *error)
{
	const struct resource *resource = operation->route->body;
	struct row *body;

	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0 ||
	    offline_read(&operation->context, file, body->values[BODY_FILE].text,
		resource->fields[BODY_FILE].name, &call->file, error) != 0)
		return -1;
	call->body = body;
	take_member(body, BODY_USER_KEY, call->file.request, REQUEST_USER_KEY);
	take_member(body, BODY_LICENSE_ID, call->file.request, REQUEST_LICENSE_ID);
	if (program_begin_with(operation, &call->program, kind, call->file.request, error) != 0)
		return -1;
	offline_check_user_key(
	    &call->file, call_text(&call->program.call, REQUEST_USER_KEY), error);
	return error->fault_count == 0 ? 0 : -1;
}

static const struct resource *const forms[] = {
	[CLIENT_FORMAT_CLASSES] = &activation_checkout_resource,
	[CLIENT_FORMAT_PROTO3] = &written_checkout,
};

static void fill_checkout(struct filling *filling, struct row *row, const struct checkout *checkout)
{
	const struct call *call = &checkout->call;
	const struct resource *licenses = checkout->license->resource;

	row_set_boolean(row, CHECKOUT_SUCCESS, true);
	answer_copy_text(row, CHECKOUT_TOKEN, call->seat, TOKEN_TOKEN);
	answer_copy_moment(filling, row, CHECKOUT_TOKEN_EXPIRE_AT, call->seat, TOKEN_EXPIRE_DATE);
	answer_copy_moment(filling, row, CHECKOUT_FILE_EXPIRE_AT, checkout->license,
	    resource_member(licenses, "expireDate"));
	row_set_value(row, CHECKOUT_COUNT, &call->seat->values[TOKEN_CHECKOUTS]);
	row_set_integer(
	    row, CHECKOUT_MOST, policy_number(call_policy(call), POLICY_OFFLINE_CHECKOUTS, 0));
	row_set_value(row, CHECKOUT_ACTIVE, &call->license->values[VIEW_LIVE_SEATS]);
	row_set_value(row, CHECKOUT_MOST_ACTIVE, &call->license->values[VIEW_MAX_ALLOWED_SITES]);
	answer_copy_text(row, CHECKOUT_LICENSE_ID, call->license, VIEW_LICENSE_ID);
	row_set_value(row, CHECKOUT_NODE_LOCKED_LICENSE_ID,
	    &checkout->license->values[resource_key(licenses)]);
}

static int answer_checkout(struct operation *operation, const struct checkout *checkout,
    bool encrypted, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, forms[filling.format]);
	struct str name, text;

	if (row == NULL)
		return error_out_of_memory(error);
	if (offline_print(&operation->context, checkout, encrypted, &name, &text, error) != 0)
		return -1;
	fill_checkout(&filling, row, checkout);
	row_set_text(row, CHECKOUT_FILE_NAME, name);
	row_set_text(row, CHECKOUT_FILE, text);
	return answer_send(operation, &filling, row, error);
}

static int check_out(struct operation *operation, void *data, struct error *error)
{
	struct program *program = data;
	const struct offline_call *call = data;
	struct checkout checkout = { .seconds = row_filled(call->body, BODY_TIME_TO_LIVE)
						    ? call->body->values[BODY_TIME_TO_LIVE].integer
						    : 0 };

	if (offline_check_out(&operation->context, &program->call, &call->file, &checkout,
		&program->reason, error) != 0)
		return -1;
	return answer_checkout(operation, &checkout, call->is_encrypted, error);
}

int activation_check_out(struct operation *operation, struct error *error)
{
	struct offline_call call = { 0 };

	if (begin_offline(operation, &call, CALL_CHECK_OUT, OFFLINE_REQUEST, error) != 0)
		return -1;
	call.is_encrypted =
	    row_filled(call.body, BODY_ENCRYPT) && call.body->values[BODY_ENCRYPT].boolean;
	return program_run(operation, &call.program, check_out, error);
}

static int give_up(struct operation *operation, void *data, struct error *error)
{
	struct program *program = data;
	const struct offline_call *offline = data;
	struct call call;

	if (offline_give_up(&operation->context, &program->call, &offline->file, &call,
		&program->reason, error) != 0)
		return -1;
	return activation_answer_release(operation, &call, error);
}

int activation_receipt(struct operation *operation, struct error *error)
{
	struct offline_call call = { 0 };

	if (begin_offline(operation, &call, CALL_RECEIPT, OFFLINE_RECEIPT, error) != 0)
		return -1;
	return program_run(operation, &call.program, give_up, error);
}
