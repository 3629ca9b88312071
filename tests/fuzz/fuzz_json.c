#include "body_check.h"
#include "codec/writer.h"
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

static bool is_same(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind || a->child_count != b->child_count ||
	    !str_equal(a->name, b->name) || !str_equal(a->text, b->text))
		return false;
	a = a->children;
	b = b->children;
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		if (!is_same(a, b))
			return false;
	}
	return a == b;
}

/* What is written in any layout is read again as the same tree. */
static void check_written(struct str text)
{
	struct arena *arena = arena_new(4096, 64u << 20);
	const struct node *tree = json_read_stored(arena, text);

	for (int layout = WRITER_COMPACT; tree != NULL && layout <= WRITER_INDENTED; layout++) {
		struct buf out = { 0 };
		struct writer writer;
		const struct node *again;

		writer_init(&writer, MEDIA_JSON, NULL, &out);
		writer.layout = (enum writer_layout)layout;
		writer_node(&writer, STR(""), tree);
		again = json_read_stored(arena, buf_str(&out));
		RULE(!out.failed && again != NULL && is_same(tree, again));
		buf_free(&out);
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	body_check_reader(json_read, BODY_JSON, text);
	check_stored(text);
	check_written(text);
	return 0;
}
