/*
 * Links that sign a user in, once and for a short time: made by a command for who cannot sign in
 * otherwise yet. The token stands behind the "#" of the address, which browsers send nobody.
 */
#ifndef CLIENTELE_API_SIGN_IN_LINK_H
#define CLIENTELE_API_SIGN_IN_LINK_H

#include "auth/secret.h"
#include "record/record.h"

enum sign_in_link_member {
	LINK_ID,
	LINK_USER,
	LINK_CREATED_AT,
	LINK_EXPIRES_AT,
	LINK_HASH,
};

extern const struct resource sign_in_link_resource;

/* A new link: for whom, until when; `token` is what was made. To be wiped. */
struct sign_in_link {
	struct uuid user;
	int64_t expires; /* moment */
	char token[SECRET_TEXT_MAX];
};

/* Stores a struct sign_in_link. Must run in a transaction. Errors as record_insert(). */
int sign_in_link_make(struct context *context, void *data, struct error *error) MUST_CHECK;

/* The link with that token, where it counts; *row is NULL otherwise. */
int sign_in_link_find(
    struct context *context, struct str token, struct row **row, struct error *error) MUST_CHECK;

/*
 * Deletes it, which can be done once. Must run in the transaction that signs in. ERROR_NOT_FOUND
 * where somebody has used it meanwhile.
 */
int sign_in_link_use(
    struct context *context, const struct row *link, struct error *error) MUST_CHECK;

#endif
