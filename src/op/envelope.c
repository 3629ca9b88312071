#include "op/envelope.h"

#include <stdio.h>

#define RETRY_AFTER_SECONDS 2

const char *envelope_begin(
    struct response *response, const struct answer *answer, struct writer *writer)
{
	response->has_body = true;
	if (answer->message != NULL && answer->contract->begin_answer != NULL)
		response_speak(response);
	writer_init(writer, answer->media.format, &answer->contract->family, &response->body);
	return answer->contract->begin_answer != NULL
		   ? answer->contract->begin_answer(writer, answer)
		   : NULL;
}

void envelope_end(struct response *response, const struct answer *answer, struct writer *writer)
{
	(void)response;
	if (answer->contract->end_answer != NULL)
		answer->contract->end_answer(writer, answer);
}

/* "dto.ClientCode" of a member path; the body itself is "dto". */
static void append_fault_key(
    struct buf *out, const struct answer *answer, const struct fault *fault)
{
	const char *body = answer->route != NULL ? answer->route->body_name : NULL;

	if (!answer->contract->family.error.fault_prefix || body == NULL) {
		buf_append_text(out, fault->path);
		return;
	}
	buf_append_text(out, body);
	if (fault->path[0] != '\0' && fault->path[0] != '[')
		buf_append_char(out, '.');
	buf_append_text(out, fault->path);
}

static bool same_key(const struct fault *a, const struct fault *b)
{
	return strcmp(a->path, b->path) == 0;
}

static bool is_first_of_key(const struct error *error, const struct fault *fault)
{
	for (const struct fault *earlier = error->faults; earlier != fault;
	     earlier = earlier->next) {
		if (same_key(earlier, fault))
			return false;
	}
	return true;
}

static void write_messages(struct writer *writer, const char *key, const struct fault *fault)
{
	writer_texts_begin(writer, key);
	for (const struct fault *next = fault; next != NULL; next = next->next) {
		if (same_key(next, fault))
			writer_text(writer, NULL, str_from(next->message));
	}
	writer_texts_end(writer);
}

void envelope_write_faults(
    struct writer *writer, const struct answer *answer, const char *name, const struct error *error)
{
	struct buf key = { 0 };

	writer_object_begin(writer, name);
	writer->plain_names = true;
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		if (!is_first_of_key(error, fault))
			continue;
		buf_reset(&key, SIZE_MAX);
		append_fault_key(&key, answer, fault);
		/* An element cannot be without a name. */
		write_messages(writer, key.length > 0 ? key.data : "body", fault);
	}
	writer->plain_names = false;
	writer_object_end(writer);
	buf_free(&key);
}

static void write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	const struct error_shape *shape = &answer->contract->family.error;
	const char *message = error->message;

	if (message == NULL)
		message = error_code_message(error->code);
	/* A body that cannot be read is a fault of the whole body under the body's name. */
	if (error->code == ERROR_MALFORMED && error->faults == NULL) {
		struct fault whole = { .path = "", .message = message };
		struct error invalid = *error;

		invalid.faults = &whole;
		invalid.code = ERROR_INVALID;
		invalid.message = NULL;
		write_error(writer, answer, &invalid);
		return;
	}
	writer->plain_root = true;
	writer_object_begin(writer, shape->xml_root);
	writer_text(writer, shape->message, str_from(message));
	if (error->faults != NULL)
		envelope_write_faults(writer, answer, shape->faults, error);
	writer_object_end(writer);
}

static void add_retry_after(struct response *response, int64_t seconds)
{
	char text[24];
	int length = snprintf(
	    text, sizeof(text), "%lld", (long long)(seconds > 0 ? seconds : RETRY_AFTER_SECONDS));

	response_header(response, "Retry-After", (struct str){ text, (size_t)length });
}

/* Nobody is told to repeat what may have been done, unless the repetition does nothing twice. */
static bool is_worth_waiting(const struct request *request, enum error_code code)
{
	return code == ERROR_BUSY || code == ERROR_UNAVAILABLE || code == ERROR_TOO_MANY ||
	       (code == ERROR_OUTCOME_UNKNOWN && request != NULL &&
		   request->idempotency_key.length > 0);
}

/* Where the documentation explains it: a path alone, so that no host is in it that a caller made
 * up. */
static void add_explanation(
    struct response *response, const struct request *request, const struct error *error)
{
	struct buf link = { 0 };

	if (request == NULL || !request->error_links)
		return;
	buf_printf(&link, "<%s/docs/errors.html#%s>; rel=\"help\"", request->base_path,
	    error->word != NULL ? error->word : error_code_word(error->code));
	response_header(response, "Link", buf_str(&link));
	buf_free(&link);
}

static void add_error_headers(
    struct response *response, const struct answer *answer, const struct error *error)
{
	enum error_code code = error->code;
	struct buf allow = { 0 };

	if (code == ERROR_UNAUTHENTICATED)
		response_header(response, "WWW-Authenticate",
		    str_from(error->challenge != NULL ? error->challenge
						      : "Bearer realm=\"clientele\""));
	if (is_worth_waiting(answer->request, code))
		add_retry_after(response, error->retry_after);
	if (code == ERROR_OUTCOME_UNKNOWN)
		response_header(response, "Outcome", STR("unknown"));
	add_explanation(response, answer->request, error);
	if (code == ERROR_METHOD) {
		route_allow(answer->methods, &allow);
		response_header(response, "Allow", buf_str(&allow));
	}
	buf_free(&allow);
}

void envelope_error(
    struct response *response, const struct answer *answer, const struct error *error)
{
	struct writer writer;

	if (response->sent > 0) {
		response->status = response_status(error->code);
		response->broken = true;
		return;
	}
	response_reset(response);
	response->status = response_status(error->code);
	response->has_body = true;
	add_error_headers(response, answer, error);
	response_speak(response);
	writer_init(&writer, answer->media.format, &answer->contract->family, &response->body);
	if (answer->contract->write_error != NULL)
		answer->contract->write_error(&writer, answer, error);
	else
		write_error(&writer, answer, error);
}
