/*
 * Negotiation: lines with Accept, X-Requested-With and Content-Type.
 */
#include "http/negotiate.h"

#include "fuzz.h"
#include "rule.h"

static void check_media(struct media media)
{
	static const struct media offers[] = {
		{ MEDIA_JSON, "application/json" },
		{ MEDIA_JSON, "text/json" },
		{ MEDIA_XML, "application/xml" },
		{ MEDIA_XML, "text/xml" },
		{ MEDIA_CSV, "text/csv" },
		{ MEDIA_CSV_KEPT, "text/csv" },
		{ MEDIA_JSON_LINES, "application/x-ndjson" },
		{ MEDIA_JSON_LINES, "application/ndjson" },
		{ MEDIA_JSON_LINES, "application/jsonl" },
	};
	bool known = false;

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		known = known || (strcmp(offers[i].type, media.type) == 0 &&
				     offers[i].format == media.format);
	RULE(known);
}

static void check_answer(
    struct str accept, struct str requested_with, struct str content_type, bool list)
{
	const struct str nothing = { NULL, 0 };
	struct media media = negotiate_answer(accept, requested_with, content_type, list);

	check_media(media);
	RULE(list || !writer_format(media.format)->rows_only);
	/* What was chosen is chosen again when it is all that is asked for. */
	RULE(strcmp(negotiate_answer(str_from(media.type), nothing, content_type, list).type,
		 media.type) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct str accept = rule_line(&rest);
	struct str requested_with = rule_line(&rest);
	struct str content_type = rule_line(&rest);
	struct str type = negotiate_media_type(accept);
	enum body_media body = negotiate_body(content_type);

	check_answer(accept, requested_with, content_type, false);
	check_answer(accept, requested_with, content_type, true);
	RULE(type.length <= accept.length && str_find(type, ';') == type.length);
	RULE(body <= BODY_MEDIA_UNKNOWN);
	RULE(negotiate_body(negotiate_media_type(content_type)) == body);
	return 0;
}
