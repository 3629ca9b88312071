#include "../lib/golden.h"
#include "../lib/license.h"
#include "../lib/rows.h"
#include "api/contracts.h"
#include "api/licensing/licensing.h"
#include "base/base64.h"
#include "codec/reader.h"
#include "codec/row.h"
#include "document/format.h"

/* RFC 8032, 7.1, test 1. */
#define KEY "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 16, 1 << 24);
	return arena == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct signing_key *import(const char *text)
{
	struct signing_key *key;
	struct error error;

	error_init(&error, arena);
	if (signing_key_import(str_from(text), NULL, &key, &error) != 0)
		fail_msg("%s", error.faults->message);
	return key;
}

#define PLAIN_MEMBERS                                                                      \
	"\"licenseId\":\"lic7F02C9D1\",\"licenseType\":\"Enterprise\","                    \
	"\"issueDate\":\"2026-01-31T10:00:00Z\",\"expireDate\":\"2027-01-31T10:00:00Z\","  \
	"\"licensingMode\":1,\"maxAllowedSites\":5,\"licenseeName\":\"Ada Byron\","        \
	"\"licensee\":{\"company\":\"ACME\"},\"product\":{\"id\":\"P01\",\"name\":\"ACME " \
	"Product\"},"                                                                      \
	"\"features\":[{\"id\":\"F1\",\"name\":\"Export\"}]"

static int make(const char *json, const struct signing_key *key, bool legacy, struct buf *out,
    struct error *error)
{
	const struct document document = { .arena = arena,
		.license = license_read(arena, json),
		.key = key,
		.legacy = legacy,
		.now = INT64_C(1769853600000000) };

	error_init(error, arena);
	buf_reset(out, out->capacity);
	return document_make(&document, out, error);
}

/* The examples of the paper, which another implementation has made. */
static void test_examples(void **state)
{
	static const char *const files[] = { "license.xml", "dsig.xml", "license.jwt", "serial.txt",
		"license.lic" };
	struct signing_key *key = import(KEY);
	struct buf made = { 0 }, file = { 0 };
	struct error error;

	(void)state;
	for (size_t i = 0; i < ROWS(files); i++) {
		const char *json = arena_printf(arena, "{\"format\":%zu," PLAIN_MEMBERS "}", i);

		if (make(json, key, false, &made, &error) != 0)
			fail_msg("%s: %s", files[i],
			    error.faults != NULL ? error.faults->message : error.detail);
		buf_reset(&file, file.capacity);
		golden_read(arena_printf(arena, "tests/golden/documents/%s", files[i]), &file);
		if (!str_equal(buf_str(&made), buf_str(&file)))
			fail_msg("%s:\n%s\n%s", files[i], made.data, file.data);
	}
	buf_free(&made);
	buf_free(&file);
	signing_key_free(key);
}

static void test_encrypted(void **state)
{
	struct signing_key *key = import(KEY);
	struct buf plain = { 0 }, made = { 0 }, file = { 0 };
	struct error error;

	(void)state;
	error_init(&error, arena);
	golden_read("tests/golden/documents/license.lic", &plain);
	golden_read("tests/golden/documents/encrypted.lic", &file);
	assert_int_equal(document_encrypt_file(arena, buf_str(&plain),
			     STR("K7Q2M-ZX94T-HW8PD-3NVRB"), key, &made, &error),
	    0);
	assert_string_equal(made.data, file.data);
	/* What is encrypted, or no such file, is not encrypted again. */
	buf_reset(&made, 0);
	assert_int_equal(
	    document_encrypt_file(arena, buf_str(&file), STR("x"), key, &made, &error), -1);
	assert_int_equal(error.code, ERROR_CONFLICT);
	error_clear(&error);
	assert_int_equal(
	    document_encrypt_file(arena, STR("text"), STR("x"), key, &made, &error), -1);
	assert_int_equal(error.code, ERROR_CONFLICT);
	buf_free(&plain);
	buf_free(&made);
	buf_free(&file);
	signing_key_free(key);
}

/* ClientFile.licenses of babelfornet/license-file-console-example, and what it was signed with. */
#define SAMPLE                                                                              \
	"<Licenses xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><License "       \
	"Id=\"licE719B\" issueDate=\"%s\" type=\"Enterprise\"><Licensee "                   \
	"company=\"ACME\" contactInfo=\"info@acme.com\" /><Product Id=\"P01\" name=\"ACME " \
	"Product\" /></License>%s</Licenses>"
#define SAMPLE_DATE "2023-05-30T06:39:07.2883132Z"
#define SAMPLE_SIGNATURE                                                   \
	"<Signature><Algorithm name=\"RSA\" /><SignatureValue>"            \
	"A3HsALmDtylLITiiI1t154YjxlqyHVEpYEb3M9vM3a5kacDfRFema/uAnc1y9F/w" \
	"nqWfxclodpBWZblIjiJ/yiHcv6zseouBJVOKWnTGuT7ZkWP505/8YkTYg2BkcR8b" \
	"1E+YSF+/yi2RoPzOfOKOis0OuoHNJDWfhfYZXquc11g="                     \
	"</SignatureValue></Signature>"

static void test_published_sample(void **state)
{
	struct signing_key *key = import(TEST_SNK);
	struct buf made = { 0 };
	struct error error;
	const char *same;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(document_sign_xml(str_from(arena_printf(arena, SAMPLE, SAMPLE_DATE, "")),
			     key, true, &made, &error),
	    0);
	assert_string_equal(made.data, arena_printf(arena, SAMPLE, SAMPLE_DATE, SAMPLE_SIGNATURE));
	/* The same license by the API, whose moments have microseconds: nothing else differs. */
	assert_int_equal(
	    make("{\"licenseId\":\"licE719B\",\"licenseType\":\"Enterprise\","
		 "\"issueDate\":\"" SAMPLE_DATE "\",\"licensee\":{\"company\":\"ACME\","
		 "\"contactInfo\":\"info@acme.com\"},\"product\":{\"id\":\"P01\","
		 "\"name\":\"ACME Product\"}}",
		key, true, &made, &error),
	    0);
	same = arena_printf(arena, SAMPLE, "2023-05-30T06:39:07.288313Z", "<Signature>");
	assert_memory_equal(made.data, same, strlen(same) - strlen("</Licenses>"));
	assert_non_null(strstr(made.data, "<Algorithm name=\"RSA\" />"));
	/* Not marked legacy, it signs with SHA-256. */
	assert_int_equal(make("{\"licenseId\":\"l\"}", key, false, &made, &error), 0);
	assert_non_null(strstr(made.data, "<Algorithm name=\"RSA\" hash=\"SHA256\" />"));
	buf_free(&made);
	signing_key_free(key);
}

/* Everything that a license has, in both forms of XML and in JSON. */
#define FULL                                                                                     \
	"\"licenseId\":\"l\\u00e9\\ud83d\\ude00\",\"issueDate\":null,"                           \
	"\"components\":[\"a&b\",\"c\"],"                                                        \
	"\"assemblies\":[{\"name\":\"A\",\"version\":\"1.*\",\"culture\":\"en\","                \
	"\"publicKeyToken\":\"00\"}],"                                                           \
	"\"fields\":[{\"name\":\"n\",\"value\":\"<\\\">\\t\\n\\r'\"},{\"name\":\"empty\"}],"     \
	"\"product\":{\"description\":\"a<b>&\\r\\n\"},"                                         \
	"\"features\":[{\"id\":\"F\",\"expireDate\":\"2030-01-02T03:04:05.5Z\",\"key\":\"k\","   \
	"\"description\":\" \",\"data\":\"d\"}],"                                                \
	"\"restrictions\":[{\"id\":\"R\",\"name\":\"Hardware\",\"properties\":{\"hardwareKey\":" \
	"\"M\"},"                                                                                \
	"\"customXmlContent\":\"<b z=\\\"1>\\\" a='2'> <c/>t<![CDATA[<]]></b> \"}]"

static void test_full(void **state)
{
	static const char *const documents[] = {
		"<Licenses xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
		"<License Id=\"l\xc3\xa9\xf0\x9f\x98\x80\"><Product><Description>a&lt;b&gt;&amp;"
		"&#xD;\n</Description></Product><Components><Component name=\"a&amp;b\" />"
		"<Component name=\"c\" /></Components><Assemblies><Assembly name=\"A\" "
		"version=\"1.*\" culture=\"en\" publicKeyToken=\"00\" /></Assemblies><Fields>"
		"<Field name=\"n\" value=\"&lt;&quot;&gt;&#x9;&#xA;&#xD;'\" /><Field "
		"name=\"empty\" /></Fields><Features><Feature Id=\"F\" "
		"expireDate=\"2030-01-02T03:04:05.5Z\" key=\"k\"><Data>d</Data></Feature>"
		"</Features><Restrictions><Restriction Id=\"R\" name=\"Hardware\"><Property "
		"name=\"hardwareKey\" value=\"M\" /><b z=\"1&gt;\" a=\"2\"><c />t&lt;</b>"
		"</Restriction></Restrictions></License><Signature>",
		"<Licenses>"
		"<License Id=\"l\xc3\xa9\xf0\x9f\x98\x80\"><Product><Description>a&lt;b&gt;&amp;"
		"&#xD;\n</Description></Product><Components><Component name=\"a&amp;b\">"
		"</Component><Component name=\"c\"></Component></Components><Assemblies><Assembly "
		"culture=\"en\" name=\"A\" publicKeyToken=\"00\" version=\"1.*\"></Assembly>"
		"</Assemblies><Fields><Field name=\"n\" value=\"&lt;&quot;>&#x9;&#xA;&#xD;'\">"
		"</Field><Field name=\"empty\"></Field></Fields><Features><Feature Id=\"F\" "
		"expireDate=\"2030-01-02T03:04:05.5Z\" key=\"k\"><Data>d</Data></Feature>"
		"</Features><Restrictions><Restriction Id=\"R\" name=\"Hardware\"><Property "
		"name=\"hardwareKey\" value=\"M\"></Property><b a=\"2\" z=\"1>\"><c></c>t&lt;</b>"
		"</Restriction></Restrictions></License><Signature xmlns=",
	};
	static const char json[] =
	    "{\"sub\":\"l\xc3\xa9\xf0\x9f\x98\x80\",\"license\":{\"id\":"
	    "\"l\xc3\xa9\xf0\x9f\x98\x80\","
	    "\"product\":{\"description\":\"a<b>&\\r\\n\"},\"components\":[\"a&b\",\"c\"],"
	    "\"assemblies\":[{\"name\":\"A\",\"version\":\"1.*\",\"culture\":\"en\","
	    "\"publicKeyToken\":\"00\"}],\"fields\":[{\"name\":\"n\","
	    "\"value\":\"<\\\">\\t\\n\\r'\"},{\"name\":\"empty\"}],\"features\":[{\"id\":\"F\","
	    "\"expireDate\":\"2030-01-02T03:04:05.5Z\",\"key\":\"k\",\"description\":\" \","
	    "\"data\":\"d\"}],\"restrictions\":[{\"id\":\"R\",\"name\":\"Hardware\","
	    "\"properties\":{\"hardwareKey\":\"M\"},"
	    "\"customXmlContent\":\"<b z=\\\"1>\\\" a='2'> <c/>t<![CDATA[<]]></b> \"}]}}";
	struct signing_key *key = import(KEY);
	struct buf made = { 0 }, payload = { 0 };
	struct error error;
	char *dot;

	(void)state;
	for (size_t i = 0; i < ROWS(documents); i++) {
		if (make(arena_printf(arena, "{\"format\":%zu," FULL "}", i), key, false, &made,
			&error) != 0)
			fail_msg("%zu: %s", i, error.faults->message);
		if (strncmp(made.data, documents[i], strlen(documents[i])) != 0)
			fail_msg("%zu:\n%s\n%s", i, made.data, documents[i]);
	}
	assert_int_equal(make("{\"format\":2," FULL "}", key, false, &made, &error), 0);
	key_append_base64url(&payload, json, sizeof(json) - 1);
	dot = strchr(made.data, '.');
	if (strncmp(dot + 1, payload.data, payload.length) != 0)
		fail_msg("%s", dot);
	assert_int_equal(dot[1 + payload.length], '.');
	buf_free(&made);
	buf_free(&payload);
	signing_key_free(key);
}

/* What is refused, and of which member it is told. */
static void test_refused(void **state)
{
	static const struct {
		const char *json;
		enum key_algorithm algorithm;
		bool legacy;
		const char *path, *words;
	} rows[] = {
		{ "\"format\":5", KEY_ED25519, false, "format", "0 to 4" },
		{ "\"format\":3", KEY_RSA, false, "signingKeyId", "the algorithm RSA" },
		{ "\"format\":3", KEY_EC, false, "signingKeyId", "the algorithm EC" },
		{ "\"format\":2", KEY_RSA, true, "signingKeyId", "legacy" },
		{ "\"format\":4", KEY_RSA, true, "signingKeyId", "legacy" },
		{ "\"format\":3,\"maxAllowedSites\":65536", KEY_ED25519, false, "maxAllowedSites",
		    "65535" },
		{ "\"format\":3,\"expireDate\":\"2179-06-07\"", KEY_ED25519, false, "expireDate",
		    "2179-06-06" },
		{ "\"format\":3,\"expireDate\":\"1999-06-07\"", KEY_ED25519, false, "expireDate",
		    "2000-01-02" },
		{ "\"restrictions\":[{},{\"customXmlContent\":\"<a>\"}]", KEY_ED25519, false,
		    "restrictions[1].customXmlContent", "well-formed" },
		{ "\"restrictions\":[{\"customXmlContent\":\"</x><x>\"}]", KEY_ED25519, false,
		    "restrictions[0].customXmlContent", "well-formed" },
		{ "\"restrictions\":[{\"customXmlContent\":\"&e;\"}]", KEY_ED25519, false,
		    "restrictions[0].customXmlContent", "well-formed" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<!DOCTYPE a>\"}]", KEY_ED25519, false,
		    "restrictions[0].customXmlContent", "well-formed" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<!-- c -->\"}]", KEY_ED25519, false,
		    "restrictions[0].customXmlContent", "comments" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<?p?>\"}]", KEY_ED25519, false,
		    "restrictions[0].customXmlContent", "processing instructions" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<a:b xmlns:a='x'/>\"}]", KEY_ED25519,
		    false, "restrictions[0].customXmlContent", "namespaces" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<b xmlns='x'/>\"}]", KEY_ED25519,
		    false, "restrictions[0].customXmlContent", "namespaces" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<c><Signature/></c>\"}]", KEY_ED25519,
		    false, "restrictions[0].customXmlContent", "Signature" },
		{ "\"restrictions\":[{\"customXmlContent\":\"<License/>\"}]", KEY_ED25519, false,
		    "restrictions[0].customXmlContent", "License" },
	};
	struct signing_key *keys[KEY_ALGORITHM__MAX];
	struct buf made = { 0 };
	struct error error;

	(void)state;
	for (enum key_algorithm i = 0; i < KEY_ALGORITHM__MAX; i++)
		keys[i] = signing_key_make(i, KEY_RSA_LEAST);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *json = arena_printf(arena, "{\"licenseId\":\"l\",%s}", rows[i].json);

		if (make(json, keys[rows[i].algorithm], rows[i].legacy, &made, &error) == 0)
			fail_msg("%s: %s", rows[i].json, made.data);
		expect_str(i, str_from(error.faults->path), rows[i].path);
		if (strstr(error.faults->message, rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].json, error.faults->message);
	}
	/* All formats take all other keys. */
	for (size_t format = 0; format < 5; format++) {
		for (enum key_algorithm i = 0; i < KEY_ALGORITHM__MAX; i++) {
			if (format == 3 && i != KEY_ED25519)
				continue;
			assert_int_equal(
			    make(arena_printf(arena, "{\"format\":%zu," PLAIN_MEMBERS "}", format),
				keys[i], false, &made, &error),
			    0);
		}
	}
	for (enum key_algorithm i = 0; i < KEY_ALGORITHM__MAX; i++)
		signing_key_free(keys[i]);
	buf_free(&made);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_published_sample),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
