/*
 * Answers: status, headers, body, and how they become one CGI response.
 */
#ifndef CLIENTELE_HTTP_RESPONSE_H
#define CLIENTELE_HTTP_RESPONSE_H

#include "http/request.h"

/* Where parts of an answer go that is too long to be held: functions of the service. */
struct response_sink {
	/* Called once, before the head is sent: last headers. */
	void (*begin)(void *context);
	/* False when nobody takes it any more: the web server has gone. */
	bool (*send)(void *context, struct str part);
	void *context;
	bool body_only; /* it is no CGI response that is wanted: no head is sent */
};

struct response {
	int status; /* 0 = not yet decided */
	bool has_body;
	const char *media_type;   /* of a body, which is in UTF-8: "application/json" */
	const char *content_type; /* full header value instead; NULL = by the media type */
	struct buf headers;       /* "Name: value\r\n" lines, without Status and Content-Type */
	struct buf body;
	const struct response_sink *sink; /* NULL = answers are handed over whole */
	size_t sent;                      /* bytes sent in parts, head included; 0 = none yet */
	bool broken;                      /* what was sent will not be followed by the rest */
};

/* Empties it, all but the media type, and keeps the memory of ordinary answers. */
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

/* Says that the answer has messages in the language of now. */
void response_speak(struct response *response);

/*
 * Sends what is there of a long body, and the head before the first part of it; a short one stays.
 * Nothing where there is no sink. Returns false when no more is wanted: nobody reads it, or the
 * request was for the head alone.
 */
bool response_flush(struct response *response, const struct request *request);

/*
 * Sends the rest of a body that goes to a sink of bodies. Returns false where not all of it was
 * taken.
 */
bool response_finish(struct response *response) MUST_CHECK;

/* Status of an error code. */
int response_status(enum error_code code);

/*
 * Writes the whole CGI response to `out`: Status, headers (Vary, X-Request-Id, Content-Length among
 * them), body (not for HEAD, 204 and 304). Of one that was sent in parts, the rest.
 */
void response_print(
    const struct response *response, const struct request *request, struct buf *out);

#endif
