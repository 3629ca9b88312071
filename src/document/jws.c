/*
 * Licenses as JSON Web Signatures: format 2.
 */
#include "document/content.h"
#include "document/format.h"

static void write_seconds(
    struct writer *writer, const char *name, const struct row *license, const char *member)
{
	unsigned number = resource_member(license->resource, member);
	int64_t moment;

	if (!row_filled(license, number))
		return;
	/* The second that it lies in, also before 1970. */
	moment = license->values[number].integer;
	writer_integer(writer, name,
	    moment / MICROSECONDS_PER_SECOND - (moment % MICROSECONDS_PER_SECOND < 0));
}

static void append_payload(const struct row *license, struct buf *out)
{
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, NULL, out);
	writer_object_begin(&writer, NULL);
	writer_text(
	    &writer, "sub", license->values[resource_member(license->resource, "licenseId")].text);
	write_seconds(&writer, "iat", license, "issueDate");
	write_seconds(&writer, "exp", license, "expireDate");
	content_write(&writer, "license", license);
	writer_object_end(&writer);
}

static void append_encoded(struct buf *out, struct buf *text)
{
	key_append_base64url(out, text->data, text->length);
	out->failed = out->failed || text->failed;
	buf_free(text);
}

int document_make_jws(const struct document *document, struct buf *out, struct error *error)
{
	const struct signing_key *key = document->key;
	size_t start = out->length;
	struct buf part = { 0 };
	bool good;

	buf_printf(&part, "{\"alg\":\"%s\",\"typ\":\"license+jwt\",\"kid\":\"%s\"}",
	    key_algorithm_info(signing_key_algorithm(key))->jose, signing_key_id(key));
	append_encoded(out, &part);
	buf_append_char(out, '.');
	append_payload(document->license, &part);
	append_encoded(out, &part);
	good = !out->failed && signing_key_sign(key, SIGNATURE_PLAIN,
				   (struct str){ out->data + start, out->length - start }, &part);
	buf_append_char(out, '.');
	append_encoded(out, &part);
	return good && !out->failed ? 0 : document_fail(error);
}
