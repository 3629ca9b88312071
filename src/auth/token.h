/*
 * Tokens: what secret_make() makes with one of these prefixes, kept as SHA-256 only.
 */
#ifndef CLIENTELE_AUTH_TOKEN_H
#define CLIENTELE_AUTH_TOKEN_H

#include "base/str.h"

#define TOKEN_ACCESS "cat_"
#define TOKEN_REFRESH "crt_"
#define TOKEN_CONSOLE "ccs_"      /* the cookie of who has signed in with a browser */
#define TOKEN_LINK "csl_"         /* signs a user in, once */
#define TOKEN_REGISTRATION "crg_" /* manages one registered client (RFC 7592) */
#define TOKEN_INITIAL "cri_"      /* allows registrations (RFC 7591) */
#define TOKEN_CERTIFICATE "ccf_"  /* stands for a client certificate; nobody can send it */

#define TOKEN_PREFIX_LENGTH 4
#define TOKEN_RANDOM_LENGTH 43 /* characters of six bits */
#define TOKEN_LENGTH (TOKEN_PREFIX_LENGTH + TOKEN_RANDOM_LENGTH)

/* True when a text has the prefix and form of such a token. */
bool token_is(const char *prefix, struct str text);

#endif
