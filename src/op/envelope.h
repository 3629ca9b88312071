/*
 * What a contract puts around payloads and errors. The only place where an error becomes a status
 * and a body.
 */
#ifndef CLIENTELE_OP_ENVELOPE_H
#define CLIENTELE_OP_ENVELOPE_H

#include "codec/row.h"
#include "http/negotiate.h"
#include "http/response.h"
#include "op/contract.h"

/* What the envelope of a list says besides its rows. */
struct list_answer {
	const char *plural;      /* member that holds the rows: "licenses" */
	const char *total_name;  /* member that holds the total: "totalLicensesCount" */
	bool has_total;          /* else the total is null */
	int64_t total;           /* of all pages */
	int64_t count;           /* rows of this page; where only they are counted, the total */
	const char *next_cursor; /* where the next page begins; NULL = this is the last one */
};

/* What the envelope of a bulk says besides its results (op/bulk.h). */
struct bulk_answer {
	int64_t stored, refused; /* rows; known when the results are written */
};

/* What envelopes and error bodies need to know of the request that they answer. */
struct answer {
	struct media media;      /* of rows and errors */
	struct media list_media; /* of a list; the same where that can be one of the former */
	const struct contract *contract;
	const struct route *route; /* NULL where none matched */
	const struct request *request;
	struct arena *arena;      /* for names that envelopes put together */
	const char *payload_type; /* type name of the payload, "ArrayOf…" for lists; NULL = none */
	const struct list_answer *list; /* of answers to list queries, else NULL */
	const struct bulk_answer *bulk; /* of answers to bulks, else NULL */
	const struct row *changed;      /* stored row of an answer to a write, else NULL */
	const struct row *beside;  /* its members stand beside those of the envelope; NULL = none */
	const char *message;       /* remark for people, in envelopes that have one; NULL = none */
	const struct uuid *caller; /* NULL = nobody known */
	unsigned methods;          /* of the path, for 405 */
};

/*
 * Opens the payload of a success: prepares `writer` on the body and writes what the family puts
 * before the payload. Returns the payload's member name (NULL: it is the root).
 */
const char *envelope_begin(
    struct response *response, const struct answer *answer, struct writer *writer);
void envelope_end(struct response *response, const struct answer *answer, struct writer *writer);

/*
 * Replaces whatever was there by the answer to an error. What was sent in parts cannot be taken
 * back: it breaks off.
 */
void envelope_error(
    struct response *response, const struct answer *answer, const struct error *error);

/*
 * Writes the member `name` of an error body: an object of messages by the path of their member,
 * JSON with a list per path, XML with one element per path. For families that write their own error
 * bodies.
 */
void envelope_write_faults(struct writer *writer, const struct answer *answer, const char *name,
    const struct error *error);

#endif
