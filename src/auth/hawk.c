#include "auth/hawk.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"

#define SALT "hawk"
#define ROUNDS 500
#define DIGEST_TEXT_LENGTH 44 /* in base64 */
#define HEADER_LONGEST 4096

enum attribute {
	ATTRIBUTE_ID,
	ATTRIBUTE_TS,
	ATTRIBUTE_NONCE,
	ATTRIBUTE_HASH,
	ATTRIBUTE_EXT,
	ATTRIBUTE_MAC,
	ATTRIBUTE_APP,
	ATTRIBUTE_DLG,
	ATTRIBUTE__MAX
};

static const char *const attribute_names[ATTRIBUTE__MAX] = {
	[ATTRIBUTE_ID] = "id",
	[ATTRIBUTE_TS] = "ts",
	[ATTRIBUTE_NONCE] = "nonce",
	[ATTRIBUTE_HASH] = "hash",
	[ATTRIBUTE_EXT] = "ext",
	[ATTRIBUTE_MAC] = "mac",
	[ATTRIBUTE_APP] = "app",
	[ATTRIBUTE_DLG] = "dlg",
};

void hawk_derive_key(struct str secret, uint8_t key[HAWK_KEY_LENGTH])
{
	if (PKCS5_PBKDF2_HMAC(secret.length > 0 ? secret.data : "", (int)secret.length,
		(const unsigned char *)SALT, sizeof(SALT) - 1, ROUNDS, EVP_sha256(),
		HAWK_KEY_LENGTH, key) != 1)
		abort();
}

bool hawk_is(struct str authorization)
{
	return str_starts_with_ignore_case(authorization, STR("Hawk ")) ||
	       str_equal_ignore_case(authorization, STR("Hawk"));
}

/* Takes `name="value"` off the front of *rest. False when it does not stand there. */
static bool take_attribute(struct str *rest, struct str *name, struct str *value)
{
	struct str text = str_trim(*rest);
	size_t equals = str_find(text, '='), quote;

	if (equals + 1 >= text.length || text.data[equals + 1] != '"')
		return false;
	*name = str_trim(str_slice(text, 0, equals));
	text = str_slice(text, equals + 2, text.length);
	quote = str_find(text, '"');
	if (quote == text.length)
		return false;
	*value = str_slice(text, 0, quote);
	text = str_trim(str_slice(text, quote + 1, text.length));
	if (text.length > 0 && text.data[0] != ',')
		return false;
	*rest = str_slice(text, 1, text.length);
	return true;
}

/* False on anything but known attributes, each once. */
static bool read_header(struct str header, struct str attributes[ATTRIBUTE__MAX])
{
	struct str rest = str_trim(str_slice(header, 4, header.length)), name, value;

	memset(attributes, 0, ATTRIBUTE__MAX * sizeof(*attributes));
	if (header.length > HEADER_LONGEST)
		return false;
	while (rest.length > 0) {
		unsigned i = 0;

		if (!take_attribute(&rest, &name, &value))
			return false;
		while (i < ATTRIBUTE__MAX && !str_equal(name, str_from(attribute_names[i])))
			i++;
		if (i == ATTRIBUTE__MAX || attributes[i].data != NULL)
			return false;
		attributes[i] = value;
	}
	return true;
}

struct str hawk_id(struct str authorization)
{
	struct str attributes[ATTRIBUTE__MAX];

	if (!hawk_is(authorization) || !read_header(authorization, attributes))
		return (struct str){ NULL, 0 };
	return attributes[ATTRIBUTE_ID];
}

static int refuse_header(struct error *error, const char *reason)
{
	error->challenge = arena_printf(error->arena, "Hawk error=\"%s\"", reason);
	return error_set(error, ERROR_UNAUTHENTICATED, "%s.", reason);
}

/* Base64 of the HMAC of a text. */
static bool sign(const uint8_t key[HAWK_KEY_LENGTH], const struct buf *text, struct buf *out)
{
	uint8_t digest[DIGEST_LENGTH];

	if (text->failed ||
	    HMAC(EVP_sha256(), key, HAWK_KEY_LENGTH, (const unsigned char *)text->data,
		text->length, digest, NULL) == NULL)
		return false;
	base64_append(out, digest, sizeof(digest));
	return !out->failed && out->length == DIGEST_TEXT_LENGTH;
}

static bool same(struct str sent, const struct buf *computed)
{
	return sent.length == computed->length &&
	       CRYPTO_memcmp(sent.data, computed->data, sent.length) == 0;
}

static void append_line(struct buf *text, struct str line)
{
	buf_append_str(text, line);
	buf_append_char(text, '\n');
}

static void append_lower(struct buf *text, struct str line)
{
	for (size_t i = 0; i < line.length; i++)
		buf_append_char(text, str_lower(line.data[i]));
	buf_append_char(text, '\n');
}

/* The name and the port of "host:port", "[::1]:port" or "host". */
static void split_host(const struct hawk_request *request, struct str *host, struct str *port)
{
	size_t bracket = str_find(request->host, ']');
	size_t from = bracket < request->host.length ? bracket : 0;
	size_t colon = from + str_find(str_slice(request->host, from, request->host.length), ':');

	*host = str_slice(request->host, 0, colon);
	*port = colon < request->host.length
		    ? str_slice(request->host, colon + 1, request->host.length)
		    : str_from(request->https ? "443" : "80");
}

static bool mac_fits(const uint8_t key[HAWK_KEY_LENGTH], const struct hawk_request *request,
    const struct str attributes[ATTRIBUTE__MAX])
{
	struct buf text = { 0 }, mac = { 0 };
	struct str host, port;
	bool fits;

	split_host(request, &host, &port);
	buf_append_text(&text, "hawk.1.header\n");
	append_line(&text, attributes[ATTRIBUTE_TS]);
	append_line(&text, attributes[ATTRIBUTE_NONCE]);
	append_line(&text, str_from(request->method));
	append_line(&text, request->target);
	append_lower(&text, host);
	append_line(&text, port);
	append_line(&text, attributes[ATTRIBUTE_HASH]);
	append_line(&text, attributes[ATTRIBUTE_EXT]);
	if (attributes[ATTRIBUTE_APP].data != NULL) {
		append_line(&text, attributes[ATTRIBUTE_APP]);
		append_line(&text, attributes[ATTRIBUTE_DLG]);
	}
	fits = sign(key, &text, &mac) && same(attributes[ATTRIBUTE_MAC], &mac);
	buf_free(&text);
	buf_free(&mac);
	return fits;
}

static bool body_fits(const struct hawk_request *request, struct str hash)
{
	struct buf text = { 0 }, computed = { 0 };
	uint8_t digest[DIGEST_LENGTH];
	bool fits;

	buf_append_text(&text, "hawk.1.payload\n");
	append_lower(&text,
	    str_trim(str_slice(request->content_type, 0, str_find(request->content_type, ';'))));
	append_line(&text, request->body);
	if (text.failed) {
		buf_free(&text);
		return false;
	}
	digest_text(buf_str(&text), digest);
	base64_append(&computed, digest, sizeof(digest));
	fits = !computed.failed && same(hash, &computed);
	buf_free(&text);
	buf_free(&computed);
	return fits;
}

/* Tells the server's time, signed, so that the caller can correct its own. */
static int refuse_time(const uint8_t key[HAWK_KEY_LENGTH], int64_t now, struct error *error)
{
	struct buf text = { 0 }, mac = { 0 };

	buf_printf(&text, "hawk.1.ts\n%lld\n", (long long)now);
	if (!sign(key, &text, &mac))
		buf_reset(&mac, 0);
	(void)refuse_header(error, "Stale timestamp");
	error->challenge = arena_printf(error->arena,
	    "Hawk ts=\"%lld\", tsm=\"" STR_FORMAT "\", error=\"Stale timestamp\"", (long long)now,
	    STR_ARGUMENTS(buf_str(&mac)));
	buf_free(&text);
	buf_free(&mac);
	return -1;
}

static int use_nonce(struct nonces *nonces, const struct str attributes[ATTRIBUTE__MAX],
    int64_t now, int64_t ts, struct error *error)
{
	static const enum attribute unique[] = { ATTRIBUTE_ID, ATTRIBUTE_TS, ATTRIBUTE_NONCE };
	uint8_t digest[DIGEST_LENGTH];
	struct buf text = { 0 };
	bool done;
	int status;

	for (unsigned i = 0; i < sizeof(unique) / sizeof(unique[0]); i++)
		append_line(&text, attributes[unique[i]]);
	done = !text.failed;
	if (done)
		digest_text(buf_str(&text), digest);
	buf_free(&text);
	if (!done)
		return error_set_detail(error, ERROR_BUSY, "no memory for a nonce");
	status = nonces_use(nonces, digest, now, ts + HAWK_SKEW + 1, error);
	if (status == 0)
		return refuse_header(error, "Invalid nonce");
	return status > 0 ? 0 : -1;
}

int hawk_check(const uint8_t key[HAWK_KEY_LENGTH], struct nonces *nonces, struct str authorization,
    const struct hawk_request *request, int64_t now, bool *forged, struct error *error)
{
	struct str attributes[ATTRIBUTE__MAX];
	int64_t ts;

	*forged = false;

	if (!hawk_is(authorization))
		return refuse_header(error, "Missing Authorization header");
	if (!read_header(authorization, attributes) || attributes[ATTRIBUTE_ID].length == 0 ||
	    attributes[ATTRIBUTE_NONCE].length == 0 || attributes[ATTRIBUTE_MAC].length == 0 ||
	    !str_to_int64(attributes[ATTRIBUTE_TS], &ts))
		return refuse_header(error, "Missing attributes");
	*forged = !mac_fits(key, request, attributes);
	if (*forged)
		return refuse_header(error, "Bad MAC");
	if (ts < now - HAWK_SKEW || ts > now + HAWK_SKEW)
		return refuse_time(key, now, error);
	if (attributes[ATTRIBUTE_HASH].data == NULL && request->body.length > 0)
		return refuse_header(error, "Missing required payload hash");
	if (attributes[ATTRIBUTE_HASH].data != NULL &&
	    !body_fits(request, attributes[ATTRIBUTE_HASH]))
		return refuse_header(error, "Bad payload hash");
	return use_nonce(nonces, attributes, now, ts, error);
}
