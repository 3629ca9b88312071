/*
 * What the web servers' files know of the families: the shape of errors below each path, and
 * addresses that they must not write down or must keep to the operator. The files with the errors
 * are made here, and kept in the tree; the bodies are written by the functions that write the
 * application's own.
 *
 * After a change of the tables: GOLDEN_UPDATE=1 make check
 */
#include "../lib/golden.h"
#include "../lib/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/contracts.h"
#include "base/flags.h"
#include "op/envelope.h"
#include "server/fastcgi.h"

#define PATHS_MAX 64

#define HEAD                                                                          \
	"Made by tests/unit/api/test_web_servers.c from the tables of the families: " \
	"GOLDEN_UPDATE=1 writes it anew."

#define UNAVAILABLE "The service is not available at the moment. Please try again."

enum status_flag {
	IN_FILES = 1u << 0,    /* Apache and lighttpd answer it from a file */
	IN_NGINX = 1u << 1,    /* nginx answers it, which makes 503 of 502 and 504 */
	MAY_BE_DONE = 1u << 2, /* whether a request that writes was carried out is not known then */
};

#define STATUS_FLAGS(op) (IN_FILES op IN_NGINX op MAY_BE_DONE)
ASSERT_FLAGS_DISTINCT(STATUS_FLAGS);

/* Errors that a web server answers itself. */
static const struct {
	int status;
	enum error_code code; /* of the application's same fault */
	const char *message;
	uint32_t flags; /* enum status_flag */
} statuses[] = {
	{ 400, ERROR_MALFORMED, "The request could not be read.", IN_FILES | IN_NGINX },
	{ 403, ERROR_FORBIDDEN, "The address that you come from may not see this.",
	    IN_FILES | IN_NGINX },
	{ 404, ERROR_NO_ROUTE, "There is nothing at this address.", IN_FILES | IN_NGINX },
	{ 405, ERROR_METHOD, "The method is not allowed here.", IN_FILES | IN_NGINX },
	{ 408, ERROR_MALFORMED, "The request took too long to arrive.", IN_FILES | IN_NGINX },
	{ 413, ERROR_TOO_LARGE, "The request body is too large.", IN_FILES | IN_NGINX },
	{ 414, ERROR_URI_TOO_LONG, "The address is too long.", IN_FILES | IN_NGINX },
	{ 429, ERROR_TOO_MANY, "There were too many requests. Please try again later.", IN_NGINX },
	{ 431, ERROR_TOO_LARGE, "The request headers are too large.", IN_NGINX },
	{ 500, ERROR_INTERNAL, "An error has occurred.", IN_FILES | IN_NGINX | MAY_BE_DONE },
	{ 501, ERROR_METHOD, "The method is not known here.", IN_FILES },
	{ 502, ERROR_UNAVAILABLE, UNAVAILABLE, IN_FILES | MAY_BE_DONE },
	{ 503, ERROR_UNAVAILABLE, UNAVAILABLE, IN_FILES | IN_NGINX },
	{ 504, ERROR_UNAVAILABLE, UNAVAILABLE, IN_FILES | MAY_BE_DONE },
};

/* A path below which errors have the shape of a family. */
struct place {
	const char *path;
	size_t length;
	const struct family *family;
};

struct places {
	struct place all[PATHS_MAX];
	unsigned count;
};

/* Whether the path is that one, or below it. */
static bool is_below(struct str path, struct str prefix)
{
	return path.length >= prefix.length &&
	       str_equal_ignore_case(str_slice(path, 0, prefix.length), prefix) &&
	       (path.length == prefix.length || path.data[prefix.length] == '/');
}

static struct str place_path(const struct place *place)
{
	return (struct str){ place->path, place->length };
}

static void add_place(struct places *places, const struct family *family, struct str path)
{
	for (unsigned i = 0; i < places->count; i++) {
		if (places->all[i].family == family && is_below(path, place_path(&places->all[i])))
			return;
	}
	assert_true(places->count < PATHS_MAX);
	places->all[places->count++] = (struct place){ path.data, path.length, family };
}

/* What of a route's path is the same in all requests. */
static struct str literal_start(const char *path)
{
	const char *capture = strstr(path, "/{");

	return (struct str){ path, capture != NULL ? (size_t)(capture - path) : strlen(path) };
}

static int compare_lengths(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	return one->length < other->length   ? -1
	       : one->length > other->length ? 1
					     : memcmp(one->path, other->path, one->length);
}

/*
 * The shortest first: where one is below another, the longer one decides. The first contract has
 * all that is left over.
 */
static struct places find_places(void)
{
	struct places places = { .count = 0 };
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	assert_string_equal(contracts[0]->family.prefix, "/");
	for (unsigned i = 1; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		add_place(&places, family, str_from(family->prefix));
		for (unsigned j = 0; j < contracts[i]->route_count; j++)
			add_place(&places, family, literal_start(contracts[i]->routes[j].path));
	}
	qsort(places.all, places.count, sizeof(places.all[0]), compare_lengths);
	return places;
}

/* A path as a regular expression has it, without its first slash. */
static void print_pattern(struct buf *out, struct str path)
{
	for (size_t i = 1; i < path.length; i++) {
		if (path.data[i] == '.')
			buf_append_char(out, '\\');
		buf_append_char(out, path.data[i]);
	}
}

/* --- bodies --- */

static void print_body(
    struct buf *out, const struct contract *contract, enum error_code code, const char *message)
{
	struct arena *arena = arena_new(65536, 1 << 20);
	struct response response = { 0 };
	struct request request = { .method = METHOD_GET };
	struct answer answer = {
		.media = { MEDIA_JSON, "application/json" },
		.contract = contract,
		.request = &request,
		.arena = arena,
	};
	struct error error;

	error_init(&error, arena);
	/* It is the request that cannot be read, which is no fault of its body. */
	error.code =
	    code == ERROR_MALFORMED && contract->write_error == NULL ? ERROR_INVALID : code;
	error.message = message;
	envelope_error(&response, &answer, &error);
	assert_false(response.body.failed);
	/* As it is in nginx, between quotation marks, and in a line. */
	assert_null(strpbrk(response.body.data, "'$\\\n\t"));
	buf_append(out, response.body.data, response.body.length);
	response_free(&response);
	arena_free(arena);
}

/* Lines of a file's name, a tab and what it holds. */
static void print_files_of(struct buf *out, const struct contract *contract)
{
	for (unsigned i = 0; i < COUNT_OF(statuses); i++) {
		if (!(statuses[i].flags & IN_FILES))
			continue;
		buf_printf(out, "%s-%d\t", contract->family.name, statuses[i].status);
		print_body(out, contract, statuses[i].code, statuses[i].message);
		buf_printf(out, "\n%s-write-%d\t", contract->family.name, statuses[i].status);
		if (statuses[i].flags & MAY_BE_DONE)
			print_body(out, contract, ERROR_OUTCOME_UNKNOWN, NULL);
		else
			print_body(out, contract, statuses[i].code, statuses[i].message);
		buf_append_char(out, '\n');
	}
}

static void test_bodies(void **state)
{
	struct buf made = { 0 };
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	buf_append_text(&made, "# " HEAD "\n");
	buf_append_text(&made, "plain-403\t");
	print_body(&made, contracts[0], ERROR_FORBIDDEN, "Please use https.");
	buf_append_char(&made, '\n');
	for (unsigned i = 0; i < count; i++)
		print_files_of(&made, contracts[i]);
	golden_check("errors/bodies.table", &made);
	buf_free(&made);
}

/* --- nginx --- */

/*
 * The application may be below one segment. That is not one with which the path is another
 * family's: /api/v1 is not /v1 below /api/.
 */
static void print_segment(struct buf *out, const struct places *places, const struct place *place)
{
	buf_append_text(out, "(?:/");
	for (unsigned i = 0; i < places->count; i++) {
		struct str other = place_path(&places->all[i]);
		const char *second = memchr(other.data + 1, '/', other.length - 1);

		if (second == NULL || places->all[i].family == place->family ||
		    !is_below(str_slice(other, (size_t)(second - other.data), SIZE_MAX),
			place_path(place)))
			continue;
		buf_append_text(out, "(?!");
		print_pattern(out, str_slice(other, 0, (size_t)(second - other.data) + 1));
		buf_append_char(out, ')');
	}
	buf_append_text(out, "[^/?]+)?");
}

static void print_nginx_families(struct buf *out, const struct family *rest)
{
	struct places places = find_places();

	buf_append_text(out, "# At the root or below one segment such as /registry/.\n"
			     "map $request_uri $clientele_error_family {\n");
	buf_printf(out, "\tdefault %s;\n", rest->name);
	for (unsigned i = places.count; i > 0; i--) {
		const struct place *place = &places.all[i - 1];

		buf_append_text(out, "\t\"~*^");
		print_segment(out, &places, place);
		buf_append_char(out, '/');
		print_pattern(out, place_path(place));
		buf_printf(out, "(?:[/?]|$)\" %s;\n", place->family->name);
	}
	buf_append_text(out, "}\n");
}

static void print_nginx_body(struct buf *out, const struct contract *contract, const char *key,
    enum error_code code, const char *message)
{
	buf_printf(out, "\t%s '", key);
	print_body(out, contract, code, message);
	buf_append_text(out, "';\n");
}

static void print_nginx_bodies_of(struct buf *out, const struct contract *contract)
{
	char key[64];

	for (unsigned i = 0; i < COUNT_OF(statuses); i++) {
		if (!(statuses[i].flags & IN_NGINX))
			continue;
		snprintf(key, sizeof(key), "\"%s %d\"", contract->family.name, statuses[i].status);
		print_nginx_body(out, contract, key, statuses[i].code, statuses[i].message);
	}
	snprintf(key, sizeof(key), "\"%s unknown\"", contract->family.name);
	print_nginx_body(out, contract, key, ERROR_OUTCOME_UNKNOWN, NULL);
}

static void test_nginx(void **state)
{
	struct buf made = { 0 };
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	buf_append_text(&made, "# Clientele: errors that nginx itself answers, in the shape of the "
			       "family that the path belongs to.\n# " HEAD "\n\n");
	print_nginx_families(&made, &contracts[0]->family);
	buf_append_text(&made, "\nmap \"$clientele_error_family $clientele_fault\" "
			       "$clientele_error_body {\n");
	print_nginx_body(&made, contracts[0], "default", ERROR_INTERNAL, NULL);
	for (unsigned i = 0; i < count; i++)
		print_nginx_bodies_of(&made, contracts[i]);
	buf_append_text(&made, "}\n");
	golden_check("nginx/clientele-errors.conf", &made);
	buf_free(&made);
}

/* --- Apache and lighttpd: the last that fits decides --- */

static void test_apache(void **state)
{
	struct buf made = { 0 };
	struct places places = find_places();
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	buf_append_text(&made, "# Clientele: the family that a path belongs to.\n# " HEAD "\n");
	buf_printf(
	    &made, "SetEnvIf Request_URI \"^\" CLIENTELE_FAMILY=%s\n", contracts[0]->family.name);
	for (unsigned i = 0; i < places.count; i++) {
		buf_append_text(&made, "SetEnvIfNoCase Request_URI \"^${CLIENTELE_PLACE}");
		print_pattern(&made, place_path(&places.all[i]));
		buf_printf(&made, "(?:/|$)\" CLIENTELE_FAMILY=%s\n", places.all[i].family->name);
	}
	golden_check("apache/clientele-errors.conf", &made);
	buf_free(&made);
}

static void print_lighttpd_files(struct buf *out, const char *indent, const struct family *family)
{
	buf_printf(out,
	    "%sserver.errorfile-prefix = clientele_share + \"/errors/%s-\"\n"
	    "%s$HTTP[\"request-method\"] !~ \"^(?:GET|HEAD|OPTIONS)$\" {\n"
	    "%s\tserver.errorfile-prefix = clientele_share + \"/errors/%s-write-\"\n"
	    "%s}\n",
	    indent, family->name, indent, indent, family->name, indent);
}

static void test_lighttpd(void **state)
{
	struct buf made = { 0 };
	struct places places = find_places();
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	buf_append_text(&made,
	    "# Clientele: errors that lighttpd itself answers, in the shape of the "
	    "family that the path belongs to.\n# " HEAD "\n");
	print_lighttpd_files(&made, "", &contracts[0]->family);
	for (unsigned i = 0; i < places.count; i++) {
		buf_append_text(&made, "$HTTP[\"url\"] =~ \"(?i)^\" + clientele_place + \"");
		print_pattern(&made, place_path(&places.all[i]));
		buf_append_text(&made, "(?:/|$)\" {\n");
		print_lighttpd_files(&made, "\t", places.all[i].family);
		buf_append_text(&made, "}\n");
	}
	golden_check("lighttpd/clientele-errors.conf", &made);
	buf_free(&made);
}

/* --- what is written by hand beside them --- */

/* Each of the files says that, and says it once for all of the paths. */
static void expect_in_files(const struct buf *words)
{
	static const char *const files[] = {
		"nginx/clientele-application.conf",
		"apache/clientele.conf",
		"lighttpd/clientele.conf",
	};

	assert_false(words->failed);
	for (unsigned i = 0; i < COUNT_OF(files); i++) {
		struct buf text = { 0 };

		golden_read(files[i], &text);
		if (strstr(text.data, words->data) == NULL)
			fail_msg("%s lacks \"%s\"", files[i], words->data);
		buf_free(&text);
	}
}

/* Paths as an alternative; one alone needs no parentheses. */
static void add_alternative(struct buf *out, struct str path)
{
	if (out->length > 0)
		buf_append_char(out, '|');
	print_pattern(out, path);
}

static bool carries_keys(const struct contract *contract)
{
	if (contract->family.credentials & CREDENTIAL_PARAMETER)
		return true;
	for (unsigned i = 0; i < contract->route_count; i++) {
		if (contract->routes[i].flags & ROUTE_SECRET_PATH)
			return true;
	}
	return false;
}

/* Where a key may stand in an address, no web server copies addresses into its error log. */
static void test_keys_in_addresses(void **state)
{
	struct buf words = { 0 };
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		if (carries_keys(contracts[i]))
			add_alternative(&words, str_from(contracts[i]->family.prefix));
	}
	buf_append_text(&words, "(?:/|$)");
	expect_in_files(&words);
	buf_free(&words);
}

/* Bulks of a family are told by their last segment, so that new ones need no change of the files.
 */
static void add_long_body(
    struct buf *out, const struct contract *contract, const struct route *route)
{
	char bulks[128];

	if (route->shape != SHAPE_BULK) {
		add_alternative(out, str_from(route->path));
		return;
	}
	snprintf(bulks, sizeof(bulks), "%s(?:/[^/]+)+/bulk", contract->family.prefix);
	if (out->length == 0 || strstr(out->data, bulks + 1) == NULL)
		add_alternative(out, str_from(bulks));
}

/* What is for the operator comes from this machine; what may be long is let through. */
static void test_routes(void **state)
{
	struct buf operator_paths = { 0 }, long_bodies = { 0 }, words = { 0 };
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < contracts[i]->route_count; j++) {
			const struct route *route = &contracts[i]->routes[j];

			if (route->access == ACCESS_OPERATOR)
				add_alternative(&operator_paths, str_from(route->path));
			if (route->flags & ROUTE_BODY_LIST)
				add_long_body(&long_bodies, contracts[i], route);
		}
	}
	buf_printf(&words, "(?:%s)/?$", operator_paths.data);
	expect_in_files(&words);
	buf_reset(&words, SIZE_MAX);
	buf_printf(&words, "(?:%s)/?$", long_bodies.data);
	expect_in_files(&words);
	buf_free(&operator_paths);
	buf_free(&long_bodies);
	buf_free(&words);
}

/* --- parameters --- */

static bool is_read(struct str name)
{
	const char *known;

	for (unsigned i = 0; (known = request_variable_name(i)) != NULL; i++) {
		if (str_equal(name, str_from(known)))
			return true;
	}
	return str_equal(name, STR(FASTCGI_CONNECTION));
}

/* Whether a line of the file sends a parameter, and which. */
static bool sends(struct str line, struct str *name)
{
	if (!str_starts_with(line, STR("fastcgi_param ")))
		return false;
	*name = str_slice(line, sizeof("fastcgi_param ") - 1, line.length);
	*name = str_slice(*name, 0, str_find(*name, ' '));
	return true;
}

static bool is_sent(struct str text, struct str wanted)
{
	struct str line, name;

	while (str_next(&text, '\n', &line)) {
		if (sends(line, &name) && str_equal(name, wanted))
			return true;
	}
	return false;
}

/* nginx sends each parameter that is read, and none that is not. */
static void test_parameters(void **state)
{
	struct buf file = { 0 };
	struct str rest, line, name;
	const char *known;
	unsigned count = 0;

	(void)state;
	golden_read("nginx/clientele-fastcgi.conf", &file);
	for (rest = buf_str(&file); str_next(&rest, '\n', &line);) {
		if (!sends(line, &name))
			continue;
		count++;
		if (!is_read(name))
			fail_msg("nobody reads " STR_FORMAT, STR_ARGUMENTS(name));
	}
	assert_true(count > 0);
	for (unsigned i = 0; (known = request_variable_name(i)) != NULL; i++) {
		/* Headers it sends by itself; the whole path is in PATH_INFO. */
		if (strncmp(known, "HTTP_", 5) != 0 && strcmp(known, "SCRIPT_NAME") != 0 &&
		    !is_sent(buf_str(&file), str_from(known)))
			fail_msg("nginx does not send %s", known);
	}
	assert_true(is_sent(buf_str(&file), STR(FASTCGI_CONNECTION)));
	buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_nginx),
		cmocka_unit_test(test_apache),
		cmocka_unit_test(test_lighttpd),
		cmocka_unit_test(test_keys_in_addresses),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
