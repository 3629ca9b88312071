/*
 * Client certificates of TLS, as a web server that has verified them hands them over and as people
 * upload them: PEM, which may be percent-encoded. Nothing is verified here: that a caller has the
 * private key, and who has issued the certificate, the web server has looked at.
 */
#ifndef CLIENTELE_AUTH_CERTIFICATE_H
#define CLIENTELE_AUTH_CERTIFICATE_H

#include "auth/token.h"
#include "base/arena.h"
#include "base/digest.h"

#define CERTIFICATE_LONGEST 16384 /* bytes of PEM */
#define CERTIFICATE_SHA1_DIGITS 40
#define CERTIFICATE_SHA256_DIGITS 64
#define CERTIFICATE_NAME_LONGEST 1000 /* characters of a subject or issuer */

/* What a certificate says. Texts live in the arena. */
struct certificate {
	struct str sha1, sha256;       /* thumbprints: upper-case hexadecimal digits */
	struct str subject, issuer;    /* RFC 2253 */
	struct str serial;             /* upper-case hexadecimal digits */
	int64_t not_before, not_after; /* moments */
};

/* Reads the first certificate of a PEM text. False where there is none, or memory is out. */
bool certificate_read(struct arena *arena, struct str pem, struct certificate *certificate);

/*
 * The form in which a thumbprint is kept: upper-case digits without colons and blanks. Empty for
 * what is none of so many digits.
 */
struct str certificate_thumbprint(struct arena *arena, struct str text, unsigned digits);

/*
 * The token that stands for a certificate where credentials are looked up: TOKEN_CERTIFICATE and
 * the SHA-256 of its DER form. Empty for what is no certificate.
 */
struct str certificate_token(struct arena *arena, struct str pem);

/* The same of a thumbprint as it is kept. */
struct str certificate_token_of(struct arena *arena, struct str sha256);

#endif
