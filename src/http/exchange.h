/*
 * The border between the server (processes, sockets, FastCGI records) and the program that answers:
 * a CGI environment and a body go in, bytes of a CGI response come out.
 */
#ifndef CLIENTELE_HTTP_EXCHANGE_H
#define CLIENTELE_HTTP_EXCHANGE_H

#include <sys/types.h>

#include "base/buf.h"

struct timing;

/* What comes in. */
struct exchange_input {
	char *const *environment; /* "NAME=value", NULL-terminated; of this request only */

	/*
	 * Reads up to `size` bytes of the body. Returns the number, 0 at its end, -1 when it broke
	 * off. NULL = no body.
	 */
	ssize_t (*read_body)(void *context, char *out, size_t size);

	/*
	 * Sends the next part of a CGI response that is too long to be held; the rest, if any, is
	 * handed over when the request has been answered. Waits for the web server. False when it
	 * has gone, or takes too long. NULL = every response is handed over whole.
	 */
	bool (*send_part)(void *context, struct str part);
	void *context;
};

/* What happened, for the log and the metrics. Text lives until the next request. */
struct exchange_outcome {
	int status;
	const char *method; /* "GET" … or "?" */
	const char *route;  /* pattern of the route, never the path itself; "-" when none matched */
	unsigned route_number; /* of contracts_route(); 0 when none matched */
	const char *family;
	const char *request_id;
	const char *error_word; /* NULL for a success */
	const char *detail;     /* for the log only, or NULL */
	unsigned queries;
	unsigned unprepared;         /* of the queries: for want of a prepared statement */
	unsigned hashes;             /* of passwords and chosen secrets, slow ones */
	const struct timing *timing; /* of the queries; NULL = not known */
	bool database_error;
	bool heavy;         /* it came for what few may have at once: auth/gate.h */
	size_t sent_before; /* bytes of the response that were sent in parts */
	bool broken;        /* it breaks off there: the web server must not take it for whole */
};

#endif
