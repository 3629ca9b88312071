/*
 * What FastCGI answers to by itself, without the application: ends of requests, questions, and
 * requests that nobody looks at. They do not wait: false when the peer does not take the answer at
 * once, and is to be dropped.
 */
#ifndef CLIENTELE_SERVER_REPLY_H
#define CLIENTELE_SERVER_REPLY_H

#include "server/incoming.h"
#include "server/record.h"

/* FCGI_END_REQUEST without any output. */
bool reply_end(int fd, unsigned request_id, enum record_status status);

/*
 * The end of an answer that was begun and cannot be finished; the connection is to be dropped. It
 * alone waits for the peer, which may have much to read before and would take silence for the end.
 */
bool reply_broken(int fd, unsigned request_id, int64_t microseconds);

/* FCGI_GET_VALUES_RESULT to the question that has just come. */
bool reply_values(int fd, const struct incoming *incoming);

/* FCGI_UNKNOWN_TYPE to the record that has just come. */
bool reply_unknown(int fd, const struct incoming *incoming);

/* Status 431 to a request whose parameters are too large to look at. */
void reply_too_large(int fd, const struct incoming *incoming);

#endif
