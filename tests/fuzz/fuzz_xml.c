#include "body_check.h"
#include "fuzz.h"

static int read_xml(struct arena *arena, const struct limits *limits, struct str text,
    struct body *body, struct error *error)
{
	static const struct xml_root roots[] = { { "R", NULL }, { "D", "urn:d" } };

	return xml_read(arena, limits, text, roots, 2, body, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	body_check_reader(read_xml, BODY_XML, (struct str){ (const char *)data, size });
	return 0;
}
