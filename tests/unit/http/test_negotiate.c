#include "../lib/rows.h"
#include "http/negotiate.h"

#define AJ "application/json"
#define TJ "text/json"
#define AX "application/xml"
#define TX "text/xml"
#define TC "text/csv"
#define NX "application/x-ndjson"
#define FORM "application/x-www-form-urlencoded"

static const struct {
	const char *accept; /* NULL = no such header */
	const char *content_type;
	const char *expected;
} rows[] = {
	/* Nothing that names a type that can be written. */
	{ NULL, NULL, AJ },
	{ "", NULL, AJ },
	{ " ", NULL, AJ },
	{ "*/*", NULL, AJ },
	{ "application/*", NULL, AJ },
	{ "text/html", NULL, AJ },
	{ FORM, NULL, AJ },
	{ "text/plain", NULL, AJ },
	{ "image/*", NULL, AJ },
	/* Literals and ranges. */
	{ AJ, NULL, AJ },
	{ TJ, NULL, TJ },
	{ "text/*", NULL, TJ },
	{ "text/*,application/json;q=0.5", NULL, TJ },
	{ TX, NULL, TX },
	{ AX, NULL, AX },
	{ "APPLICATION/XML", NULL, AX },
	{ "Text/*", NULL, TJ },
	/* Ties between the formats go to JSON. */
	{ "application/xml,application/json", NULL, AJ },
	{ "application/json,application/xml", NULL, AJ },
	{ "application/xml;q=0.9,application/json;q=0.9", NULL, AJ },
	/* Quality. */
	{ "application/json;q=0.5,application/xml", NULL, AX },
	{ "application/json;q=0.5,application/xml;q=0.51", NULL, AX },
	{ "application/json;q=0.501,application/xml;q=0.5", NULL, AJ },
	{ "application/xml;q=0.9,*/*", NULL, AJ },
	{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", NULL, AX },
	{ "text/xml;q=0.5,application/xml;q=0.5", NULL, TX },
	{ "application/xml;q=0.5,text/xml;q=0.5", NULL, AX },
	{ "text/xml;q=0.4,application/xml;q=0.5", NULL, AX },
	{ "*/*;q=0.1,application/xml;q=0.1", NULL, AX },
	{ "application/*;q=0.1,text/xml;q=0.1", NULL, TX },
	{ "application/xml; Q=0.2 , application/json;q=0.1", NULL, AX },
	{ "text/html, image/gif, *; q=.2, */*; q=.2", AX, AJ },
	{ "application/json;q=.2, application/xml;q=.25", NULL, AX },
	/* The most specific range counts. */
	{ "application/json;q=0, */*", NULL, AX },
	{ "*/*, application/json;q=0", NULL, AX },
	{ "*/*,application/json;q=0.0", NULL, AX },
	{ " */* , APPLICATION/JSON ; Q=0.000 ", NULL, AX },
	{ "application/json;q=0.5, */*", NULL, AX },
	{ "application/json;q=0.5, */*;q=0.4", NULL, AJ },
	{ "application/*;q=0.2, */*;q=0.9", NULL, AJ },
	{ "application/*;q=0, */*", NULL, AJ },
	{ "application/json;q=0, application/*", NULL, AX },
	{ "application/json;q=0, text/*;q=0.1", NULL, TJ },
	{ "application/xml;q=0, */*", NULL, AJ },
	{ "application/xml;q=0, text/xml;q=0.1, application/json;q=0.05", NULL, TX },
	{ "application/json;charset=utf-8;q=0, application/json, application/xml;q=0.1", NULL, AX },
	{ "application/json;charset=\"UTF-8\";q=0.2, application/json, application/xml;q=0.3", NULL,
	    AX },
	/* Of equal ranges the highest weight. */
	{ "application/xml;q=0.1, application/json;q=0.5, application/xml;q=0.6", NULL, AX },
	{ "application/xml, application/json;q=0, application/json", NULL, AJ },
	/* Nothing is refused: what is left is JSON, or what was sent and not refused. */
	{ "application/json;q=0", NULL, AJ },
	{ "*/*;q=0", NULL, AJ },
	{ "application/xml;q=0", AX, AJ },
	{ "application/json;q=0.000,application/xml", NULL, AX },
	/* Separators in quoted strings separate nothing. */
	{ "application/json;a=\",application/xml;q=1;\\\"\";q=0.3, application/xml;q=0.2", NULL,
	    AJ },
	{ "application/xml;a=\";q=0\";q=0.9, application/json;q=0.8", NULL, AX },
	/* Further parameters do not hurt. */
	{ "application/xml;version=1", NULL, AX },
	{ "application/xml;charset=utf-8;q=0.7, application/json;version=2;q=0.3", NULL, AX },
	/* The body's type where Accept says nothing of use. */
	{ NULL, TX, TX },
	{ "text/html", TX, TX },
	{ NULL, "text/xml; charset=utf-8", TX },
	{ "*/*", TX, AJ },
	{ AJ, TX, AJ },
	{ NULL, TJ, TJ },
	{ NULL, "Application/XML", AX },
	{ NULL, FORM, AJ },
	{ NULL, "application/vnd.x+xml", AJ },
	{ "application/json;q=0", AX, AX },
	/* Garbage. */
	{ ",,;,", NULL, AJ },
	{ ";q=1", NULL, AJ },
	{ "application/xml;q=", AJ, AJ },
	{ "application/xml;q=x", NULL, AJ },
	{ "application/xml;q=2", NULL, AJ },
	{ "application/xml;q=10", NULL, AJ },
	{ "application/xml;q=.", NULL, AJ },
	{ "application/xml;q=0..5", NULL, AJ },
	{ "application/xml;q=-1", NULL, AJ },
	{ "application/json;q=x, application/xml;q=0.1", NULL, AX },
	{ "application/xml;a=\"", NULL, AX },
	{ "application", NULL, AJ },
	{ "application/", NULL, AJ },
	{ "*/xml", NULL, AJ },
	{ "/", NULL, AJ },
};

static struct str optional(const char *text)
{
	return text != NULL ? str_from(text) : (struct str){ NULL, 0 };
}

/* Of lists and of everything else: CSV and JSON Lines change nothing for who does not name them. */
static void test_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		size_t row = i / 2;
		struct media media = negotiate_answer(optional(rows[row].accept), optional(NULL),
		    optional(rows[row].content_type), i % 2 == 1);

		expect_str(row, str_from(media.type), rows[row].expected);
		expect_int(row, media.format,
		    strstr(rows[row].expected, "xml") != NULL ? MEDIA_XML : MEDIA_JSON);
	}
}

static void test_list(void **state)
{
	static const struct {
		const char *accept;
		const char *expected; /* of a list */
		enum media_format format;
		const char *other; /* of another answer to the same request, an error say */
	} lists[] = {
		{ TC, TC, MEDIA_CSV, AJ },
		{ "Text/CSV", TC, MEDIA_CSV, AJ },
		{ "text/csv; charset=utf-8; header=present", TC, MEDIA_CSV, AJ },
		{ "text/csv; header=absent", TC, MEDIA_CSV, AJ },
		{ NX, NX, MEDIA_JSON_LINES, AJ },
		{ "application/ndjson", "application/ndjson", MEDIA_JSON_LINES, AJ },
		{ "application/jsonl", "application/jsonl", MEDIA_JSON_LINES, AJ },
		{ "application/jsonl, application/ndjson;q=0.9", "application/jsonl",
		    MEDIA_JSON_LINES, AJ },
		{ "application/jsonl, application/ndjson", "application/jsonl", MEDIA_JSON_LINES,
		    AJ },
		/* What else the caller takes counts where there are no rows. */
		{ "text/csv, application/xml;q=0.9", TC, MEDIA_CSV, AX },
		{ "text/csv, text/xml;q=0.2, application/json;q=0.1", TC, MEDIA_CSV, TX },
		{ "application/x-ndjson, */*;q=0.1", NX, MEDIA_JSON_LINES, AJ },
		/* Weights; ties go to the one that comes first: JSON, XML, CSV, JSON Lines. */
		{ "text/csv;q=0.5, application/json;q=0.4", TC, MEDIA_CSV, AJ },
		{ "text/csv;q=0.4, application/json;q=0.5", AJ, MEDIA_JSON, AJ },
		{ "text/csv, application/json", AJ, MEDIA_JSON, AJ },
		{ "application/xml, text/csv", AX, MEDIA_XML, AX },
		{ "application/x-ndjson, text/csv", TC, MEDIA_CSV, AJ },
		{ "application/x-ndjson, text/csv;q=0.9", NX, MEDIA_JSON_LINES, AJ },
		{ "text/csv, */*", TC, MEDIA_CSV, AJ },
		{ "text/csv;q=0.2, */*;q=0.2", TC, MEDIA_CSV, AJ },
		{ "text/csv;q=0.1, */*;q=0.2", AJ, MEDIA_JSON, AJ },
		{ "text/csv;q=0", AJ, MEDIA_JSON, AJ },
		{ "text/csv;q=0, application/x-ndjson;q=0.1", NX, MEDIA_JSON_LINES, AJ },
		{ "text/csv;q=x", AJ, MEDIA_JSON, AJ },
		{ "text/csv;q=2", AJ, MEDIA_JSON, AJ },
		/* Ranges mean the documents. */
		{ "text/*", TJ, MEDIA_JSON, TJ },
		{ "text/*, text/json;q=0", TX, MEDIA_XML, TX },
		{ "*/*, application/json;q=0, text/json;q=0, application/xml;q=0, text/xml;q=0", AJ,
		    MEDIA_JSON, AJ },
		/* Formulas are kept for who says so. */
		{ "text/csv; formulas=kept", TC, MEDIA_CSV_KEPT, AJ },
		{ "text/csv;Formulas=KEPT;q=0.3", TC, MEDIA_CSV_KEPT, AJ },
		{ "text/csv;formulas=\"kept\"; q=0.3", TC, MEDIA_CSV_KEPT, AJ },
		{ "text/csv;formulas=\"kept", TC, MEDIA_CSV, AJ },
		{ "text/csv;formulas=\"", TC, MEDIA_CSV, AJ },
		{ "text/csv; formulas=escaped", TC, MEDIA_CSV, AJ },
		{ "text/csv; formulas=kept;q=0.3, text/csv;q=0.5", TC, MEDIA_CSV, AJ },
		{ "text/csv; formulas=kept;q=0", AJ, MEDIA_JSON, AJ },
		{ "application/xml; formulas=kept", AX, MEDIA_XML, AX },
		{ "*/*; formulas=kept", AJ, MEDIA_JSON, AJ },
		{ "application/csv", AJ, MEDIA_JSON, AJ },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(lists); i++) {
		struct str accept = str_from(lists[i].accept);
		struct media list = negotiate_answer(accept, optional(NULL), optional(NULL), true);
		struct media other =
		    negotiate_answer(accept, optional(NULL), optional(NULL), false);

		expect_str(i, str_from(list.type), lists[i].expected);
		expect_int(i, list.format, lists[i].format);
		expect_str(i, str_from(other.type), lists[i].other);
	}
}

/* A script's request gets JSON unless it asks for something. */
static void test_requested_with(void **state)
{
	static const struct {
		const char *requested_with, *accept, *content_type, *expected;
	} scripts[] = {
		{ "XMLHttpRequest", NULL, TX, AJ },
		{ "xmlhttprequest", "", TX, AJ },
		{ "XMLHttpRequest", "*/*", TX, AJ },
		{ "XMLHttpRequest", AX, NULL, AX },
		{ "XMLHttpRequest", "text/html", TX, TX },
		{ "XMLHttpRequest", "text/*", NULL, TJ },
		{ "fetch", NULL, TX, TX },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(scripts); i++)
		expect_str(i,
		    str_from(negotiate_answer(optional(scripts[i].accept),
			str_from(scripts[i].requested_with), optional(scripts[i].content_type),
			false)
				 .type),
		    scripts[i].expected);
}

static void test_body(void **state)
{
	static const struct {
		const char *content_type;
		enum body_media media;
	} bodies[] = {
		{ AJ, BODY_MEDIA_JSON },
		{ TJ, BODY_MEDIA_JSON },
		{ "application/json; charset=utf-8", BODY_MEDIA_JSON },
		{ " Application/JSON ;charset=utf-8", BODY_MEDIA_JSON },
		{ "application/json-patch+json", BODY_MEDIA_JSON },
		{ "application/vnd.x+JSON;v=1", BODY_MEDIA_JSON },
		{ AX, BODY_MEDIA_XML },
		{ TX, BODY_MEDIA_XML },
		{ "application/vnd.x+xml", BODY_MEDIA_XML },
		{ TC, BODY_MEDIA_UNKNOWN },
		{ NX, BODY_MEDIA_UNKNOWN },
		{ FORM, BODY_MEDIA_FORM },
		{ "Application/X-WWW-Form-UrlEncoded; charset=utf-8", BODY_MEDIA_FORM },
		{ "", BODY_MEDIA_UNKNOWN },
		{ NULL, BODY_MEDIA_UNKNOWN },
		{ "text/plain", BODY_MEDIA_UNKNOWN },
		{ "multipart/form-data; boundary=x", BODY_MEDIA_UNKNOWN },
		{ "text/x+json", BODY_MEDIA_UNKNOWN },
		{ "application/jsonp", BODY_MEDIA_UNKNOWN },
		{ "application/octet-stream", BODY_MEDIA_UNKNOWN },
		{ "json", BODY_MEDIA_UNKNOWN },
		{ "application/x; a=application/json", BODY_MEDIA_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(bodies); i++)
		expect_int(i, negotiate_body(optional(bodies[i].content_type)), bodies[i].media);
}

/* RFC 9110, section 12.5.4, and lookup as RFC 4647, section 3.4. */
static void test_language(void **state)
{
	static const struct {
		const char *accept_language;
		enum language language;
	} wishes[] = {
		{ NULL, LANGUAGE_ENGLISH },
		{ "", LANGUAGE_ENGLISH },
		{ "de", LANGUAGE_GERMAN },
		{ "DE-at", LANGUAGE_GERMAN },
		{ "de-Latn-CH-1996", LANGUAGE_GERMAN },
		{ "den", LANGUAGE_ENGLISH },
		{ "fr, nl", LANGUAGE_ENGLISH },
		{ "fr, de", LANGUAGE_GERMAN },
		{ "fr, de;q=0.1", LANGUAGE_GERMAN },
		{ "en, de", LANGUAGE_ENGLISH },
		{ "de, en", LANGUAGE_GERMAN },
		{ "de;q=0.8, en;q=0.9", LANGUAGE_ENGLISH },
		{ "de-DE, de;q=0.9, en-US;q=0.8, en;q=0.7", LANGUAGE_GERMAN },
		{ "en-US, en;q=0.9, de;q=0.8", LANGUAGE_ENGLISH },
		{ "*", LANGUAGE_ENGLISH },
		{ "*, de;q=0.5", LANGUAGE_ENGLISH },
		{ "*;q=0.5, de", LANGUAGE_GERMAN },
		{ "en;q=0, *", LANGUAGE_GERMAN },
		{ "en;q=0", LANGUAGE_ENGLISH },
		{ "en;q=0, de", LANGUAGE_GERMAN },
		{ "de;q=0", LANGUAGE_ENGLISH },
		{ "de;q=0, de-AT", LANGUAGE_ENGLISH },
		{ "de-AT;q=0, de", LANGUAGE_GERMAN },
		{ "de;q=0, *", LANGUAGE_ENGLISH },
		{ "de ; q=1.000 ,,", LANGUAGE_GERMAN },
		{ "de;q=x", LANGUAGE_ENGLISH },
		{ ";q=1", LANGUAGE_ENGLISH },
		{ "-", LANGUAGE_ENGLISH },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(wishes); i++)
		expect_int(
		    i, negotiate_language(optional(wishes[i].accept_language)), wishes[i].language);
}

static void test_media_type(void **state)
{
	static const char *const types[][2] = {
		{ "a/b", "a/b" },
		{ " a/b ; c=d", "a/b" },
		{ "a/b;c", "a/b" },
		{ ";", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(types); i++)
		expect_str(i, negotiate_media_type(str_from(types[i][0])), types[i][1]);
	assert_int_equal(negotiate_media_type(optional(NULL)).length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_requested_with),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_media_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
