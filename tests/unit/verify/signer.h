/*
 * Signs license documents for the tests of libclientele-verify, with the key of RFC 8032, 7.1,
 * test 1. Texts that are returned belong to the caller.
 */
#ifndef CLIENTELE_TEST_SIGNER_H
#define CLIENTELE_TEST_SIGNER_H

#include <stddef.h>

/* The public half, as a JWK. */
#define SIGNER_JWK                                    \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":" \
	"\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define SIGNER_ID "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

/* A file of the source tree with its size; ends the program when it cannot be read. */
char *signer_read_file(const char *name, size_t *length);

/* <Licenses> with that content and, behind it, its signature in format 0. */
char *signer_xml(const char *content);

/* The same with the signature's element as printf() makes it of its base64, for one %s or two. */
char *signer_xml_as(const char *content, const char *signature_format);

/* A JWS of header and payload, as they are. */
char *signer_jws(const char *header, const char *payload);

/* A license file of that payload, plain. */
char *signer_file(const char *payload);

/* A serial of those bytes, and their signature. */
char *signer_serial(const unsigned char *bytes, size_t length);

#endif
