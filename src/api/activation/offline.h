/*
 * Offline use: a machine without a network asks by a file, gets a license file of its own, and
 * gives it up by another file. The seat is the same that it would have online.
 */
#ifndef CLIENTELE_API_ACTIVATION_OFFLINE_H
#define CLIENTELE_API_ACTIVATION_OFFLINE_H

#include "api/activation/program.h"
#include "document/offline_file.h"

/* Members of a machine's file beside those of activation_request_resource. */
enum machine_file_member {
	MACHINE_FILE_MACHINE_ID,
	MACHINE_FILE_MACHINE_KEY,
	MACHINE_FILE_LICENSE_ID,
	MACHINE_FILE_USER_KEY_HASH,
	MACHINE_FILE_TIME,
	MACHINE_FILE__MAX
};
extern const struct resource activation_machine_file_resource;

/* A machine's file as it was read. */
struct machine_file {
	struct offline_file file;
	const struct row *row; /* of activation_machine_file_resource */
	struct row *request;   /* of activation_request_resource: what the machine says of itself */
};

/*
 * Reads a machine's file, by the rules of its members, and verifies that a request was signed by
 * the key that it names. ERROR_INVALID with faults of `member` and what is in it.
 */
int offline_read(struct context *context, enum offline_file_kind kind, struct str text,
    const char *member, struct machine_file *file, struct error *error) MUST_CHECK;

/*
 * Adds a fault of "userKey" where the request was made with another one. Who made it may have
 * hidden it.
 */
void offline_check_user_key(
    const struct machine_file *file, struct str user_key, struct error *error);

/* What a check-out has brought about. */
struct checkout {
	int64_t seconds;     /* time to live that is asked for; 0 = as long as the policy lets it */
	struct call call;    /* with its seat and license */
	struct row *license; /* of the machine alone */
};

/*
 * Takes a seat for a call that was found to be valid, or the one that machine and client have, and
 * makes the machine's license. -1 with *reason for a refusal. Must run in a transaction.
 */
int offline_check_out(struct context *context, const struct call *found,
    const struct machine_file *file, struct checkout *checkout, enum reason *reason,
    struct error *error) MUST_CHECK;

/*
 * Frees the seat that a receipt gives up; one that is free already is no error. *call becomes a
 * copy of the call with the license as it is then. -1 with *reason for a refusal. Must run in a
 * transaction.
 */
int offline_give_up(struct context *context, const struct call *found,
    const struct machine_file *file, struct call *call, enum reason *reason,
    struct error *error) MUST_CHECK;

/*
 * The machine's license as a file, encrypted where that is wanted: with the user key and the
 * machine, one behind the other. ERROR_CONFLICT where the format cannot be.
 */
int offline_print(struct context *context, const struct checkout *checkout, bool encrypted,
    struct str *name, struct str *text, struct error *error) MUST_CHECK;

#endif
