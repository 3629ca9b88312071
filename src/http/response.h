/*
 * Answers: status, headers, body. The only place where an error becomes a status and a body.
 */
#ifndef CLIENTELE_HTTP_RESPONSE_H
#define CLIENTELE_HTTP_RESPONSE_H

#include "http/negotiate.h"
#include "http/route.h"

/* What the envelope of a list says besides its rows. */
struct list_answer {
	const char *plural;      /* member that holds the rows: "licenses" */
	const char *total_name;  /* member that holds the total: "totalLicensesCount" */
	bool has_total;          /* else the total is null */
	int64_t total;           /* of all pages */
	int64_t count;           /* rows of this page; where only they are counted, the total */
	const char *next_cursor; /* where the next page begins; NULL = this is the last one */
};

/* What envelopes and error bodies need to know of the request that they answer. */
struct answer {
	struct media media;
	const struct family *family;
	const struct route *route; /* NULL where none matched */
	const struct request *request;
	struct arena *arena;      /* for names that envelopes put together */
	const char *payload_type; /* type name of the payload, "ArrayOf…" for lists; NULL = none */
	const struct list_answer *list; /* of answers to list queries, else NULL */
	const struct row *changed;      /* stored row of an answer to a write, else NULL */
	const struct row *beside;  /* its members stand beside those of the envelope; NULL = none */
	const char *message;       /* remark for people, in envelopes that have one; NULL = none */
	const struct uuid *caller; /* NULL = nobody known */
	unsigned methods;          /* of the path, for 405 */
};

/* Where parts of an answer go that is too long to be held: functions of the service. */
struct response_sink {
	/* Called once, before the head is sent: last headers. */
	void (*begin)(void *context);
	/* False when the web server has gone. */
	bool (*send)(void *context, struct str part);
	void *context;
};

struct response {
	int status; /* 0 = not yet decided */
	bool has_body;
	const char *content_type; /* full header value; NULL = the answer's media type, UTF-8 */
	struct buf headers;       /* "Name: value\r\n" lines, without Status and Content-Type */
	struct buf body;
	const struct response_sink *sink; /* NULL = answers are handed over whole */
	size_t sent;                      /* bytes sent in parts, head included; 0 = none yet */
	bool broken;                      /* what was sent will not be followed by the rest */
};

/* Empties it for the next request; keeps the memory of ordinary ones. */
void response_reset(struct response *response);
void response_free(struct response *response);

/* Where an answer stood. */
struct response_mark {
	int status;
	bool has_body;
	const char *content_type;
	size_t headers, body; /* bytes */
};

struct response_mark response_mark(const struct response *response);

/* Takes away what was written since. */
void response_go_back(struct response *response, const struct response_mark *mark);

/* Adds one header line. The value must not hold line breaks: control characters are dropped. */
void response_header(struct response *response, const char *name, struct str value);

/*
 * Opens the payload of a success: prepares `writer` on the body and writes what the family puts
 * before the payload. Returns the payload's member name (NULL: it is the root).
 */
const char *response_begin(
    struct response *response, const struct answer *answer, struct writer *writer);
void response_end(struct response *response, const struct answer *answer, struct writer *writer);

/*
 * Sends what is there of a long body, and the head before the first part of it; a short one stays.
 * Nothing where there is no sink. Returns false when no more is wanted: nobody reads it, or the
 * request was for the head alone.
 */
bool response_flush(struct response *response, const struct answer *answer);

/*
 * Replaces whatever was there by the answer to an error. What was sent in parts cannot be taken
 * back: it breaks off.
 */
void response_error(
    struct response *response, const struct answer *answer, const struct error *error);

/*
 * Writes the member `name` of an error body: an object of messages by the path of their member,
 * JSON with a list per path, XML with one element per path. For families that write their own error
 * bodies.
 */
void response_write_faults(struct writer *writer, const struct answer *answer, const char *name,
    const struct error *error);

/* Status of an error code. */
int response_status(enum error_code code);

/*
 * Writes the whole CGI response to `out`: Status, headers (Vary, X-Request-Id, Content-Length among
 * them), body (not for HEAD, 204 and 304). Of one that was sent in parts, the rest.
 */
void response_print(const struct response *response, const struct answer *answer, struct buf *out);

#endif
