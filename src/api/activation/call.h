/*
 * What a program asks, and what is known of the license that it asks about.
 */
#ifndef CLIENTELE_API_ACTIVATION_CALL_H
#define CLIENTELE_API_ACTIVATION_CALL_H

#include "api/licensing/policy.h"
#include "api/licensing/token.h"
#include "op/operation.h"

/* Operations of programs; their numbers are the actions of license traces. */
enum call_kind {
	CALL_NONE,
	CALL_ACTIVATE,
	CALL_DEACTIVATE,
	CALL_REQUEST,
	CALL_RELEASE,
	CALL_VALIDATE,
	CALL_HEARTBEAT,
	CALL_LIST,
	CALL_CONSUME,
	CALL_REPORT,
	CALL_CHECK_OUT, /* for offline use */
	CALL_RECEIPT,
	CALL__MAX
};

/* What a license is for: its licensingMode. */
enum { CALL_MODE_FILE, CALL_MODE_ACTIVATION, CALL_MODE_FLOATING };

/* Members of a request, in the order of its table. */
enum request_member {
	REQUEST_USER_KEY,
	REQUEST_MACHINE_ID,
	REQUEST_CLIENT_ID,
	REQUEST_CLIENT_NAME,
	REQUEST_LICENSE_ID,
	REQUEST_LICENSE_TOKEN,
	REQUEST_COMPONENTS,
	REQUEST_PRODUCT_ID,
	REQUEST_PRODUCT_VERSION,
	REQUEST_RELEASED_AT,
	REQUEST_DOMAIN,
	REQUEST_USAGE,
	REQUEST_BUILD_TYPE,
	REQUEST_RUN_COUNT,
	REQUEST_PROPERTIES,
	REQUEST_ACTIVATION_ID,
	REQUEST_ALL,
	REQUEST__MAX
};
extern const struct resource activation_request_resource;

/* Members that bodies of further calls have, too: program_begin() reads them by their names. */
#define CALL_KEY_LONGEST 64
#define CALL_NAME_LONGEST 255
#define REQUEST_FIELD_USER_KEY                                                         \
	{                                                                              \
		STRING("userKey", NULL, CALL_KEY_LONGEST),                             \
		    .flags = FIELD_NOT_STORED | FIELD_UNLOGGED | FIELD_TYPICAL,        \
		    .doc = "Key of the license; the header X-User-Key takes it, too.", \
		    .example = "\"K7Q2M-ZX94T-HW8PD-3NVRB\""                           \
	}
#define REQUEST_FIELD_MACHINE_ID                                                      \
	{                                                                             \
		STRING("machineId", NULL, CALL_NAME_LONGEST),                         \
		    .flags = FIELD_NOT_STORED | FIELD_TYPICAL, .doc = "The machine.", \
		    .example = "\"M-4711\""                                           \
	}
#define REQUEST_FIELD_CLIENT_ID                                                               \
	{                                                                                     \
		STRING("clientId", NULL, CALL_NAME_LONGEST),                                  \
		    .flags = FIELD_NOT_STORED | FIELD_TYPICAL,                                \
		    .doc = "The installed program: its name, or an identifier where several " \
			   "run on one machine.",                                             \
		    .example = "\"acme-paint\""                                               \
	}
#define REQUEST_FIELD_CLIENT_NAME                                                          \
	{                                                                                  \
		STRING("clientName", NULL, CALL_NAME_LONGEST),                             \
		    .flags = FIELD_NOT_STORED, .doc = "Name of the computer, for people.", \
		    .example = "\"ACME Paint 5.2\""                                        \
	}
#define REQUEST_FIELD_LICENSE_ID                                                              \
	{                                                                                     \
		STRING("licenseId", NULL, CALL_KEY_LONGEST),                                  \
		    .flags = FIELD_NOT_STORED,                                                \
		    .doc = "Names the license instead of its key, where client_auth is key.", \
		    .example = "\"lic7F02C9D1\""                                              \
	}
#define REQUEST_FIELD_PRODUCT_ID                                                             \
	{                                                                                    \
		STRING("productId", NULL, CALL_KEY_LONGEST),                                 \
		    .flags = FIELD_NOT_STORED, .doc = "Product that must be the license's.", \
		    .example = "\"ACME-PAINT-5\""                                            \
	}
#define REQUEST_FIELD_PRODUCT_VERSION                                                          \
	{                                                                                      \
		STRING("productVersion", NULL, CALL_KEY_LONGEST),                              \
		    .flags = FIELD_NOT_STORED,                                                 \
		    .doc = "Version that the license's product.version must allow, which may " \
			   "be such as 1.* or [1.0.0.0-2.0.0.0].",                             \
		    .example = "\"5.2.0\""                                                     \
	}

/* Whether such calls are about a seat, so that something must name it. */
bool call_needs_seat(enum call_kind kind);

/*
 * SQL for a seat whose lease has ended, and which a call may keep yet that began before that and is
 * stored later: by at most so long, since no statement and no connection without a word lasts
 * longer. One that is not judged any more (judged_at) is kept by nobody without a claim.
 */
#define CALL_LATE_SECONDS 3600
#define CALL_ENDED(alias)                                                                     \
	alias                                                                                 \
	    ".judged_at IS NOT NULL AND " alias ".expire_date <= UTC_TIMESTAMP(6) AND " alias \
	    ".expire_date >= UTC_TIMESTAMP(6) - INTERVAL " STRING_OF(CALL_LATE_SECONDS) " SECOND"

/* Members of a license as programs' calls look at it. */
enum view_member {
	VIEW_ID,
	VIEW_LICENSE_ID,
	VIEW_USER_KEY,
	VIEW_MODE,
	VIEW_ISSUE_DATE,
	VIEW_EXPIRE_DATE,
	VIEW_SUPPORT_EXPIRE_DATE,
	VIEW_REVOKED,
	VIEW_SUSPENDED,
	VIEW_TRACE,
	VIEW_LICENSE_KEY,
	VIEW_MAX_ALLOWED_SITES,
	VIEW_PRODUCT_CODE,
	VIEW_PRODUCT_VERSION,
	VIEW_FIRST_ACTIVATED_AT,
	VIEW_FIRST_VALIDATED_AT,
	VIEW_UPDATED_AT,
	VIEW_CLAIMED_AT,
	VIEW_LIMIT_TOLD_AT,      /* VIEW_CLAIMED_AT when its event was sent */
	VIEW_SELF_RELEASES,      /* seats that users have freed … */
	VIEW_SELF_RELEASES_FROM, /* … in a period that began then */
	VIEW_POLICY,
	VIEW_RESTRICTIONS, /* a JSON list of names, ends and properties; null = none */
	VIEW_LIVE_SEATS,
	VIEW_ENDED_SEATS, /* as CALL_ENDED says */
	VIEW__MAX
};
extern const struct resource activation_license_view;

/* A call, and what it is judged by. */
struct call {
	struct arena *arena; /* for what is read on the way */
	enum call_kind kind;
	int64_t now;
	struct str address;        /* empty where it comes from none */
	bool by_operator;          /* at the server itself, from no network */
	const struct row *request; /* of activation_request_resource */
	const struct row *license; /* of activation_license_view; NULL = there is none */
	/* A seat of the same machine, or of the token that was sent; NULL = there is none. */
	const struct row *seat; /* of licensing_token_resource */
	bool elsewhere; /* the machine has a seat of another license within the policy's scope */
	int64_t lease;  /* seconds of a new lease; 0 = forever */
	struct row_list freed; /* seats of others that it has freed */
};

/* Whether it frees seats. */
bool call_gives(const struct call *call);

/* Whether it frees another seat than the caller's own: all of them, or one by its identifier. */
bool call_frees_all(const struct call *call);
bool call_frees_named(const struct call *call);

/* Text of a member of the request; empty where there is none. */
struct str call_text(const struct call *call, enum request_member member);

/* The policy of the license; NULL = none. */
const struct row *call_policy(const struct call *call);

#endif
