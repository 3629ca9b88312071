#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/hawk.h"

/* The published vector of the hosting API's way to sign. */
#define SECRET "123456890"
#define TARGET "/hosting/api/client?apiKey=134568790"
#define BODY "{\"username\":\"test\",\"password\":\"geheim\",\"emailAddress\":\"test@example.com\"}"
#define HASH "rB2deQsAce7d603uAa6d7N+eIgQnaODkFRxxobAtqpE="
#define POST_MAC "bygu/Msg6/4n/YvWblaI9ynsdDdWptkRJuOQFZkIYIM="
#define GET_MAC "RyU+GxI3X3x9bhfeGMj8HJTq5BIS6zabD8SkwN/bA50="
#define TS INT64_C(1669892932)
#define HEAD "Hawk id=\"134568790\", ts=\"1669892932\", nonce=\"j4h3g2\", "

static struct arena *arena;
static struct error error;
static struct nonces *nonces;
static uint8_t key[HAWK_KEY_LENGTH];

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4096, 1 << 20);
	error_init(&error, arena);
	nonces = nonces_open(NULL);
	hawk_derive_key(STR(SECRET), key);
	return arena != NULL && nonces != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	nonces_close(nonces);
	arena_free(arena);
	return 0;
}

static const struct hawk_request post = {
	.method = "POST",
	.target = { TARGET, sizeof(TARGET) - 1 },
	.host = { "ccm19.example.com", 17 },
	.https = true,
	.content_type = { "Application/JSON ; charset=utf-8", 32 },
	.body = { BODY, sizeof(BODY) - 1 },
};

static const struct hawk_request get = {
	.method = "GET",
	.target = { TARGET, sizeof(TARGET) - 1 },
	.host = { "CCM19.example.com:443", 21 },
};

static void test_derived_key(void **state)
{
	static const uint8_t expected[HAWK_KEY_LENGTH] = { 0x4a, 0xa2, 0x86, 0xe8, 0xe8, 0xc9, 0x45,
		0x40, 0xc2, 0x4b, 0x41, 0xdf, 0x1b, 0x5b, 0xb4, 0xa9 };

	(void)state;
	assert_memory_equal(key, expected, sizeof(expected));
}

static void check_header(const struct hawk_request *request, const char *header, int64_t now,
    const char *reason, size_t row)
{
	bool forged;
	int status;

	error_clear(&error);
	status = hawk_check(key, nonces, str_from(header), request, now, &forged, &error);
	assert_int_equal(forged, reason != NULL && strcmp(reason, "Bad MAC") == 0);
	if (reason == NULL && status != 0)
		fail_msg("row %zu: refused with %s", row, error.challenge);
	if (reason != NULL && (status == 0 || strstr(error.challenge, reason) == NULL))
		fail_msg("row %zu: %s", row, status == 0 ? "accepted" : error.challenge);
	assert_int_equal(status == 0 ? 0 : ERROR_UNAUTHENTICATED, error.code);
}

static void test_headers(void **state)
{
	static const struct {
		const struct hawk_request *request;
		const char *header;
		int64_t late;
		const char *reason; /* NULL = it is right */
	} rows[] = {
		{ &post, HEAD "hash=\"" HASH "\", mac=\"" POST_MAC "\"", 0, NULL },
		{ &post, HEAD "hash=\"" HASH "\", mac=\"" POST_MAC "\"", 1, "Invalid nonce" },
		{ &post, HEAD "hash=\"" HASH "\", mac=\"" POST_MAC "\"", 61, "Stale timestamp" },
		{ &post, HEAD "hash=\"" HASH "\", mac=\"" POST_MAC "\"", -61, "Stale timestamp" },
		{ &post, HEAD "hash=\"" HASH "\", mac=\"" GET_MAC "\"", 0, "Bad MAC" },
		{ &get, HEAD "mac=\"" POST_MAC "\"", 0, "Bad MAC" },
		{ &post, HEAD "mac=\"" POST_MAC "\"", 0, "Bad MAC" },
		{ &get, "", 0, "Missing Authorization header" },
		{ &get, "Bearer x", 0, "Missing Authorization header" },
		{ &get, "Hawk", 0, "Missing attributes" },
		{ &get, "Hawk id=\"1\"", 0, "Missing attributes" },
		{ &get, HEAD, 0, "Missing attributes" },
		{ &get, HEAD "mac=\"" GET_MAC, 0, "Missing attributes" },
		{ &get, HEAD "mac=" GET_MAC, 0, "Missing attributes" },
		{ &get, HEAD "mac=\"" GET_MAC "\", id=\"again\"", 0, "Missing attributes" },
		{ &get, HEAD "mac=\"" GET_MAC "\", other=\"x\"", 0, "Missing attributes" },
		{ &get, "Hawk id=\"1\", ts=\"soon\", nonce=\"a\", mac=\"b\"", 0,
		    "Missing attributes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_header(rows[i].request, rows[i].header, TS + rows[i].late, rows[i].reason, i);
}

static void test_body(void **state)
{
	struct hawk_request changed = post;
	static const char header[] = "Hawk id=\"134568790\", ts=\"1669892932\", nonce=\"j4h3g2\", "
				     "mac=\"" GET_MAC "\"";

	(void)state;
	changed.body.length--;
	check_header(
	    &changed, HEAD "hash=\"" HASH "\", mac=\"" POST_MAC "\"", TS, "Bad payload hash", 0);
	changed = get;
	changed.https = true;
	changed.body = post.body;
	check_header(&changed, header, TS, "Missing required payload hash", 1);
	changed.body.length = 0;
	/* The nonce was used by the POST: it is the id, the time and the nonce that count. */
	check_header(&changed, header, TS, "Invalid nonce", 2);
	nonces_close(nonces);
	nonces = nonces_open(NULL);
	check_header(&changed, header, TS, NULL, 3);
}

static void test_nonces_fill_up_and_come_back(void **state)
{
	uint8_t digest[32] = { 0 };
	int64_t now = 1000000;
	unsigned room = 0;

	(void)state;
	/* One set: the first bytes are the same. */
	for (unsigned i = 0; i < 64; i++) {
		digest[8] = (uint8_t)i;
		error_clear(&error);
		if (nonces_use(nonces, digest, now, now + 61, &error) == 1)
			room++;
		else
			assert_int_equal(error.code, ERROR_BUSY);
	}
	assert_int_equal(room, 16);
	digest[8] = 0;
	assert_int_equal(nonces_use(nonces, digest, now + 60, now + 61, &error), 0);
	digest[8] = 99;
	assert_int_equal(nonces_use(nonces, digest, now + 61, now + 122, &error), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_derived_key),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_nonces_fill_up_and_come_back),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
