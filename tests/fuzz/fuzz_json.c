#include "body_check.h"
#include "fuzz.h"
#include "rule.h"

/* What a body may be can be stored; what is stored has the same grammar, but any character. */
static void check_stored(struct str text)
{
	static const struct limits limits = { .body_values = 1000000, .body_depth = 64 };
	struct arena *arena = arena_new(4096, 64u << 20);
	const struct node *stored = json_read_stored(arena, text);
	struct error error;
	struct body body;

	error_init(&error, arena);
	if (json_read(arena, &limits, text, &body, &error) == 0 && body.root != NULL) {
		RULE(stored != NULL);
		RULE(stored->kind == body.root->kind);
		RULE(stored->child_count == body.root->child_count);
		RULE(str_equal(stored->text, body.root->text));
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	body_check_reader(json_read, BODY_JSON, text);
	check_stored(text);
	return 0;
}
