/*
 * Bytes of a FastCGI connection: read whole and one by one, the same must come out, and within the
 * limits.
 */
#include <string.h>

#include "server/incoming.h"
#include "server/record.h"

#include "fuzz.h"
#include "rule.h"

#define BODY_LIMIT 100

static void check_request(struct incoming *incoming, char **environment)
{
	size_t bytes = 0;
	unsigned count = 0;

	if (incoming_environment(incoming, environment) != INCOMING_REQUEST)
		return;
	for (; environment[count] != NULL; count++) {
		const char *equals = strchr(environment[count], '=');

		RULE(equals != NULL && equals > environment[count]);
		RULE(equals - environment[count] <= INCOMING_NAME_MAX);
		bytes += strlen(environment[count]) + 1;
	}
	RULE(count <= INCOMING_PARAMETERS_MAX);
	RULE(bytes <= incoming->parameters.length);
}

static void check_answers(const struct incoming *incoming)
{
	unsigned char answer[RECORD_VALUES_MAX];
	size_t length = record_answer_values(
	    (struct str){ (const char *)incoming->control, incoming->control_length }, answer);

	RULE(length >= RECORD_HEADER_LENGTH && length <= sizeof(answer));
}

/* Feeds up to the first event that ends the connection; sums up all events. */
static uint64_t run_pieces(const uint8_t *data, size_t size, size_t piece)
{
	struct incoming incoming;
	char *environment[INCOMING_PARAMETERS_MAX + 1];
	uint64_t sum = 0;

	incoming_init(&incoming, BODY_LIMIT);
	while (size > 0) {
		size_t part = size < piece ? size : piece, taken;
		enum incoming_event event = incoming_feed(&incoming, data, part, &taken);

		RULE(taken > 0 && taken <= part);
		data += taken;
		size -= taken;
		if (event == INCOMING_MORE)
			continue;
		sum = sum * 31 + (uint64_t)event;
		RULE(incoming.body.length <= BODY_LIMIT + 1);
		RULE(incoming.parameters.length <= INCOMING_PARAMETERS_BYTES);
		if (event == INCOMING_VALUES)
			check_answers(&incoming);
		if (event == INCOMING_REQUEST) {
			sum = sum * 31 + incoming.parameters.length * 31 + incoming.body.length;
			check_request(&incoming, environment);
		}
		if (event == INCOMING_REQUEST || event == INCOMING_ABORTED)
			incoming_clear(&incoming);
		if (event >= INCOMING_ROLE)
			break;
	}
	incoming_clear(&incoming);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run_pieces(data, size, SIZE_MAX);

	RULE(run_pieces(data, size, 1) == whole);
	RULE(run_pieces(data, size, 7) == whole);
	return 0;
}
