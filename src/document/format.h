/*
 * The documents that signed licenses are: one row for each format. The paper is
 * docs/license-formats.md.
 */
#ifndef CLIENTELE_DOCUMENT_FORMAT_H
#define CLIENTELE_DOCUMENT_FORMAT_H

#include "document/key.h"
#include "schema/row.h"

/* What a document is made of. */
struct document {
	struct arena *arena;
	/* Of any resource whose members are called as those of licenses (document/content.h). */
	const struct row *license;
	const struct signing_key *key;
	bool legacy; /* the key is marked so: RSA signs with SHA-1 where the format has it */
	int64_t now; /* moment of signing */
};

struct document_format {
	const char *name;
	const char *media; /* type of its file, with the charset where it has one */
	const char *extension;
	uint32_t algorithms; /* KEY_ALGORITHM_BITs of keys that can sign it */
	bool takes_legacy;   /* also such that are marked legacy */
	bool is_encryptable;
	bool has_restrictions; /* so that it can be bound to a machine */
	/* Appends the document; -1 with faults that name members of the license. */
	int (*make)(const struct document *document, struct buf *out, struct error *error);
};

/* The format of a license's number; NULL where there is none. */
const struct document_format *document_format(int64_t number);

/*
 * Appends the signed document of a license by its member "format". Returns 0, or -1 with faults:
 * of "format", of "signingKeyId" where the key cannot sign it, and of what it has no room for.
 */
int document_make(const struct document *document, struct buf *out, struct error *error) MUST_CHECK;

/* Appends the SHA-256 of a document in hexadecimal digits: the member "hash". */
void document_hash(struct str text, struct buf *out);

/* --- the formats --- */

int document_make_xml(const struct document *document, struct buf *out, struct error *error);
int document_make_dsig(const struct document *document, struct buf *out, struct error *error);
int document_make_jws(const struct document *document, struct buf *out, struct error *error);
int document_make_serial(const struct document *document, struct buf *out, struct error *error);
int document_make_file(const struct document *document, struct buf *out, struct error *error);

/*
 * Appends a license file (format 4) with the payload of another one, `plain`, which is not
 * encrypted, under the user key: the same each time. Returns 0, or -1: ERROR_CONFLICT where `plain`
 * is no such file.
 */
int document_encrypt_file(struct arena *arena, struct str plain, struct str user_key,
    const struct signing_key *key, struct buf *out, struct error *error) MUST_CHECK;

/*
 * Appends the signature of XML as format 0 has it to the end of a document that is unsigned yet, in
 * which `</Licenses>` is the end.
 */
int document_sign_xml(struct str unsigned_text, const struct signing_key *key, bool legacy,
    struct buf *out, struct error *error) MUST_CHECK;

/* ERROR_INTERNAL: libcrypto has failed. -1. */
int document_fail(struct error *error);

#endif
