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
	};
	bool known = false;

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		known = known || (strcmp(offers[i].type, media.type) == 0 &&
				     offers[i].format == media.format);
	RULE(known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct str accept = rule_line(&rest);
	struct str requested_with = rule_line(&rest);
	struct str content_type = rule_line(&rest);
	struct str type = negotiate_media_type(accept);
	struct media media = negotiate_answer(accept, requested_with, content_type);
	enum body_media body = negotiate_body(content_type);

	check_media(media);
	RULE(type.length <= accept.length && str_find(type, ';') == type.length);
	RULE(body <= BODY_MEDIA_UNKNOWN);
	RULE(negotiate_body(negotiate_media_type(content_type)) == body);
	/* What was chosen is chosen again when it is all that is asked for. */
	RULE(strcmp(
		 negotiate_answer(str_from(media.type), (struct str){ NULL, 0 }, content_type).type,
		 media.type) == 0);
	return 0;
}
