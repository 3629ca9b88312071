/*
 * Routes: one row per method and path. What differs between operations stands here.
 */
#ifndef CLIENTELE_HTTP_ROUTE_H
#define CLIENTELE_HTTP_ROUTE_H

#include "http/request.h"
#include "query/parameters.h"
#include "schema/family.h"

#define CAPTURES_MAX 4

enum route_flag {
	ROUTE_PUBLIC = 1u << 0,    /* no credential is looked at */
	ROUTE_BODY_LIST = 1u << 1, /* the body is an array of the body resource */
	ROUTE_ETAG = 1u << 2,      /* the answer is one row: ETag, If-Match, If-None-Match */
	ROUTE_NO_REPLAY = 1u << 3, /* Idempotency-Key is not looked at: repeating does no harm */
};

struct route {
	enum method method;
	const char *path;        /* "/api/delegategroups/{delegateGroupId}/clients/{clientId}" */
	const char *const *keys; /* members of `resource` that the captures name, in order */
	unsigned key_count;
	int (*run)(struct operation *operation, struct error *error);
	const struct resource *resource; /* what is answered */
	const struct resource *body;     /* what is read; NULL = no body */
	const char *body_type;      /* XML root of the body; NULL = the body resource's type name */
	const char *body_name;      /* parameter name in fault paths: "dto" */
	const char *answer_type;    /* payload's type name; NULL = the resource's */
	const char *const *include; /* members on demand that this route fetches; NULL-terminated */
	const struct parameter *parameters;
	unsigned parameter_count;
	int area;            /* enum area of auth/role.h */
	unsigned permission; /* enum permission; 0 = by method */
	uint32_t flags;      /* enum route_flag */
	int status;          /* of a success; 0 = by method and family */
	const char *doc;
};

#define KEYS(...)                                     \
	.keys = (const char *const[]){ __VA_ARGS__ }, \
	.key_count = sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)
#define PARAMETERS(table) .parameters = (table), .parameter_count = COUNT_OF(table)

/* Result of looking a path up. */
struct route_match {
	const struct route *route;         /* NULL: none with this method */
	const struct family *family;       /* of the path, even where no route matches */
	struct str captures[CAPTURES_MAX]; /* decoded path segments, in order */
	unsigned methods;                  /* bit per method that the path has; 0 = unknown path */
};

/*
 * Finds the route of a request among all families. Literals fold case; a literal beats a capture.
 * HEAD is served by GET. The family is the one whose prefix the path has, else the first one.
 */
struct route_match route_find(
    const struct family *const *families, unsigned count, const struct request *request);

/* Appends "GET, HEAD, POST, OPTIONS" for Allow. */
void route_allow(unsigned methods, struct buf *out);

#endif
