#include "api/activation/answer.h"

#include "api/activation/judge.h"
#include "api/licensing/licensing.h"
#include "api/openapi/openapi.h"
#include "base/base64.h"

#define TEXT_MOST 255
#define KEY_BYTES_MOST 4000000

/* --- moments: a number of seconds and one of nanoseconds, as typed clients of the reference read
 * --- */

enum { MOMENT_SECONDS, MOMENT_NANOS };

static const struct field moment_fields[] = {
	[MOMENT_SECONDS] = { INT64("seconds", NULL), ANSWER_PLAIN,
	    .doc = "Seconds since 1970 (UTC)." },
	[MOMENT_NANOS] = { INT32("nanos", NULL), ANSWER_PLAIN, .doc = "Nanoseconds in addition." },
};

const struct resource activation_moment_resource = {
	.name = "moment",
	.type_name = "Timestamp",
	.area = AREA_ACTIVATION,
	FIELDS(moment_fields),
	.doc = "A moment.",
};

#define BYTES(member) INT32_LIST(member, NULL, KEY_BYTES_MOST)
#define ENCODED(member) STRING(member, NULL, KEY_BYTES_MOST)

/* --- the tables, in the two forms of the option client_format --- */

enum { LICENSE_ID, LICENSE_MODE, LICENSE_EXPIRE_AT, LICENSE_SUPPORT_EXPIRE_AT, LICENSE_KEY };

#define LICENSE_FIELDS(MOMENT, KEY)                                                                \
	{                                                                                          \
		[LICENSE_ID] = { STRING("licenseId", NULL, 64), ANSWER_PLAIN,                      \
			.doc = "Identifier in the license itself." },                              \
		[LICENSE_MODE] = { INT32("licensingMode", NULL), ANSWER_PLAIN,                     \
			.doc = "0 file, 1 activation, 2 floating." },                              \
		[LICENSE_EXPIRE_AT] = { MOMENT("expireAt"), ANSWER_PLAIN,                          \
			.doc = "When it expires; null means never." },                             \
		[LICENSE_SUPPORT_EXPIRE_AT] = { MOMENT("supportExpireAt"), ANSWER_PLAIN,           \
			.doc = "When support and updates end; null means never." },                \
		[LICENSE_KEY] = { KEY("licenseKey"), ANSWER_PLAIN,                                 \
			.doc =                                                                     \
			    "The license as the program reads it, its bytes in UTF-8; null where " \
			    "there is none." },                                                    \
	}

static const struct field license_fields[] = LICENSE_FIELDS(ANSWER_PARTED, BYTES);
static const struct field written_license_fields[] = LICENSE_FIELDS(ANSWER_WRITTEN, ENCODED);

#define LICENSE_RESOURCE(fields)                                                        \
	{                                                                               \
		.name = "license", .type_name = "LicenseInfo", .area = AREA_ACTIVATION, \
		FIELDS(fields), .doc = "A license.",                                    \
	}

const struct resource activation_license_resource = LICENSE_RESOURCE(license_fields);
static const struct resource written_license = LICENSE_RESOURCE(written_license_fields);

enum {
	ANSWER_SUCCESS,
	ANSWER_TOKEN,
	ANSWER_TOKEN_EXPIRE_AT,
	ANSWER_ACTIVE,
	ANSWER_MOST,
	ANSWER_LICENSE
};

#define ACTIVE                                                                                  \
	{                                                                                       \
		INT32("activeClientCount", NULL), ANSWER_PLAIN, .doc = "Seats that are taken.", \
	}
#define MOST                                                     \
	{                                                        \
		INT32("maxClientCount", NULL), ANSWER_PLAIN,     \
		    .doc = "Maximum number; 0 means unlimited.", \
	}
#define ANSWER_FIELDS(MOMENT, license)                                                         \
	{                                                                                      \
		[ANSWER_SUCCESS] = { BOOLEAN("success", NULL), ANSWER_PLAIN,                   \
			.doc = "Always true." },                                               \
		[ANSWER_TOKEN] = { STRING("licenseToken", NULL, 64), ANSWER_PLAIN,             \
			.doc = "Token of the seat." },                                         \
		[ANSWER_TOKEN_EXPIRE_AT] = { MOMENT("tokenExpireAt"), ANSWER_PLAIN,            \
			.doc = "When the seat is free without a heartbeat before; null means " \
			       "never." },                                                     \
		[ANSWER_ACTIVE] = ACTIVE, [ANSWER_MOST] = MOST,                                \
		[ANSWER_LICENSE] = { OBJECT("license", &(license)), ANSWER_PLAIN,              \
			.doc = "The license." },                                               \
	}

static const struct field answer_fields[] =
    ANSWER_FIELDS(ANSWER_PARTED, activation_license_resource);
static const struct field written_answer_fields[] = ANSWER_FIELDS(ANSWER_WRITTEN, written_license);

#define ANSWER_RESOURCE(fields)                                                                  \
	{                                                                                        \
		.name = "seat", .type_name = "ActivateLicenseResponse", .area = AREA_ACTIVATION, \
		FIELDS(fields), .doc = "A seat.",                                                \
	}

const struct resource activation_answer_resource = ANSWER_RESOURCE(answer_fields);
static const struct resource written_answer = ANSWER_RESOURCE(written_answer_fields);

enum { RELEASE_LICENSE_ID, RELEASE_ACTIVE, RELEASE_MOST };

static const struct field release_fields[] = {
	[RELEASE_LICENSE_ID] = { STRING("licenseId", NULL, 64), ANSWER_PLAIN,
	    .doc = "Identifier in the license itself." },
	[RELEASE_ACTIVE] = ACTIVE,
	[RELEASE_MOST] = MOST,
};

const struct resource activation_release_resource = {
	.name = "release",
	.type_name = "DeactivateLicenseResponse",
	.area = AREA_ACTIVATION,
	FIELDS(release_fields),
	.doc = "What is left when a seat was freed.",
};

enum { HEARTBEAT_SUCCESS, HEARTBEAT_EXPIRE_AT };

#define HEARTBEAT_FIELDS(MOMENT)                                                                 \
	{                                                                                        \
		[HEARTBEAT_SUCCESS] = { BOOLEAN("success", NULL), ANSWER_PLAIN,                  \
			.doc = "Always true." },                                                 \
		[HEARTBEAT_EXPIRE_AT] = {                                                        \
			MOMENT("tokenExpireAt"), ANSWER_PLAIN,                                   \
			.doc =                                                                   \
			    "When the seat is free without another heartbeat; null means never." \
		},                                                                               \
	}

static const struct field heartbeat_fields[] = HEARTBEAT_FIELDS(ANSWER_PARTED);
static const struct field written_heartbeat_fields[] = HEARTBEAT_FIELDS(ANSWER_WRITTEN);

#define HEARTBEAT_RESOURCE(fields)                                                              \
	{                                                                                       \
		.name = "heartbeat", .type_name = "HeartbeatResponse", .area = AREA_ACTIVATION, \
		FIELDS(fields), .doc = "A heartbeat.",                                          \
	}

const struct resource activation_heartbeat_resource = HEARTBEAT_RESOURCE(heartbeat_fields);
static const struct resource written_heartbeat = HEARTBEAT_RESOURCE(written_heartbeat_fields);

enum {
	ENTRY_ID,
	ENTRY_MACHINE_ID,
	ENTRY_CLIENT_ID,
	ENTRY_CLIENT_NAME,
	ENTRY_ADDRESS,
	ENTRY_ISSUED_AT,
	ENTRY_LAST_HEARTBEAT_AT,
	ENTRY_TOKEN_EXPIRE_AT,
	ENTRY_OFFLINE_UNTIL,
	ENTRY_LINK
};

#define ENTRY_FIELDS(MOMENT)                                                                     \
	{                                                                                        \
		[ENTRY_ID] = { INT32("id", NULL), ANSWER_PLAIN,                                  \
			.doc = "Identifier of the seat." },                                      \
		[ENTRY_MACHINE_ID] = { STRING("machineId", NULL, TEXT_MOST), ANSWER_PLAIN,       \
			.doc = "The machine." },                                                 \
		[ENTRY_CLIENT_ID] = { STRING("clientId", NULL, TEXT_MOST), ANSWER_PLAIN,         \
			.doc = "The installed program." },                                       \
		[ENTRY_CLIENT_NAME] = { STRING("clientName", NULL, TEXT_MOST), ANSWER_PLAIN,     \
			.doc = "Name of the computer." },                                        \
		[ENTRY_ADDRESS] = { STRING("address", NULL, TEXT_MOST), ANSWER_PLAIN,            \
			.doc = "Address that it called from last." },                            \
		[ENTRY_ISSUED_AT] = { MOMENT("issuedAt"), ANSWER_PLAIN,                          \
			.doc = "When the seat was taken." },                                     \
		[ENTRY_LAST_HEARTBEAT_AT] = { MOMENT("lastHeartbeatAt"), ANSWER_PLAIN,           \
			.doc = "When it was heard of last." },                                   \
		[ENTRY_TOKEN_EXPIRE_AT] = { MOMENT("tokenExpireAt"), ANSWER_PLAIN,               \
			.doc = "When the seat is free without a heartbeat; null means never." }, \
		[ENTRY_OFFLINE_UNTIL] = { MOMENT("offlineUntil"), ANSWER_PLAIN,                  \
			.doc = "Until when a file lets the machine use it offline; null where "  \
			       "there is none." },                                               \
		[ENTRY_LINK] = { INT32("link", NULL),                                            \
			.flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_NOT_STORED },             \
	}

static const struct field entry_fields[] = ENTRY_FIELDS(ANSWER_PARTED);
static const struct field written_entry_fields[] = ENTRY_FIELDS(ANSWER_WRITTEN);

#define ENTRY_RESOURCE(fields)                                                            \
	{                                                                                 \
		.name = "activation", .type_name = "Activation", .area = AREA_ACTIVATION, \
		FIELDS(fields), .doc = "A seat that is taken.",                           \
	}

const struct resource activation_entry_resource = ENTRY_RESOURCE(entry_fields);
static const struct resource written_entry = ENTRY_RESOURCE(written_entry_fields);

enum { LIST_LICENSE_ID, LIST_ACTIVE, LIST_MOST, LIST_RELEASES_LEFT, LIST_SEATS, LIST_LINK };

#define LIST_FIELDS(entry)                                                                    \
	{                                                                                     \
		[LIST_LICENSE_ID] = { STRING("licenseId", NULL, 64), ANSWER_PLAIN,            \
			.doc = "Identifier in the license itself." },                         \
		[LIST_ACTIVE] = ACTIVE, [LIST_MOST] = MOST,                                   \
		[LIST_RELEASES_LEFT] = { INT32("selfReleasesLeft", NULL), ANSWER_PLAIN,       \
			.doc = "Seats that users of the key may still free now; null "        \
			       "means any number." },                                         \
		[LIST_SEATS] = { MANY("activations", &(entry), "link", "link"), ANSWER_PLAIN, \
			.doc = "Seats that are taken, the oldest first." },                   \
		[LIST_LINK] = { INT32("link", NULL),                                          \
			.flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_NOT_STORED },          \
	}

static const struct field list_fields[] = LIST_FIELDS(activation_entry_resource);
static const struct field written_list_fields[] = LIST_FIELDS(written_entry);

#define LIST_RESOURCE(fields)                                                          \
	{                                                                              \
		.name = "activations", .type_name = "GetActivationsResponse",          \
		.area = AREA_ACTIVATION, FIELDS(fields), .doc = "Seats of a license.", \
	}

const struct resource activation_list_resource = LIST_RESOURCE(list_fields);
static const struct resource written_list = LIST_RESOURCE(written_list_fields);

/* --- the two forms --- */

static void append_bytes(struct buf *out, struct str text)
{
	buf_append_char(out, '[');
	for (size_t i = 0; i < text.length; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		buf_append_int64(out, (unsigned char)text.data[i]);
	}
	buf_append_char(out, ']');
}

static void append_encoded(struct buf *out, struct str key)
{
	base64_append(out, key.data, key.length);
}

/* Each answer's table by client_format. */
static const struct form {
	const struct resource *answer, *license, *heartbeat, *list, *entry;
	void (*append_key)(struct buf *out, struct str key);
} forms[] = {
	[CLIENT_FORMAT_CLASSES] = { &activation_answer_resource, &activation_license_resource,
	    &activation_heartbeat_resource, &activation_list_resource, &activation_entry_resource,
	    append_bytes },
	[CLIENT_FORMAT_PROTO3] = { &written_answer, &written_license, &written_heartbeat,
	    &written_list, &written_entry, append_encoded },
};

/* --- filling --- */

struct filling answer_begin(const struct operation *operation)
{
	return (struct filling){ .arena = operation->context.arena,
		.format = (enum client_format)operation->context.settings->client_format };
}

static const struct form *form_of(const struct filling *filling)
{
	return &forms[filling->format];
}

struct row *answer_new_row(struct filling *filling, const struct resource *resource)
{
	struct row *row = row_new(filling->arena, resource);

	filling->failed |= row == NULL;
	return row;
}

void answer_set_moment(struct filling *filling, struct row *row, unsigned member, int64_t moment)
{
	struct row *parts;

	if (row->resource->fields[member].object == NULL) {
		row_set_integer(row, member, moment);
		return;
	}
	parts = answer_new_row(filling, &activation_moment_resource);
	if (parts == NULL)
		return;
	row_set_integer(parts, MOMENT_SECONDS, moment / MICROSECONDS_PER_SECOND);
	row_set_integer(parts, MOMENT_NANOS, moment % MICROSECONDS_PER_SECOND * 1000);
	row_set_row(row, member, parts);
}

void answer_copy_moment(struct filling *filling, struct row *row, unsigned member,
    const struct row *from, unsigned moment)
{
	if (row_filled(from, moment))
		answer_set_moment(filling, row, member, from->values[moment].integer);
	else
		row_set_null(row, member);
}

void answer_copy_text(struct row *row, unsigned member, const struct row *from, unsigned text)
{
	if (row_filled(from, text))
		row_set_text(row, member, from->values[text].text);
	else
		row_set_null(row, member);
}

static void set_key(struct filling *filling, struct row *row, const struct row *license)
{
	struct buf out = { 0 };
	struct str key, text;

	if (!row_filled(license, VIEW_LICENSE_KEY)) {
		row_set_null(row, LICENSE_KEY);
		return;
	}
	key = license->values[VIEW_LICENSE_KEY].text;
	form_of(filling)->append_key(&out, key);
	text = arena_str(filling->arena, buf_str(&out));
	buf_free(&out);
	filling->failed |= text.data == NULL;
	row_set_text(row, LICENSE_KEY, text);
}

static struct row *fill_license(struct filling *filling, const struct row *license)
{
	struct row *row = answer_new_row(filling, form_of(filling)->license);

	if (row == NULL)
		return NULL;
	answer_copy_text(row, LICENSE_ID, license, VIEW_LICENSE_ID);
	row_set_integer(row, LICENSE_MODE, license->values[VIEW_MODE].integer);
	answer_copy_moment(filling, row, LICENSE_EXPIRE_AT, license, VIEW_EXPIRE_DATE);
	answer_copy_moment(
	    filling, row, LICENSE_SUPPORT_EXPIRE_AT, license, VIEW_SUPPORT_EXPIRE_DATE);
	set_key(filling, row, license);
	return row;
}

static void set_counts(struct row *row, unsigned active, unsigned most, const struct row *license)
{
	row_set_integer(row, active, license->values[VIEW_LIVE_SEATS].integer);
	row_set_integer(row, most, license->values[VIEW_MAX_ALLOWED_SITES].integer);
}

int answer_send(struct operation *operation, const struct filling *filling, struct row *row,
    struct error *error)
{
	if (filling->failed)
		return error_out_of_memory(error);
	operation_answer_row(operation, row);
	return 0;
}

int activation_answer_seat(
    struct operation *operation, const struct call *call, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, form_of(&filling)->answer);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_boolean(row, ANSWER_SUCCESS, true);
	row_set_null(row, ANSWER_TOKEN);
	row_set_null(row, ANSWER_TOKEN_EXPIRE_AT);
	if (call->seat != NULL) {
		answer_copy_text(row, ANSWER_TOKEN, call->seat, TOKEN_TOKEN);
		answer_copy_moment(
		    &filling, row, ANSWER_TOKEN_EXPIRE_AT, call->seat, TOKEN_EXPIRE_DATE);
	}
	set_counts(row, ANSWER_ACTIVE, ANSWER_MOST, call->license);
	row_set_row(row, ANSWER_LICENSE, fill_license(&filling, call->license));
	return answer_send(operation, &filling, row, error);
}

int activation_answer_release(
    struct operation *operation, const struct call *call, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, &activation_release_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	answer_copy_text(row, RELEASE_LICENSE_ID, call->license, VIEW_LICENSE_ID);
	set_counts(row, RELEASE_ACTIVE, RELEASE_MOST, call->license);
	return answer_send(operation, &filling, row, error);
}

int activation_answer_heartbeat(struct operation *operation, int64_t end, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, form_of(&filling)->heartbeat);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_boolean(row, HEARTBEAT_SUCCESS, true);
	if (end == INT64_MAX)
		row_set_null(row, HEARTBEAT_EXPIRE_AT);
	else
		answer_set_moment(&filling, row, HEARTBEAT_EXPIRE_AT, end);
	return answer_send(operation, &filling, row, error);
}

static struct row *fill_entry(struct filling *filling, const struct row *seat)
{
	struct row *row = answer_new_row(filling, form_of(filling)->entry);

	if (row == NULL)
		return NULL;
	row_set_integer(row, ENTRY_ID, seat->values[TOKEN_ID].integer);
	answer_copy_text(row, ENTRY_MACHINE_ID, seat, TOKEN_MACHINE_ID);
	answer_copy_text(row, ENTRY_CLIENT_ID, seat, TOKEN_CLIENT_ID);
	answer_copy_text(row, ENTRY_CLIENT_NAME, seat, TOKEN_CLIENT_NAME);
	answer_copy_text(row, ENTRY_ADDRESS, seat, TOKEN_ADDRESS);
	answer_copy_moment(filling, row, ENTRY_ISSUED_AT, seat, TOKEN_ISSUE_DATE);
	answer_copy_moment(filling, row, ENTRY_LAST_HEARTBEAT_AT, seat, TOKEN_LAST_HEARTBEAT);
	answer_copy_moment(filling, row, ENTRY_TOKEN_EXPIRE_AT, seat, TOKEN_EXPIRE_DATE);
	answer_copy_moment(filling, row, ENTRY_OFFLINE_UNTIL, seat, TOKEN_OFFLINE_UNTIL);
	return row;
}

int activation_answer_list(struct operation *operation, const struct call *call,
    const struct row_list *seats, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, form_of(&filling)->list);
	struct row_list entries = { .rows = arena_alloc_array(
					filling.arena, seats->count, sizeof(entries.rows[0])) };
	int64_t left;

	if (row == NULL || (entries.rows == NULL && seats->count > 0))
		return error_out_of_memory(error);
	while (entries.count < seats->count && !filling.failed) {
		entries.rows[entries.count] = fill_entry(&filling, seats->rows[entries.count]);
		entries.count++;
	}
	answer_copy_text(row, LIST_LICENSE_ID, call->license, VIEW_LICENSE_ID);
	set_counts(row, LIST_ACTIVE, LIST_MOST, call->license);
	left = judge_releases_left(call->license, call->now);
	if (left == INT64_MAX)
		row_set_null(row, LIST_RELEASES_LEFT);
	else
		row_set_integer(row, LIST_RELEASES_LEFT, left);
	row_set_list(row, LIST_SEATS, entries);
	return answer_send(operation, &filling, row, error);
}

/* --- errors --- */

static const struct field error_fields[] = {
	{ BOOLEAN("success", NULL), .flags = FIELD_NOT_NULL, .doc = "Always false.",
	    .example = "false" },
	{ INT32("code", NULL), .flags = FIELD_NOT_NULL,
	    .doc = "Stable number of the reason, or below 100 of an error that any family has." },
	{ STRING("reason", NULL, 0), .flags = FIELD_NOT_NULL, .doc = "Stable name of the same.",
	    .example = "\"SEAT_LIMIT_REACHED\"" },
	{ STRING("message", NULL, 0), .flags = FIELD_NOT_NULL,
	    .doc = "What is wrong, in a sentence." },
	{ OBJECT("errors", &openapi_faults), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
	    .doc = "All errors of the request." },
};

const struct resource activation_error_body = {
	.name = "error",
	.type_name = "Error",
	FIELDS(error_fields),
	.doc = "Body of every error.",
};

void activation_write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	enum reason reason = reason_find(error->word);
	bool known = reason != REASON__MAX, xml = writer->format->xml_habits;

	writer_object_begin(writer, "Error");
	if (!xml)
		writer_boolean(writer, "success", false);
	writer_integer(writer, "code",
	    known ? reason_info(reason)->number : licensing_error_number(error->code));
	if (xml && error->faults != NULL)
		envelope_write_faults(writer, answer, "errors", error);
	if (!xml)
		writer_text(writer, "reason",
		    str_from(known ? reason_info(reason)->name : error_code_word(error->code)));
	writer_text(writer, "message",
	    str_from(error->message != NULL ? error->message : error_code_message(error->code)));
	if (xml) {
		writer_text(writer, "reason",
		    str_from(known ? reason_info(reason)->name : error_code_word(error->code)));
		writer_boolean(writer, "success", false);
	} else if (error->faults != NULL) {
		envelope_write_faults(writer, answer, "errors", error);
	}
	writer_object_end(writer);
}
