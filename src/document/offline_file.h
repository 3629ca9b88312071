/*
 * What programs on machines without a network write, for others to carry to the server: requests
 * for a license file, and receipts that a machine has given one up. Each is a JSON Web Signature in
 * armour, signed by a key of the machine's own. The paper is docs/license-formats.md.
 */
#ifndef CLIENTELE_DOCUMENT_OFFLINE_FILE_H
#define CLIENTELE_DOCUMENT_OFFLINE_FILE_H

#include "base/error.h"
#include "base/settings.h"
#include "schema/node.h"

#define OFFLINE_FILE_MOST 32768 /* bytes */
#define MACHINE_KEY_LENGTH 43   /* of the public half of an Ed25519 key in base64url */

enum offline_file_kind { OFFLINE_REQUEST, OFFLINE_RECEIPT };

struct offline_file {
	const struct node *payload; /* an object, whose members nobody has looked at */
	struct str signed_text;
	struct str signature; /* bytes */
};

/*
 * Reads such a file into the arena, and its payload within the limits of bodies. Returns NULL, or
 * what is wrong with it: the end of a sentence. Nothing is verified here.
 */
const char *offline_file_read(struct arena *arena, const struct limits *limits,
    enum offline_file_kind kind, struct str text, struct offline_file *file);

/*
 * Whether the machine whose key that is has signed it; `key` is its public half in base64url. False
 * for a text that is no key.
 */
bool offline_file_is_signed(
    struct arena *arena, const struct offline_file *file, struct str key) MUST_CHECK;

#endif
