#include "../lib/rows.h"
#include "auth/webhook_signature.h"

/* The published vector of Standard Webhooks 1.0.0. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define SECONDS INT64_C(1614265330)
#define BODY "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static void test_vector(void **state)
{
	struct buf out = { 0 };

	(void)state;
	assert_true(webhook_sign(STR(SECRET), STR(ID), SECONDS, STR(BODY), &out));
	assert_string_equal(out.data, SIGNATURE);
	/* A second one stands behind it, as while a secret is rotated. */
	assert_true(webhook_sign(STR(SECRET), STR(ID), SECONDS, STR(BODY), &out));
	assert_string_equal(out.data, SIGNATURE " " SIGNATURE);
	buf_free(&out);
}

/* Each part counts. */
static void test_parts(void **state)
{
	static const struct {
		const char *secret, *id, *body;
		int64_t seconds;
	} rows[] = {
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", ID, BODY, SECONDS },
		{ SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJel", BODY, SECONDS },
		{ SECRET, ID, "{\"test\": 2432232315}", SECONDS },
		{ SECRET, ID, "", SECONDS },
		{ SECRET, ID, BODY, SECONDS + 1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };

		assert_true(webhook_sign(str_from(rows[i].secret), str_from(rows[i].id),
		    rows[i].seconds, str_from(rows[i].body), &out));
		assert_string_not_equal(out.data, SIGNATURE);
		buf_free(&out);
	}
}

#define BYTES_24 "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define BYTES_48 BYTES_24 BYTES_24

static void test_secrets(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ SECRET, true },
		{ "whsec_" BYTES_48, true },
		{ "whsec_" BYTES_48 "QUJDREVGR0hJSktMTU5PUA==", true }, /* 64 bytes */
		{ "whsec_" BYTES_48 "QUJDREVGR0hJSktMTU5PUFE=", false },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", false }, /* 23 bytes */
		{ "whsec_", false },
		{ "", false },
		{ BYTES_24, false },
		{ "WHSEC_" BYTES_24, false },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", false },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", false },
		{ "whpk_" BYTES_24, false },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str text = str_from(rows[i].text);

		if (webhook_secret_is_good(text) != rows[i].good ||
		    webhook_sign(text, STR(ID), SECONDS, STR(BODY), &out) != rows[i].good)
			fail_msg("row %zu: %s", i, rows[i].text);
	}
	buf_free(&out);
}

static void test_made(void **state)
{
	char first[WEBHOOK_SECRET_MAX + 1], second[WEBHOOK_SECRET_MAX + 1];

	(void)state;
	webhook_secret_make(first);
	webhook_secret_make(second);
	assert_true(webhook_secret_is_good(str_from(first)));
	assert_int_equal(strlen(first), 6 + 44);
	assert_string_not_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
