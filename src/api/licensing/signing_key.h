/*
 * Keys that sign licenses, as rows, and what is done to them besides changing them.
 */
#ifndef CLIENTELE_API_LICENSING_SIGNING_KEY_H
#define CLIENTELE_API_LICENSING_SIGNING_KEY_H

#include "document/key.h"
#include "op/operation.h"

enum signing_key_member {
	SIGNING_KEY_ID,
	SIGNING_KEY_NAME,
	SIGNING_KEY_ALGORITHM,
	SIGNING_KEY_BITS,
	SIGNING_KEY_KEY_ID,
	SIGNING_KEY_PUBLIC_KEY,
	SIGNING_KEY_STATE,
	SIGNING_KEY_DEFAULT,
	SIGNING_KEY_LEGACY,
	SIGNING_KEY_DATA,
	SIGNING_KEY_PASSWORD,
	SIGNING_KEY_SUCCESSOR_ID,
	SIGNING_KEY_CREATED_AT,
	SIGNING_KEY_UPDATED_AT,
	SIGNING_KEY_RETIRED_AT,
	SIGNING_KEY_PRIVATE_KEY,
	SIGNING_KEY__MAX
};

#define SIGNING_KEY_ACTIVE STR("active")
#define SIGNING_KEY_RETIRED STR("retired")

extern const struct resource licensing_signing_key_resource;
extern const struct record licensing_signing_key_record;

/* Gives a row what a key is: all but its name and its state. */
int signing_key_describe(struct context *context, const struct signing_key *key, struct row *row,
    struct error *error) MUST_CHECK;

/* A key that is replaced by another one. */
struct signing_key_rotation {
	int64_t key;        /* number of the former one */
	struct row *sent;   /* the new one, behind signing_key_prepare_rotation() */
	struct row *stored; /* the same as it is stored; set by signing_key_rotate() */
};

/*
 * Makes or reads the new key, which takes long, before the transaction: of the algorithm of the
 * former one where rotation->sent has no data, and by its name where that has none.
 */
int signing_key_prepare_rotation(
    struct context *context, struct signing_key_rotation *rotation, struct error *error) MUST_CHECK;

/*
 * Carries out a struct signing_key_rotation: the former key is retired, and licenses that name it
 * are signed by the new one from now on. Must run in a transaction. ERROR_CONFLICT where the former
 * one is retired already.
 */
int signing_key_rotate(struct context *context, void *data, struct error *error) MUST_CHECK;

/* Appends the JWK set of all active keys. */
int signing_key_write_set(struct context *context, struct buf *out, struct error *error) MUST_CHECK;

/* Handlers of routes. */
int licensing_signing_key_rotate(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_signing_key_public(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_signing_keys_jwks(struct operation *operation, struct error *error) MUST_CHECK;

extern const struct resource signing_key_rotation_resource; /* body of POST …/rotate */

#endif
