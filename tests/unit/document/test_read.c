#include "../lib/license.h"
#include "../lib/rows.h"
#include "api/licensing/licensing.h"
#include "document/content.h"
#include "document/format.h"
#include "document/read.h"

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

static struct row *new_license(void)
{
	struct row *row = row_new(arena, &licensing_license_resource);

	assert_non_null(row);
	return row;
}

/* What a license says, as the JSON of documents. */
static const char *said(const struct row *license)
{
	struct buf json = { 0 };
	struct writer writer;
	const char *copy;

	writer_init(&writer, MEDIA_JSON, NULL, &json);
	content_write(&writer, NULL, license);
	copy = arena_copy(arena, json.data, json.length);
	buf_free(&json);
	return copy;
}

/* Everything that a document can say comes back out of it. */
static void test_written_and_read(void **state)
{
	static const char *const licenses[] = {
		"{\"format\":0,\"licenseId\":\"lic1\"}",
		"{\"format\":0,\"licenseId\":\"lic1\",\"licenseType\":\"Enterprise\",\"issueDate\":"
		"\"2026-01-31T10:00:00.5Z\",\"expireDate\":\"2027-01-31T10:00:00Z\","
		"\"supportExpireDate\":\"2028-01-01T00:00:00Z\",\"licensingMode\":1,"
		"\"maxAllowedSites\":5,\"licensee\":{\"name\":\"Ada <&> "
		"\\\"Byron\\\"\",\"company\":"
		"\"ACME\",\"contactInfo\":\"a@b.c\",\"url\":\"https://a.b/"
		"?c&d\"},\"product\":{\"id\":"
		"\"P\",\"name\":\"N\",\"version\":\"1\",\"copyright\":\"c\",\"url\":\"u\","
		"\"description\":"
		"\"line\\nline\"},\"components\":[\"one\",\"two\"],\"assemblies\":[{\"name\":\"A\","
		"\"version\":\"1.*\",\"culture\":\"de\",\"publicKeyToken\":\"31bf\"}],\"fields\":[{"
		"\"name\":\"f\",\"value\":\"\\t\\n\"},{\"name\":\"g\",\"value\":\"2\"}],"
		"\"features\":[{"
		"\"id\":\"F1\",\"name\":\"Export\",\"description\":\"D\",\"expireDate\":"
		"\"2030-01-01T00:00:00Z\",\"key\":\"k\",\"data\":\"QUJD\"}],\"restrictions\":[{"
		"\"id\":"
		"\"R\",\"name\":\"Trial\",\"expireDate\":\"2030-01-01T00:00:00Z\",\"properties\":{"
		"\"a\":\"1\",\"b\":\"x\\\"y\"},\"customXmlContent\":\"<a b=\\\"c\\\">d</a>\"}]}",
	};
	struct signing_key *key;
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(signing_key_import(STR(KEY), NULL, &key, &error), 0);
	for (size_t i = 0; i < 2 * ROWS(licenses); i++) {
		struct row *written = license_read(arena, licenses[i / 2]), *read = new_license();
		const struct document document = { .arena = arena, .license = written, .key = key };
		struct buf text = { 0 };

		row_set_integer(
		    written, resource_member(written->resource, "format"), (int64_t)(i % 2));
		assert_int_equal(document_make(&document, &text, &error), 0);
		assert_null(document_read_xml(arena, buf_str(&text), read));
		assert_string_equal(said(read), said(written));
		buf_free(&text);
	}
	signing_key_free(key);
}

/* Documents of others, and what is made of them. */
static void test_read(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "<?xml version=\"1.0\" encoding=\"utf-32\"?>\r\n<Licenses><License Id=\"a\" "
		  "type=\"T\"/></Licenses>",
		    "{\"id\":\"a\",\"type\":\"T\"}" },
		{ "\xef\xbb\xbf<License ID=\"a\"/>", "{\"id\":\"a\"}" },
		{ "<Licenses><License Id=\"a\" issueDate=\"never\"/></Licenses>",
		    "{\"id\":\"a\"}" },
		{ "<License><Feature Id=\"x\"/><Feature Id=\"y\"/><Other/></License>",
		    "{\"features\":[{\"id\":\"x\"},{\"id\":\"y\"}]}" },
		{ "<License><Fields><Field value=\"without a name\"/></Fields></License>", "{}" },
		{ "<License><Restrictions><Trial runCount=\"3\" "
		  "expireDate=\"2030-01-01\"/></Restrictions></License>",
		    "{\"restrictions\":[{\"name\":\"Trial\",\"expireDate\":\"2030-01-01T00:00:"
		    "00Z\","
		    "\"properties\":{\"runCount\":\"3\"}}]}" },
		{ "<License><Components><Component> text "
		  "</Component></Components></License>",
		    "{\"components\":[\"text\"]}" },
		{ "<l:License xmlns:l=\"urn:x\" Id=\"a\"/>", "{\"id\":\"a\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct row *row = new_license();
		const char *fault = document_read_xml(arena, str_from(rows[i].text), row);

		if (fault != NULL)
			fail_msg("%s: %s", rows[i].text, fault);
		assert_string_equal(said(row), rows[i].said);
	}
}

/* What a row has stays. */
static void test_members_win(void **state)
{
	struct row *row = license_read(arena, "{\"licenseId\":\"own\",\"licenseType\":null}");

	(void)state;
	assert_null(document_read_xml(arena, STR("<License Id=\"a\" type=\"T\"/>"), row));
	assert_string_equal(said(row), "{\"id\":\"own\"}");
}

static void test_refused(void **state)
{
	static const char *const texts[] = { "", " ", "K7Q2M-ZX94T", "<License",
		"<License></Licence>", "<Licenses/>", "<Other/>",
		"<!DOCTYPE x [<!ENTITY a \"b\">]><License Id=\"&a;\"/>", "<License Id=\"\xff\"/>",
		"<License><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></"
		"a></"
		"a></a></a></a></a></a></a></a></a></a></License>" };

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct row *row = new_license();

		if (document_read_xml(arena, str_from(texts[i]), row) == NULL)
			fail_msg("%s is read", texts[i]);
		assert_int_equal(row->present, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_and_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_members_win, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
