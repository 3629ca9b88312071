/*
 * FastCGI records: looking ahead at a request, and writing an answer.
 */
#ifndef CLIENTELE_SERVER_RECORD_H
#define CLIENTELE_SERVER_RECORD_H

#include <sys/uio.h>

#include "base/str.h"

enum record_scan {
	RECORD_NOTHING,   /* no byte is there */
	RECORD_COMPLETE,  /* the whole request is there and nothing else */
	RECORD_PIPELINED, /* the whole request is there, and something behind it */
	RECORD_PARTIAL,   /* well-formed so far */
	RECORD_REFUSED,   /* no FastCGI, aborted, or closed */
	RECORD_VALUES,    /* a whole FCGI_GET_VALUES comes first */
	RECORD_ROLE,      /* asks for something else than a responder */
};

struct record_summary {
	unsigned request_id;  /* 0 when no request has begun */
	size_t values_length; /* of the record of RECORD_VALUES, padding included */
};

/* Looks at the first bytes of a connection, without changing anything. */
enum record_scan record_scan(
    const unsigned char *bytes, size_t length, struct record_summary *summary);

#define RECORD_VALUES_MAX 80

/*
 * Makes the answer to the FCGI_GET_VALUES record at `bytes` (seen whole by record_scan()): one
 * connection, one request at a time. Returns its length.
 */
size_t record_answer_values(const unsigned char *bytes, unsigned char answer[RECORD_VALUES_MAX]);

/* Most records of content sent by one system call, and their content. */
#define RECORD_BATCH 64
#define RECORD_CONTENT ((size_t)65528)

/* An answer on its way. */
struct record_output {
	struct str content; /* not yet put into `vector` */
	unsigned request_id;
	unsigned protocol_status;
	bool end_stdout; /* an empty FCGI_STDOUT is due */
	bool ended;      /* FCGI_END_REQUEST is in `vector` */
	unsigned count;  /* entries of `vector` */
	unsigned first;  /* first entry not wholly sent */
	struct iovec vector[2 * RECORD_BATCH + 1];
	unsigned char headers[RECORD_BATCH][8];
	unsigned char tail[24];
};

/* Prepares the records of an answer. `content` must live until all is sent. */
void record_begin(struct record_output *output, unsigned request_id, struct str content);

/* Prepares an end without content, with a protocol status such as FCGI_UNKNOWN_ROLE. */
void record_begin_refusal(
    struct record_output *output, unsigned request_id, unsigned protocol_status);

/* What to send next; false when all is sent. */
bool record_next(struct record_output *output, struct iovec **vector, size_t *count);

/* Tells how many bytes were sent. */
void record_sent(struct record_output *output, size_t length);

#endif
