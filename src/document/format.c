#include "document/format.h"

#include "base/digest.h"

#define ANY \
	(KEY_ALGORITHM_BIT(KEY_ED25519) | KEY_ALGORITHM_BIT(KEY_RSA) | KEY_ALGORITHM_BIT(KEY_EC))

static const struct document_format formats[] = {
	{ .name = "XML",
	    .media = "application/xml; charset=utf-8",
	    .extension = "licenses",
	    .algorithms = ANY,
	    .takes_legacy = true,
	    .has_restrictions = true,
	    .make = document_make_xml },
	{ .name = "XML-DSig",
	    .media = "application/xml; charset=utf-8",
	    .extension = "xml",
	    .algorithms = ANY,
	    .takes_legacy = true,
	    .has_restrictions = true,
	    .make = document_make_dsig },
	{ .name = "JSON Web Signature",
	    .media = "application/jwt",
	    .extension = "jwt",
	    .algorithms = ANY,
	    .has_restrictions = true,
	    .make = document_make_jws },
	{ .name = "serial",
	    .media = "text/plain; charset=utf-8",
	    .extension = "txt",
	    .algorithms = KEY_ALGORITHM_BIT(KEY_ED25519),
	    .make = document_make_serial },
	{ .name = "license file",
	    .media = "text/plain; charset=utf-8",
	    .extension = "lic",
	    .algorithms = ANY,
	    .is_encryptable = true,
	    .has_restrictions = true,
	    .make = document_make_file },
};

const struct document_format *document_format(int64_t number)
{
	return number >= 0 && number < (int64_t)COUNT_OF(formats) ? &formats[number] : NULL;
}

int document_fail(struct error *error)
{
	return error_set_detail(error, ERROR_INTERNAL, "libcrypto could not sign a license");
}

int document_make(const struct document *document, struct buf *out, struct error *error)
{
	const struct row *license = document->license;
	unsigned member = resource_member(license->resource, "format");
	/* Who says nothing has 0, as the table has. */
	const struct document_format *format =
	    document_format(row_filled(license, member) ? license->values[member].integer : 0);
	enum key_algorithm algorithm = signing_key_algorithm(document->key);

	if (format == NULL)
		return error_add_fault(error, "format",
		    "The format field must be 0 to %d for a license that is signed.",
		    (int)COUNT_OF(formats) - 1);
	if (!(format->algorithms & KEY_ALGORITHM_BIT(algorithm)))
		return error_add_fault(error, "signingKeyId",
		    "A license of the format %s cannot be signed by a key of the algorithm %s.",
		    format->name, key_algorithm_info(algorithm)->name);
	if (document->legacy && !format->takes_legacy)
		return error_add_fault(error, "signingKeyId",
		    "A license of the format %s cannot be signed by a key that is marked legacy.",
		    format->name);
	return format->make(document, out, error);
}

void document_hash(struct str text, struct buf *out)
{
	uint8_t digest[DIGEST_LENGTH];
	char digits[2 * DIGEST_LENGTH + 1];

	digest_text(text, digest);
	digest_print(digest, sizeof(digest), digits);
	buf_append_text(out, digits);
}
