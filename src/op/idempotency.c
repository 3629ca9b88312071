/*
 * Requests that may come twice.
 *
 * SQL of its own: the answer is stored beside the transaction that it is of, under a key that the
 * first of two requests inserts.
 */
#include "op/idempotency.h"

#include <openssl/crypto.h>

#include "auth/key.h"
#include "auth/sealing.h"
#include "codec/reader.h"
#include "op/generic.h"

#define KEY_LONGEST 64
#define LIFETIME (INT64_C(24) * 3600 * MICROSECONDS_PER_SECOND)

/* What identifies a repetition. */
struct replay {
	uint8_t key_hash[KEY_HASH_LENGTH];     /* caller and Idempotency-Key: the row's key */
	uint8_t request_hash[KEY_HASH_LENGTH]; /* method, path, query, body, and the rights */
};

static bool key_is_good(struct str key)
{
	for (size_t i = 0; i < key.length; i++) {
		if (key.data[i] <= 0x20 || key.data[i] >= 0x7F)
			return false;
	}
	return key.length > 0 && key.length <= KEY_LONGEST;
}

static void append_uuid(struct buf *text, const struct uuid *id)
{
	char printed[UUID_TEXT_LENGTH];

	uuid_print(id, printed);
	buf_append(text, printed, sizeof(printed));
	buf_append_char(text, '\n');
}

/*
 * Who calls: a key, a user through a client or without one, or an account. Not the text that proves
 * it, which is another one with each signature, and after each refresh.
 */
static void append_caller(struct buf *text, const struct principal *principal)
{
	append_uuid(text, &principal->user);
	append_uuid(text, &principal->client);
	buf_printf(text, "%lld\n", (long long)principal->key_id);
	/* Nothing more for all others, whose stored answers stay theirs. */
	buf_append_text(text, principal->hosting);
}

/* The query string without the credential that it may hold. */
static void append_query(struct buf *text, const struct operation *operation)
{
	struct str rest = operation->request->query, part;

	while (rest.length > 0 && str_next(&rest, '&', &part)) {
		struct str name = form_decode(
		    operation->context.arena, str_slice(part, 0, str_find(part, '=')), true);

		if (part.length == 0 ||
		    ((operation->contract->family.credentials & CREDENTIAL_PARAMETER) &&
			str_equal_ignore_case(name, STR(CREDENTIAL_PARAMETER_NAME))))
			continue;
		buf_append_str(text, part);
		buf_append_char(text, '&');
	}
}

/* False when memory is out. */
static bool identify(struct operation *operation, struct replay *replay)
{
	const struct request *request = operation->request;
	const struct principal *principal = operation->context.actor.principal;
	struct buf caller = { 0 }, text = { 0 };
	bool good;

	buf_append_text(&caller, "idempotency\n");
	append_caller(&caller, principal);
	buf_append_str(&caller, request->idempotency_key);
	buf_printf(&text, "%s\n%s\n", request->method_name, request->path);
	append_query(&text, operation);
	buf_printf(&text, "\n" STR_FORMAT "\n",
	    STR_ARGUMENTS(negotiate_media_type(request->content_type)));
	/* An answer is for whoever may do and see what its first reader could. */
	buf_printf(&text, "%x\n%x\n%lld\n", principal->roles, principal->permissions,
	    (long long)principal->customer_id);
	buf_append_str(&text, request->body);
	key_hash(buf_str(&caller), replay->key_hash);
	key_hash(buf_str(&text), replay->request_hash);
	good = !caller.failed && !text.failed;
	buf_free(&caller);
	buf_free(&text);
	return good;
}

static struct str associated(const struct replay *replay)
{
	return (struct str){ (const char *)replay->key_hash, KEY_HASH_LENGTH };
}

static struct bind hash_bind(const uint8_t hash[KEY_HASH_LENGTH])
{
	return BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH }));
}

/* A stored answer is: media type, NUL, header lines, NUL, body. */
static int answer_again(
    struct operation *operation, const struct replay *replay, struct error *error)
{
	static const char query[] =
	    "SELECT request_hash, status, response FROM idempotency WHERE key_hash = ?";
	static const enum bind_kind columns[] = { BIND_BINARY, BIND_INTEGER, BIND_BINARY };
	const struct bind key = hash_bind(replay->key_hash);
	struct response *response = operation->response;
	struct str plain, media, headers;
	enum seal_state state;
	struct result result;

	if (database_select(operation->context.database, operation->context.arena, query, &key, 1,
		columns, COUNT_OF(columns), &result, error) != 0)
		return -1;
	if (result.count == 0) {
		gate_count(operation->context.guard->gate, GATE_EVENT_REPEATED);
		return error_set(
		    error, ERROR_BUSY, "The first request is still under way; try again.");
	}
	if (result.rows[0][0].text.length != KEY_HASH_LENGTH ||
	    CRYPTO_memcmp(result.rows[0][0].text.data, replay->request_hash, KEY_HASH_LENGTH) != 0)
		return error_set(error, ERROR_MISMATCH, "%s", error_code_message(ERROR_MISMATCH));
	state = unseal(operation->context.settings->seal_keys, SEAL_ANSWER, associated(replay),
	    result.rows[0][2].text, operation->context.arena, &plain);
	if (state != SEAL_GOOD || !str_next(&plain, '\0', &media) ||
	    !str_next(&plain, '\0', &headers)) {
		(void)error_set(error, ERROR_CONFLICT,
		    "The request was carried out before, but its answer cannot be shown again.");
		error->detail = seal_state_text(state);
		return -1;
	}
	response_reset(response);
	response->status = (int)result.rows[0][1].integer;
	response->has_body = plain.length > 0;
	response->content_type = arena_printf(
	    operation->context.arena, STR_FORMAT "; charset=utf-8", STR_ARGUMENTS(media));
	buf_append_str(&response->headers, headers);
	buf_append_str(&response->body, plain);
	response_header(response, "Idempotency-Replayed", STR("true"));
	return 0;
}

static int store_answer(
    struct operation *operation, const struct replay *replay, struct error *error)
{
	static const char update[] =
	    "UPDATE idempotency SET status = ?, response = ? WHERE key_hash = ?";
	const struct response *response = operation->response;
	struct buf plain = { 0 };
	char key[SEAL_ID_TEXT];
	enum seal_state state;
	struct str sealed;
	struct outcome outcome;

	if (sealing_hold(operation->context.database, operation->context.settings,
		operation->context.arena, key, error) != 0)
		return -1;

	buf_append(&plain, operation->answer.media.type, strlen(operation->answer.media.type) + 1);
	buf_append_str(&plain, buf_str(&response->headers));
	buf_append_char(&plain, '\0');
	buf_append_str(&plain, buf_str(&response->body));
	state = seal_under(operation->context.settings->seal_keys, key, SEAL_ANSWER,
	    associated(replay), buf_str(&plain), operation->context.arena, &sealed);
	buf_free(&plain);
	if (state != SEAL_GOOD) {
		error->cause = ERROR_CAUSE_KEY_FILE;
		return error_set_detail(error, ERROR_UNAVAILABLE, "an answer cannot be stored: %s",
		    seal_state_text(state));
	}
	const struct bind parameters[] = { BIND_INT(response->status), BIND_BYTES(sealed),
		hash_bind(replay->key_hash) };

	return database_execute(
	    operation->context.database, update, parameters, COUNT_OF(parameters), &outcome, error);
}

static int run_once(struct operation *operation, void *context, struct error *error)
{
	static const char expire[] =
	    "DELETE FROM idempotency WHERE key_hash = ? AND expires_at <= ?";
	static const char insert[] =
	    "INSERT INTO idempotency (key_hash, request_hash, status, response, "
	    "expires_at) VALUES (?, ?, 0, '', ?)";
	const struct replay *replay = context;
	int64_t now = timestamp_now();
	const struct bind old[] = { hash_bind(replay->key_hash), BIND_MOMENT(now) };
	const struct bind row[] = { hash_bind(replay->key_hash), hash_bind(replay->request_hash),
		BIND_MOMENT(now + LIFETIME) };
	struct outcome outcome;

	response_reset(operation->response);
	if (database_execute(
		operation->context.database, expire, old, COUNT_OF(old), &outcome, error) != 0)
		return -1;
	if (database_execute(
		operation->context.database, insert, row, COUNT_OF(row), &outcome, error) != 0) {
		if (database_fault(operation->context.database) != DATABASE_FAULT_DUPLICATE)
			return -1;
		error_clear(error);
		return answer_again(operation, replay, error);
	}
	if (op_run(operation, error) != 0)
		return -1;
	return store_answer(operation, replay, error);
}

int idempotency_run(struct operation *operation, struct error *error)
{
	struct replay replay;

	if (!key_is_good(operation->request->idempotency_key))
		return error_add_fault(error, "Idempotency-Key",
		    "The Idempotency-Key must be 1 to %d printable characters without blanks.",
		    KEY_LONGEST);
	/* Where everybody may call, nobody can be told from another. */
	if (operation->context.actor.principal == NULL)
		return op_run(operation, error);
	if (!identify(operation, &replay))
		return error_out_of_memory(error);
	return operation_transaction_once(operation, run_once, &replay, error);
}
