/*
 * Keys that sign licenses: making, reading and showing them, and signing. All of it by libcrypto.
 */
#ifndef CLIENTELE_DOCUMENT_KEY_H
#define CLIENTELE_DOCUMENT_KEY_H

#include "base/buf.h"
#include "base/error.h"

enum key_algorithm {
	KEY_ED25519,
	KEY_RSA,
	KEY_EC, /* on the curve P-256 */
	KEY_ALGORITHM__MAX
};

#define KEY_ALGORITHM_BIT(algorithm) (UINT32_C(1) << (algorithm))

/* Bits of RSA keys: those that are made, and the weaker ones that are only imported. */
#define KEY_RSA_LEAST 2048
#define KEY_RSA_MOST 4096
#define KEY_RSA_LEGACY 1024

#define KEY_ID_LENGTH 43      /* of a thumbprint in base64url */
#define KEY_IMPORT_MOST 65536 /* bytes of a file with a key */

/* What differs between algorithms. */
struct key_algorithm_info {
	const char *name;       /* for callers: "Ed25519" */
	const char *jose;       /* of JWS: "EdDSA" */
	const char *file;       /* of license files: "ed25519" */
	const char *element;    /* of the signature in XML: attributes of Algorithm */
	const char *xml_method; /* of XML-DSig */
};

const struct key_algorithm_info *key_algorithm_info(enum key_algorithm algorithm);

/* Looks one up by its name, letters folded. False when there is none. */
bool key_algorithm_find(struct str name, enum key_algorithm *algorithm);

/* A key, its private half included. */
struct signing_key;

/* What a signature is like. */
enum signature_form {
	SIGNATURE_PLAIN,  /* by the algorithm, with SHA-256; of EC r and s */
	SIGNATURE_DER,    /* the same; of EC the DER of both */
	SIGNATURE_LEGACY, /* of RSA with SHA-1; of others as the plain one */
};

/*
 * A new key; `bits` counts for RSA alone. NULL where the library fails or has no memory. May take
 * seconds for RSA.
 */
struct signing_key *signing_key_make(enum key_algorithm algorithm, unsigned bits);

/*
 * Reads the text that signing_key_private() has written. NULL when it is none, or memory is out.
 */
struct signing_key *signing_key_open(struct str text);

/*
 * Reads a file with a private key: PEM (PKCS #8, PKCS #1, SEC 1; encrypted ones, too), DER of the
 * same, PKCS #12, or a key blob of Windows, which SNK files are. Base64 of each is read as well.
 * A password that is not needed does no harm; `password` NULL = none. Returns 0 with *key set, or
 * -1 with a fault of "data" or "password" that says what is wrong.
 */
int signing_key_import(struct str bytes, const char *password, struct signing_key **key,
    struct error *error) MUST_CHECK;

/* Wipes it. `key` may be NULL. */
void signing_key_free(struct signing_key *key);

enum key_algorithm signing_key_algorithm(const struct signing_key *key);
unsigned signing_key_bits(const struct signing_key *key);

/* Its JWK thumbprint (RFC 7638), SHA-256 in base64url; lives as long as the key. */
const char *signing_key_id(const struct signing_key *key);

/* Each appends: the private half as PEM of PKCS #8, the public one as PEM, and as a JWK. */
bool signing_key_private(const struct signing_key *key, struct buf *out) MUST_CHECK;
bool signing_key_public(const struct signing_key *key, struct buf *out) MUST_CHECK;
bool signing_key_jwk(const struct signing_key *key, struct buf *out) MUST_CHECK;

/*
 * The JWK of a public half that is PEM, with alg, use and kid, appended. False when it is none.
 */
bool signing_key_public_jwk(struct str pem, struct buf *out) MUST_CHECK;

/* Appends the signature of a text, as bytes. False where the library fails. */
bool signing_key_sign(const struct signing_key *key, enum signature_form form, struct str text,
    struct buf *out) MUST_CHECK;

/* Appends base64url without padding (RFC 4648, 5). */
void key_append_base64url(struct buf *out, const void *data, size_t length);

#endif
