/*
 * clientele_verify: checks licenses that a Clientele server has signed, without asking it.
 *
 * For programs of vendors: link libclientele-verify, or copy this file and clientele_verify.c into
 * your program and link libcrypto (OpenSSL 3.0 or newer). The library keeps no state of its own,
 * prints nothing and ends nothing. Keys that were made may be used by several threads at once; each
 * license belongs to one thread at a time. All texts are UTF-8 and end with a zero byte.
 *
 *	struct clientele_keys *keys = clientele_keys_new();
 *	struct clientele_license *license;
 *
 *	clientele_keys_add(keys, pem, strlen(pem), 0);
 *	if (clientele_verify(keys, document, length, NULL, &license) == CLIENTELE_VALID &&
 *	    clientele_license_has_feature(license, "export"))
 *		allow_export();
 *	clientele_license_free(license);
 *	clientele_keys_free(keys);
 */
#ifndef CLIENTELE_VERIFY_H
#define CLIENTELE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CLIENTELE_API __attribute__((visibility("default")))
#else
#define CLIENTELE_API
#endif

/* Of this header; clientele_verify_version() has that of the library. */
#define CLIENTELE_VERIFY_VERSION "1.0"

/* The largest document that is read, in bytes. */
#define CLIENTELE_DOCUMENT_MAX 1048576

/* A moment that is not there. Moments are seconds since 1970-01-01 00:00 UTC. */
#define CLIENTELE_NEVER INT64_MIN

/*
 * What came out. Only CLIENTELE_VALID is good; from CLIENTELE_CLOCK_TAMPERED on the signature was
 * right, and the license can be shown. Numbers stay what they are in later versions.
 */
enum clientele_result {
	CLIENTELE_UNVERIFIED = 0, /* nothing was checked */
	CLIENTELE_VALID = 1,
	/* There is no license that anybody could trust. */
	CLIENTELE_OUT_OF_MEMORY = 2,
	CLIENTELE_TOO_LARGE = 3,          /* more than CLIENTELE_DOCUMENT_MAX, or too deep */
	CLIENTELE_MALFORMED = 4,          /* not a document of a known format */
	CLIENTELE_FORMAT_UNSUPPORTED = 5, /* a format that this library does not read */
	CLIENTELE_ALGORITHM_REFUSED = 6,  /* an algorithm that is none, weak, or not the key's */
	CLIENTELE_KEY_MALFORMED = 7,      /* clientele_keys_add(): not a public key */
	CLIENTELE_KEY_PRIVATE = 8,        /* clientele_keys_add(): a private key: do not ship it */
	CLIENTELE_KEY_WEAK = 9,           /* clientele_keys_add(): too short */
	CLIENTELE_KEY_UNKNOWN = 10,       /* none of the keys is the one that has signed */
	CLIENTELE_SIGNATURE_INVALID = 11, /* changed, or signed by somebody else */
	CLIENTELE_SECRET_REQUIRED = 12,   /* encrypted: options.secret is missing */
	CLIENTELE_DECRYPTION_FAILED = 13, /* encrypted with another secret */
	CLIENTELE_NOT_A_LICENSE = 14,     /* rightly signed, but something else */
	/* The license is authentic, but not for this program, machine or moment. */
	CLIENTELE_CLOCK_TAMPERED = 32, /* the clock went back */
	CLIENTELE_CLOCK_UNKNOWN = 33,  /* the last moment can be neither read nor stored */
	CLIENTELE_NOT_YET_VALID = 34,
	CLIENTELE_EXPIRED = 35,
	CLIENTELE_SUPPORT_ENDED = 36, /* the program was released after the end of support */
	CLIENTELE_PRODUCT_MISMATCH = 37,
	CLIENTELE_VERSION_MISMATCH = 38,
	CLIENTELE_MACHINE_REQUIRED = 39, /* bound to a machine, and the program named none */
	CLIENTELE_MACHINE_MISMATCH = 40,
	CLIENTELE_RETURNED = 41,      /* this machine has given the license up, or never had it */
	CLIENTELE_STATE_UNKNOWN = 42, /* the state of offline use can be neither read nor stored */
	CLIENTELE_NOT_OFFLINE = 43    /* clientele_offline_receipt(): not used offline here */
};

/* The name of a result as users know it: "VALID", "EXPIRED", …; "UNKNOWN" for other numbers. */
CLIENTELE_API const char *clientele_result_name(enum clientele_result result);

/* The version of the library, "1.0" say. */
CLIENTELE_API const char *clientele_verify_version(void);

/* --- Public keys --- */

struct clientele_keys;

/* Accepts RSA keys from 1,024 bits on, and SHA-1 in what these keys have signed. */
#define CLIENTELE_KEYS_LEGACY 1u

/* An empty set of keys, for clientele_keys_free(); NULL when memory runs out. */
CLIENTELE_API struct clientele_keys *clientele_keys_new(void);

/*
 * Adds the public keys of a text: PEM ("BEGIN PUBLIC KEY", one or several), base64 of a
 * SubjectPublicKeyInfo, the hexadecimal digits of an Ed25519 key, a JWK, or a JWK set, of which
 * keys that are not for signatures, or too weak, are left out (RFC 7517, 5). Ed25519, RSA from
 * 2,048 to 8,192 bits and EC P-256. `flags` is 0 or CLIENTELE_KEYS_LEGACY. CLIENTELE_VALID, or a
 * result that says why none of them was added. Not while others use the set.
 */
CLIENTELE_API enum clientele_result clientele_keys_add(
    struct clientele_keys *keys, const char *text, size_t length, unsigned flags);

/* How many keys the set has. */
CLIENTELE_API size_t clientele_keys_count(const struct clientele_keys *keys);

/* The identifier of key `number`: the JWK's kid, or its thumbprint (RFC 7638). NULL = no such key.
 */
CLIENTELE_API const char *clientele_keys_id(const struct clientele_keys *keys, size_t number);

/* Frees the set; NULL is nothing. */
CLIENTELE_API void clientele_keys_free(struct clientele_keys *keys);

/* --- Checking --- */

/* Checks that are left out: options.skip. */
#define CLIENTELE_SKIP_EXPIRY 1u
#define CLIENTELE_SKIP_NOT_BEFORE 2u
#define CLIENTELE_SKIP_MACHINE 4u

/*
 * Where the last moment that the program has seen is kept, so that a clock that was put back is
 * noticed: a file, or functions of the program.
 */
struct clientele_clock {
	/* A file that the program may write; NULL = the functions below, or no check. It is made
	 * when it is not there. */
	const char *file;
	/* Any text of the program; another one, or none, makes the file's contents wrong. */
	const char *salt;
	/* How far the clock may go back, in seconds; 0 = CLIENTELE_CLOCK_TOLERANCE. */
	int64_t tolerance;
	/* Gives the stored moment, CLIENTELE_NEVER when there is none yet. False = it cannot. */
	bool (*load)(void *context, int64_t *moment);
	/* Stores a later moment. False = it cannot. */
	bool (*store)(void *context, int64_t moment);
	void *context;
};

#define CLIENTELE_CLOCK_TOLERANCE 300

/*
 * What a license is held against. Zero or NULL leaves out what needs a value of the program;
 * everything else is checked unless `skip` says otherwise. Begin with CLIENTELE_OPTIONS_INIT.
 */
struct clientele_options {
	size_t size;   /* of this structure: the program's version of it */
	unsigned skip; /* CLIENTELE_SKIP_… */
	int64_t now;   /* CLIENTELE_NEVER = the system's clock */
	int64_t grace; /* seconds for which an expired license is still valid */
	/* Identifier or name of the product that this program is; NULL = any. */
	const char *product;
	/* Version of this program, "1.2.0", for the license's "1.*" or "[1.0-2.0]"; NULL = any. */
	const char *version;
	/* When this version was released, for the end of support; CLIENTELE_NEVER = not checked. */
	int64_t released;
	/* Identifier of this machine, as it was sent to the server. */
	const char *machine;
	/*
	 * Or its components, when the license names components separated by semicolons: at least
	 * `components_least` of those that the license names must be among them; 0 = all.
	 */
	const char *const *components;
	size_t component_count;
	size_t components_least;
	/* What opens encrypted license files: the license's key, with the fingerprint of the
	 * machine behind it where the file is a machine's. */
	const char *secret;
	struct clientele_clock clock;
	/* The state of offline use, the file of clientele_offline.state: a license that was checked
	 * out is then good for the machine that has asked for it, until that gives it up. NULL =
	 * not checked. */
	const char *state;
};

#define CLIENTELE_OPTIONS_INIT                                                    \
	{                                                                         \
		.size = sizeof(struct clientele_options), .now = CLIENTELE_NEVER, \
		.released = CLIENTELE_NEVER                                       \
	}

struct clientele_license;

/*
 * Checks a license document of any format that the library knows, and finds out which it is.
 * `options` may be NULL. *license gets what was found, for clientele_license_free(), whatever the
 * result: its members are empty unless the signature was right. It is NULL only when memory runs
 * out. `license` itself may be NULL.
 */
CLIENTELE_API enum clientele_result clientele_verify(const struct clientele_keys *keys,
    const void *document, size_t length, const struct clientele_options *options,
    struct clientele_license **license);

/* Frees a license; NULL is nothing. */
CLIENTELE_API void clientele_license_free(struct clientele_license *license);

/* --- Offline use: for machines that never reach the server --- */

/* The request has a digest of the user key; who sends it to the server has to give the key. */
#define CLIENTELE_HIDE_USER_KEY 1u

/*
 * What a program says of itself and its machine. Zero or NULL leaves out what is not required.
 * Begin with CLIENTELE_OFFLINE_INIT.
 */
struct clientele_offline {
	size_t size; /* of this structure: the program's version of it */
	unsigned flags;
	int64_t now; /* CLIENTELE_NEVER = the system's clock */
	/*
	 * A file that the program may write, and that stays with the machine; required. It is made
	 * when it is not there, and has the key that the machine signs with, or the receipt for
	 * what it has given up. Without it nobody can use the license file.
	 */
	const char *state;
	const char *machine;     /* identifier of this machine; required */
	const char *client;      /* the installed program */
	const char *client_name; /* name of the computer, for people */
	const char *user_key;    /* NULL = who sends the file gives it */
	const char *product;
	const char *version;
	/* Components of the machine: names, and digests of what they are. */
	const struct clientele_property *components;
	size_t component_count;
};

#define CLIENTELE_OFFLINE_INIT                                                   \
	{                                                                        \
		.size = sizeof(struct clientele_offline), .now = CLIENTELE_NEVER \
	}

/*
 * Makes the text of a request file, for the server's POST /v1/license/checkout, in *text, for
 * clientele_text_free(). It may be sent again to get a later file. CLIENTELE_VALID, or with *text
 * NULL: CLIENTELE_MACHINE_REQUIRED, CLIENTELE_STATE_UNKNOWN, CLIENTELE_MALFORMED for a text that is
 * not UTF-8, CLIENTELE_TOO_LARGE, CLIENTELE_OUT_OF_MEMORY.
 */
CLIENTELE_API enum clientele_result clientele_offline_request(
    const struct clientele_offline *offline, char **text);

/*
 * Gives a license up that this machine uses offline, and makes the receipt that proves it, for POST
 * /v1/license/receipt. From then on clientele_verify() refuses the license here, and a new request
 * is needed. The same receipt is made again as often as it is asked for. Results as
 * clientele_offline_request(), and CLIENTELE_NOT_OFFLINE for a license that is not this machine's.
 */
CLIENTELE_API enum clientele_result clientele_offline_receipt(
    const struct clientele_offline *offline, const struct clientele_license *license, char **text);

/* Frees a text; NULL is nothing. */
CLIENTELE_API void clientele_text_free(char *text);

/* --- What a license says; all texts belong to it --- */

/* What clientele_verify() returned. CLIENTELE_UNVERIFIED for NULL. */
CLIENTELE_API enum clientele_result clientele_license_result(
    const struct clientele_license *license);

/* One sentence about the result, for logs and support; never NULL. */
CLIENTELE_API const char *clientele_license_detail(const struct clientele_license *license);

enum clientele_text {
	CLIENTELE_FORMAT, /* "xml", "xml-dsig", "jws", "serial", "license-file", "machine-file" */
	CLIENTELE_ALGORITHM,
	CLIENTELE_KEY_ID, /* of the key that has signed, clientele_keys_id() */
	CLIENTELE_ID,
	CLIENTELE_TYPE,
	CLIENTELE_LICENSEE_NAME,
	CLIENTELE_LICENSEE_COMPANY,
	CLIENTELE_LICENSEE_CONTACT,
	CLIENTELE_LICENSEE_URL,
	CLIENTELE_PRODUCT_ID,
	CLIENTELE_PRODUCT_NAME,
	CLIENTELE_PRODUCT_VERSION,
	CLIENTELE_PRODUCT_COPYRIGHT,
	CLIENTELE_PRODUCT_URL,
	CLIENTELE_PRODUCT_DESCRIPTION,
	CLIENTELE_MODE,    /* "file", "activation", "floating" */
	CLIENTELE_MACHINE, /* what the license is bound to */
	CLIENTELE_TEXT__MAX
};

/* A text of the license; NULL when it has none. */
CLIENTELE_API const char *clientele_license_text(
    const struct clientele_license *license, enum clientele_text text);

/*
 * Whether the license is of that type. A serial has no room for the type's name, but for a part of
 * its hash.
 */
CLIENTELE_API bool clientele_license_is_type(
    const struct clientele_license *license, const char *type);

enum clientele_time {
	CLIENTELE_ISSUED,
	CLIENTELE_NOT_BEFORE,
	CLIENTELE_EXPIRES,
	CLIENTELE_SUPPORT_EXPIRES,
	CLIENTELE_FILE_EXPIRES, /* of the file itself, where it must be fetched again */
	CLIENTELE_TIME__MAX
};

/* A moment of the license; CLIENTELE_NEVER when it has none. */
CLIENTELE_API int64_t clientele_license_time(
    const struct clientele_license *license, enum clientele_time time);

/* How many machines or clients the license is for; -1 when it sets no limit. */
CLIENTELE_API int64_t clientele_license_seats(const struct clientele_license *license);

enum clientele_list {
	CLIENTELE_FEATURES,
	CLIENTELE_FIELDS,
	CLIENTELE_RESTRICTIONS,
	CLIENTELE_ASSEMBLIES,
	CLIENTELE_COMPONENTS,
	CLIENTELE_LIST__MAX
};

struct clientele_property {
	const char *name;
	const char *value;
};

/* An item of a list. What the document does not say is NULL, CLIENTELE_NEVER or 0. */
struct clientele_item {
	const char *name;
	const char *id;
	const char *value;       /* of a field */
	const char *description; /* of a feature */
	const char *key;         /* of a feature */
	int64_t expires;
	bool expired;     /* at the moment of the check, without grace */
	const void *data; /* of a feature: any bytes */
	size_t data_length;
	/* Everything else that the item says: arguments of a restriction, version of an assembly.
	 */
	const struct clientele_property *properties;
	size_t property_count;
};

/* How many items a list has. */
CLIENTELE_API size_t clientele_license_count(
    const struct clientele_license *license, enum clientele_list list);

/* Item `number` of a list; NULL when there are not so many. */
CLIENTELE_API const struct clientele_item *clientele_license_item(
    const struct clientele_license *license, enum clientele_list list, size_t number);

/* The first item of that name; NULL when there is none. */
CLIENTELE_API const struct clientele_item *clientele_license_find(
    const struct clientele_license *license, enum clientele_list list, const char *name);

/* The value of the field of that name; NULL when there is none. */
CLIENTELE_API const char *clientele_license_field(
    const struct clientele_license *license, const char *name);

/*
 * Whether the license is valid and has a feature of that name that has not expired. False for NULL.
 */
CLIENTELE_API bool clientele_license_has_feature(
    const struct clientele_license *license, const char *name);

/* The property of that name; NULL when there is none. */
CLIENTELE_API const char *clientele_item_property(
    const struct clientele_item *item, const char *name);

#ifdef __cplusplus
}
#endif

#endif
