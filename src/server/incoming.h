/*
 * A FastCGI request on its way in: reads the records of one connection as they arrive, however they
 * are cut, without any I/O.
 *
 * What a peer announces costs nothing: memory grows by bytes that have come, to fixed limits, and
 * lengths are looked at when all parameters are there.
 */
#ifndef CLIENTELE_SERVER_INCOMING_H
#define CLIENTELE_SERVER_INCOMING_H

#include "base/buf.h"

/* Bytes of all parameters of a request, their number, and bytes of a name. Web servers send about
 * thirty parameters and those of the headers, of which they take some 32 KiB. */
#define INCOMING_PARAMETERS_BYTES ((size_t)128 * 1024)
#define INCOMING_PARAMETERS_MAX 512
#define INCOMING_NAME_MAX 256
/* As much of FCGI_BEGIN_REQUEST and FCGI_GET_VALUES as is looked at. */
#define INCOMING_CONTROL_MAX 128

enum incoming_event {
	INCOMING_MORE,      /* well-formed so far: all bytes are taken */
	INCOMING_REQUEST,   /* a whole request is there */
	INCOMING_VALUES,    /* answer FCGI_GET_VALUES with `control`, and go on */
	INCOMING_UNKNOWN,   /* answer FCGI_UNKNOWN_TYPE with `event_type`, and go on */
	INCOMING_BUSY,      /* refuse `event_id`, which would be a second request, and go on */
	INCOMING_ABORTED,   /* end the request; the next one may begin */
	INCOMING_ROLE,      /* refuse the request: not for a responder */
	INCOMING_TOO_LARGE, /* more parameters than the limits allow */
	INCOMING_MALFORMED, /* no FastCGI; `reason` says why */
	INCOMING_NO_MEMORY,
};

struct incoming {
	size_t body_limit; /* bytes that are kept; one more is, when there is more */

	/* The request: filled step by step. */
	unsigned request_id; /* 0 = none has begun */
	bool keep;           /* the web server wants to keep the connection */
	bool parameters_ended;
	struct buf parameters; /* as they came, then "NAME=value", each with a NUL */
	struct buf body;

	/* The record in hand. */
	unsigned char header[8];
	size_t header_length;
	size_t content; /* bytes that are still to come */
	size_t padding;
	unsigned char control[INCOMING_CONTROL_MAX];
	size_t control_length;

	/* What the last event tells. */
	unsigned event_id;
	unsigned event_type;
	const char *reason;
};

/* Prepares for the first request of a connection. */
void incoming_init(struct incoming *incoming, size_t body_limit);

/* Forgets the request, and whatever was read of another; memory is given back. */
void incoming_clear(struct incoming *incoming);

/* True when some bytes of a request have come. */
bool incoming_begun(const struct incoming *incoming);

/* Bytes that are held for the request. */
size_t incoming_held(const struct incoming *incoming);

/*
 * Takes bytes up to the first event; `*taken` tells how many. After INCOMING_ROLE,
 * INCOMING_TOO_LARGE, INCOMING_MALFORMED and INCOMING_NO_MEMORY nothing more can be read.
 */
enum incoming_event incoming_feed(
    struct incoming *incoming, const unsigned char *bytes, size_t length, size_t *taken);

/*
 * Takes the parameters of a whole request apart, in place: `environment` gets "NAME=value" and a
 * NULL at the end. Parameters without a name are left out. Returns INCOMING_REQUEST,
 * INCOMING_TOO_LARGE or INCOMING_MALFORMED. To be called once.
 */
enum incoming_event incoming_environment(
    struct incoming *incoming, char *environment[INCOMING_PARAMETERS_MAX + 1]);

#endif
