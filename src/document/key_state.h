/*
 * The inside of a signing key, for the sources that make one.
 */
#ifndef CLIENTELE_DOCUMENT_KEY_STATE_H
#define CLIENTELE_DOCUMENT_KEY_STATE_H

#include <openssl/evp.h>

#include "document/key.h"

struct signing_key {
	EVP_PKEY *pkey;
	enum key_algorithm algorithm;
	char id[KEY_ID_LENGTH + 1];
};

/* What a key of libcrypto's is here; false where it is none of the algorithms. */
bool key_algorithm_of(const EVP_PKEY *pkey, enum key_algorithm *algorithm);

/* Takes the key over, also where it fails: NULL then. */
struct signing_key *signing_key_of(EVP_PKEY *pkey);

#endif
