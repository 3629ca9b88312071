/*
 * Checking license documents offline, with the library that programs of vendors have.
 */
#include "cli/license.h"

#include <errno.h>
#include <string.h>

#include "base/timestamp.h"
#include "cli/print.h"
#include "server/config_load.h"

#define KEY_FILE_LIMIT 65536
#define SECRET_FILE_LIMIT 1024

/* What a license says, by the object that it stands in; rows of an object are neighbours. */
static const struct {
	const char *object; /* NULL = none */
	const char *member, *title;
	enum clientele_text text;
} texts[] = {
	{ NULL, "format", "Format", CLIENTELE_FORMAT },
	{ NULL, "algorithm", "Algorithm", CLIENTELE_ALGORITHM },
	{ NULL, "keyId", "Key", CLIENTELE_KEY_ID },
	{ NULL, "id", "License", CLIENTELE_ID },
	{ NULL, "type", "Type", CLIENTELE_TYPE },
	{ NULL, "mode", "Mode", CLIENTELE_MODE },
	{ NULL, "machine", "Machine", CLIENTELE_MACHINE },
	{ "licensee", "name", "Licensee", CLIENTELE_LICENSEE_NAME },
	{ "licensee", "company", "Company", CLIENTELE_LICENSEE_COMPANY },
	{ "licensee", "contactInfo", "Contact", CLIENTELE_LICENSEE_CONTACT },
	{ "licensee", "url", "Licensee URL", CLIENTELE_LICENSEE_URL },
	{ "product", "id", "Product", CLIENTELE_PRODUCT_ID },
	{ "product", "name", "Product name", CLIENTELE_PRODUCT_NAME },
	{ "product", "version", "Version", CLIENTELE_PRODUCT_VERSION },
	{ "product", "copyright", "Copyright", CLIENTELE_PRODUCT_COPYRIGHT },
	{ "product", "url", "Product URL", CLIENTELE_PRODUCT_URL },
	{ "product", "description", "Description", CLIENTELE_PRODUCT_DESCRIPTION },
};

static const struct {
	const char *member, *title;
	enum clientele_time time;
} times[] = {
	{ "issueDate", "Issued", CLIENTELE_ISSUED },
	{ "notBefore", "Valid from", CLIENTELE_NOT_BEFORE },
	{ "expireDate", "Expires", CLIENTELE_EXPIRES },
	{ "supportExpireDate", "Support until", CLIENTELE_SUPPORT_EXPIRES },
	{ "fileExpireDate", "File until", CLIENTELE_FILE_EXPIRES },
};

static const struct {
	const char *member, *item, *title;
	enum clientele_list list;
} lists[] = {
	{ "features", "feature", "Feature", CLIENTELE_FEATURES },
	{ "fields", "field", "Field", CLIENTELE_FIELDS },
	{ "restrictions", "restriction", "Restriction", CLIENTELE_RESTRICTIONS },
	{ "assemblies", "assembly", "Assembly", CLIENTELE_ASSEMBLIES },
	{ "components", "component", "Component", CLIENTELE_COMPONENTS },
};

static const char *moment_text(struct session *session, int64_t seconds)
{
	struct buf text = { 0 };
	const char *copy;

	timestamp_print(&text, seconds * MICROSECONDS_PER_SECOND, TIMESTAMP_UTC);
	copy = arena_copy(session->arena, text.data, text.length);
	buf_free(&text);
	return copy;
}

static void add_moment_member(
    struct session *session, struct writer *writer, const char *name, int64_t seconds)
{
	if (seconds != CLIENTELE_NEVER)
		print_add_text(writer, name, moment_text(session, seconds));
	else
		writer_null(writer, name);
}

/* A member that is left out where the license does not have it. */
static void add_present_text(struct writer *writer, const char *name, const char *text)
{
	if (text != NULL)
		print_add_text(writer, name, text);
}

static void describe_item(
    struct session *session, struct writer *writer, const struct clientele_item *item)
{
	writer_object_begin(writer, NULL);
	add_present_text(writer, "id", item->id);
	add_present_text(writer, "name", item->name);
	add_present_text(writer, "value", item->value);
	add_present_text(writer, "description", item->description);
	add_present_text(writer, "key", item->key);
	if (item->expires != CLIENTELE_NEVER) {
		add_moment_member(session, writer, "expireDate", item->expires);
		writer_boolean(writer, "expired", item->expired);
	}
	if (item->data != NULL)
		writer_integer(writer, "dataBytes", (int64_t)item->data_length);
	if (item->property_count > 0) {
		writer_object_begin(writer, "properties");
		for (size_t i = 0; i < item->property_count; i++)
			print_add_text(writer, item->properties[i].name, item->properties[i].value);
		writer_object_end(writer);
	}
	writer_object_end(writer);
}

static void describe_texts(struct writer *writer, const struct clientele_license *license)
{
	const char *object = NULL;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (texts[i].object != object) {
			if (object != NULL)
				writer_object_end(writer);
			writer_object_begin(writer, texts[i].object);
			object = texts[i].object;
		}
		print_add_text(
		    writer, texts[i].member, clientele_license_text(license, texts[i].text));
	}
	writer_object_end(writer);
}

static enum command_status print_license_json(
    struct session *session, const struct clientele_license *license)
{
	struct print_json json;

	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	print_add_text(
	    &json.writer, "result", clientele_result_name(clientele_license_result(license)));
	print_add_text(&json.writer, "detail", clientele_license_detail(license));
	describe_texts(&json.writer, license);
	for (size_t i = 0; i < COUNT_OF(times); i++)
		add_moment_member(session, &json.writer, times[i].member,
		    clientele_license_time(license, times[i].time));
	if (clientele_license_seats(license) > 0)
		writer_integer(&json.writer, "maxAllowedSites", clientele_license_seats(license));
	else
		writer_null(&json.writer, "maxAllowedSites");
	for (size_t l = 0; l < COUNT_OF(lists); l++) {
		writer_array_begin(&json.writer, lists[l].member, lists[l].item);
		for (size_t i = 0; i < clientele_license_count(license, lists[l].list); i++)
			describe_item(session, &json.writer,
			    clientele_license_item(license, lists[l].list, i));
		writer_array_end(&json.writer);
	}
	writer_object_end(&json.writer);
	return print_json_end(session, &json);
}

/* A line for people; what a license says gives a terminal no orders. */
static void append_line(struct buf *out, const char *title, const char *text)
{
	buf_printf(out, "%-14s ", title);
	buf_append_visible(out, str_from(text));
	buf_append_char(out, '\n');
}

static void append_item(
    struct session *session, struct buf *out, const char *title, const struct clientele_item *item)
{
	const char *text = item->name != NULL ? item->name : item->id != NULL ? item->id : "";

	if (item->value != NULL)
		text = arena_printf(session->arena, "%s = %s", text, item->value);
	if (item->expires != CLIENTELE_NEVER)
		text = arena_printf(session->arena, "%s, %s %s", text,
		    item->expired ? "expired" : "until", moment_text(session, item->expires));
	for (size_t i = 0; i < item->property_count; i++)
		text = arena_printf(session->arena, "%s, %s = %s", text, item->properties[i].name,
		    item->properties[i].value);
	append_line(out, title, text);
}

static enum command_status print_license_lines(
    struct session *session, const struct clientele_license *license)
{
	struct buf out = { 0 };

	append_line(&out, "Result", clientele_result_name(clientele_license_result(license)));
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const char *text = clientele_license_text(license, texts[i].text);

		if (text != NULL)
			append_line(&out, texts[i].title, text);
	}
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		int64_t moment = clientele_license_time(license, times[i].time);

		if (moment != CLIENTELE_NEVER)
			append_line(&out, times[i].title, moment_text(session, moment));
	}
	if (clientele_license_seats(license) > 0)
		buf_printf(
		    &out, "%-14s %lld\n", "Seats", (long long)clientele_license_seats(license));
	for (size_t l = 0; l < COUNT_OF(lists); l++) {
		for (size_t i = 0; i < clientele_license_count(license, lists[l].list); i++)
			append_item(session, &out, lists[l].title,
			    clientele_license_item(license, lists[l].list, i));
	}
	return print_buffer(session, &out);
}

bool license_read_file(struct session *session, const char *path, size_t limit, struct buf *text)
{
	if (loading_read_file(path, limit, text) == 0)
		return true;
	session_fail(session, "%s: %s.", path, strerror(errno));
	return false;
}

static bool add_keys(struct session *session, struct clientele_keys *keys)
{
	unsigned flags = session_flag(session, "legacy") != NULL ? CLIENTELE_KEYS_LEGACY : 0;

	for (unsigned i = 0; i < session->given_count; i++) {
		const struct command_given *given = &session->given[i];
		enum clientele_result result;
		struct buf text = { 0 };

		if (strcmp(given->flag->name, "key") != 0)
			continue;
		if (!license_read_file(session, given->value, KEY_FILE_LIMIT, &text)) {
			buf_free(&text);
			return false;
		}
		result = clientele_keys_add(
		    keys, text.data != NULL ? text.data : "", text.length, flags);
		buf_free(&text);
		if (result != CLIENTELE_VALID) {
			session_fail(session, "%s: the public key is refused (%s).", given->value,
			    clientele_result_name(result));
			return false;
		}
	}
	return true;
}

struct clientele_keys *license_take_keys(struct session *session, enum command_status *status)
{
	struct clientele_keys *keys;

	*status = COMMAND_FAILED;
	if (session_flag(session, "key") == NULL) {
		*status = session_usage(session, "Give --key FILE: the public key of the vendor.");
		return NULL;
	}
	keys = clientele_keys_new();
	if (keys == NULL)
		(void)session_fail(session, "Out of memory.");
	if (keys != NULL && add_keys(session, keys))
		return keys;
	clientele_keys_free(keys);
	return NULL;
}

bool license_take_secret(struct session *session, const char *flag, const char **secret)
{
	const char *path = session_flag(session, flag);
	struct buf text = { 0 };
	struct str trimmed;
	bool good;

	*secret = NULL;
	if (path == NULL)
		return true;
	good = license_read_file(session, path, SECRET_FILE_LIMIT, &text);
	trimmed = str_trim(buf_str(&text));
	if (good)
		*secret = arena_copy(session->arena, trimmed.data, trimmed.length);
	buf_free(&text);
	return good;
}

static bool take_options(struct session *session, struct clientele_options *options)
{
	struct value moment;

	options->machine = session_flag(session, "machine");
	options->product = session_flag(session, "product");
	options->version = session_flag(session, "version");
	options->state = session_flag(session, "state");
	if (session_flag(session, "any-machine") != NULL)
		options->skip |= CLIENTELE_SKIP_MACHINE;
	if (!session_take_number(session, "grace", 0, 0, &options->grace) ||
	    !session_take_moment(session, "at", &moment))
		return false;
	if (!moment.null)
		options->now = moment.integer / MICROSECONDS_PER_SECOND;
	return license_take_secret(session, "secret-file", &options->secret);
}

static enum command_status verify_with_keys(
    struct session *session, const struct clientele_keys *keys)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_license *license = NULL;
	enum command_status status = COMMAND_FAILED;
	enum clientele_result result;
	struct buf text = { 0 };

	if (take_options(session, &options) &&
	    license_read_file(session, session->operands[0], CLIENTELE_DOCUMENT_MAX, &text)) {
		result = clientele_verify(
		    keys, text.data != NULL ? text.data : "", text.length, &options, &license);
		status = session->json ? print_license_json(session, license)
				       : print_license_lines(session, license);
		if (result != CLIENTELE_VALID)
			status = session_fail(session, "%s", clientele_license_detail(license));
	}
	clientele_license_free(license);
	buf_free(&text);
	return status;
}

static enum command_status verify_license(struct session *session)
{
	enum command_status status;
	struct clientele_keys *keys = license_take_keys(session, &status);

	if (keys != NULL)
		status = verify_with_keys(session, keys);
	clientele_keys_free(keys);
	return status;
}

/* A license can be checked on any machine, whatever its configuration says. */
static enum command_status verify_anyhow(struct session *session, struct str faults)
{
	(void)faults;
	return verify_license(session);
}

static const struct command_flag verify_flags[] = {
	{ .name = "key",
	    .value = "FILE",
	    .doc =
		"Public key: PEM, base64 of its DER, JWK or JWK set; may be repeated; required." },
	{ .name = "legacy",
	    .doc = "Also accept RSA keys of less than 2048 bits, and SHA-1 with the given keys." },
	{ .name = "machine",
	    .value = "ID",
	    .doc = "The machine that the license must be for, if it is bound to one." },
	{ .name = "any-machine", .doc = "Do not check what machine a license is bound to." },
	{ .name = "product",
	    .value = "ID",
	    .doc = "Identifier or name of the product; default: any." },
	{ .name = "version",
	    .value = "VERSION",
	    .doc = "Version of the program, 1.2.0 say; default: any." },
	{ .name = "at", .value = "DATE", .doc = "Check for this moment; default: now." },
	{ .name = "grace",
	    .value = "SECONDS",
	    .doc = "Seconds for which an expired license is still valid; default: 0." },
	{ .name = "state",
	    .value = "FILE",
	    .doc = "State of offline use on this machine, for a license that was checked out." },
	{ .name = "secret-file",
	    .value = "FILE",
	    .doc = "File with the user key that an encrypted license file is opened with." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command license_commands[] = {
	{ .words = "license verify",
	    .arguments = "FILE --key FILE",
	    .least = 1,
	    .most = 1,
	    .flags = verify_flags,
	    .doc = "Check a signed license offline; the status is 0 only if it is valid.",
	    .as_caller = true,
	    .run = verify_license,
	    .run_faulty = verify_anyhow },
	{ 0 },
};
