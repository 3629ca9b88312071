/*
 * The activation family: what programs of a vendor call. Its operations read a request, find and
 * judge the license (judge.h), take or free its seats (seat.h), and answer.
 */
#ifndef CLIENTELE_API_ACTIVATION_ACTIVATION_H
#define CLIENTELE_API_ACTIVATION_ACTIVATION_H

#include "api/activation/call.h"
#include "api/activation/reason.h"

/* What the routes answer. */
extern const struct resource activation_answer_resource;
extern const struct resource activation_release_resource;
extern const struct resource activation_heartbeat_resource;
extern const struct resource activation_list_resource;
extern const struct resource activation_entry_resource;
extern const struct resource activation_license_resource;
extern const struct resource activation_moment_resource;
extern const struct resource activation_checkout_resource;
extern const struct resource activation_error_body;
extern const struct resource activation_consumption_resource;
extern const struct resource activation_sent_report_resource;
extern const struct resource activation_consume_resource; /* a body */
extern const struct resource activation_report_resource;  /* a body */

/* What they are sent, beside activation_request_resource. */
extern const struct resource activation_checkout_body;
extern const struct resource activation_receipt_body;

/*
 * Answers in the form that the option client_format says. Each is -1 when
 * memory runs out, else 0.
 */
int activation_answer_seat(
    struct operation *operation, const struct call *call, struct error *error) MUST_CHECK;
int activation_answer_release(
    struct operation *operation, const struct call *call, struct error *error) MUST_CHECK;
int activation_answer_heartbeat(
    struct operation *operation, int64_t end, struct error *error) MUST_CHECK;
int activation_answer_list(struct operation *operation, const struct call *call,
    const struct row_list *seats, struct error *error) MUST_CHECK;

/* Error bodies of the family. */
void activation_write_error(
    struct writer *writer, const struct answer *answer, const struct error *error);

/* Operations; each is the `run` of a route. */
int activation_activate(struct operation *operation, struct error *error) MUST_CHECK;
int activation_deactivate(struct operation *operation, struct error *error) MUST_CHECK;
int activation_request(struct operation *operation, struct error *error) MUST_CHECK;
int activation_release(struct operation *operation, struct error *error) MUST_CHECK;
int activation_validate(struct operation *operation, struct error *error) MUST_CHECK;
int activation_heartbeat(struct operation *operation, struct error *error) MUST_CHECK;
int activation_consume(struct operation *operation, struct error *error) MUST_CHECK;
int activation_send_report(struct operation *operation, struct error *error) MUST_CHECK;
int activation_check_out(struct operation *operation, struct error *error) MUST_CHECK;
int activation_receipt(struct operation *operation, struct error *error) MUST_CHECK;
int activation_list(struct operation *operation, struct error *error) MUST_CHECK;

#endif
