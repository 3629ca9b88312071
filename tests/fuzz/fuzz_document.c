/*
 * Documents of licenses that other programs have signed.
 */
#include "api/licensing/licensing.h"
#include "document/content.h"
#include "document/read.h"
#include "fuzz.h"
#include "rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	struct row *row = row_new(arena, &licensing_license_resource);
	struct buf json = { 0 };
	struct writer writer;

	RULE(row != NULL);
	if (document_read_xml(arena, (struct str){ (const char *)data, size }, row) != NULL) {
		RULE(row->present == 0);
	} else {
		writer_init(&writer, MEDIA_JSON, NULL, &json);
		content_write(&writer, NULL, row);
		RULE(rule_is_text(buf_str(&json)));
	}
	buf_free(&json);
	arena_free(arena);
	return 0;
}
