#include "api/activation/offline.h"

#include <openssl/crypto.h>

#include "api/activation/judge.h"
#include "api/activation/node_lock.h"
#include "api/activation/seat.h"
#include "api/contracts.h"
#include "api/licensing/license_file.h"
#include "api/licensing/licensing.h"
#include "api/licensing/sign.h"
#include "base/digest.h"
#include "codec/row.h"
#include "record/event.h"
#include "record/rows.h"

static const struct field machine_file_fields[MACHINE_FILE__MAX] = {
	[MACHINE_FILE_MACHINE_ID] = { STRING("machineId", NULL, 255),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "The machine." },
	[MACHINE_FILE_MACHINE_KEY] = { STRING("machineKey", NULL, MACHINE_KEY_LENGTH),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc = "Public half of the key that signs what the machine writes." },
	[MACHINE_FILE_LICENSE_ID] = { STRING("licenseId", NULL, CALL_KEY_LONGEST),
	    .flags = FIELD_NOT_STORED, .doc = "License that a receipt gives up." },
	[MACHINE_FILE_USER_KEY_HASH] = { STRING("userKeyHash", NULL, 2 * DIGEST_LENGTH),
	    .flags = FIELD_NOT_STORED | FIELD_UNLOGGED,
	    .doc = "SHA-256 of the user key, where the file does not have that." },
	[MACHINE_FILE_TIME] = { DATETIME("time", NULL), .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc = "When the file was written, by the machine's clock." },
};

const struct resource activation_machine_file_resource = {
	.name = "file",
	.type_name = "MachineFile",
	.area = AREA_ACTIVATION,
	FIELDS(machine_file_fields),
	.doc = "What a machine without a network writes.",
};

/* --- reading --- */

static struct str file_text(const struct machine_file *file, enum machine_file_member member)
{
	return row_filled(file->row, member) ? file->row->values[member].text : STR("");
}

int offline_read(struct context *context, enum offline_file_kind kind, struct str text,
    const char *member, struct machine_file *file, struct error *error)
{
	const struct family *family = &activation_contract.family;
	const char *fault =
	    offline_file_read(context->arena, &context->settings->limits, kind, text, &file->file);
	struct row *row;

	if (fault != NULL)
		return error_add_fault(error, member, "The %s field %s.", member, fault);
	if (row_read(context->arena, family, &activation_machine_file_resource, ROW_READ_INSERT,
		BODY_JSON, file->file.payload, member, &row, error) != 0 ||
	    row_read(context->arena, family, &activation_request_resource, ROW_READ_INSERT,
		BODY_JSON, file->file.payload, member, &file->request, error) != 0)
		return -1;
	file->row = row;
	if (kind == OFFLINE_REQUEST && !offline_file_is_signed(context->arena, &file->file,
					   file_text(file, MACHINE_FILE_MACHINE_KEY)))
		return error_add_fault(error, member,
		    "The %s field was changed, or is not signed by the key that it names.", member);
	return 0;
}

void offline_check_user_key(
    const struct machine_file *file, struct str user_key, struct error *error)
{
	struct str hash = file_text(file, MACHINE_FILE_USER_KEY_HASH);
	char digits[2 * DIGEST_LENGTH + 1];
	uint8_t digest[DIGEST_LENGTH];

	if (hash.length == 0)
		return;
	digest_text(user_key, digest);
	digest_print(digest, sizeof(digest), digits);
	if (hash.length != sizeof(digits) - 1 ||
	    CRYPTO_memcmp(hash.data, digits, sizeof(digits) - 1) != 0)
		error_add_fault(error, "userKey",
		    "The userKey field must be the key that the request was made with.");
}

/* --- what both do first --- */

/*
 * One after the other: whoever comes second sees what the first has done, so that no check-out is
 * counted once for two.
 */
static int find_again(
    struct context *context, const struct call *found, struct call *call, struct error *error)
{
	struct value key = found->license->values[VIEW_ID];

	*call = *found;
	if (record_claim(context, &activation_license_view, "claimed_at", &key, error) != 0 ||
	    seat_find(context, call, error) != 0)
		return -1;
	return call->license != NULL ? 0 : reason_refuse(REASON_NOT_FOUND, error);
}

/* --- checking out --- */

static int take_time(const struct call *call, int64_t seconds, int64_t *until, struct error *error)
{
	int64_t most = policy_number(call_policy(call), POLICY_OFFLINE_SECONDS, 0);

	if (seconds > most)
		return error_add_fault(error, "timeToLive",
		    "The timeToLive field must be at most %lld, as the policy of the license says.",
		    (long long)most);
	if (seconds == 0)
		seconds = most;
	*until = seconds > (TIMESTAMP_MAXIMUM - call->now) / MICROSECONDS_PER_SECOND
		     ? TIMESTAMP_MAXIMUM
		     : call->now + seconds * MICROSECONDS_PER_SECOND;
	return 0;
}

static int64_t moment_of(const struct row *seat, enum token_member member)
{
	return row_filled(seat, member) ? seat->values[member].integer : 0;
}

/* A seat that is kept longer online, or by an earlier file, stays so. */
static void keep_longer(
    const struct call *found, const struct row *seat, int64_t until, struct row *row)
{
	bool live = judge_seat_is_own(found) && judge_seat_is_live(found->seat, found->now);
	int64_t former = moment_of(seat, TOKEN_OFFLINE_UNTIL), end = until;

	if (former > until)
		until = former;
	row_set_integer(row, TOKEN_OFFLINE_UNTIL, until);
	if (live && !row_filled(found->seat, TOKEN_EXPIRE_DATE)) {
		row_set_null(row, TOKEN_EXPIRE_DATE);
		return;
	}
	if (live)
		end = moment_of(found->seat, TOKEN_EXPIRE_DATE);
	row_set_integer(row, TOKEN_EXPIRE_DATE, end > until ? end : until);
}

static int store_seat(struct context *context, const struct call *found,
    const struct node_lock *lock, struct checkout *checkout, struct error *error)
{
	const struct resource *seats = &licensing_token_resource;
	struct row *seat = (struct row *)(uintptr_t)checkout->call.seat;
	struct row *row = row_new(context->arena, seats);
	struct record_change change = {
		.sent = row,
		.keys = row_with(context->arena, seats, TOKEN_ID, &seat->values[TOKEN_ID]),
	};

	if (row == NULL || change.keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(row, TOKEN_CHECKOUTS, moment_of(seat, TOKEN_CHECKOUTS) + 1);
	row_set_integer(row, TOKEN_LAST_CHECKOUT, found->now);
	row_set_text(row, TOKEN_MACHINE_KEY, lock->machine_key);
	row_set_value(row, TOKEN_NODE_LOCKED_LICENSE_ID,
	    &checkout->license->values[resource_key(&licensing_license_resource)]);
	keep_longer(found, seat, lock->until, row);
	if (record_update(context, &licensing_token_record, &change, error) != 0)
		return -1;
	checkout->call.seat = change.stored;
	return event_put_happening(
	    context, &licensing_license_resource, "checked_out", change.stored, error);
}

int offline_check_out(struct context *context, const struct call *found,
    const struct machine_file *file, struct checkout *checkout, enum reason *reason,
    struct error *error)
{
	struct node_lock lock = { .call = &checkout->call,
		.machine_key = file_text(file, MACHINE_FILE_MACHINE_KEY) };
	struct call call;

	if (find_again(context, found, &call, error) != 0 ||
	    take_time(&call, checkout->seconds, &lock.until, error) != 0 ||
	    program_take(context, &call, &checkout->call, reason, error) != 0 ||
	    node_lock_make(context, &lock, reason, &checkout->license, error) != 0)
		return -1;
	return store_seat(context, &call, &lock, checkout, error);
}

/* --- giving up --- */

/* The seat whose file the key is of, also where the machine is called otherwise by now. */
static int find_by_key(struct context *context, struct call *call, const struct machine_file *file,
    struct error *error)
{
	const struct resource *seats = &licensing_token_resource;
	struct row *keys = row_new(context->arena, seats), *found;
	const struct record_set set = { .resource = seats, .keys = keys };

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, TOKEN_LICENSE_ID, call->license->values[VIEW_ID].integer);
	row_set_text(keys, TOKEN_MACHINE_KEY, file_text(file, MACHINE_FILE_MACHINE_KEY));
	if (record_find(context, &set, resource_default_mask(seats), &found, error) != 0)
		return -1;
	if (found != NULL)
		call->seat = found;
	return 0;
}

/* A receipt is for one license: a machine may have files of several, and one key. */
static bool gives_up(
    struct context *context, const struct call *call, const struct machine_file *file)
{
	if (!str_equal(file_text(file, MACHINE_FILE_LICENSE_ID),
		call->license->values[VIEW_LICENSE_ID].text))
		return false;
	return call->seat == NULL || (row_filled(call->seat, TOKEN_MACHINE_KEY) &&
					 offline_file_is_signed(context->arena, &file->file,
					     call->seat->values[TOKEN_MACHINE_KEY].text));
}

int offline_give_up(struct context *context, const struct call *found,
    const struct machine_file *file, struct call *call, enum reason *reason, struct error *error)
{
	if (find_again(context, found, call, error) != 0 ||
	    find_by_key(context, call, file, error) != 0)
		return -1;
	if (!gives_up(context, call, file)) {
		*reason = REASON_RECEIPT_REFUSED;
		return reason_refuse(*reason, error);
	}
	if (call->seat == NULL)
		return 0;
	if (seat_free(context, call->seat, error) != 0 ||
	    event_put_happening(
		context, &licensing_license_resource, "released", call->seat, error) != 0 ||
	    node_lock_revoke(context, call->seat, error) != 0)
		return -1;
	if (judge_seat_is_live(call->seat, call->now))
		((struct row *)(uintptr_t)call->license)->values[VIEW_LIVE_SEATS].integer--;
	return 0;
}

/* --- the file --- */

static int encrypt_license(
    struct context *context, const struct checkout *checkout, struct str *text, struct error *error)
{
	const struct row *license = checkout->license;
	int64_t signer = license->values[resource_member(license->resource, "signedById")].integer;
	const struct str secret[] = { checkout->call.license->values[VIEW_USER_KEY].text,
		call_text(&checkout->call, REQUEST_MACHINE_ID) };
	const struct signing_key *key;
	struct buf out = { 0 };
	bool is_legacy;
	int result;

	if (license_signing_key(context, signer, &key, &is_legacy, error) != 0)
		return -1;
	result = document_encrypt_file(context->arena, *text,
	    str_from(arena_join(context->arena, secret, COUNT_OF(secret))), key, &out, error);
	*text = arena_str(context->arena, buf_str(&out));
	buf_free(&out);
	return result;
}

int offline_print(struct context *context, const struct checkout *checkout, bool encrypted,
    struct str *name, struct str *text, struct error *error)
{
	struct license_file file;

	if (!license_file_of(context->arena, checkout->license, &file))
		return reason_refuse(REASON_NOT_BINDABLE, error);
	*name = file.name;
	*text = file.content;
	return encrypted ? encrypt_license(context, checkout, text, error) : 0;
}
