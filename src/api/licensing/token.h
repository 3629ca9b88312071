/*
 * Members of license tokens, for who takes, keeps and frees seats.
 */
#ifndef CLIENTELE_API_LICENSING_TOKEN_H
#define CLIENTELE_API_LICENSING_TOKEN_H

/* SQL: number of the reason in a trace of a refusal, as trace_call() writes it; else empty or null.
 */
#define TRACE_REASON \
	"CAST(REGEXP_SUBSTR({}.meta, '(?<=^[{]\"code\":)[0-9]{3}(?=,\"reason\":\")') AS CHAR(3))"

enum token_member {
	TOKEN_ID,
	TOKEN_TOKEN,
	TOKEN_ADDRESS,
	TOKEN_CLIENT_ID,
	TOKEN_CLIENT_NAME,
	TOKEN_MACHINE_ID,
	TOKEN_ISSUE_DATE,
	TOKEN_EXPIRE_DATE,
	TOKEN_LAST_HEARTBEAT,
	TOKEN_HASH,
	TOKEN_LICENSE_ID,
	TOKEN_LICENSE,
	TOKEN_NODE_LOCKED_LICENSE_ID,
	TOKEN_NODE_LOCKED_LICENSE,
	TOKEN_COMPONENTS,
	TOKEN_LEASE_SECONDS, /* of each heartbeat; null = forever */
	/* A heartbeat needs no other look at the license while it is as it was at this moment … */
	TOKEN_JUDGED_AT,
	TOKEN_JUDGED_UNTIL, /* … and before this one; null = it needs one */
	TOKEN_CHECKOUTS,
	TOKEN_LAST_CHECKOUT,
	TOKEN_OFFLINE_UNTIL, /* end of the last file of a check-out; null = there is none */
	TOKEN_MACHINE_KEY,   /* the public half of what its receipts are signed with */
	TOKEN__MAX
};

#endif
