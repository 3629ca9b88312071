#include "api/second_factor.h"

#include "auth/totp.h"
#include "base/digest.h"
#include "record/audit.h"
#include "record/rows.h"
#include "record/sealed.h"

#define OWN_USE (FIELD_HIDDEN | FIELD_READONLY)

static const struct field factor_fields[] = {
	[FACTOR_USER] = { UUID("userId", "user_id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "The user." },
	[FACTOR_CONFIRMED_AT] = { DATETIME("confirmedAt", "confirmed_at"), .flags = FIELD_READONLY,
	    .doc = "When it was confirmed with a code." },
	[FACTOR_LAST_STEP] = { INT64("lastStep", "last_step"), .flags = OWN_USE },
	[FACTOR_FAILURES] = { INT32("failures", "failures"), .flags = OWN_USE },
	[FACTOR_SECRET] = { STRING("secret", "secret", TOTP_SECRET_TEXT - 1),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_ENCRYPTED },
	[FACTOR_SEALED] = { BINARY("sealed", NULL), .flags = OWN_USE | FIELD_ON_DEMAND,
	    .expression = "{}.secret" },
};

const struct resource second_factor_resource = {
	.name = "second factor",
	.type_name = "SecondFactor",
	.area = AREA_CREDENTIALS,
	.table = SECOND_FACTOR_TABLE,
	FIELDS(factor_fields),
	.doc = "The authenticator app of a user.",
};

enum { CODE_USER, CODE_HASH };

static const struct field code_fields[] = {
	[CODE_USER] = { UUID("userId", "user_id"), .flags = OWN_USE | FIELD_KEY },
	[CODE_HASH] = { BINARY("codeHash", "code_hash"), .flags = OWN_USE | FIELD_KEY },
};

const struct resource recovery_code_resource = {
	.name = "recovery code",
	.type_name = "RecoveryCode",
	.area = AREA_CREDENTIALS,
	.table = "user_recovery_code",
	FIELDS(code_fields),
	.unaudited = "the entry of the second factor tells of it",
	.doc = "A code that stands for the second factor once.",
};

int second_factor_find(
    struct context *context, const struct uuid *user, struct row **row, struct error *error)
{
	const struct value key = { .uuid = *user };

	return record_find_by(context, &second_factor_resource, FACTOR_USER, &key,
	    resource_default_mask(&second_factor_resource) | FIELD_BIT(FACTOR_SEALED), row, error);
}

struct second_factor second_factor_of(const struct row *row)
{
	return (struct second_factor){
		.user = row->values[FACTOR_USER].uuid,
		.sealed = row->values[FACTOR_SEALED].text,
		.last_step = row->values[FACTOR_LAST_STEP].integer,
		.failures = row->values[FACTOR_FAILURES].integer,
	};
}

/* --- codes --- */

/* What was typed, without what is there for the eye. */
static struct str read_recovery_code(struct arena *arena, struct str code)
{
	char *text = arena_alloc(arena, code.length + 1);
	size_t length = 0;

	for (size_t i = 0; text != NULL && i < code.length; i++) {
		if (code.data[i] != '-' && code.data[i] != ' ')
			text[length++] = str_lower(code.data[i]);
	}
	return (struct str){ text, length };
}

/* Bound to the user, so that equal codes of two users are not equal in the table. */
static void hash_recovery_code(
    const struct uuid *user, struct str code, uint8_t hash[KEY_HASH_LENGTH])
{
	const struct str parts[] = { { (const char *)user->bytes, sizeof(user->bytes) }, code };

	digest_parts(parts, COUNT_OF(parts), hash);
}

static int find_recovery_code(struct context *context, const struct uuid *user, struct str code,
    struct second_factor_proof *proof, struct error *error)
{
	struct str text = read_recovery_code(context->arena, code);
	struct row *keys = row_new(context->arena, &recovery_code_resource);
	bool exists;

	if (keys == NULL || text.data == NULL)
		return error_out_of_memory(error);
	proof->kind = SECOND_FACTOR_RECOVERY;
	hash_recovery_code(user, text, proof->hash);
	row_set_uuid(keys, CODE_USER, *user);
	row_set_text(
	    keys, CODE_HASH, (struct str){ (const char *)proof->hash, sizeof(proof->hash) });
	if (record_exists(context, &(struct record_set){ .resource = keys->resource, .keys = keys },
		&exists, error) != 0)
		return -1;
	return exists ? 1 : 0;
}

/* Digits and blanks alone are a code of the app. */
static bool is_number(struct str code)
{
	for (size_t i = 0; i < code.length; i++) {
		if (code.data[i] != ' ' && (code.data[i] < '0' || code.data[i] > '9'))
			return false;
	}
	return true;
}

int second_factor_check(struct context *context, const struct second_factor *factor,
    struct str code, struct second_factor_proof *proof, struct error *error)
{
	const struct value key = { .uuid = factor->user };
	struct str secret;

	if (!is_number(code))
		return find_recovery_code(context, &factor->user, code, proof, error);
	if (factor->failures >= SECOND_FACTOR_FAILURES)
		return 0;
	if (sealed_open(context->settings, context->arena, &second_factor_resource, FACTOR_SECRET,
		&key, factor->sealed, &secret, error) != 0)
		return -1;
	proof->kind = SECOND_FACTOR_CODE;
	return totp_find(secret, code, timestamp_now(), factor->last_step, &proof->step, error);
}

/* What no member of its row tells. */
static int audit_factor(
    struct context *context, const struct uuid *user, struct str detail, struct error *error)
{
	const struct value key = { .uuid = *user };

	return audit_record_event(context,
	    &(const struct audit_event){ .action = AUDIT_UPDATE,
		.area = second_factor_resource.area,
		.what = resource_audit_name(&second_factor_resource),
		.key = row_print_key(context->arena, &second_factor_resource, &key),
		.detail = detail },
	    error);
}

static int note_failure(struct context *context, void *data, struct error *error)
{
	const struct uuid *user = data;

	if (second_factor_count_failure(context->database, user, error) != 0)
		return -1;
	return audit_factor(context, user, STR("{\"wrongCode\":true}"), error);
}

int second_factor_note_failure(
    struct context *context, const struct uuid *user, struct error *error)
{
	struct uuid copy = *user;

	return record_transaction(context, note_failure, &copy, error);
}

/* --- changes --- */

static struct row *name_factor(struct context *context, const struct uuid *user)
{
	const struct value key = { .uuid = *user };

	return row_with(context->arena, &second_factor_resource, FACTOR_USER, &key);
}

static int delete_of(struct context *context, const struct resource *resource, unsigned member,
    const struct uuid *user, int64_t *count, struct error *error)
{
	const struct value key = { .uuid = *user };
	struct row *keys = row_with(context->arena, resource, member, &key);

	if (keys == NULL)
		return error_out_of_memory(error);
	return record_delete_all(context,
	    &(struct record_set){ .resource = resource, .keys = keys, .told = true }, count, error);
}

static int refuse_confirmed(struct error *error)
{
	return error_set(
	    error, ERROR_CONFLICT, "There is a second factor already; remove it first.");
}

int second_factor_begin(
    struct context *context, const struct uuid *user, struct str secret, struct error *error)
{
	struct row *before, *row = name_factor(context, user);
	int64_t count;

	if (row == NULL)
		return error_out_of_memory(error);
	if (second_factor_find(context, user, &before, error) != 0)
		return -1;
	if (before != NULL && row_filled(before, FACTOR_CONFIRMED_AT))
		return refuse_confirmed(error);
	if (delete_of(context, &second_factor_resource, FACTOR_USER, user, &count, error) != 0 ||
	    record_add_part(context, row, error) != 0 ||
	    audit_record(context, AUDIT_INSERT, row->resource, NULL, row, error) != 0)
		return -1;
	row_set_text(row, FACTOR_SECRET, secret);
	return sealed_write(context, row, row, error);
}

#define GROUPS 4
#define GROUP_LENGTH 4

/* One code for the eye, with what is hashed of it: no letter or digit that looks like another. */
static void draw_code(char code[RECOVERY_CODE_TEXT], char plain[GROUPS * GROUP_LENGTH + 1])
{
	random_text(plain, GROUPS * GROUP_LENGTH, "abcdefghjkmnpqrstuvwxyz23456789");
	plain[GROUPS * GROUP_LENGTH] = '\0';
	for (unsigned i = 0; i < GROUPS; i++) {
		memcpy(code + i * (GROUP_LENGTH + 1), plain + i * GROUP_LENGTH, GROUP_LENGTH);
		code[i * (GROUP_LENGTH + 1) + GROUP_LENGTH] = i + 1 < GROUPS ? '-' : '\0';
	}
}

/* Makes the row of a new code, which is appended to a JSON list. NULL when memory is out. */
static struct row *make_code(struct context *context, const struct uuid *user, struct buf *list)
{
	char code[RECOVERY_CODE_TEXT], plain[GROUPS * GROUP_LENGTH + 1];
	uint8_t *hash = arena_alloc(context->arena, KEY_HASH_LENGTH);
	struct row *row = row_new(context->arena, &recovery_code_resource);

	if (row == NULL || hash == NULL)
		return NULL;
	draw_code(code, plain);
	hash_recovery_code(user, str_from(plain), hash);
	row_set_uuid(row, CODE_USER, *user);
	row_set_text(row, CODE_HASH, (struct str){ (const char *)hash, KEY_HASH_LENGTH });
	buf_append_text(list, list->length == 0 ? "[" : ",");
	buf_append_json_string(list, str_from(code));
	explicit_bzero(code, sizeof(code));
	explicit_bzero(plain, sizeof(plain));
	return row;
}

static int store_codes(
    struct context *context, const struct uuid *user, struct str *codes, struct error *error)
{
	struct row *rows[RECOVERY_CODES];
	struct buf list = { 0 };
	bool failed = false;

	for (unsigned i = 0; i < RECOVERY_CODES; i++) {
		rows[i] = make_code(context, user, &list);
		failed = failed || rows[i] == NULL;
	}
	buf_append_char(&list, ']');
	*codes = arena_str(context->arena, buf_str(&list));
	buf_free(&list);
	if (failed || codes->data == NULL)
		return error_out_of_memory(error);
	return record_add_parts(context, &(struct row_list){ rows, RECOVERY_CODES }, error);
}

int second_factor_confirm(struct context *context, const struct uuid *user, int64_t step,
    struct str *codes, struct error *error)
{
	struct row *keys = name_factor(context, user);
	struct row *values = row_new(context->arena, &second_factor_resource), *before, *after;
	struct sql where;
	int64_t count;

	if (keys == NULL || values == NULL)
		return error_out_of_memory(error);
	if (second_factor_find(context, user, &before, error) != 0)
		return -1;
	if (before == NULL || row_filled(before, FACTOR_CONFIRMED_AT))
		return refuse_confirmed(error);
	row_set_integer(values, FACTOR_CONFIRMED_AT, timestamp_now());
	row_set_integer(values, FACTOR_LAST_STEP, step);
	row_set_integer(values, FACTOR_FAILURES, 0);
	sql_init(&where, context->arena);
	sql_where_null(&where, keys->resource, FACTOR_CONFIRMED_AT, true);
	if (record_update_all(context,
		&(struct record_set){
		    .resource = keys->resource, .keys = keys, .where = &where, .told = true },
		values, &count, error) != 0)
		return -1;
	if (count == 0)
		return refuse_confirmed(error);
	after = row_merge(context->arena, before, values);
	if (after == NULL)
		return error_out_of_memory(error);
	if (audit_record(context, AUDIT_UPDATE, keys->resource, before, after, error) != 0 ||
	    record_revoke(context, MARK(MARK_USER, *user), error) != 0)
		return -1;
	return store_codes(context, user, codes, error);
}

/* The row is locked, so that two renewals follow each other: the codes of the second one stay. */
int second_factor_renew_codes(
    struct context *context, const struct uuid *user, struct str *codes, struct error *error)
{
	struct row *keys = name_factor(context, user), *factor;
	int64_t count;

	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(context, keys->resource, resource_default_mask(keys->resource),
		keys, &factor, error) != 0)
		return -1;
	if (!row_filled(factor, FACTOR_CONFIRMED_AT))
		return resource_not_found(keys->resource, error);
	if (delete_of(context, &recovery_code_resource, CODE_USER, user, &count, error) != 0 ||
	    audit_factor(context, user, STR("{\"recoveryCodes\":\"renewed\"}"), error) != 0)
		return -1;
	return store_codes(context, user, codes, error);
}

int second_factor_remove(struct context *context, const struct uuid *user, struct error *error)
{
	struct row *before;
	int64_t count;

	if (second_factor_find(context, user, &before, error) != 0)
		return -1;
	if (before == NULL)
		return resource_not_found(&second_factor_resource, error);
	if (delete_of(context, &second_factor_resource, FACTOR_USER, user, &count, error) != 0 ||
	    delete_of(context, &recovery_code_resource, CODE_USER, user, &count, error) != 0 ||
	    audit_record(context, AUDIT_DELETE, &second_factor_resource, before, NULL, error) != 0)
		return -1;
	return record_revoke(context, MARK(MARK_USER, *user), error);
}
