#include "auth/certificate.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/timestamp.h"

#define BEGIN STR("-----BEGIN CERTIFICATE-----")
#define END STR("-----END CERTIFICATE-----")

/* Where `part` begins in the text from `from` on; its length where it is not there. */
static size_t find_part(struct str text, struct str part, size_t from)
{
	for (size_t i = from; i + part.length <= text.length; i++) {
		if (memcmp(text.data + i, part.data, part.length) == 0)
			return i;
	}
	return text.length;
}

static struct str decode_percent(struct arena *arena, struct str text)
{
	char *plain = arena_alloc(arena, text.length + 1);
	size_t length = 0;

	if (plain == NULL)
		return STR("");
	for (size_t i = 0; i < text.length; i++) {
		int high = text.data[i] == '%' && i + 2 < text.length
			       ? str_hex_digit(text.data[i + 1])
			       : -1;
		int low = high >= 0 ? str_hex_digit(text.data[i + 2]) : -1;

		plain[length++] = low >= 0 ? (char)(high * 16 + low) : text.data[i];
		i += low >= 0 ? 2 : 0;
	}
	return (struct str){ plain, length };
}

/* The DER form of the first certificate; empty where there is none. */
static struct str find_der(struct arena *arena, struct str pem)
{
	size_t begin, end, length = 0;
	struct str body;
	char *der;

	if (pem.length > 3 * CERTIFICATE_LONGEST)
		return STR("");
	/* Of web servers, nginx alone writes it in one line. */
	if (memchr(pem.data, '\n', pem.length) == NULL)
		pem = decode_percent(arena, pem);
	begin = find_part(pem, BEGIN, 0) + BEGIN.length;
	end = find_part(pem, END, begin);
	if (begin > pem.length || end >= pem.length)
		return STR("");
	body = str_slice(pem, begin, end - begin);
	der = arena_alloc(arena, BASE64_DECODED_MAX(body.length));
	if (der == NULL || !base64_decode(body, der, &length))
		return STR("");
	return (struct str){ der, length };
}

static struct str print_digits(struct arena *arena, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789ABCDEF";
	char *text = arena_alloc(arena, 2 * count + 1);

	if (text == NULL)
		return STR("");
	for (size_t i = 0; i < count; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * count] = '\0';
	return (struct str){ text, 2 * count };
}

struct str certificate_thumbprint(struct arena *arena, struct str text, unsigned digits)
{
	char *plain = arena_alloc(arena, digits + 1);
	unsigned length = 0;

	for (size_t i = 0; plain != NULL && i < text.length; i++) {
		char byte = str_upper(text.data[i]);

		if (byte == ':' || byte == ' ')
			continue;
		if (str_hex_digit(byte) < 0 || length == digits)
			return STR("");
		plain[length++] = byte;
	}
	return plain != NULL && length == digits ? (struct str){ plain, length } : STR("");
}

/* 32 bytes as 43 characters of six bits, as tokens have them. */
static struct str make_token(struct arena *arena, const uint8_t digest[DIGEST_LENGTH])
{
	struct buf text = { 0 };
	struct str token;
	char *copy;

	buf_append_text(&text, TOKEN_CERTIFICATE);
	base64_append(&text, digest, DIGEST_LENGTH);
	copy = text.failed ? NULL : arena_copy(arena, text.data, text.length);
	buf_free(&text);
	if (copy == NULL)
		return STR("");
	for (char *byte = copy; *byte != '\0'; byte++) {
		if (*byte == '+')
			*byte = '-';
		else if (*byte == '/')
			*byte = '_';
	}
	token = str_from(copy);
	return str_slice(token, 0, TOKEN_LENGTH);
}

struct str certificate_token(struct arena *arena, struct str pem)
{
	struct str der = find_der(arena, pem);
	uint8_t digest[DIGEST_LENGTH];

	if (der.length == 0)
		return STR("");
	digest_text(der, digest);
	return make_token(arena, digest);
}

struct str certificate_token_of(struct arena *arena, struct str sha256)
{
	uint8_t digest[DIGEST_LENGTH];

	if (sha256.length != CERTIFICATE_SHA256_DIGITS)
		return STR("");
	for (size_t i = 0; i < DIGEST_LENGTH; i++)
		digest[i] = (uint8_t)(str_hex_digit(sha256.data[2 * i]) * 16 +
				      str_hex_digit(sha256.data[2 * i + 1]));
	return make_token(arena, digest);
}

static struct str print_name(struct arena *arena, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long length;
	struct str text = STR("");

	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		length = BIO_get_mem_data(bio, &data);
		text = arena_str(
		    arena, str_cut((struct str){ data, (size_t)length }, CERTIFICATE_NAME_LONGEST));
	}
	BIO_free(bio);
	return text;
}

static bool read_moment(const ASN1_TIME *time, int64_t *moment)
{
	struct tm parts;

	if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
		return false;
	*moment = (int64_t)timegm(&parts) * MICROSECONDS_PER_SECOND;
	return true;
}

static bool take_all(
    struct arena *arena, const X509 *x509, struct str der, struct certificate *certificate)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
	uint8_t sha1[EVP_MAX_MD_SIZE], sha256[DIGEST_LENGTH];
	unsigned length = 0;

	if (EVP_Digest(der.data, der.length, sha1, &length, EVP_sha1(), NULL) != 1)
		return false;
	digest_text(der, sha256);
	*certificate = (struct certificate){
		.sha1 = print_digits(arena, sha1, length),
		.sha256 = print_digits(arena, sha256, sizeof(sha256)),
		.subject = print_name(arena, X509_get_subject_name(x509)),
		.issuer = print_name(arena, X509_get_issuer_name(x509)),
		.serial = print_digits(
		    arena, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)),
	};
	return certificate->sha1.length == CERTIFICATE_SHA1_DIGITS &&
	       certificate->sha256.length == CERTIFICATE_SHA256_DIGITS &&
	       read_moment(X509_get0_notBefore(x509), &certificate->not_before) &&
	       read_moment(X509_get0_notAfter(x509), &certificate->not_after);
}

bool certificate_read(struct arena *arena, struct str pem, struct certificate *certificate)
{
	struct str der = find_der(arena, pem);
	const unsigned char *at = (const unsigned char *)der.data;
	X509 *x509 = der.length > 0 ? d2i_X509(NULL, &at, (long)der.length) : NULL;
	/* What stands behind it is no part of it, but would be of the thumbprint. */
	bool whole = x509 != NULL && at == (const unsigned char *)der.data + der.length;
	bool read = whole && take_all(arena, x509, der, certificate);

	X509_free(x509);
	return read;
}
