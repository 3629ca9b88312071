/*
 * What clients say of themselves (RFC 7591 §2), within what they may have.
 */
#ifndef CLIENTELE_API_OAUTH_CLIENT_METADATA_H
#define CLIENTELE_API_OAUTH_CLIENT_METADATA_H

#include "api/oauth/oauth.h"

struct client_metadata {
	struct row *row;   /* of oauth_metadata_resource */
	struct str stored; /* the same as JSON, for the database */
};

/* Fills an error of RFC 7591 §3.2.2. Always returns -1. */
int client_metadata_refuse(struct error *error, const char *sentence);

/*
 * Reads the body of a client that acts for `user` and has at most the scope `bound` (data == NULL:
 * all of the user's), and puts in what is left out. 0, or -1 with invalid_client_metadata or the
 * database's error.
 */
int client_metadata_read(struct operation *operation, const struct uuid *user, struct str bound,
    struct client_metadata *metadata, struct error *error) MUST_CHECK;

/*
 * Reads `stored` as it is in the database. The scope is that of the client, which an administrator
 * may have changed since. 0, or -1 with ERROR_INTERNAL.
 */
int client_metadata_load(struct operation *operation, struct str scope,
    struct client_metadata *metadata, struct error *error) MUST_CHECK;

/* Writes its members into the object that is open. */
void client_metadata_write(const struct client_metadata *metadata, struct writer *writer);

/* The scope for the database; null for all of the user's. */
struct value client_metadata_scope(const struct client_metadata *metadata);

#endif
