/*
 * What a license says, and what it is held against: moments, products, versions, machines, clocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clientele_verify.h>

#include "signer.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\"}"
#define MAY_2026 1780000000
#define DAY 86400

static struct clientele_keys *signer_keys(void)
{
	struct clientele_keys *keys = clientele_keys_new();

	assert_non_null(keys);
	assert_int_equal(
	    clientele_keys_add(keys, SIGNER_JWK, strlen(SIGNER_JWK), 0), CLIENTELE_VALID);
	return keys;
}

/* Checks a signed document, which is freed. */
static struct clientele_license *verify_text(char *text, const struct clientele_options *options)
{
	struct clientele_keys *keys = signer_keys();
	struct clientele_license *license;

	(void)clientele_verify(keys, text, strlen(text), options, &license);
	assert_non_null(license);
	clientele_keys_free(keys);
	free(text);
	return license;
}

static char *jws_of(const char *members)
{
	char payload[2000];

	snprintf(payload, sizeof(payload), "{\"license\":{%s}}", members);
	return signer_jws(HEADER, payload);
}

/* Holds a license of those members against options. */
static void hold_against(
    const char *members, const struct clientele_options *options, enum clientele_result expected)
{
	struct clientele_license *license = verify_text(jws_of(members), options);

	if (clientele_license_result(license) != expected)
		fail_msg("%s instead of %s: %s",
		    clientele_result_name(clientele_license_result(license)),
		    clientele_result_name(expected), members);
	clientele_license_free(license);
}

static struct clientele_options in_may(void)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;

	options.now = MAY_2026;
	return options;
}

static void test_moments(void **state)
{
	static const struct {
		const char *members;
		int64_t grace;
		unsigned skip;
		int64_t released;
		enum clientele_result result;
	} rows[] = {
		{ "\"id\":\"L\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":null", 0, 0, 0, CLIENTELE_VALID },
		/* 1780000000 is 2026-05-28T20:26:40Z. */
		{ "\"expireDate\":\"2026-05-28T20:26:41Z\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"2026-05-28T20:26:40Z\"", 0, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2026-05-28T20:26:40.999Z\"", 0, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2026-05-28T22:26:41+02:00\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"2026-05-28T22:26:40+02:00\"", 0, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2026-05-28T18:26:40-02:00\"", 0, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2026-05-29\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"2026-05-28\"", 0, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2026-05-28\"", DAY, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"2026-05-27\"", DAY, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2026-05-28\"", -DAY, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"2020-02-29\"", INT64_MAX, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"0001-01-01\"", 0, 0, 0, CLIENTELE_EXPIRED },
		{ "\"expireDate\":\"9999-12-31T23:59:60Z\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"2020-02-29\"", 0, CLIENTELE_SKIP_EXPIRY, 0, CLIENTELE_VALID },
		{ "\"expireDate\":\"2021-02-29\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		{ "\"expireDate\":\"2026-13-01\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		{ "\"expireDate\":\"2026-05-28T24:00:00Z\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		{ "\"expireDate\":\"2026-05-28T20:26Z\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		{ "\"expireDate\":\"2026-05-28T20:26:40+2\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		{ "\"expireDate\":\"2026-05-28T20:26:40Zx\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		{ "\"expireDate\":\"\"", 0, 0, 0, CLIENTELE_NOT_A_LICENSE },
		/* Clocks of two machines differ a little. */
		{ "\"issueDate\":\"2026-05-28T20:31:40Z\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"issueDate\":\"2026-05-28T20:31:41Z\"", 0, 0, 0, CLIENTELE_NOT_YET_VALID },
		{ "\"issueDate\":\"2027-01-01\"", 0, CLIENTELE_SKIP_NOT_BEFORE, 0,
		    CLIENTELE_VALID },
		{ "\"supportExpireDate\":\"2026-01-01\"", 0, 0, 0, CLIENTELE_VALID },
		{ "\"supportExpireDate\":\"2026-01-01\"", 0, 0, 1767225599, CLIENTELE_VALID },
		{ "\"supportExpireDate\":\"2026-01-01\"", 0, 0, 1767225600,
		    CLIENTELE_SUPPORT_ENDED },
		{ "\"id\":\"L\"", 0, 0, 1767225600, CLIENTELE_VALID },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_options options = in_may();

		options.grace = rows[i].grace;
		options.skip = rows[i].skip;
		options.released = rows[i].released != 0 ? rows[i].released : CLIENTELE_NEVER;
		hold_against(rows[i].members, &options, rows[i].result);
	}
}

/* A program says no more than it wants to: the clock of the system, and no options at all. */
static void test_defaults(void **state)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_license *license;

	(void)state;
	hold_against("\"expireDate\":\"2020-01-01\"", NULL, CLIENTELE_EXPIRED);
	hold_against("\"expireDate\":\"9000-01-01\"", NULL, CLIENTELE_VALID);
	hold_against("\"expireDate\":\"2020-01-01\"", &options, CLIENTELE_EXPIRED);
	/* Options of an older version of the header are shorter. */
	options.product = "P1";
	options.size = offsetof(struct clientele_options, product);
	hold_against("\"id\":\"L\"", &options, CLIENTELE_VALID);
	options.size = sizeof(options) + 100;
	hold_against("\"id\":\"L\"", &options, CLIENTELE_PRODUCT_MISMATCH);
	/* What was refused shows the license, but no feature of it may be used. */
	options = in_may();
	license = verify_text(
	    jws_of("\"id\":\"L1\",\"expireDate\":\"2026-01-01\",\"features\":[{\"name\":\"a\"}]"),
	    &options);
	assert_string_equal(
	    clientele_license_detail(license), "The license has expired at 2026-01-01T00:00:00Z.");
	assert_string_equal(clientele_license_text(license, CLIENTELE_ID), "L1");
	assert_int_equal(clientele_license_count(license, CLIENTELE_FEATURES), 1);
	assert_false(clientele_license_has_feature(license, "a"));
	clientele_license_free(license);
	/* Nothing is a license. */
	assert_int_equal(clientele_license_result(NULL), CLIENTELE_UNVERIFIED);
	assert_string_equal(clientele_license_detail(NULL), "");
	assert_null(clientele_license_text(NULL, CLIENTELE_ID));
	assert_true(clientele_license_time(NULL, CLIENTELE_EXPIRES) == CLIENTELE_NEVER);
	assert_false(clientele_license_has_feature(NULL, "a"));
	assert_null(clientele_license_field(NULL, "a"));
	assert_false(clientele_license_is_type(NULL, "a"));
	assert_null(clientele_item_property(NULL, "a"));
	clientele_license_free(NULL);
	clientele_keys_free(NULL);
}

static void test_products_and_versions(void **state)
{
	static const struct {
		const char *product, *version; /* of the program */
		const char *members;           /* of the license's product */
		enum clientele_result result;
	} rows[] = {
		{ "P1", NULL, "\"id\":\"P1\",\"name\":\"One\"", CLIENTELE_VALID },
		{ "One", NULL, "\"id\":\"P1\",\"name\":\"One\"", CLIENTELE_VALID },
		{ "one", NULL, "\"id\":\"P1\",\"name\":\"One\"", CLIENTELE_PRODUCT_MISMATCH },
		{ "P2", NULL, "\"id\":\"P1\"", CLIENTELE_PRODUCT_MISMATCH },
		{ "P1", NULL, "", CLIENTELE_PRODUCT_MISMATCH },
		{ NULL, "1.2.3", "", CLIENTELE_VALID },
		{ NULL, "1.2.3", "\"version\":\"1.2.3\"", CLIENTELE_VALID },
		{ NULL, "1.2.3", "\"version\":\"1.2.3.0\"", CLIENTELE_VALID },
		{ NULL, "1.2.3", "\"version\":\"1.2\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.2.3", "\"version\":\"1.2.4\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.2.3", "\"version\":\"1.*\"", CLIENTELE_VALID },
		{ NULL, "1.2.3", "\"version\":\"1.2.*\"", CLIENTELE_VALID },
		{ NULL, "1.20.3", "\"version\":\"1.2.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "2.0", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "2.0", "\"version\":\"*\"", CLIENTELE_VALID },
		{ NULL, "1.0", "\"version\":\"[1.0-2.0]\"", CLIENTELE_VALID },
		{ NULL, "2.0.0.0", "\"version\":\"[1.0-2.0]\"", CLIENTELE_VALID },
		{ NULL, "2.0.0.1", "\"version\":\"[1.0-2.0]\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "0.9", "\"version\":\"[1.0.0.0-2.0.0.0]\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.10", "\"version\":\"[1.9-1.11]\"", CLIENTELE_VALID },
		{ NULL, "1.0", "\"version\":\"[1.0]\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.0", "\"version\":\"[-]\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.0", "\"version\":\"\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1..2", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.-2", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.2.3.4.5", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "1.0-beta", "\"version\":\"1.*\"", CLIENTELE_VERSION_MISMATCH },
		{ NULL, "Spring", "\"version\":\"Spring\"", CLIENTELE_VALID },
		{ "P1", "2", "\"id\":\"P1\",\"version\":\"[1-3]\"", CLIENTELE_VALID },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_options options = in_may();
		char members[200];

		options.product = rows[i].product;
		options.version = rows[i].version;
		snprintf(members, sizeof(members), "\"product\":{%s}", rows[i].members);
		hold_against(members, &options, rows[i].result);
	}
}

#define BOUND(key) \
	"\"restrictions\":[{\"name\":\"Hardware\",\"properties\":{\"hardwareKey\":\"" key "\"}}]"

static void test_machines(void **state)
{
	static const char *const parts[] = { "cpu=1", "disk=2", "mac=3" };
	static const struct {
		const char *members, *machine;
		size_t components, least;
		enum clientele_result result;
	} rows[] = {
		{ "\"id\":\"L\"", NULL, 0, 0, CLIENTELE_VALID },
		{ "\"id\":\"L\"", "M1", 0, 0, CLIENTELE_VALID },
		{ BOUND("M1"), "M1", 0, 0, CLIENTELE_VALID },
		{ BOUND("M1"), "m1", 0, 0, CLIENTELE_MACHINE_MISMATCH },
		{ BOUND("M1"), "", 0, 0, CLIENTELE_MACHINE_MISMATCH },
		{ BOUND("M1"), NULL, 0, 0, CLIENTELE_MACHINE_REQUIRED },
		{ BOUND(""), NULL, 0, 0, CLIENTELE_MACHINE_REQUIRED },
		{ BOUND("cpu=1;disk=2;mac=3"), NULL, 3, 0, CLIENTELE_VALID },
		{ BOUND("cpu=1; disk=2 ;mac=3"), NULL, 3, 0, CLIENTELE_VALID },
		{ BOUND("cpu=1;disk=2;mac=4"), NULL, 3, 0, CLIENTELE_MACHINE_MISMATCH },
		{ BOUND("cpu=1;disk=2;mac=4"), NULL, 3, 2, CLIENTELE_VALID },
		{ BOUND("cpu=1;disk=7;mac=4"), NULL, 3, 2, CLIENTELE_MACHINE_MISMATCH },
		{ BOUND("cpu=1;disk=2;mac=3"), NULL, 1, 2, CLIENTELE_MACHINE_MISMATCH },
		{ BOUND("cpu=1"), NULL, 3, 2, CLIENTELE_VALID },
		{ BOUND(";;"), NULL, 3, 1, CLIENTELE_MACHINE_MISMATCH },
		{ BOUND("M1"), "M1", 3, 3, CLIENTELE_VALID },
		/* Two bindings both count. */
		{ "\"restrictions\":[{\"name\":\"Hardware\",\"properties\":{\"hardwareKey\":\"M1\"}"
		  "},"
		  "{\"name\":\"Hardware\",\"properties\":{\"hardwareKey\":\"M2\"}}]",
		    "M1", 0, 0, CLIENTELE_MACHINE_MISMATCH },
		{ "\"restrictions\":[{\"name\":\"Domain\",\"properties\":{\"domain\":\"x\"}}]",
		    NULL, 0, 0, CLIENTELE_VALID },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_options options = in_may();

		options.machine = rows[i].machine;
		options.components = parts;
		options.component_count = rows[i].components;
		options.components_least = rows[i].least;
		hold_against(rows[i].members, &options, rows[i].result);
		options.skip = CLIENTELE_SKIP_MACHINE;
		hold_against(rows[i].members, &options, CLIENTELE_VALID);
	}
}

/* A machine's file of Keygen names the machine, and includes its license. */
static void test_machine_file(void **state)
{
	static const char license_only[] =
	    "{\"data\":{\"type\":\"licenses\",\"id\":\"L1\",\"attributes\":{\"expiry\":null,"
	    "\"metadata\":{\"tier\":\"gold\",\"level\":3,\"deep\":{}}}},\"meta\":{\"issued\":"
	    "\"2026-01-01T00:00:00Z\",\"expiry\":\"2026-06-01T00:00:00Z\"}}";
	struct clientele_options options = in_may();
	struct clientele_license *license = verify_text(signer_file(license_only), &options);

	(void)state;
	assert_int_equal(clientele_license_result(license), CLIENTELE_VALID);
	assert_string_equal(clientele_license_field(license, "tier"), "gold");
	assert_string_equal(clientele_license_field(license, "level"), "3");
	assert_null(clientele_license_field(license, "deep"));
	assert_true(clientele_license_time(license, CLIENTELE_ISSUED) == 1767225600);
	clientele_license_free(license);
	options.now += 4 * DAY;
	license = verify_text(signer_file(license_only), &options);
	assert_int_equal(clientele_license_result(license), CLIENTELE_EXPIRED);
	clientele_license_free(license);
	/* In a license's file a machine is what the restriction says; other data is no license. */
	license =
	    verify_text(signer_file("{\"data\":{\"type\":\"users\",\"id\":\"L1\"}}"), &options);
	assert_int_equal(clientele_license_result(license), CLIENTELE_NOT_A_LICENSE);
	clientele_license_free(license);
	license = verify_text(
	    signer_file("{\"data\":{\"type\":\"machines\",\"attributes\":{}}}"), &options);
	assert_int_equal(clientele_license_result(license), CLIENTELE_NOT_A_LICENSE);
	clientele_license_free(license);
	license = verify_text(
	    signer_file("{\"data\":{\"type\":\"machines\",\"attributes\":{\"fingerprint\":\"M1\"}},"
			"\"included\":[{\"type\":\"licenses\",\"id\":\"L1\",\"attributes\":{}}]}"),
	    &options);
	assert_int_equal(clientele_license_result(license), CLIENTELE_MACHINE_REQUIRED);
	assert_string_equal(clientele_license_text(license, CLIENTELE_MACHINE), "M1");
	assert_string_equal(clientele_license_text(license, CLIENTELE_ID), "L1");
	clientele_license_free(license);
}

static const char content_json[] =
    "\"id\":\"L1\",\"licensingMode\":2,\"maxAllowedSites\":3,\"licensee\":{\"url\":\"https://"
    "a.example\"},"
    "\"product\":{\"description\":\"A < B & \\\"C\\\" \xc3\xa9 "
    "\\ud83d\\ude00\",\"copyright\":\"(c)\"},"
    "\"components\":[\"core\",\"ui\"],\"assemblies\":[{\"name\":\"App\",\"version\":\"1.*\","
    "\"culture\":\"de\"}],"
    "\"fields\":[{\"name\":\"tier\",\"value\":\"gold\"},{\"name\":\"tier\",\"value\":\"tin\"},{"
    "\"name\":\"none\"}],"
    "\"features\":[{\"id\":\"F1\",\"name\":\"export\",\"expireDate\":\"2026-05-01\",\"key\":\"k\","
    "\"description\":\"Ex\",\"data\":\"AAEC\"},{\"name\":\"print\",\"expireDate\":\"2027-05-01\"},{"
    "\"name\":\"scan\"}],"
    "\"restrictions\":[{\"id\":\"R1\",\"name\":\"Trial\",\"properties\":{\"ExpireDays\":\"30\","
    "\"RunCount\":\"9\"}}]";

static const char content_xml[] =
    "<License Id=\"L1\" licensingMode=\"2\" maxAllowedSites=\"3\"><Licensee "
    "url=\"https://a.example\" />"
    "<Product copyright=\"(c)\"><Description>A &lt; B &amp; \"C\" plain</Description></Product>"
    "<Components><Component name=\"core\" /><Component name=\"ui\" /></Components>"
    "<Assemblies><Assembly name=\"App\" version=\"1.*\" culture=\"de\" /></Assemblies>"
    "<Fields><Field name=\"tier\" value=\"gold\" /><Field name=\"tier\" value=\"tin\" /><Field "
    "name=\"none\" /></Fields>"
    "<Features><Feature Id=\"F1\" name=\"export\" expireDate=\"2026-05-01\" "
    "key=\"k\"><Description>Ex</Description>"
    "<Data>AAEC</Data></Feature><Feature name=\"print\" expireDate=\"2027-05-01\" /><Feature "
    "name=\"scan\" /></Features>"
    "<Restrictions><Restriction Id=\"R1\" name=\"Trial\"><Property name=\"ExpireDays\" "
    "value=\"30\" />"
    "<Property name=\"RunCount\" value=\"9\" /><Own a=\"b\">text<i "
    "/></Own></Restriction></Restrictions></License>";

/* The same license in both languages. */
static void test_contents(void **state)
{
	struct clientele_options options = in_may();

	(void)state;
	for (int xml = 0; xml <= 1; xml++) {
		struct clientele_license *license =
		    verify_text(xml ? signer_xml(content_xml) : jws_of(content_json), &options);
		const struct clientele_item *item;

		assert_int_equal(clientele_license_result(license), CLIENTELE_VALID);
		assert_string_equal(clientele_license_text(license, CLIENTELE_ID), "L1");
		assert_string_equal(clientele_license_text(license, CLIENTELE_MODE), "floating");
		assert_string_equal(
		    clientele_license_text(license, CLIENTELE_LICENSEE_URL), "https://a.example");
		assert_string_equal(clientele_license_text(license, CLIENTELE_PRODUCT_DESCRIPTION),
		    xml ? "A < B & \"C\" plain" : "A < B & \"C\" \xc3\xa9 \xf0\x9f\x98\x80");
		assert_null(clientele_license_text(license, CLIENTELE_TYPE));
		assert_int_equal(clientele_license_seats(license), 3);
		assert_int_equal(clientele_license_count(license, CLIENTELE_COMPONENTS), 2);
		assert_non_null(clientele_license_find(license, CLIENTELE_COMPONENTS, "ui"));
		item = clientele_license_item(license, CLIENTELE_ASSEMBLIES, 0);
		assert_string_equal(clientele_item_property(item, "version"), "1.*");
		assert_null(clientele_item_property(item, "publicKeyToken"));
		assert_string_equal(clientele_license_field(license, "tier"), "gold");
		assert_null(clientele_license_field(license, "none"));
		assert_null(clientele_license_field(license, "missing"));
		item = clientele_license_find(license, CLIENTELE_FEATURES, "export");
		assert_true(item->expired && item->data_length == 3);
		assert_memory_equal(item->data, "\0\1\2", 3);
		assert_string_equal(item->key, "k");
		assert_string_equal(item->description, "Ex");
		assert_false(clientele_license_has_feature(license, "export"));
		assert_true(clientele_license_has_feature(license, "print"));
		assert_true(clientele_license_has_feature(license, "scan"));
		assert_null(clientele_license_item(license, CLIENTELE_FEATURES, 3));
		item = clientele_license_find(license, CLIENTELE_RESTRICTIONS, "Trial");
		assert_string_equal(item->id, "R1");
		assert_string_equal(clientele_item_property(item, "ExpireDays"), "30");
		assert_int_equal(item->property_count, xml ? 3 : 2);
		if (xml)
			assert_string_equal(
			    clientele_item_property(item, "Own"), "<Own a=\"b\">text<i /></Own>");
		clientele_license_free(license);
	}
}

/* --- The clock --- */

static enum clientele_result check_at(
    const struct clientele_clock *clock, int64_t now, const char *members)
{
	struct clientele_options options = in_may();
	struct clientele_license *license;
	enum clientele_result result;

	options.now = now;
	options.clock = *clock;
	license = verify_text(jws_of(members), &options);
	result = clientele_license_result(license);
	clientele_license_free(license);
	return result;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_clock_file(void **state)
{
	static const char members[] = "\"id\":\"L\"";
	char folder[] = "/tmp/clientele-clock-XXXXXX", path[64], line[200] = "";
	struct clientele_clock clock = { 0 };
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/clock", folder);
	clock.file = path;
	clock.salt = "the program's own";
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_VALID);
	assert_int_equal(check_at(&clock, MAY_2026 + DAY, members), CLIENTELE_VALID);
	/* As far as clocks are set right by themselves, and further. */
	assert_int_equal(check_at(&clock, MAY_2026 + DAY - 300, members), CLIENTELE_VALID);
	assert_int_equal(check_at(&clock, MAY_2026 + DAY - 301, members), CLIENTELE_CLOCK_TAMPERED);
	clock.tolerance = 2 * DAY;
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_VALID);
	clock.tolerance = 0;
	/* An expired license is no way to put the clock back, nor does a forged one move it. */
	assert_int_equal(
	    check_at(&clock, MAY_2026, "\"expireDate\":\"2026-05-29\""), CLIENTELE_CLOCK_TAMPERED);
	/* Another salt, another moment, and no clock's file at all. */
	clock.salt = NULL;
	assert_int_equal(check_at(&clock, MAY_2026 + DAY, members), CLIENTELE_CLOCK_TAMPERED);
	clock.salt = "the program's own";
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_memory_equal(line, "clientele-clock 1 1780086400 ", 29);
	for (size_t i = 0; i < strlen(line) - 1; i++) {
		line[i] ^= 1;
		write_file(path, line);
		assert_int_equal(
		    check_at(&clock, MAY_2026 + DAY, members), CLIENTELE_CLOCK_TAMPERED);
		line[i] ^= 1;
	}
	write_file(path, "");
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_CLOCK_TAMPERED);
	assert_int_equal(unlink(path), 0);
	/* Nothing else is left in the folder. */
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_CLOCK_UNKNOWN);
}

struct stored {
	int64_t moment;
	unsigned stores;
	bool fails;
};

static bool load_stored(void *context, int64_t *moment)
{
	const struct stored *stored = context;

	*moment = stored->moment;
	return !stored->fails;
}

static bool store_stored(void *context, int64_t moment)
{
	struct stored *stored = context;

	stored->moment = moment;
	stored->stores++;
	return true;
}

static void test_clock_functions(void **state)
{
	static const char members[] = "\"id\":\"L\"";
	struct stored stored = { .moment = CLIENTELE_NEVER };
	struct clientele_clock clock = {
		.load = load_stored, .store = store_stored, .context = &stored
	};

	(void)state;
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_VALID);
	assert_true(stored.moment == MAY_2026);
	assert_int_equal(check_at(&clock, MAY_2026 - 10, members), CLIENTELE_VALID);
	assert_true(stored.moment == MAY_2026 && stored.stores == 1);
	assert_int_equal(check_at(&clock, MAY_2026 - DAY, members), CLIENTELE_CLOCK_TAMPERED);
	stored.fails = true;
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_CLOCK_UNKNOWN);
	stored.fails = false;
	clock.store = NULL;
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_VALID);
	assert_int_equal(check_at(&clock, MAY_2026 + 1, members), CLIENTELE_CLOCK_UNKNOWN);
	clock.load = NULL;
	clock.store = store_stored;
	assert_int_equal(check_at(&clock, MAY_2026, members), CLIENTELE_CLOCK_UNKNOWN);
}

/* --- Keys --- */

#define SPKI "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define PEM "-----BEGIN PUBLIC KEY-----\n" SPKI "\n-----END PUBLIC KEY-----\n"
#define PRIVATE_PEM                                                          \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
	"-----END PRIVATE KEY-----\n"

static void test_keys(void **state)
{
	static const struct {
		const char *text;
		enum clientele_result result;
		size_t count;
	} rows[] = {
		{ PEM, CLIENTELE_VALID, 1 },
		{ "\n" PEM "\n", CLIENTELE_VALID, 1 },
		{ PEM PEM, CLIENTELE_VALID, 2 },
		{ SPKI, CLIENTELE_VALID, 1 },
		{ "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQH\n Og7hcvPapiMlrwIaaPcHURo=\n",
		    CLIENTELE_VALID, 1 },
		{ "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		    CLIENTELE_VALID, 1 },
		{ "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A",
		    CLIENTELE_VALID, 1 },
		{ SIGNER_JWK, CLIENTELE_VALID, 1 },
		{ "{\"keys\":[" SIGNER_JWK "," SIGNER_JWK "]}", CLIENTELE_VALID, 2 },
		/* Keys for something else are left out of a set, but not taken alone. */
		{ "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}," SIGNER_JWK "]}", CLIENTELE_VALID,
		    1 },
		{ "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"wQ\",\"e\":\"AQAB\"}," SIGNER_JWK "]}",
		    CLIENTELE_VALID, 1 },
		{ "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"wQ\",\"e\":\"AQAB\"}]}", CLIENTELE_KEY_WEAK,
		    0 },
		{ "{\"kty\":\"oct\",\"k\":\"AA\"}", CLIENTELE_ALGORITHM_REFUSED, 0 },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":"
		  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		    CLIENTELE_ALGORITHM_REFUSED, 0 },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\",\"x\":"
		  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		    CLIENTELE_ALGORITHM_REFUSED, 0 },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"key_ops\":[\"sign\"],\"x\":"
		  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		    CLIENTELE_ALGORITHM_REFUSED, 0 },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"key_ops\":[\"verify\"],\"use\":\"sig\","
		  "\"x\":"
		  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		    CLIENTELE_VALID, 1 },
		{ "{\"keys\":[]}", CLIENTELE_KEY_MALFORMED, 0 },
		{ "{\"keys\":7}", CLIENTELE_KEY_MALFORMED, 0 },
		{ "{\"keys\":[7]}", CLIENTELE_KEY_MALFORMED, 0 },
		/* Nothing of a text is added where a part of it is wrong. */
		{ "{\"keys\":[" SIGNER_JWK ",{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}",
		    CLIENTELE_KEY_MALFORMED, 0 },
		{ PEM "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n",
		    CLIENTELE_KEY_MALFORMED, 0 },
		{ PEM "-----BEGIN PUBLIC KEY-----\nMCow\n", CLIENTELE_KEY_MALFORMED, 0 },
		{ "-----BEGIN CERTIFICATE-----\nMCow\n-----END CERTIFICATE-----\n",
		    CLIENTELE_KEY_MALFORMED, 0 },
		{ PRIVATE_PEM, CLIENTELE_KEY_PRIVATE, 0 },
		{ PEM PRIVATE_PEM, CLIENTELE_KEY_PRIVATE, 0 },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":"
		  "\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":"
		  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		    CLIENTELE_KEY_PRIVATE, 0 },
		/* An exponent that makes every signature right, and a point on no curve. */
		{ "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"
		  "wWJcyQoTbji9k0l8W26mPddxHm"
		  "fHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"
		  "YpRPEwOWvG6b32690r2jZ47soMZo"
		  "9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
		  "UTo7WTBEMa2R2CapHg665xsmtdVMTBQ"
		  "Y4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
		  "h9iaGNj8q2ethFkMLs91kzk2PAcD"
		  "TW9gb54h4FRWyuXpoQ\",\"e\":\"AQ\"}",
		    CLIENTELE_KEY_WEAK, 0 },
		{ "{\"kty\":\"RSA\",\"n\":\"wQ\",\"e\":\"AQAB\"}", CLIENTELE_KEY_WEAK, 0 },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
		  "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}",
		    CLIENTELE_KEY_MALFORMED, 0 },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
		  "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		  "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
		    CLIENTELE_KEY_MALFORMED, 0 },
		{ "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}",
		    CLIENTELE_ALGORITHM_REFUSED, 0 },
		{ "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA",
		    CLIENTELE_KEY_MALFORMED, 0 },
		{ "", CLIENTELE_KEY_MALFORMED, 0 },
		{ "{", CLIENTELE_KEY_MALFORMED, 0 },
		{ "ssh-ed25519 AAAA", CLIENTELE_KEY_MALFORMED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_keys *keys = clientele_keys_new();
		enum clientele_result result =
		    clientele_keys_add(keys, rows[i].text, strlen(rows[i].text), 0);

		if (result != rows[i].result || clientele_keys_count(keys) != rows[i].count)
			fail_msg("%s, %zu keys: %s", clientele_result_name(result),
			    clientele_keys_count(keys), rows[i].text);
		if (rows[i].count > 0)
			assert_string_equal(clientele_keys_id(keys, 0), SIGNER_ID);
		assert_null(clientele_keys_id(keys, rows[i].count));
		clientele_keys_free(keys);
	}
}

/* A key's own name, and the algorithm that it was made for. */
static void test_key_choice(void **state)
{
	static const struct {
		const char *key, *header;
		enum clientele_result result;
	} rows[] = {
		{ "\"kid\":\"2026\"", "\"kid\":\"2026\"", CLIENTELE_VALID },
		{ "\"kid\":\"2026\"", "\"kid\":\"" SIGNER_ID "\"", CLIENTELE_VALID },
		{ "\"kid\":\"2026\"", "\"kid\":\"2025\"", CLIENTELE_KEY_UNKNOWN },
		{ "\"kid\":\"2026\"", "\"x\":1", CLIENTELE_VALID },
		{ "\"alg\":\"EdDSA\"", "\"x\":1", CLIENTELE_VALID },
		{ "\"alg\":\"RS256\"", "\"x\":1", CLIENTELE_ALGORITHM_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_keys *keys = clientele_keys_new();
		char key[300], header[300], *text;

		snprintf(key, sizeof(key), "{%s,%s", rows[i].key, &SIGNER_JWK[1]);
		snprintf(header, sizeof(header), "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",%s}",
		    rows[i].header);
		text = signer_jws(header, "{\"license\":{}}");
		assert_int_equal(clientele_keys_add(keys, key, strlen(key), 0), CLIENTELE_VALID);
		assert_int_equal(
		    clientele_verify(keys, text, strlen(text), NULL, NULL), rows[i].result);
		clientele_keys_free(keys);
		free(text);
	}
}

/* Each result has a name of its own, and no other number has one. */
static void test_names(void **state)
{
	unsigned named = 0;

	(void)state;
	for (int i = -1; i < 100; i++) {
		const char *name = clientele_result_name((enum clientele_result)i);

		if (strcmp(name, "UNKNOWN") == 0)
			continue;
		named++;
		for (int other = 0; other < i; other++)
			assert_string_not_equal(
			    name, clientele_result_name((enum clientele_result)other));
	}
	assert_int_equal(named, 27);
	assert_string_equal(clientele_verify_version(), CLIENTELE_VERIFY_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_products_and_versions),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_machine_file),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_clock_file),
		cmocka_unit_test(test_clock_functions),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_key_choice),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
