/*
 * FastCGI records: their numbers, and writing an answer.
 */
#ifndef CLIENTELE_SERVER_RECORD_H
#define CLIENTELE_SERVER_RECORD_H

#include <sys/uio.h>

#include "base/str.h"

#define RECORD_VERSION 1
#define RECORD_HEADER_LENGTH 8
/* Content of FCGI_BEGIN_REQUEST, FCGI_END_REQUEST and FCGI_UNKNOWN_TYPE. */
#define RECORD_BEGIN_LENGTH 8
#define RECORD_END_LENGTH 8

enum record_type {
	RECORD_BEGIN_REQUEST = 1,
	RECORD_ABORT_REQUEST = 2,
	RECORD_END_REQUEST = 3,
	RECORD_PARAMS = 4,
	RECORD_STDIN = 5,
	RECORD_STDOUT = 6,
	RECORD_GET_VALUES = 9,
	RECORD_GET_VALUES_RESULT = 10,
	RECORD_UNKNOWN_TYPE = 11,
};

/* How a request ended, for the web server. */
enum record_status {
	RECORD_COMPLETE = 0,
	RECORD_CANNOT_MULTIPLEX = 1,
	RECORD_UNKNOWN_ROLE = 3,
};

/* Longest answer of record_answer_values(), and length of the two others. */
#define RECORD_VALUES_MAX 80
#define RECORD_SHORT_LENGTH (RECORD_HEADER_LENGTH + RECORD_END_LENGTH)

/*
 * Makes the answer to an FCGI_GET_VALUES record with the content `question`: one connection, one
 * request at a time. Returns its length.
 */
size_t record_answer_values(struct str question, unsigned char answer[RECORD_VALUES_MAX]);

/* Makes the answer to a management record of a type that is not known. */
void record_answer_unknown(unsigned type, unsigned char answer[RECORD_SHORT_LENGTH]);

/* Makes the end of a request that has no answer. */
void record_answer_end(
    unsigned request_id, enum record_status status, unsigned char answer[RECORD_SHORT_LENGTH]);

/*
 * Makes what ends an answer that cannot be finished: a record that no web server takes. FastCGI
 * has no word for this, and nginx takes a connection that just ends for the end of the answer.
 */
void record_answer_broken(unsigned request_id, unsigned char answer[RECORD_SHORT_LENGTH]);

/* Most records of content sent by one system call, and their content. */
#define RECORD_BATCH 64
#define RECORD_CONTENT ((size_t)65528)

/* An answer on its way. */
struct record_output {
	struct str content; /* not yet put into `vector` */
	unsigned request_id;
	bool partial;   /* more of the answer follows: no FCGI_END_REQUEST */
	bool ended;     /* all of it is in `vector` */
	unsigned count; /* entries of `vector` */
	unsigned first; /* first entry not wholly sent */
	struct iovec vector[2 * RECORD_BATCH + 1];
	unsigned char headers[RECORD_BATCH][RECORD_HEADER_LENGTH];
	unsigned char tail[RECORD_HEADER_LENGTH + RECORD_SHORT_LENGTH];
};

/* Prepares the records of an answer. `content` must live until all is sent. */
void record_begin(struct record_output *output, unsigned request_id, struct str content);

/* The same for a part that is followed by others, or by the answer's end. */
void record_begin_part(struct record_output *output, unsigned request_id, struct str content);

/* What to send next; false when all is sent. */
bool record_next(struct record_output *output, struct iovec **vector, size_t *count);

/* Tells how many bytes were sent. */
void record_sent(struct record_output *output, size_t length);

#endif
