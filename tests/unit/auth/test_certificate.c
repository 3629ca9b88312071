/*
 * Certificates: what they say, in each form in which web servers and people hand them over.
 */
#include "../lib/rows.h"

#include "auth/certificate.h"
#include "base/url.h"

static const char pem[] = "-----BEGIN CERTIFICATE-----\n"
			  "MIIBmTCCAT+gAwIBAgIUPS3Zy0ay6Z2vw5P+qJT7WvZwV1MwCgYIKoZIzj0EAwIw\n"
			  "ITENMAsGA1UECgwEQUNNRTEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjEyMDExMTM2\n"
			  "MjZaGA8yMTI2MTEwNzExMzYyNlowITENMAsGA1UECgwEQUNNRTEQMA4GA1UEAwwH\n"
			  "Z2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABA7bTWsGeUvndvVN/sh6\n"
			  "YNwb68oGD6K2Cygv67gPmTIedz67wvwl2s2LmuwSwpwHT+lq7LLDYetI2maR8J59\n"
			  "7Q2jUzBRMB0GA1UdDgQWBBTZOpV8kiqFDa8fGc05T5URQBZ09TAfBgNVHSMEGDAW\n"
			  "gBTZOpV8kiqFDa8fGc05T5URQBZ09TAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49\n"
			  "BAMCA0gAMEUCIA1343nNgB9npCEBPBsDioxs/tllHN0i3IzuA+KHLH2FAiEA8BDP\n"
			  "xN+LvvsvOvd4l25MdXkhHetn89fFDub7dyaHiwI=\n"
			  "-----END CERTIFICATE-----\n";

#define SHA1 "CC19AE572C4C40BE2DA7213F1D34D592375D72B2"
#define SHA256 "7FDA504EAF428ED37F4EFF3D588AC95FF4A905125FCCD9ACA31891ACBBDDEA46"
#define SERIAL "3D2DD9CB46B2E99DAFC393FEA894FB5AF6705753"
#define TOKEN "ccf_f9pQTq9CjtN_Tv89WIrJX_SpBRJfzNmsoxiRrLvd6kY"

static struct arena *arena;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new(65536, 1 << 20);
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void assert_text(struct str text, const char *expected)
{
	assert_int_equal(text.length, strlen(expected));
	assert_memory_equal(text.data, expected, text.length);
}

static void test_read(void **state)
{
	struct certificate certificate;

	(void)state;
	assert_true(certificate_read(arena, str_from(pem), &certificate));
	assert_text(certificate.sha1, SHA1);
	assert_text(certificate.sha256, SHA256);
	assert_text(certificate.serial, SERIAL);
	assert_text(certificate.subject, "CN=gateway,O=ACME");
	assert_text(certificate.issuer, "CN=gateway,O=ACME");
	assert_true(certificate.not_before < certificate.not_after);
}

static void test_token(void **state)
{
	struct buf escaped = { 0 };

	(void)state;
	assert_text(certificate_token(arena, str_from(pem)), TOKEN);
	assert_text(certificate_token_of(arena, STR(SHA256)), TOKEN);
	assert_true(token_is(TOKEN_CERTIFICATE, STR(TOKEN)));
	url_append_encoded(&escaped, str_from(pem));
	assert_text(certificate_token(arena, buf_str(&escaped)), TOKEN);
	buf_free(&escaped);
}

static void test_what_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"nothing",
		"-----BEGIN CERTIFICATE-----",
		"-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
		"-----END CERTIFICATE----------BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n",
		"%2D%2D%2",
		"%",
	};
	struct certificate certificate;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		assert_int_equal(certificate_token(arena, str_from(texts[i])).length, 0);
		assert_false(certificate_read(arena, str_from(texts[i]), &certificate));
	}
	/* What a web server has verified is one; here it would not do. */
	assert_false(certificate_read(arena,
	    STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), &certificate));
}

static void test_thumbprint(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "00112233445566778899aabbccddeeff00112233",
		    "00112233445566778899AABBCCDDEEFF00112233" },
		{ "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33",
		    "00112233445566778899AABBCCDDEEFF00112233" },
		{ "00 112233445566778899AABBCCDDEEFF00112233",
		    "00112233445566778899AABBCCDDEEFF00112233" },
		{ "00112233445566778899AABBCCDDEEFF0011223", "" },
		{ "00112233445566778899AABBCCDDEEFF001122334", "" },
		{ "0011223344556677889-AABBCCDDEEFF00112233", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_text(
		    certificate_thumbprint(arena, str_from(rows[i].text), CERTIFICATE_SHA1_DIGITS),
		    rows[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_thumbprint),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
